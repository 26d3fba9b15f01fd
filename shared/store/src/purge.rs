//! Purging an environment: deleting all data of its businesses, their KPI counters, and its subscriptions with their
//! deliveries.
//!
//! A purge takes longer than a request may, so it is work in the due index like any other. [`Store::request_purge`]
//! writes two items: one that is in the due index until nothing is left, so that the sweeper continues where the
//! request stopped, and one with the time of the purge, so that stored responses from before it are replaced by 410
//! instead of being replayed ([`Store::find_idempotency_record`]). [`Store::purge`] deletes until it is done or its
//! caller's time is over; it has no cursor, because each query finds what is left.
//!
//! The deletions rely on this: every list of an environment is found from the tenant's businesses and the
//! environment's subscriptions. The order matters in three places. Entries of the unique e-mail index are found only
//! through the leads that have the address, and so go before the leads. Attempts are found only through their
//! deliveries, and deliveries only through their subscriptions. Data that is written during a purge may go or stay.

use crate::business_record::{BusinessRecord, RecordFilter};
use crate::leads::unique_email::UniqueEmailIndex;
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::due_index::due_attributes;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_number, number};
use crate::table::key_schema::{self as keys, Key, PK, SK, TTL};
use crate::table::pagination::PageRequest;
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::{
    BusinessId, Customer, DeliveryId, Dispute, Environment, Evidence, Lead, Subscription, Template, Timestamp,
    Transaction, VisitorEvent, retention,
};
use std::time::Duration;

/// Kinds of records of which a business may have any number.
const KINDS: [&str; 7] =
    [Lead::KIND, Customer::KIND, Transaction::KIND, Dispute::KIND, Evidence::KIND, VisitorEvent::KIND, Template::KIND];

/// Number of items that are deleted before the deadline is checked again: some tenths of a second.
const DELETE_BATCH_SIZE: usize = 100;

/// Number of leads whose e-mail index entries are deleted before the deadline is checked again.
const EMAIL_INDEX_BATCH_SIZE: usize = 200;

/// Time after which the sweeper continues a purge: longer than a request may take.
const CONTINUATION_DELAY: Duration = Duration::from_mins(1);

/// Attribute: when the environment was purged, in epoch seconds. The name is stored and must not change.
const PURGED_AT: &str = "emptiedAt";

/// The result of a purge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeProgress {
    /// Nothing is left.
    Complete,
    /// The time was over before everything was deleted: the sweeper continues.
    Incomplete,
}

impl Store {
    /// Returns the writes that request a purge of `environment`: [`Store::purge`] may then be called, and what it
    /// leaves is continued by the sweeper.
    pub fn request_purge(&self, environment: Environment, now: Timestamp) -> Vec<Write> {
        let mut request = keys::purge_request(environment).to_item();
        request.extend(due_attributes(environment.tenant.bytes(), now.after(CONTINUATION_DELAY)));
        let time = keys::purge_time(environment).with(Item::from([
            (PURGED_AT.to_owned(), number(now.seconds())),
            // No response from before is kept longer.
            (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
        ]));
        vec![Write::put(Table::Main, request), Write::put(Table::Main, time)]
    }

    /// Reads when `environment` was last purged, in epoch seconds; `None` if not within the retention of idempotency
    /// records.
    pub async fn purged_at(&self, environment: Environment) -> Result<Option<i64>, StoreError> {
        let found = self.item(&keys::purge_time(environment)).await?;
        Ok(found.and_then(|item| get_number(&item, PURGED_AT)))
    }

    /// Deletes the data of `environment` while `has_time` returns `true`.
    pub async fn purge(
        &self,
        environment: Environment,
        has_time: impl Fn() -> bool,
    ) -> Result<PurgeProgress, StoreError> {
        let purge = Purge { store: self, environment, has_time };
        if purge.businesses().await? == PurgeProgress::Incomplete {
            return Ok(PurgeProgress::Incomplete);
        }
        let (deliveries, suppressions) = tokio::join!(purge.deliveries(), purge.suppressions());
        if deliveries? == PurgeProgress::Incomplete
            || suppressions? == PurgeProgress::Incomplete
            || purge.partition(&keys::subscriptions(environment)).await? == PurgeProgress::Incomplete
        {
            return Ok(PurgeProgress::Incomplete);
        }
        self.delete(&keys::purge_request(environment)).await?;
        Ok(PurgeProgress::Complete)
    }
}

/// A purge under way.
struct Purge<'a, F> {
    store: &'a Store,
    environment: Environment,
    has_time: F,
}

impl<F: Fn() -> bool> Purge<'_, F> {
    /// Deletes the records and the KPI counters of all businesses.
    async fn businesses(&self) -> Result<PurgeProgress, StoreError> {
        for business in self.store.businesses(self.environment.tenant).await? {
            if !(self.has_time)() {
                return Ok(PurgeProgress::Incomplete);
            }
            let counters = keys::kpi_counters(self.environment, business.id);
            let (email_index, counters) =
                tokio::join!(self.email_index_entries(business.id), self.partition(&counters));
            email_index?;
            counters?;
            for kind in KINDS {
                let list = keys::business_records(kind, self.environment, business.id);
                while let Some(batch) = self.next_batch(Source::BusinessIndex, &list).await? {
                    if !(self.has_time)() {
                        return Ok(PurgeProgress::Incomplete);
                    }
                    // A whole partition each: a lead's also holds its sequence, its messages and its references.
                    let deletions = batch.iter().map(|key| self.partition(&key.pk));
                    join_bounded(deletions).await.into_iter().collect::<Result<Vec<_>, _>>()?;
                }
            }
        }
        Ok(PurgeProgress::Complete)
    }

    /// Deletes the e-mail index entries of a business: they are found only through its leads.
    async fn email_index_entries(&self, business: BusinessId) -> Result<(), StoreError> {
        let mut page = PageRequest { limit: EMAIL_INDEX_BATCH_SIZE, after: None };
        let filter = RecordFilter::<Lead>::default();
        while (self.has_time)() {
            // As of the epoch, so that nothing has expired: an expired lead may still have an entry.
            let leads = self.store.records(self.environment, &[business], &filter, &page, Timestamp::EPOCH).await?;
            let entries = leads.items.iter().filter_map(|lead| UniqueEmailIndex::of_lead(self.environment, lead));
            let keys: Vec<_> = entries.map(UniqueEmailIndex::into_key).collect();
            self.store.delete_all(&keys).await?;
            page.after = leads.next;
            if page.after.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Deletes the deliveries of all subscriptions, and their attempts.
    async fn deliveries(&self) -> Result<PurgeProgress, StoreError> {
        let (current, deleted) = tokio::join!(
            self.store.subscriptions(self.environment),
            self.store.deleted_subscriptions(self.environment)
        );
        let subscriptions: Vec<Subscription> = current?.into_iter().chain(deleted?).collect();
        for subscription in subscriptions {
            let deliveries = keys::deliveries(self.environment, &subscription.id.tag());
            while let Some(batch) = self.next_batch(Source::Table, &deliveries).await? {
                if !(self.has_time)() {
                    return Ok(PurgeProgress::Incomplete);
                }
                let attempts: Vec<_> = batch
                    .iter()
                    .filter_map(|key| DeliveryId::parse(&key.sk))
                    .map(|delivery| keys::attempts(self.environment, delivery))
                    .collect();
                let deletions = attempts.iter().map(|partition| self.partition(partition));
                join_bounded(deletions).await.into_iter().collect::<Result<Vec<_>, _>>()?;
                self.store.delete_all(&batch).await?;
            }
        }
        Ok(PurgeProgress::Complete)
    }

    /// Deletes the suppressions. What else is known of numbers and addresses expires by itself.
    async fn suppressions(&self) -> Result<PurgeProgress, StoreError> {
        let list = keys::suppressions(self.environment);
        while let Some(batch) = self.next_batch(Source::BusinessIndex, &list).await? {
            if !(self.has_time)() {
                return Ok(PurgeProgress::Incomplete);
            }
            self.store.delete_all(&batch).await?;
        }
        Ok(PurgeProgress::Complete)
    }

    /// Deletes all items of a partition.
    async fn partition(&self, partition: &str) -> Result<PurgeProgress, StoreError> {
        while let Some(batch) = self.next_batch(Source::Table, partition).await? {
            if !(self.has_time)() {
                return Ok(PurgeProgress::Incomplete);
            }
            self.store.delete_all(&batch).await?;
        }
        Ok(PurgeProgress::Complete)
    }

    /// Reads the keys of the next items to be deleted; `None` if nothing is left.
    async fn next_batch(&self, source: Source, partition: &str) -> Result<Option<Vec<Key>>, StoreError> {
        let query = self.store.query(source, partition).project(format!("{PK}, {SK}")).limit(DELETE_BATCH_SIZE);
        let keys: Vec<_> = query.page().await?.items.iter().filter_map(Key::of).collect();
        Ok(if keys.is_empty() { None } else { Some(keys) })
    }
}
