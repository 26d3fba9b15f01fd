//! Adding events to the counters of their business, each exactly once.

use crate::analytics::kpi::layout::{ITEMS_PER_PERIOD, item_number};
use crate::analytics::kpi::update::{CounterUpdate, sources_of};
use crate::table::Store;
use crate::table::commit::{FailedCondition, TransactionError};
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::key_schema as keys;
use crate::table::retry::ConflictRetries;
use crate::table::write::{Table, Write};
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{CountedEvent, Counter, Day};
use domain::{BusinessId, CountedEventId, Environment, Timestamp, retention};
use std::collections::{BTreeMap, BTreeSet};

/// Maximum number of events in one transaction. DynamoDB allows 100 writes: a record for each event, and at most one
/// update for each of as many items. Larger batches would save little and cost more when they fail as a whole.
const MAX_BATCH_EVENTS: usize = 25;

/// Maximum number of transactions for one batch. Each failure leaves out at least one event that was counted before, or
/// learns the sources of at least one item, and there are at most as many items as events.
const MAX_BATCH_ATTEMPTS: u32 = 50;

/// An event with the counter that it adds one to.
type Addition = (CountedEventId, Day, Counter);

impl Store {
    /// Adds `events` of a business to its counters, on their days in `zone`; events that were counted before are left
    /// out.
    ///
    /// If a later part fails, the earlier ones stay counted: calling this again with the same events counts only what
    /// is missing.
    pub async fn count_kpi_events(
        &self,
        environment: Environment,
        business: BusinessId,
        zone: &TimeZone,
        events: &[CountedEvent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // A transaction must not have two records with the same key.
        let events: BTreeMap<CountedEventId, &CountedEvent> = events.iter().map(|event| (event.id, event)).collect();
        let additions: Vec<Addition> =
            events.into_iter().map(|(id, event)| (id, Day::of(event.at, zone), Counter::of(&event.event))).collect();
        for batch in additions.chunks(MAX_BATCH_EVENTS) {
            self.count_batch(environment, business, batch, now).await?;
        }
        Ok(())
    }

    async fn count_batch(
        &self,
        environment: Environment,
        business: BusinessId,
        batch: &[Addition],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut uncounted = batch.to_vec();
        let mut seen_sources: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut retries = ConflictRetries::new(MAX_BATCH_ATTEMPTS);
        loop {
            let Some((first, ..)) = uncounted.first() else { return Ok(()) };
            let spread = first.bytes()[0] % ITEMS_PER_PERIOD;
            let updates = counter_updates(environment, business, spread, &uncounted, &seen_sources);
            let records = uncounted.iter().map(|(event, ..)| put_counted_event(environment, *event, now));
            let writes = records.chain(updates.iter().map(CounterUpdate::write)).collect();
            let failed = match self.transact(writes).await {
                Ok(()) => return Ok(()),
                Err(TransactionError::ConditionsFailed(failed)) => failed,
                Err(TransactionError::Store(error)) => return Err(error),
            };
            let mut counted_before = BTreeSet::new();
            for FailedCondition { condition, key, found } in failed {
                let Some(key) = key else { continue };
                if condition == Condition::KpiSourcesFit {
                    seen_sources.insert(key.sk, found.as_ref().map(sources_of).unwrap_or_default());
                } else {
                    counted_before.insert(key.pk);
                }
            }
            uncounted.retain(|(event, ..)| !counted_before.contains(&keys::counted_event(environment, *event).pk));
            retries.next_attempt()?;
        }
    }
}

/// Returns the write of the record that an event was counted; it fails with [`Condition::KpiEventNew`] if it was
/// before.
fn put_counted_event(environment: Environment, event: CountedEventId, now: Timestamp) -> Write {
    let record = keys::counted_event(environment, event).expiring_at(now.after(retention::COUNTED_EVENTS));
    Write::put_without_nonce(Table::Main, record).require_absent_as(Condition::KpiEventNew)
}

/// Returns the updates of all items that `additions` are counted in.
fn counter_updates(
    environment: Environment,
    business: BusinessId,
    spread: u8,
    additions: &[Addition],
    seen_sources: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<CounterUpdate> {
    let mut updates: BTreeMap<String, CounterUpdate> = BTreeMap::new();
    for (_, day, counter) in additions {
        let key = keys::kpi_counter_item(environment, business, &day.month(), item_number(*day, spread));
        let update = updates.entry(key.sk.clone()).or_insert_with(|| CounterUpdate {
            seen_sources: seen_sources.get(&key.sk).cloned(),
            counts: BTreeMap::new(),
            key,
        });
        *update.counts.entry((*day, counter.clone())).or_default() += 1;
    }
    updates.into_values().collect()
}
