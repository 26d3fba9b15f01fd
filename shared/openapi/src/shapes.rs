//! The shapes of responses that all operations of a contract have in common, and examples as values.

use contract::{ContractProfile, Json};
use serde_json::Value;

/// The shapes of a contract's responses.
pub(crate) struct Shapes {
    pub(crate) profile: &'static dyn ContractProfile,
    pub(crate) page_schema: fn(Value) -> Value,
    pub(crate) error_schema: Value,
}

/// Returns a JSON text that the service writes, as a value.
pub(crate) fn value_of(json: &Json) -> Value {
    parsed(json.as_str())
}

/// Returns a JSON text as a value.
///
/// # Panics
///
/// Panics if it is none, so that no document is written without it.
pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
