//! Answers kept so that a repeated call gets the first one again.
//!
//! Creating a lead needs none of this: its id is derived from the idempotency key and the item itself answers.
//! Every other call that changes something writes a record in one transaction with its effect; a batch, whose leads are
//! written each for itself, claims its key first.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::encryption::DataKey;
use crate::error::StoreError;
use crate::item::{Item, get_number, get_text, number, text};
use crate::keys::{PK, TTL};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Environment, LeadId, Mode, Timestamp, retention};

/// How long a record is kept, in seconds.
const KEPT_SECONDS: i64 = retention::IDEMPOTENCY_RECORDS.as_secs().cast_signed();

/// A call that may be repeated: who said it where under which idempotency key, and what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Only this tenant, mode, bound business, method, path and idempotency key give it.
    pub id: [u8; 32],
    /// SHA-256 of the body: another body under the same key is another call.
    pub fingerprint: [u8; 32],
}

/// The first answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// Its HTTP status.
    pub status: u16,
    /// Its body, byte for byte.
    pub body: Vec<u8>,
}

/// How a kept answer is protected.
#[derive(Clone, Debug)]
pub enum Protection {
    /// It holds nothing that others may not see.
    Plaintext,
    /// It holds a secret: sealed under the key of this number, which is derived from a master key.
    MasterKey(u32, DataKey),
    /// It holds a person's data: sealed under that lead's own key, which erasure destroys.
    LeadKey(LeadId, DataKey),
}

/// A record that is written in one transaction with its effect.
#[derive(Clone, Debug)]
pub struct IdempotencyRecord(Write);

impl IdempotencyRecord {
    /// The record of `idempotency_key`, kept from `now` for at least 24 hours.
    pub fn new(
        idempotency_key: &IdempotencyKey,
        answer: &StoredResponse,
        protection: &Protection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let encrypt = |key: &DataKey| {
            key.encrypt(&answer.body, &idempotency_key.id)
                .ok_or_else(|| StoreError::Internal("no randomness".to_owned()))
        };
        let (body, encrypted_by) = match protection {
            Protection::Plaintext => (answer.body.clone(), None),
            Protection::MasterKey(number, key) => (encrypt(key)?, Some(format!("m{number}"))),
            Protection::LeadKey(lead, key) => (encrypt(key)?, Some(format!("l{}", lead.simple()))),
        };
        let mut item = Item::from([
            (PK.to_owned(), text(pk(idempotency_key))),
            ("fp".to_owned(), AttributeValue::B(Blob::new(idempotency_key.fingerprint))),
            ("st".to_owned(), number(answer.status)),
            ("bo".to_owned(), AttributeValue::B(Blob::new(body))),
            (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
        ]);
        if let Some(encrypted_by) = encrypted_by {
            item.insert("by".to_owned(), text(encrypted_by));
        }
        // An expired record is as good as none: the table may take days to remove it.
        let write = Write::put(Table::Access, item)
            .require(Condition::IdempotencyKeyUnused, format!("attribute_not_exists({PK}) OR #ttl <= :now"))
            .name("#ttl", TTL)
            .value(":now", number(now.seconds()));
        Ok(Self(write))
    }
}

/// What stands under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdempotencyLookup {
    /// Nothing: the call is the first.
    NotFound,
    /// The first answer to the same call.
    Found(StoredResponse),
    /// Another body was sent under the key.
    Mismatch,
    /// The answer held the data of a person who has been erased.
    Gone,
}

fn pk(idempotency_key: &IdempotencyKey) -> String {
    format!("i#{}", hex::encode(idempotency_key.id))
}

impl Store {
    /// Commits all of `writes` and `record` in one transaction, or nothing; without a record, as [`Store::commit`] does.
    ///
    /// # Errors
    ///
    /// [`CommitError::IdempotencyConflict`] when a concurrent request with the same idempotency key was committed
    /// first: its response is found by [`Store::find_idempotency_record`].
    pub async fn commit_idempotent(
        &self,
        mut writes: Vec<Write>,
        record: Option<IdempotencyRecord>,
    ) -> Result<(), CommitError> {
        let Some(record) = record else { return self.commit(writes).await };
        writes.push(record.0);
        Ok(self.transact(writes).await?)
    }

    /// Takes the idempotency key of a call that writes many leads, each for itself: `false` when another body has it.
    /// Kept for as long as the leads are, whose ids are derived from it.
    pub async fn claim_idempotency_key(
        &self,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let item = Item::from([
            (PK.to_owned(), text(pk(idempotency_key))),
            ("fp".to_owned(), AttributeValue::B(Blob::new(idempotency_key.fingerprint))),
            (TTL.to_owned(), number(retention::lead_expires_at(now).seconds())),
        ]);
        let write = Write::put(Table::Access, item)
            .require(Condition::IdempotencyKeyUnused, format!("attribute_not_exists({PK}) OR #ttl <= :now OR fp = :fp"))
            .name("#ttl", TTL)
            .value(":now", number(now.seconds()))
            .value(":fp", AttributeValue::B(Blob::new(idempotency_key.fingerprint)));
        match self.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(CommitError::IdempotencyConflict) => Ok(false),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Looks for the first answer to `idempotency_key`. `secrets` finds the sealing key of a number.
    pub async fn find_idempotency_record(
        &self,
        environment: Environment,
        idempotency_key: &IdempotencyKey,
        secrets: impl Fn(u32) -> Option<DataKey> + Send,
        now: Timestamp,
    ) -> Result<IdempotencyLookup, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.access_table)
            .key(PK, text(pk(idempotency_key)))
            .consistent_read(true)
            .send()
            .await?
            .item
            .filter(|item| get_number::<i64>(item, TTL).is_some_and(|ttl| now.seconds() < ttl));
        let Some(item) = found else { return Ok(IdempotencyLookup::NotFound) };
        let bytes = |name: &str| item.get(name).and_then(|value| value.as_b().ok()).map(AsRef::<[u8]>::as_ref);
        if bytes("fp") != Some(&idempotency_key.fingerprint[..]) {
            return Ok(IdempotencyLookup::Mismatch);
        }
        // Only test mode is ever emptied: what was answered before tells of what is no more.
        if environment.mode == Mode::Test
            && let Some(purged_at) = self.purged_at(environment).await?
            && get_number::<i64>(&item, TTL).is_some_and(|ttl| ttl <= purged_at + KEPT_SECONDS)
        {
            return Ok(IdempotencyLookup::Gone);
        }
        let status = get_number(&item, "st").ok_or_else(|| StoreError::unreadable("an idempotency record"))?;
        let body = bytes("bo").unwrap_or_default();
        let key = match get_text(&item, "by").map(|by| by.split_at_checked(1)) {
            None => return Ok(IdempotencyLookup::Found(StoredResponse { status, body: body.to_vec() })),
            Some(Some(("m", number))) => {
                // A process that started before the master keys were rotated does not know the new one.
                let known = number.parse().ok().and_then(secrets);
                Some(known.ok_or_else(|| StoreError::Unavailable("a master key that is not known".to_owned()))?)
            }
            Some(Some(("l", lead))) => match LeadId::parse(lead) {
                Some(lead) => self.lead_data_key(environment, lead).await?,
                None => None,
            },
            Some(_) => None,
        };
        let opened = key.and_then(|key| key.decrypt(body, &idempotency_key.id));
        Ok(opened.map_or(IdempotencyLookup::Gone, |body| IdempotencyLookup::Found(StoredResponse { status, body })))
    }
}
