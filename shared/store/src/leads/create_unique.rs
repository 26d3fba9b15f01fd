//! Creating a lead unless its business has a lead with the same e-mail address (VendorPad's duplicate check).
//!
//! Two transactions decide everything, without a read before them:
//!
//! 1. The lead is put and takes the unique e-mail index entry of its address for itself, if nobody has it. When this
//!    fails because of the entry, the failure returns the entry, and the first of its leads that still exists is the
//!    *existing lead*. If none exists any more, the transaction is sent again, replacing the entry as it was seen.
//! 2. Under an idempotency key, the result "duplicate of this lead" is put in the place where the new lead would be,
//!    on the condition that the existing lead is still in the entry. A repeated request meets this record there, just
//!    as it would meet its lead. If the existing lead has left in between, the first transaction is tried again.
//!
//! Either transaction fails with [`Condition::Absent`] if the same request was made before; the item that is found
//! gives its result. Concurrent requests with one address therefore create exactly one lead.

use crate::idempotency::IdempotencyKey;
use crate::leads::create::put_if_vacant;
use crate::leads::creation_result::{CreatedLead, UniqueLead};
use crate::leads::replay::DUPLICATE_OF;
use crate::leads::unique_email::{IndexEntry, UniqueEmailIndex, member};
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, number, text};
use crate::table::key_schema::{self as keys, TTL};
use crate::table::retry::ConflictRetries;
use crate::table::write::Write;
use domain::{Environment, Lead, LeadId, Timestamp, retention};

impl Store {
    /// Stores `lead` as [`Store::create_lead`] does, unless another lead of its business has its e-mail address.
    pub async fn create_unique_lead(
        &self,
        environment: Environment,
        lead: &Lead,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<UniqueLead, StoreError> {
        let (Some(index), Some(email)) = (UniqueEmailIndex::of_lead(environment, lead), &lead.email) else {
            return self.create_lead(environment, lead, idempotency_key, now).await.map(UniqueLead::Created);
        };
        let (put, _) = self.put_lead(environment, lead, idempotency_key, now)?;
        let member_of_lead = member(lead);
        let mut seen = None;
        let mut retries = ConflictRetries::default();
        loop {
            let writes = vec![put.clone(), index.take(&member_of_lead, seen.as_ref())];
            let entry = match self.commit(writes).await {
                Ok(()) => return Ok(UniqueLead::Created(CreatedLead::New)),
                Err(CommitError::ConditionFailed { condition: Condition::Absent, found: Some(found) }) => {
                    return self.replay_unique(environment, *found, idempotency_key, now).await;
                }
                Err(CommitError::ConditionFailed { condition: Condition::EmailIndexEntry, found }) => {
                    found.map(|item| IndexEntry::read(&item))
                }
                Err(error) => return Err(error.into_contended()),
            };
            let existing = match &entry {
                Some(entry) => self.first_lead_with_email(&index, entry, email, now).await?,
                None => None,
            };
            match (existing, idempotency_key) {
                // None of the leads in the entry exists any more: take its place.
                (None, _) => seen = entry,
                (Some(existing), None) => {
                    return Ok(UniqueLead::Duplicate { existing: Box::new(existing), replayed: false });
                }
                (Some(existing), Some(idempotency_key)) => {
                    let writes = vec![
                        put_duplicate(environment, lead.id, &existing, idempotency_key, now),
                        index.check_member(&member(&existing)),
                    ];
                    match self.commit(writes).await {
                        Ok(()) => return Ok(UniqueLead::Duplicate { existing: Box::new(existing), replayed: false }),
                        Err(CommitError::ConditionFailed { condition: Condition::Absent, found: Some(found) }) => {
                            return self.replay_unique(environment, *found, Some(idempotency_key), now).await;
                        }
                        // The existing lead has left the entry in between.
                        Err(CommitError::ConditionFailed { condition: Condition::EmailIndexEntry, .. }) => {}
                        Err(error) => return Err(error.into_contended()),
                    }
                }
            }
            retries.next_attempt()?;
        }
    }
}

/// Returns the write that records, in the place of the lead with the id `vacant`, that a request was answered with a
/// duplicate.
fn put_duplicate(
    environment: Environment,
    vacant: LeadId,
    existing: &Lead,
    idempotency_key: &IdempotencyKey,
    now: Timestamp,
) -> Write {
    let mut item = Item::from([
        (DUPLICATE_OF.to_owned(), text(existing.id.simple())),
        (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
    ]);
    item.extend(idempotency_key.body.attributes());
    put_if_vacant(keys::lead(environment, vacant).with(item), now)
}
