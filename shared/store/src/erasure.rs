//! Erasing a lead: immediate by crypto-shredding, completed by deletion.
//!
//! 1. One write replaces the lead by a **tombstone** without personal data ([`Store::erase_lead`]). The lead's data
//!    key goes with it, so that everything that was encrypted under it, in whatever copy, is unreadable from this
//!    moment on. The tombstone keeps the fingerprint of the request that created the lead, so that a repetition of it
//!    gets 410 and does not bring the person back.
//! 2. The rest of the lead's partition (sequence, messages, references), the child records that the references name,
//!    and the visitor's events are deleted ([`Store::delete_child_records`]). The caller does this immediately, before
//!    it responds.
//! 3. The tombstone is in the due index from its first write on, so that `cleanup` does the same a minute later
//!    ([`Store::finish_erasure`]), whether the caller finished or not. Indexes are eventually consistent and may not
//!    have shown what was written right before. Only then does the tombstone leave the due index.
//!
//! A lead may have left more than the time of a call allows to delete. Each step therefore asks whether there is time, and
//! leaves the rest to `cleanup`: a deletion that is interrupted finds less the next time.
//!
//! Every deletion may be repeated, and its order makes an interruption harmless. The sequence goes first, once its open
//! claim has ended: from then on no message to the person is sent or recorded, and none after the erasure was
//! acknowledged. A child record goes before the reference that finds it.

use crate::deletion_progress::DeletionProgress;
use crate::idempotency::{FINGERPRINT, VALUE_FINGERPRINT};
use crate::leads::stored_lead::{ERASED_FROM, StoredLead};
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::condition::Condition;
use crate::table::due_index::DueShard;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_text, number, text};
use crate::table::key_schema::{
    self as keys, CHILD_PREFIX, DUE_CHECK, DUE_SHARD, Key, LEAD_KIND, SEQUENCE_SK, SK, TTL,
};
use crate::table::query::Source;
use crate::table::write::{NONCE, Table, Write};
use domain::{BusinessId, Environment, LeadId, Timestamp};
use std::time::Duration;

/// Time after which `cleanup` completes an erasure: longer than a request may take.
const COMPLETION_DELAY: Duration = Duration::from_mins(1);

/// Attribute of a tombstone: the hash of the person's visitor id, until the visitor's events are deleted.
const VISITOR: &str = "visitorKey";

/// Attribute of a tombstone: the only business whose visitor events are deleted; all of the tenant's if it is absent.
const VISITOR_BUSINESS: &str = "visited";

/// Attribute of a tombstone: when the lead was erased, in epoch milliseconds.
const ERASED_AT: &str = "erasedAt";

/// Number of items of a lead's partition that are deleted before the time is checked again: some tenths of a second.
const DELETE_BATCH_SIZE: usize = 100;

/// Attribute of a sequence while one of its messages is being sent.
const CLAIM: &str = "claim";

impl Store {
    /// Returns the write that replaces a lead by its tombstone; it fails with [`Condition::Unchanged`] if the lead has
    /// changed since it was read.
    ///
    /// `within` limits the deletion of the person's visitor events to one business, for a caller that sees no other.
    pub fn erase_lead(
        &self,
        environment: Environment,
        old: &StoredLead,
        within: Option<BusinessId>,
        now: Timestamp,
    ) -> Write {
        let id = old.lead.id;
        let mut tombstone = keys::lead(environment, id).with(Item::from([
            (ERASED_FROM.to_owned(), text(old.lead.business.to_string())),
            (ERASED_AT.to_owned(), number(now.millis())),
            (VISITOR.to_owned(), text(old.lead.visitor_id().key(environment.tenant))),
            // As long as the lead would have been kept: so long a repeated request must get 410.
            (TTL.to_owned(), number(old.lead.expires_at().seconds())),
        ]));
        tombstone.extend(DueShard::of_deletion(id.bytes()).attributes(now.after(COMPLETION_DELAY)));
        if let Some(business) = within {
            tombstone.insert(VISITOR_BUSINESS.to_owned(), text(business.to_string()));
        }
        for name in [FINGERPRINT, VALUE_FINGERPRINT] {
            if let Some(fingerprint) = old.item.get(name) {
                tombstone.insert(name.to_owned(), fingerprint.clone());
            }
        }
        Write::put(Table::Main, tombstone).require_version(old.lead.version)
    }

    /// Deletes once more everything that an erased lead left while `has_time` returns `true`, and takes its tombstone out
    /// of the due index when nothing is left.
    pub async fn finish_erasure(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
        has_time: &(dyn Fn() -> bool + Sync),
    ) -> Result<DeletionProgress, StoreError> {
        if self.delete_child_records(environment, lead, now, has_time).await?.is_incomplete() {
            return Ok(DeletionProgress::Incomplete);
        }
        let removed = format!("REMOVE {DUE_SHARD}, {DUE_CHECK}, {NONCE}, {VISITOR}, {VISITOR_BUSINESS}");
        let finished = Write::update(&keys::lead(environment, lead), removed)
            .require(Condition::Exists, format!("attribute_exists({ERASED_AT})"));
        // The condition fails if the tombstone has expired in between: then there is nothing left to do.
        self.commit_if(vec![finished]).await?;
        Ok(DeletionProgress::Complete)
    }

    /// Deletes everything that an erased lead left, once its open claim has ended, while `has_time` returns `true`; its
    /// sequence in any case. Repeating it does no harm.
    pub async fn delete_child_records(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
        has_time: &(dyn Fn() -> bool + Sync),
    ) -> Result<DeletionProgress, StoreError> {
        let partition = keys::lead(environment, lead).pk;
        // Descending: the sequence has the highest sort key, and so comes on the first page.
        let mut pages = self
            .query(Source::Table, &*partition)
            .project(format!("{SK}, {VISITOR}, {VISITOR_BUSINESS}, {CLAIM}"))
            .descending()
            .limit(DELETE_BATCH_SIZE)
            .pages();
        while let Some(items) = pages.next().await? {
            // A message is sent and recorded only under the version of its sequence.
            if let Some(sequence) = items.iter().find(|item| get_text(item, SK) == Some(SEQUENCE_SK)) {
                if sequence.contains_key(CLAIM) {
                    self.await_claim(environment, lead, now).await?;
                }
                self.delete(&keys::sequence(environment, lead)).await?;
            }
            if !has_time() {
                return Ok(DeletionProgress::Incomplete);
            }
            if let Some(tombstone) = items.iter().find(|item| item.contains_key(VISITOR))
                && self.delete_visitor_events(environment, tombstone, has_time).await?.is_incomplete()
            {
                return Ok(DeletionProgress::Incomplete);
            }
            let sort_keys = items
                .iter()
                .filter_map(|item| get_text(item, SK))
                .filter(|sort_key| ![LEAD_KIND, SEQUENCE_SK].contains(sort_key));
            let deletions = sort_keys.map(|sort_key| self.delete_child_item(environment, &partition, sort_key));
            join_bounded(deletions).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(DeletionProgress::Complete)
    }

    /// Deletes the events of the visitor that the erased person was, while `has_time` returns `true`.
    async fn delete_visitor_events(
        &self,
        environment: Environment,
        tombstone: &Item,
        has_time: &(dyn Fn() -> bool + Sync),
    ) -> Result<DeletionProgress, StoreError> {
        let visitor = get_text(tombstone, VISITOR).unwrap_or_default();
        let businesses = match get_text(tombstone, VISITOR_BUSINESS).and_then(BusinessId::parse) {
            Some(only) => vec![only],
            None => self.businesses(environment.tenant).await?.iter().map(|business| business.id).collect(),
        };
        self.erase_visitor_events(environment, &businesses, visitor, has_time).await
    }

    /// Deletes an item of the lead's partition; before a reference, the child record that it names: an interruption in
    /// between leaves the reference, which finds the record again.
    async fn delete_child_item(
        &self,
        environment: Environment,
        partition: &str,
        sort_key: &str,
    ) -> Result<(), StoreError> {
        let reference = sort_key.strip_prefix(CHILD_PREFIX).and_then(|reference| reference.split_once('#'));
        if let Some((kind, id)) = reference {
            self.delete(&keys::record(kind, environment, id)).await?;
        }
        self.delete(&Key { pk: partition.to_owned(), sk: sort_key.to_owned() }).await
    }
}
