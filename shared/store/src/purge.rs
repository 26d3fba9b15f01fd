//! Purging an environment: deleting all data of its businesses, their KPI counters, and its subscriptions with their
//! deliveries.
//!
//! A purge takes longer than a request may, so it is work in the due index like any other. [`Store::request_purge`]
//! writes two items: one that is in the due index until nothing is left, so that `cleanup` continues where the
//! request stopped, and one with the time of the purge, so that stored responses from before it are replaced by 410
//! instead of being replayed ([`Store::find_idempotency_record`]).
//!
//! [`Store::purge`] works in **rounds** until nothing is left or its caller's time is over. A round reads the keys of at
//! most [`ROUND_SIZE`] items and deletes all that belongs to them before the next round reads. So each round costs about
//! the same however much there is, nothing is read twice but the end of a list, and a purge has no cursor: the next call
//! finds what is left. A part that was interrupted ends the whole call, so that nothing goes that finds something else.
//!
//! The deletions rely on this: every list of an environment is found from the tenant's businesses and the
//! environment's subscriptions. The order matters in four places. An entry of the unique e-mail index is found only
//! through the leads that have the address, and what is in a lead's partition only through the lead: both go before it.
//! Attempts are found only through their deliveries, and deliveries only through their subscriptions. Data that is
//! written during a purge may go or stay.

use crate::business_record::BusinessRecord;
use crate::deletion_progress::DeletionProgress;
use crate::leads::unique_email::UniqueEmailIndex;
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::due_index::DueShard;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, get_text, number};
use crate::table::key_schema::{
    self as keys, BUSINESS_PREFIX, DELETED_SUBSCRIPTION_PREFIX, Key, PK, SK, SUBSCRIPTION_PREFIX, TTL,
};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::leads::contact::Email;
use domain::{
    BusinessId, Customer, DeliveryId, Dispute, Environment, Evidence, Lead, Package, SubscriptionId, Template,
    Timestamp, Transaction, VisitorEvent, retention,
};
use serde::Deserialize;
use std::time::Duration;

/// Kinds of records of which a business may have any number and whose partition holds nothing else.
const KINDS: [&str; 7] = [
    Customer::KIND,
    Transaction::KIND,
    Dispute::KIND,
    Evidence::KIND,
    Package::KIND,
    VisitorEvent::KIND,
    Template::KIND,
];

/// Number of items that are read and deleted before the time is checked again: some tenths of a second.
const ROUND_SIZE: usize = 100;

/// Time after which `cleanup` continues a purge: longer than a request may take.
const CONTINUATION_DELAY: Duration = Duration::from_mins(1);

/// Attribute: when the environment was purged, in epoch seconds. The name is stored and must not change.
const PURGED_AT: &str = "emptiedAt";

/// The attributes that a purge reads of a lead besides its key.
#[derive(Deserialize)]
struct StoredAddress {
    #[serde(default)]
    email: Option<Email>,
}

impl Store {
    /// Returns the writes that request a purge of `environment`: [`Store::purge`] may then be called, and what it
    /// leaves is continued by `cleanup`.
    pub fn request_purge(&self, environment: Environment, now: Timestamp) -> Vec<Write> {
        let mut request = keys::purge_request(environment).to_item();
        let shard = DueShard::of_deletion(environment.tenant.bytes());
        request.extend(shard.attributes(now.after(CONTINUATION_DELAY)));
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
    ) -> Result<DeletionProgress, StoreError> {
        let purge = Purge { store: self, environment, has_time };
        if purge.businesses().await?.is_incomplete() {
            return Ok(DeletionProgress::Incomplete);
        }
        let (deliveries, suppressions) = tokio::join!(purge.deliveries(), purge.suppressions());
        if DeletionProgress::of_all([deliveries?, suppressions?]).is_incomplete()
            || purge.partition(&keys::subscriptions(environment)).await?.is_incomplete()
        {
            return Ok(DeletionProgress::Incomplete);
        }
        self.delete(&keys::purge_request(environment)).await?;
        Ok(DeletionProgress::Complete)
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
    async fn businesses(&self) -> Result<DeletionProgress, StoreError> {
        // Their keys alone: a business that cannot be read keeps nothing from being deleted.
        let tenant = keys::tenant(self.environment.tenant).pk;
        let query = self.store.query(Source::Table, tenant).sort_key_prefix(BUSINESS_PREFIX).project(SK.to_owned());
        let businesses = query.all().await?;
        let id = |item| BusinessId::parse(get_text(item, SK)?.strip_prefix(BUSINESS_PREFIX)?);
        for business in businesses.iter().filter_map(id) {
            let counters = keys::kpi_counters(self.environment, business);
            let (leads, counters) = tokio::join!(self.leads(business), self.partition(&counters));
            if DeletionProgress::of_all([leads?, counters?]).is_incomplete() {
                return Ok(DeletionProgress::Incomplete);
            }
            for kind in KINDS {
                let list = keys::business_records(kind, self.environment, business);
                if self.items(Source::BusinessIndex, &list).await?.is_incomplete() {
                    return Ok(DeletionProgress::Incomplete);
                }
            }
        }
        Ok(DeletionProgress::Complete)
    }

    /// Deletes the leads of a business with all that is found only through them.
    async fn leads(&self, business: BusinessId) -> Result<DeletionProgress, StoreError> {
        let list = keys::business_records(Lead::KIND, self.environment, business);
        loop {
            let query = self.store.query(Source::BusinessIndex, &*list).project(format!("{PK}, {SK}, email"));
            let round = query.limit(ROUND_SIZE).page().await?.items;
            if round.is_empty() {
                return Ok(DeletionProgress::Complete);
            }
            if !(self.has_time)() {
                return Ok(DeletionProgress::Incomplete);
            }
            let leads: Vec<_> = round.iter().filter_map(Key::of).collect();
            // An entry also goes if other leads have the address: they are purged as well.
            let addresses = round.into_iter().filter_map(|item| from_item::<StoredAddress>(item, "a lead").ok()?.email);
            let mut entries: Vec<_> =
                addresses.map(|email| UniqueEmailIndex::new(self.environment, business, &email).into_key()).collect();
            entries.sort_unstable();
            entries.dedup();
            self.store.delete_all(&entries).await?;
            let partitions = join_bounded(leads.iter().map(|lead| self.lead_partition(lead))).await;
            let partitions = partitions.into_iter().collect::<Result<Vec<_>, _>>()?;
            if DeletionProgress::of_all(partitions).is_incomplete() {
                return Ok(DeletionProgress::Incomplete);
            }
        }
    }

    /// Deletes the partition of a lead: its sequence, messages and references, and then the lead itself, which finds them.
    async fn lead_partition(&self, lead: &Key) -> Result<DeletionProgress, StoreError> {
        loop {
            let mut others = self.round(Source::Table, &lead.pk).await?;
            others.retain(|key| key != lead);
            if others.is_empty() {
                self.store.delete(lead).await?;
                return Ok(DeletionProgress::Complete);
            }
            if !(self.has_time)() {
                return Ok(DeletionProgress::Incomplete);
            }
            self.store.delete_all(&others).await?;
        }
    }

    /// Deletes the deliveries of all subscriptions, and their attempts. A deleted subscription goes with its deliveries; the
    /// others are few, and go with their partition.
    async fn deliveries(&self) -> Result<DeletionProgress, StoreError> {
        let partition = keys::subscriptions(self.environment);
        let mut pages = self.store.query(Source::Table, partition).project(format!("{PK}, {SK}")).pages();
        while let Some(items) = pages.next().await? {
            for key in items.iter().filter_map(Key::of) {
                let deleted = key.sk.strip_prefix(DELETED_SUBSCRIPTION_PREFIX);
                let id = deleted.or_else(|| key.sk.strip_prefix(SUBSCRIPTION_PREFIX)).and_then(SubscriptionId::parse);
                let Some(id) = id else { continue };
                if self.deliveries_to(&id.tag()).await?.is_incomplete() {
                    return Ok(DeletionProgress::Incomplete);
                }
                if deleted.is_some() {
                    self.store.delete(&key).await?;
                }
            }
        }
        Ok(DeletionProgress::Complete)
    }

    /// Deletes the deliveries to the subscriptions with this tag, and their attempts.
    async fn deliveries_to(&self, tag: &str) -> Result<DeletionProgress, StoreError> {
        let deliveries = keys::deliveries(self.environment, tag);
        loop {
            let round = self.round(Source::Table, &deliveries).await?;
            if round.is_empty() {
                return Ok(DeletionProgress::Complete);
            }
            if !(self.has_time)() {
                return Ok(DeletionProgress::Incomplete);
            }
            let attempts: Vec<_> = round
                .iter()
                .filter_map(|key| DeliveryId::parse(&key.sk))
                .map(|delivery| keys::attempts(self.environment, delivery))
                .collect();
            let attempts = join_bounded(attempts.iter().map(|partition| self.partition(partition))).await;
            let attempts = attempts.into_iter().collect::<Result<Vec<_>, _>>()?;
            if DeletionProgress::of_all(attempts).is_incomplete() {
                return Ok(DeletionProgress::Incomplete);
            }
            self.store.delete_all(&round).await?;
        }
    }

    /// Deletes the suppressions. What else is known of numbers and addresses expires by itself.
    async fn suppressions(&self) -> Result<DeletionProgress, StoreError> {
        self.items(Source::BusinessIndex, &keys::suppressions(self.environment)).await
    }

    /// Deletes all items of a partition.
    async fn partition(&self, partition: &str) -> Result<DeletionProgress, StoreError> {
        self.items(Source::Table, partition).await
    }

    /// Deletes all items of a partition of `source`.
    async fn items(&self, source: Source, partition: &str) -> Result<DeletionProgress, StoreError> {
        loop {
            let round = self.round(source, partition).await?;
            if round.is_empty() {
                return Ok(DeletionProgress::Complete);
            }
            if !(self.has_time)() {
                return Ok(DeletionProgress::Incomplete);
            }
            self.store.delete_all(&round).await?;
        }
    }

    /// Reads the keys of the next items to be deleted.
    async fn round(&self, source: Source, partition: &str) -> Result<Vec<Key>, StoreError> {
        let query = self.store.query(source, partition).project(format!("{PK}, {SK}")).limit(ROUND_SIZE);
        Ok(query.page().await?.items.iter().filter_map(Key::of).collect())
    }
}
