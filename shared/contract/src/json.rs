//! JSON that has been written already.

use serde::Serialize;
use serde_json::value::RawValue;

/// A JSON text, written once and passed on as it is.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// `value` as JSON.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        // Only maps with keys that are not text, and writers that fail, make this an error: neither occurs here.
        Self(serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0.get().to_owned()
    }
}
