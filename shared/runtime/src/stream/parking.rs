//! Parking: storing a record that cannot be processed, with the reason.
//!
//! A record holds the item before and after a change, and with a lead's item the person's data. So the record of a lead,
//! and of what names one, is encrypted under that lead's key: erasing the lead makes it unreadable, like everything else
//! outside the lead's item.
//!
//! A record that tells that a file is to be deleted must outlive the lead: what it needs for that, the item's key and the
//! photo's id, is no personal data and is stored beside, in plain ([`file_removal`]).

use aws_lambda_events::event::dynamodb::EventRecord;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use blob::{BlobError, ParkedName, ParkedRecords};
use bytes::Bytes;
use domain::id::digest;
use domain::{Clock, Environment, LeadId, Mode, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{DataKey, Store, StoreError, environment_of_partition, file_removal_image};

/// The record was not parked.
#[derive(Debug, thiserror::Error)]
pub enum ParkError {
    /// The record could not be stored.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The key of the record's lead could not be read, or the record not be encrypted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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
    /// The record.
    #[serde(flatten)]
    pub content: ParkedContent,
}

/// The whole record as the stream passed it: one element of `Records` in the function's event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", untagged)]
pub enum ParkedContent {
    /// A record that may hold a person's data, in JSON and encrypted under the lead's key.
    Encrypted {
        /// The tenant of the lead.
        tenant: TenantId,
        /// The mode of the lead.
        mode: Mode,
        /// The lead.
        lead: LeadId,
        /// The ciphertext in base64.
        encrypted_record: String,
        /// The part of the record that is processed if the lead is erased: that a file is to be deleted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file_removal: Option<Value>,
    },
    /// A record that names no lead. If it is one of a lead that was erased, it has ids only: those that name a file that is
    /// to be deleted, or otherwise the keys of the item.
    Plain {
        /// The record.
        record: Value,
    },
}

impl ParkedRecord {
    /// Parses a stored record.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// Returns the record as the stream passed it. If its lead was erased before or since, returns the part of it that
    /// tells that a file is to be deleted; `None` if it tells nothing of the kind, so that nothing follows from it.
    pub async fn record(&self, store: &Store) -> Result<Option<Value>, StoreError> {
        match &self.content {
            ParkedContent::Plain { record } => Ok(Some(record.clone()).filter(|record| !is_emptied(record))),
            ParkedContent::Encrypted { tenant, mode, lead, encrypted_record, file_removal } => {
                let environment = Environment { tenant: *tenant, mode: *mode };
                let Some(key) = store.lead_data_key(environment, *lead).await? else {
                    return Ok(file_removal.clone());
                };
                let decrypted = BASE64.decode(encrypted_record).ok().and_then(|bytes| key.decrypt_record(&bytes));
                let record = decrypted.and_then(|json| serde_json::from_slice(&json).ok());
                record.map(Some).ok_or_else(|| StoreError::Unreadable("a parked record".to_owned()))
            }
        }
    }
}

/// A record that is to be parked.
pub(super) struct RecordToPark<'a> {
    pub(super) consumer: &'static str,
    pub(super) reason: String,
    pub(super) event_id: &'a str,
    pub(super) sequence_number: &'a str,
    pub(super) request_id: &'a str,
    pub(super) record: &'a Value,
}

impl RecordToPark<'_> {
    /// Returns the name that the record is stored under. It is derived from the record alone, so that one that is
    /// parked twice is stored once; and without its images, because they are reduced once the lead is erased. The hash
    /// distinguishes records of different streams with the same number.
    fn name(&self) -> ParkedName {
        let is_number =
            !self.sequence_number.is_empty() && self.sequence_number.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number { self.sequence_number } else { "0" };
        let without_images = self.record["dynamodb"].is_object().then(|| emptied(self.record));
        let digest = digest(&[without_images.as_ref().unwrap_or(self.record).to_string().as_bytes()]);
        ParkedName::new(self.consumer, &format!("{number}-{}", &digest[..16]))
    }

    /// Returns the lead whose data the record may hold: the one in whose partition the item is, or that it names.
    fn lead(&self) -> Option<(Environment, LeadId)> {
        let change = &self.record["dynamodb"];
        let partition_key = change["Keys"]["pk"]["S"].as_str()?;
        let named = ["NewImage", "OldImage"].iter().find_map(|image| change[image]["lead"]["S"].as_str());
        let (environment, lead_in_key) = environment_of_partition(partition_key)?;
        Some((environment, lead_in_key.or_else(|| named.and_then(LeadId::parse))?))
    }
}

/// The place where records are parked, with what parking needs.
#[derive(Clone)]
pub struct Parking {
    /// The storage.
    pub records: ParkedRecords,
    /// The tables, for the keys of leads.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Parking {
    /// Stores a record. Its content never reaches a log.
    pub(super) async fn park(&self, to_park: &RecordToPark<'_>) -> Result<(), ParkError> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let parked = ParkedRecord {
            consumer: to_park.consumer.to_owned(),
            reason: to_park.reason.clone(),
            event_id: some(to_park.event_id),
            sequence_number: some(to_park.sequence_number),
            request_id: to_park.request_id.to_owned(),
            parked_at: self.clock.now(),
            content: self.content(to_park).await?,
        };
        let json = serde_json::to_vec(&parked).map_err(|error| BlobError::Misconfigured(error.to_string()))?;
        Ok(self.records.put(&to_park.name(), Bytes::from(json)).await?)
    }

    async fn content(&self, to_park: &RecordToPark<'_>) -> Result<ParkedContent, StoreError> {
        let Some((environment, lead)) = to_park.lead() else {
            return Ok(ParkedContent::Plain { record: to_park.record.clone() });
        };
        let key = self.store.lead_data_key(environment, lead).await?;
        content_for_lead(to_park.record, environment, lead, key.as_ref())
    }
}

/// Returns the content of a record of a lead that has `key`, or that was erased and has none.
fn content_for_lead(
    record: &Value,
    environment: Environment,
    lead: LeadId,
    key: Option<&DataKey>,
) -> Result<ParkedContent, StoreError> {
    let file_removal = file_removal(record);
    let Some(key) = key else {
        return Ok(ParkedContent::Plain { record: file_removal.unwrap_or_else(|| emptied(record)) });
    };
    let encrypted = BASE64.encode(key.encrypt_record(record.to_string().as_bytes())?);
    let Environment { tenant, mode } = environment;
    Ok(ParkedContent::Encrypted { tenant, mode, lead, encrypted_record: encrypted, file_removal })
}

/// Returns a record that tells only that a file is to be deleted, if `record` tells that too.
fn file_removal(record: &Value) -> Option<Value> {
    let change = EventRecord::deserialize(record).ok()?.change;
    let image = file_removal_image(change.old_image, change.new_image)?;
    let mut reduced = emptied(record);
    reduced["dynamodb"]["OldImage"] = serde_json::to_value(image).ok()?;
    Some(reduced)
}

/// Returns a record with nothing but the keys of its item, because its lead was erased.
fn emptied(record: &Value) -> Value {
    let mut record = record.clone();
    record["dynamodb"]["NewImage"] = json!({});
    record["dynamodb"]["OldImage"] = json!({});
    record
}

/// Returns whether [`emptied`] was applied to a record. The stream never passes an image without the keys.
fn is_emptied(record: &Value) -> bool {
    ["NewImage", "OldImage"].iter().all(|image| record["dynamodb"][image] == json!({}))
}

#[cfg(test)]
mod tests;
