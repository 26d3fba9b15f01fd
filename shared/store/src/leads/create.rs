//! Creating a lead: one conditional write, or, with an e-mail address, one transaction with the unique e-mail index.
//!
//! Idempotency needs no record of its own. Under an idempotency key the lead's id is derived from that key (by the
//! caller), so that a repeated request meets the lead of the first one: its write fails because the id is in use, the
//! failure returns the stored item, and the fingerprint in it shows whether the bodies were the same. There is no lock
//! that a crash could leave behind, and no read before the write.

use crate::business_record::record_item;
use crate::idempotency::IdempotencyKey;
use crate::leads::creation_result::CreatedLead;
use crate::leads::data_key::DATA_KEY;
use crate::leads::replay::replay;
use crate::leads::unique_email::{IndexEntry, UniqueEmailIndex, member};
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::encryption::DataKey;
use crate::table::error::StoreError;
use crate::table::item::{Item, bytes, number};
use crate::table::key_schema::TTL;
use crate::table::retry::ConflictRetries;
use crate::table::write::{Table, Write};
use domain::{Environment, Lead, Timestamp};

impl Store {
    /// Stores `lead` unless its id is in use, and adds it to the unique e-mail index if it has an address.
    ///
    /// The index entry is joined blindly, without reading it. That fails only if 16 leads have the address, expired
    /// ones included; then the entry that the failure returned is replaced by one without the expired leads, or, if it
    /// is full of others, left as it is, and the lead is stored without joining it.
    pub async fn create_lead(
        &self,
        environment: Environment,
        lead: &Lead,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<CreatedLead, StoreError> {
        let (put, _) = self.put_lead(environment, lead, idempotency_key, now)?;
        let index = UniqueEmailIndex::of_lead(environment, lead);
        let member = member(lead);
        let mut join = index.as_ref().map(|index| index.join(&member, now));
        let mut retries = ConflictRetries::default();
        loop {
            let writes = std::iter::once(put.clone()).chain(join).collect();
            match (self.commit(writes).await, &index) {
                (Ok(()), _) => return Ok(CreatedLead::New),
                (Err(CommitError::ConditionFailed { condition: Condition::Absent, found: Some(found) }), _) => {
                    return replay(*found, idempotency_key, now);
                }
                (Err(CommitError::ConditionFailed { condition: Condition::EmailIndexEntry, found }), Some(index)) => {
                    let seen = found.map(|item| IndexEntry::read(&item));
                    join = index.join_seen(&member, seen.as_ref(), now);
                }
                (Err(error), _) => return Err(error.into_contended()),
            }
            retries.next_attempt()?;
        }
    }

    /// Returns the write of a new lead and its data key, to be committed in one transaction with what else begins with
    /// the lead.
    ///
    /// The write fails with [`Condition::Absent`] if the id is in use; [`Store::replay_lead_creation`] then finds out
    /// whether by the same request. A lead with an e-mail address must be stored by [`Store::create_lead`] instead,
    /// which keeps the unique e-mail index complete.
    pub fn put_lead(
        &self,
        environment: Environment,
        lead: &Lead,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<(Write, DataKey), StoreError> {
        let data_key = DataKey::generate()?;
        let mut item = record_item(environment, lead)?;
        item.insert(DATA_KEY.to_owned(), bytes(data_key.bytes()));
        if let Some(idempotency_key) = idempotency_key {
            item.extend(idempotency_key.body.attributes());
        }
        Ok((put_if_vacant(item, now), data_key))
    }
}

/// Returns the write of an item in a lead's place, which fails with [`Condition::Absent`] if another is there. An
/// expired item does not count: the table may take days to remove it.
pub(super) fn put_if_vacant(item: Item, now: Timestamp) -> Write {
    Write::put(Table::Main, item)
        .require(Condition::Absent, "attribute_not_exists(pk) OR #ttl <= :now")
        .name("#ttl", TTL)
        .value(":now", number(now.seconds()))
}
