//! Records as the stream passes them.

use crate::stream::RecordError;
use aws_lambda_events::event::dynamodb::EventRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// The event of a stream, as Lambda passes it: a batch of records. Each is parsed by itself, so that one that cannot be
/// read hinders no other.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StreamEvent {
    /// The records, in the order of the stream.
    #[serde(rename = "Records", default)]
    pub records: Vec<StreamRecord>,
}

impl FromIterator<Value> for StreamEvent {
    fn from_iter<T: IntoIterator<Item = Value>>(records: T) -> Self {
        Self { records: records.into_iter().map(StreamRecord::from).collect() }
    }
}

/// A record: its JSON, which is parsed into the types of a change at once, without a [`Value`] between.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamRecord(Box<RawValue>);

impl StreamRecord {
    /// Returns a record with this JSON; `None` if it is no JSON.
    pub fn from_json(json: String) -> Option<Self> {
        RawValue::from_string(json).ok().map(Self)
    }

    /// Parses the record as one of a change of the table.
    pub(super) fn parse(&self) -> Result<EventRecord, RecordError> {
        // The parser's own error may quote a value.
        serde_json::from_str(self.0.get()).map_err(|_| RecordError::Malformed)
    }

    /// Returns the record as a value, whatever it is.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }

    /// Returns the record's sequence number; empty if it has none.
    pub fn sequence_number(&self) -> String {
        text_at(&self.value(), &["dynamodb", "SequenceNumber"])
    }
}

impl From<Value> for StreamRecord {
    fn from(record: Value) -> Self {
        // Every value can be written as JSON.
        Self(to_raw_value(&record).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

/// Returns the text at a path; empty if there is none.
pub(super) fn text_at(record: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(record, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}
