//! The id in a path.

use crate::api_error::ApiError;
use axum::extract::{FromRequestParts, Path};
use contract::{ContractProfile, contract_of_path, profile};
use domain::LeadId;
use http::request::Parts;

/// The id in a path, not parsed yet: the handler knows what it identifies.
#[derive(Clone)]
pub struct PathId {
    text: String,
    profile: &'static dyn ContractProfile,
}

impl PathId {
    /// Parses the id. The called contract decides whether a malformed one is 400 with the name of the field, or 404 for
    /// the kind of object.
    pub fn parse<T>(&self, field: &str, kind: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, ApiError> {
        parse(&self.text).ok_or_else(|| self.profile.malformed_id_error(field, kind).into())
    }

    /// Parses the id of a lead, in the form of the called contract.
    pub fn parse_lead(&self) -> Result<LeadId, ApiError> {
        self.parse("leadId", "lead", |text| self.profile.parse_lead_id(text).ok())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let profile = profile(contract_of_path(parts.uri.path()));
        // A segment that is not UTF-8 is malformed, as an empty one is.
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        Ok(Self { text, profile })
    }
}
