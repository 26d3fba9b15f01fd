//! The error body of LeadRescue and VendorPad.

use crate::error::kind::ErrorKind;
use crate::json::Json;
use crate::schema::ErrorCodeName;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorResponse")]
pub(crate) struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct Body<'a> {
    #[schemars(with = "ErrorCodeName")]
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    request_id: Option<&'a str>,
}

/// Returns `{"error": {"code", "message", "fields": {"phone": "is required"}, "request_id"}}`, the request id for
/// server errors only.
pub(crate) fn error_json_with_fields_by_name(kind: &ErrorKind, request_id: &str) -> Json {
    Json::of(&Envelope {
        error: Body {
            code: kind.code(),
            message: kind.message(),
            fields: kind.field_errors().iter().map(|error| (error.field.as_str(), error.reason.as_str())).collect(),
            request_id: kind.is_server_error().then_some(request_id),
        },
    })
}
