//! Request bodies: JSON, whatever the `Content-Type` header says.

use domain::FieldErrors;
use serde_json::{Map, Value};

/// Parses `bytes` as a JSON object.
///
/// # Errors
///
/// Returns an error for the field `body` if it is not a JSON object, is malformed, or nests deeper than 128 levels
/// (the limit of `serde_json`).
pub fn parse_body(bytes: &[u8]) -> Result<Map<String, Value>, FieldErrors> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FieldErrors::single("body", "must be a JSON object"));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(FieldErrors::single("body", "must be a JSON object")),
        // Only the position is shown: the parser's own message could quote personal data.
        Err(error) => Err(FieldErrors::single(
            "body",
            format!("must be valid JSON (syntax error at line {}, column {})", error.line(), error.column()),
        )),
    }
}
