//! Serialized JSON.

use serde::Serialize;
use serde_json::value::RawValue;

/// A JSON text that was serialized once and is embedded in others as it is.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

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
