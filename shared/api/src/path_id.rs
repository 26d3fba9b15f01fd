//! The id in a path.

use crate::api_error::ApiError;
use axum::extract::{FromRequestParts, Path};
use contract::ErrorKind;
use domain::Contract;
use http::request::Parts;

/// The id in a path, not parsed yet: the handler knows what it identifies.
#[derive(Clone, Debug)]
pub struct PathId {
    text: String,
    contract: Contract,
}

impl PathId {
    /// Parses the id. A malformed one is 400 naming `field` in the native contract, and 404 naming `kind` in the others.
    pub fn parse<T>(&self, field: &str, kind: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, ApiError> {
        parse(&self.text).ok_or_else(|| match self.contract {
            Contract::Native => ErrorKind::field(field, "must be a valid UUID").into(),
            _ => ErrorKind::NotFound(kind).into(),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let contract = Contract::of_path(parts.uri.path());
        // A segment that is not UTF-8 is malformed, as an empty one is.
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        Ok(Self { text, contract })
    }
}
