//! Reading a body: JSON whatever its Content-Type says.

use domain::FieldErrors;
use serde_json::{Map, Value};

/// The JSON object that `bytes` are. Nesting deeper than 128 is refused by the parser.
pub fn parse_body(bytes: &[u8]) -> Result<Map<String, Value>, FieldErrors> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FieldErrors::single("body", "must be a JSON object"));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(FieldErrors::single("body", "must be a JSON object")),
        // The parser's own text quotes nothing but its place.
        Err(error) => Err(FieldErrors::single(
            "body",
            format!("must be valid JSON; the mistake is at line {}, column {}", error.line(), error.column()),
        )),
    }
}
