//! The event log: the events of a batch, recorded together for each environment.

use crate::{BookkeepingHandler, MAX_CONCURRENT_READS, MAX_CONCURRENT_WRITES};
use contract::native::package_document_url;
use domain::{Environment, Event, LeadId, Package};
use futures_util::StreamExt;
use runtime::stream::{FailedRecord, WithRecord};
use std::collections::{HashMap, HashSet};
use store::{Change, EventToLog, LeadDataKeys};

/// The events of a batch in the order of its records.
type Events = Vec<WithRecord<Event>>;

/// Returns the data keys that the changes themselves hold.
fn known_keys(changes: &[WithRecord<Change>]) -> LeadDataKeys {
    let known = changes.iter().filter_map(|WithRecord { value: change, .. }| match change {
        Change::Lead { environment, new, data_key, .. } => Some(((*environment, new.id), Ok(Some(data_key.clone())))),
        _ => None,
    });
    known.collect()
}

fn lead_of(event: &Event) -> Option<(Environment, LeadId)> {
    Some((event.environment, event.subject.lead()?))
}

impl BookkeepingHandler {
    /// Records the events of `changes` in the logs of their environments, and returns each record that failed.
    ///
    /// The stream hands over a batch again from the first record that failed on. Events of records from `first_failed`
    /// on are therefore left for that time: they would be recorded twice.
    pub(crate) async fn log_events(
        &self,
        changes: &[WithRecord<Change>],
        first_failed: Option<usize>,
    ) -> Vec<FailedRecord> {
        let document_url = |package: &Package| package_document_url(&self.dependencies.api_url, package.id);
        let settled = changes.iter().filter(|change| first_failed.is_none_or(|failed| change.record < failed));
        let events: Events = settled
            .flat_map(|WithRecord { record, value }| {
                value.events(document_url).into_iter().map(|value| WithRecord { record: *record, value })
            })
            .collect();
        let mut keys = known_keys(changes);
        self.read_missing_keys(&events, &mut keys).await;
        let mut failed = Vec::new();
        let mut logs: HashMap<Environment, Vec<WithRecord<EventToLog>>> = HashMap::new();
        for WithRecord { record, value: event } in events {
            let data_key = match lead_of(&event).and_then(|lead| keys.get(&lead)) {
                None => None,
                Some(Ok(Some(data_key))) => Some(data_key.clone()),
                // The lead has been erased: nothing about it is written any more.
                Some(Ok(None)) => continue,
                Some(Err(error)) => {
                    failed.push(FailedRecord::new(record, error.clone()));
                    continue;
                }
            };
            let value = EventToLog { event, data_key };
            logs.entry(value.event.environment).or_default().push(WithRecord { record, value });
        }
        let logged: Vec<_> = futures_util::stream::iter(logs)
            .map(|(environment, events)| self.log_or_fail(environment, events))
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        failed.extend(logged.into_iter().flatten());
        failed
    }

    /// Reads the keys of leads whose item is not part of a change.
    async fn read_missing_keys(&self, events: &Events, keys: &mut LeadDataKeys) {
        let leads = events.iter().filter_map(|event| lead_of(&event.value));
        let missing: HashSet<_> = leads.filter(|lead| !keys.contains_key(lead)).collect();
        keys.extend(self.dependencies.store.lead_data_keys(missing, MAX_CONCURRENT_READS).await);
    }

    /// Records events of one environment. An error that repeating cannot help may be that of a single event: then each
    /// is recorded by itself, so that it fails alone.
    async fn log_or_fail(&self, environment: Environment, events: Vec<WithRecord<EventToLog>>) -> Vec<FailedRecord> {
        let (store, now) = (&self.dependencies.store, self.dependencies.clock.now());
        let all: Vec<_> = events.iter().map(|event| event.value.clone()).collect();
        let Err(error) = store.log_events(environment, &all, now).await else { return Vec::new() };
        if !error.is_permanent() {
            return events.into_iter().map(|event| FailedRecord::new(event.record, error.clone())).collect();
        }
        let mut failed = Vec::new();
        for WithRecord { record, value } in events {
            if let Err(error) = store.log_events(environment, &[value], now).await {
                failed.push(FailedRecord::new(record, error));
            }
        }
        failed
    }
}
