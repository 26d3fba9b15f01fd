//! Permission for caches to keep a response.

/// Permission to keep a response, as the value of `Cache-Control`: an extension of responses that are the same for
/// everybody, such as documentation. Whatever response lacks it is `no-store`, even one with a header of its own: data
/// of a tenant is never kept by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicCache(pub &'static str);
