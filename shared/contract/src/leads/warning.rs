//! Warnings in the response to a request that creates a lead.

use crate::fields::Unknown;
use schemars::JsonSchema;
use serde::Serialize;

/// Message of the warning about a secret.
pub(super) const SECRET_LEFT_OUT: &str = "was left out, because passwords and tokens of forms are never stored";

/// Something that a request had and a lead has not, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Warning")]
pub struct Warning {
    pub(super) field: String,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suggestion: Option<String>,
}

impl Warning {
    /// Returns the warning about an unknown field, of which `outcome` says what became of it.
    pub(super) fn of_unknown(field: &str, outcome: &str, unknown: &Unknown<'_>) -> Self {
        let suggestion = unknown.likeliest(field).map(str::to_owned);
        let question = suggestion.as_ref().map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        let message = format!("{field} is not a field of a lead, and {outcome}{question}");
        Self { field: field.to_owned(), message, suggestion }
    }

    /// Returns a warning about the request as a whole.
    pub(super) fn of_body(message: String) -> Self {
        Self { field: "body".to_owned(), message, suggestion: None }
    }

    /// Returns the warning about a secret that was sent as an attribute of a lead.
    pub(super) fn of_secret(path: String) -> Self {
        Self { message: format!("{path} {SECRET_LEFT_OUT}"), field: path, suggestion: None }
    }

    /// Returns the warning about the same field of an entry of a batch.
    pub(crate) fn within(&self, path: &str) -> Self {
        Self { field: format!("{path}{}", self.field), message: format!("{path}{}", self.message), ..self.clone() }
    }
}
