//! Adding events to the counters of their business, each exactly once.

use crate::analytics::kpi::counted_events::{self, CountingPeriod};
use crate::analytics::kpi::layout::{ITEMS_PER_PERIOD, item_number};
use crate::analytics::kpi::update::{CounterUpdate, sources_of};
use crate::table::Store;
use crate::table::commit::{FailedCondition, TransactionError};
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::key_schema::{self as keys, Key};
use crate::table::retry::ConflictRetries;
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{CountedEvent, Counter, Day};
use domain::{BusinessId, CountedEventId, Environment, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Maximum number of events in one transaction. DynamoDB allows 100 writes: for each event at most one update of the
/// events that were counted, and one of counters.
const MAX_BATCH_EVENTS: usize = 50;

/// Maximum number of transactions for one batch. Each failure leaves out at least one event that was counted before, or
/// learns the sources of at least one item, and there are at most as many items as events.
const MAX_BATCH_ATTEMPTS: u32 = 100;

/// Age from which on an event is looked up among the records of the release before, which had one for each event. A
/// change is counted within seconds of it, and later only if it is repeated or was held up.
const LATE_AFTER: Duration = Duration::from_mins(1);

/// An event with the counter that it adds one to.
#[derive(Clone)]
struct Addition {
    event: CountedEventId,
    period: CountingPeriod,
    day: Day,
    counter: Counter,
}

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
        // Repeated within the batch, they would be counted twice.
        let mut events: BTreeMap<CountedEventId, &CountedEvent> =
            events.iter().map(|event| (event.id, event)).collect();
        let late = events.values().filter(|event| now.since(event.at) > LATE_AFTER);
        let late = late.map(|event| keys::counted_event(environment, event.id)).collect::<Vec<_>>();
        if !late.is_empty() {
            let counted_before = self.items(late.into_iter()).await?;
            events.retain(|id, _| !counted_before.contains_key(&keys::counted_event(environment, *id)));
        }
        let addition = |event: &CountedEvent| Addition {
            event: event.id,
            period: CountingPeriod::containing(event.at),
            day: Day::of(event.at, zone),
            counter: Counter::of(&event.event),
        };
        let mut additions: Vec<Addition> = events.into_values().map(addition).collect();
        // Events of one period share an item.
        additions.sort_unstable_by_key(|addition| (addition.period, addition.event));
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
            let Some(first) = uncounted.first() else { return Ok(()) };
            let spread = first.event.bytes()[0] % ITEMS_PER_PERIOD;
            let updates = counter_updates(environment, business, spread, &uncounted, &seen_sources);
            let records = events_by_item(environment, business, &uncounted).into_iter();
            let records = records.map(|(key, events)| counted_events::add(&key, &events, now));
            let writes = records.chain(updates.iter().map(CounterUpdate::write)).collect();
            let failed = match self.transact(writes).await {
                Ok(()) => return Ok(()),
                Err(TransactionError::ConditionsFailed(failed)) => failed,
                Err(TransactionError::Store(error)) => return Err(error),
            };
            let mut counted_before = BTreeSet::new();
            for FailedCondition { condition, key, found } in failed {
                if condition == Condition::KpiSourcesFit {
                    let Some(key) = key else { continue };
                    seen_sources.insert(key.sk, found.as_ref().map(sources_of).unwrap_or_default());
                } else {
                    counted_before.extend(found.as_ref().map(counted_events::read).unwrap_or_default());
                }
            }
            uncounted.retain(|addition| !counted_before.contains(&counted_events::short(addition.event)));
            retries.next_attempt()?;
        }
    }
}

/// Returns the items that record that `additions` were counted, and the events that each of them gets.
fn events_by_item(
    environment: Environment,
    business: BusinessId,
    additions: &[Addition],
) -> BTreeMap<Key, Vec<CountedEventId>> {
    let mut events: BTreeMap<Key, Vec<CountedEventId>> = BTreeMap::new();
    for addition in additions {
        let key = keys::counted_events(environment, business, addition.period.number());
        events.entry(key).or_default().push(addition.event);
    }
    events
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
    for Addition { day, counter, .. } in additions {
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
