//! The error body of the native contract.

use crate::error::ErrorKind;
use crate::json::Json;
use crate::schema::ErrorCodeName;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorResponse")]
pub(super) struct Envelope<'a> {
    error: ErrorJson<'a>,
}

/// `{"code", "message", "details": [{"field", "message"}], "requestId"}`
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorJson<'a> {
    #[schemars(with = "ErrorCodeName")]
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<DetailJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    request_id: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorDetail")]
struct DetailJson<'a> {
    field: &'a str,
    message: String,
}

impl<'a> ErrorJson<'a> {
    pub(super) fn of(kind: &'a ErrorKind, request_id: Option<&'a str>) -> Self {
        let details = kind
            .field_errors()
            .iter()
            .map(|error| DetailJson { field: &error.field, message: format!("{} {}", error.field, error.reason) })
            .collect();
        Self { code: kind.code(), message: kind.message(), details, request_id }
    }
}

/// Returns `{"error": {…}}`, with the request id for server errors only.
pub(super) fn error_json(kind: &ErrorKind, request_id: &str) -> Json {
    Json::of(&Envelope { error: ErrorJson::of(kind, kind.is_server_error().then_some(request_id)) })
}
