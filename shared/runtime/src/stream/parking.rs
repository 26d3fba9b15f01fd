//! Parking: storing a record that cannot be processed, with the reason.

use blob::{BlobError, ParkedName, ParkedRecords};
use bytes::Bytes;
use domain::id::digest;
use domain::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// A parked record, as it is stored. The names of the fields are stored data and never change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParkedRecord {
    /// Name of the function that could not process the record.
    pub consumer: String,
    /// The error: a text without anything of what the record holds.
    pub reason: String,
    /// Id of the record, if it has one.
    pub event_id: Option<String>,
    /// Sequence number of the record in its stream, if it has one.
    pub sequence_number: Option<String>,
    /// Request id of the invocation, which its log lines have too.
    pub request_id: String,
    /// Time of parking.
    pub parked_at: Timestamp,
    /// The whole record as the stream passed it: one element of `Records` in the function's event. It holds the item
    /// before and after the change, and with a lead's item personal data.
    pub record: Value,
}

impl ParkedRecord {
    /// Parses a stored record.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// Returns the name that the record is stored under. It is derived from the record alone, so that one that is
    /// parked twice is stored once. The hash distinguishes records of different streams with the same number.
    pub fn name(&self) -> ParkedName {
        let is_safe = |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.sequence_number.as_deref().filter(is_safe).unwrap_or("0");
        let digest = digest(&[self.record.to_string().as_bytes()]);
        ParkedName::new(&self.consumer, &format!("{number}-{}", &digest[..16]))
    }
}

/// The place where records are parked, and the clock.
#[derive(Clone)]
pub struct Parking {
    /// The storage.
    pub records: ParkedRecords,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Parking {
    /// Stores a record. Its content never reaches a log.
    pub(super) async fn park(&self, parked: &ParkedRecord) -> Result<(), BlobError> {
        let json = serde_json::to_vec(parked).map_err(|error| BlobError::Misconfigured(error.to_string()))?;
        self.records.put(&parked.name(), Bytes::from(json)).await
    }
}
