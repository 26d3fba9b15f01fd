//! Idempotency records: stored responses, so that a repeated request gets the first response again.
//!
//! A record is written in the same transaction as the effect of its request, under the condition that none is there
//! yet. Of concurrent repetitions exactly one therefore has an effect, and nothing can be left locked: either both
//! exist or neither. The others fail with [`CommitError::IdempotencyConflict`] and get the response of the record. A
//! record without expiry would block its key forever if DynamoDB were slow to remove it, so an expired record counts
//! as absent, in the condition and when it is read.
//!
//! A record that holds a secret or a person's data is encrypted ([`Protection`]): with the lead's data key, so that
//! erasing the lead also erases it, or with a key derived from a master key.
//!
//! Two kinds of requests do without: creating a lead, whose id is derived from the idempotency key, so that the item
//! itself is the record ([`Store::create_lead`]); and a batch of leads, each of which is stored by itself and which
//! claims its key first ([`Store::claim_idempotency_key`]).

use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::encryption::DataKey;
use crate::table::error::StoreError;
use crate::table::item::{Item, bytes, from_item, get_bytes, get_number, get_text, number, text, to_item};
use crate::table::key_schema::{PK, TTL};
use crate::table::write::{Table, Write};
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Environment, KeyRights, LeadId, Mode, Timestamp, retention};

/// Attribute: SHA-256 of the bytes of the request's body; also in an item that stands for a record of its own.
pub(crate) const FINGERPRINT: &str = "fp";
/// Attribute: SHA-256 of the canonical text of the request's body as a JSON value.
pub(crate) const VALUE_FINGERPRINT: &str = "fv";
/// Attribute: HTTP status of the response.
const STATUS: &str = "st";
/// Attribute: the version of the resource that the response shows; absent if it shows none, and in the records of a
/// release that did not keep it.
const VERSION: &str = "vs";
/// Attribute: body of the response, in the clear or encrypted.
const BODY: &str = "bo";
/// Attribute: the key that encrypts the body, `m<number>` for a master key's and `l<lead>` for a lead's; absent if the
/// body is in the clear.
const ENCRYPTED_BY: &str = "by";
/// Attribute: the rights of the API key that the body holds; absent if it holds none.
const KEY_RIGHTS: &str = "kr";

/// Retention of a record, in seconds.
const RETENTION_SECONDS: i64 = retention::IDEMPOTENCY_RECORDS.as_secs().cast_signed();

/// The idempotency key of a request, with the fingerprint of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// SHA-256 of tenant, mode, the API key's business, method, path and the key that the caller sent.
    pub id: [u8; 32],
    /// The body: another one under the same key is a mismatch.
    pub body: BodyFingerprint,
}

/// The fingerprint of a request's body. Two bodies are the same if they are equal as JSON values: in another order of
/// names, or with a number in another spelling, the client has sent the same request again.
///
/// Both hashes are stored, so that the records of a release that knew the bytes alone are found, and found by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyFingerprint {
    /// SHA-256 of the bytes.
    pub bytes: [u8; 32],
    /// SHA-256 of the canonical text of the JSON value.
    pub value: [u8; 32],
}

impl BodyFingerprint {
    /// Returns whether `item` holds the fingerprint of an equal body.
    pub(crate) fn is_that_of(&self, item: &Item) -> bool {
        get_bytes(item, FINGERPRINT) == Some(&self.bytes[..])
            || get_bytes(item, VALUE_FINGERPRINT) == Some(&self.value[..])
    }

    /// Returns the attributes of an item that holds the fingerprint.
    pub(crate) fn attributes(&self) -> [(String, AttributeValue); 2] {
        [(FINGERPRINT.to_owned(), bytes(&self.bytes)), (VALUE_FINGERPRINT.to_owned(), bytes(&self.value))]
    }
}

/// The first response to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The version of the resource that the response shows as its `ETag`, if it shows one.
    pub version: Option<u64>,
    /// The rights of the API key that the body holds, if it holds one: nobody with fewer rights may be shown it.
    pub key_rights: Option<KeyRights>,
}

/// The protection of a stored response.
#[derive(Clone, Debug)]
pub enum Protection {
    /// In the clear: it holds neither a secret nor personal data.
    Plaintext,
    /// Encrypted under a key that is derived from the master key with this number: it holds a secret.
    MasterKey(u32, DataKey),
    /// Encrypted under this lead's data key, which erasure destroys: it holds the person's data.
    LeadKey(LeadId, DataKey),
}

/// An idempotency record to be committed with the effect of its request.
#[derive(Clone, Debug)]
pub struct IdempotencyRecord(Write);

impl IdempotencyRecord {
    /// Returns the record of `response`, kept for [`retention::IDEMPOTENCY_RECORDS`] from `now`.
    pub fn new(
        idempotency_key: &IdempotencyKey,
        response: &StoredResponse,
        protection: &Protection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        // Bound to its idempotency key: moved under another one it does not decrypt.
        let encrypt = |key: &DataKey| key.encrypt(&response.body, &idempotency_key.id);
        let (body, encrypted_by) = match protection {
            Protection::Plaintext => (response.body.clone(), None),
            Protection::MasterKey(number, key) => (encrypt(key)?, Some(format!("m{number}"))),
            Protection::LeadKey(lead, key) => (encrypt(key)?, Some(format!("l{}", lead.simple()))),
        };
        let mut item = Item::from([
            (PK.to_owned(), text(partition_key(idempotency_key))),
            (STATUS.to_owned(), number(response.status)),
            (BODY.to_owned(), bytes(&body)),
            (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
        ]);
        item.extend(idempotency_key.body.attributes());
        if let Some(version) = response.version {
            item.insert(VERSION.to_owned(), number(version));
        }
        if let Some(encrypted_by) = encrypted_by {
            item.insert(ENCRYPTED_BY.to_owned(), text(encrypted_by));
        }
        if let Some(rights) = &response.key_rights {
            item.insert(KEY_RIGHTS.to_owned(), AttributeValue::M(to_item(rights)?));
        }
        let write = Write::put(Table::Access, item)
            .require(Condition::IdempotencyKeyUnused, format!("attribute_not_exists({PK}) OR #ttl <= :now"))
            .name("#ttl", TTL)
            .value(":now", number(now.seconds()));
        Ok(Self(write))
    }
}

/// The result of looking up an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdempotencyLookup {
    /// There is no record: the request is the first.
    NotFound,
    /// The first response to the same request.
    Found(StoredResponse),
    /// Another body was sent under the key.
    Mismatch,
    /// The response held data that has been erased or purged.
    Gone,
}

fn partition_key(idempotency_key: &IdempotencyKey) -> String {
    format!("i#{}", hex::encode(idempotency_key.id))
}

impl Store {
    /// Commits all of `writes` and `record` in one transaction, or nothing; without a record, as [`Store::commit`]
    /// does.
    ///
    /// # Errors
    ///
    /// [`CommitError::IdempotencyConflict`] when a concurrent request with the same idempotency key was committed
    /// first: [`Store::find_idempotency_record`] then finds its response.
    pub async fn commit_idempotent(
        &self,
        mut writes: Vec<Write>,
        record: Option<IdempotencyRecord>,
    ) -> Result<(), CommitError> {
        let Some(IdempotencyRecord(record)) = record else { return self.commit(writes).await };
        writes.push(record);
        Ok(self.transact(writes).await?)
    }

    /// Claims the idempotency key of a request that stores many leads, each by itself. Returns `false` if it is claimed
    /// by another body.
    ///
    /// The claim is kept as long as the leads, whose ids are derived from the key: the same body may then come again,
    /// and each lead is recognised by its own item.
    pub async fn claim_idempotency_key(
        &self,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let BodyFingerprint { bytes: sent, value } = idempotency_key.body;
        let mut item = Item::from([
            (PK.to_owned(), text(partition_key(idempotency_key))),
            (TTL.to_owned(), number(retention::lead_expires_at(now).seconds())),
        ]);
        item.extend(idempotency_key.body.attributes());
        let unused_or_same = format!(
            "attribute_not_exists({PK}) OR #ttl <= :now OR {FINGERPRINT} = :sent OR {VALUE_FINGERPRINT} = :value"
        );
        let write = Write::put(Table::Access, item)
            .require(Condition::IdempotencyKeyUnused, unused_or_same)
            .name("#ttl", TTL)
            .value(":now", number(now.seconds()))
            .value(":sent", bytes(&sent))
            .value(":value", bytes(&value));
        self.commit_if(vec![write]).await
    }

    /// Looks up the first response to a request. `master_data_key` returns the data key that is derived from the
    /// master key with a number, if this process knows it.
    pub async fn find_idempotency_record(
        &self,
        environment: Environment,
        idempotency_key: &IdempotencyKey,
        master_data_key: impl Fn(u32) -> Option<DataKey> + Send,
        now: Timestamp,
    ) -> Result<IdempotencyLookup, StoreError> {
        let Some(item) = self.idempotency_item(idempotency_key, now).await? else {
            return Ok(IdempotencyLookup::NotFound);
        };
        if !idempotency_key.body.is_that_of(&item) {
            return Ok(IdempotencyLookup::Mismatch);
        }
        if self.was_purged_since(environment, &item).await? {
            return Ok(IdempotencyLookup::Gone);
        }
        let status = get_number(&item, STATUS).ok_or_else(|| StoreError::unreadable("an idempotency record"))?;
        let body = get_bytes(&item, BODY).unwrap_or_default();
        let key_rights = match item.get(KEY_RIGHTS) {
            Some(AttributeValue::M(rights)) => Some(from_item(rights.clone(), "the rights of a stored key")?),
            _ => None,
        };
        let version = get_number(&item, VERSION);
        let found = |body| IdempotencyLookup::Found(StoredResponse { status, body, version, key_rights });
        let key = match get_text(&item, ENCRYPTED_BY).map(|encrypted_by| encrypted_by.split_at_checked(1)) {
            None => return Ok(found(body.to_vec())),
            Some(Some(("m", number))) => {
                // A process that started before the master keys were rotated does not know the new one; another
                // process will.
                let known = number.parse().ok().and_then(master_data_key);
                Some(known.ok_or_else(|| StoreError::Unavailable("a master key is not known".to_owned()))?)
            }
            Some(Some(("l", lead))) => match LeadId::parse(lead) {
                Some(lead) => self.lead_data_key(environment, lead).await?,
                None => None,
            },
            Some(_) => None,
        };
        let body = key.and_then(|key| key.decrypt(body, &idempotency_key.id));
        Ok(body.map_or(IdempotencyLookup::Gone, found))
    }

    /// Reads the record of an idempotency key that has not expired.
    async fn idempotency_item(
        &self,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Item>, StoreError> {
        let request = GetItemInput::builder().table_name(&self.access_table).consistent_read(true);
        let found = self.database.get_item(request.key(PK, text(partition_key(idempotency_key)))).await?;
        Ok(found.item.filter(|item| get_number::<i64>(item, TTL).is_some_and(|ttl| now.seconds() < ttl)))
    }

    /// Returns whether the environment was purged after a record was written, which its expiry indicates. Only test
    /// environments are ever purged, so that live ones save the read.
    async fn was_purged_since(&self, environment: Environment, record: &Item) -> Result<bool, StoreError> {
        if environment.mode != Mode::Test {
            return Ok(false);
        }
        let Some(purged_at) = self.purged_at(environment).await? else { return Ok(false) };
        Ok(get_number::<i64>(record, TTL).is_some_and(|expires_at| expires_at <= purged_at + RETENTION_SECONDS))
    }
}
