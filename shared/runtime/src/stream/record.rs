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

    /// Returns the record as a value; `None` if it is JSON that no value holds, such as a number out of range.
    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// Returns the record's sequence number; empty if it has none.
    pub fn sequence_number(&self) -> String {
        self.value().map(|record| sequence_number(&record)).unwrap_or_default()
    }
}

impl From<Value> for StreamRecord {
    fn from(record: Value) -> Self {
        // Every value can be written as JSON.
        Self(to_raw_value(&record).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

/// Returns the sequence number of a record; empty if it has none.
pub(super) fn sequence_number(record: &Value) -> String {
    text_at(record, &["dynamodb", "SequenceNumber"])
}

/// Returns the text at a path; empty if there is none.
pub(super) fn text_at(record: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(record, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lambda's runtime reads the event in this way.
    fn read(json: &str) -> StreamEvent {
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json)).expect("an event")
    }

    #[test]
    fn the_sample_event_is_read_as_lambda_does() {
        let event = read(include_str!("../../../../events/dispatch.json"));
        let [record] = &event.records[..] else { panic!("one record") };
        assert!(record.parse().is_ok_and(|record| !record.change.new_image.is_empty()));
        assert!(!record.sequence_number().is_empty());
    }

    #[test]
    fn a_record_that_cannot_be_read_hinders_no_other() {
        let event = read(r#"{"Records": [1e999, "text", {"dynamodb": {"SequenceNumber": "7"}}]}"#);
        assert_eq!(
            event.records.iter().map(|record| record.value().is_some()).collect::<Vec<_>>(),
            [false, true, true]
        );
        assert!(event.records.iter().all(|record| record.parse().is_err()));
        let numbers: Vec<_> = event.records.iter().map(StreamRecord::sequence_number).collect();
        assert_eq!(numbers, ["", "", "7"]);
    }
}
