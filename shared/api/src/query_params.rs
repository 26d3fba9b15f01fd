//! The parameters of a query string.

use crate::api_error::ApiError;
use axum::extract::{FromRequestParts, Query as Pairs};
use contract::{ErrorKind, Query, contract_of_path, profile};
use http::request::Parts;

/// The parameters of a query string, not parsed yet: the handler knows which ones its list has.
#[derive(Debug)]
pub struct QueryParams(pub Query);

impl<S: Send + Sync> FromRequestParts<S> for QueryParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Pairs(pairs) = Pairs::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ErrorKind::field("query", "must be form-encoded"))?;
        let unknown_parameters = profile(contract_of_path(parts.uri.path())).unknown_fields();
        Ok(Self(Query::new(pairs, unknown_parameters)))
    }
}
