//! Serialized JSON.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A JSON text that was serialized once and is embedded in others as it is.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

impl Json {
    /// Serializes `value`.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        // Serialization fails only for maps with keys that are not strings, and for writers that fail: neither occurs.
        Self(serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Returns the text.
    pub fn into_string(self) -> String {
        self.0.get().to_owned()
    }
}
