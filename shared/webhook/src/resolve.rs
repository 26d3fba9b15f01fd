//! DNS resolution of a target's host.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

/// The future that [`Resolve::resolve`] returns.
pub type ResolveFuture<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Resolves host names. Deployed functions use [`SystemResolver`]; tests supply their own implementation.
pub trait Resolve: Send + Sync {
    /// Returns every address of `host`, in the order in which they should be tried.
    fn resolve<'a>(&'a self, host: &'a str) -> ResolveFuture<'a>;
}

/// Maximum duration of one lookup. The system's resolver by default tries twice, five seconds each (resolv.conf(5)),
/// which is too long for a caller who is waiting for a subscription to be registered.
const DNS_TIMEOUT: Duration = Duration::from_secs(5);

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> ResolveFuture<'a> {
        Box::pin(async move {
            let found = tokio::time::timeout(DNS_TIMEOUT, tokio::net::lookup_host((host, 0))).await??;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
