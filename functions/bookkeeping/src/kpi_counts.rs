//! The KPI events of a batch, counted together for each business.

use crate::{BookkeepingHandler, MAX_CONCURRENT_WRITES};
use domain::analytics::kpi::{self, CountedEvent};
use domain::{BusinessId, Environment, Mode};
use futures_util::StreamExt;
use runtime::stream::FailedRecord;
use std::collections::HashMap;
use store::{Change, StoreError};

/// The KPI events of a batch by environment and business, each with the index of its record.
#[derive(Debug, Default)]
pub(crate) struct KpiCounts(HashMap<(Environment, BusinessId), Vec<(usize, CountedEvent)>>);

impl KpiCounts {
    /// Adds the KPI events of `change`.
    pub(crate) fn add(&mut self, record: usize, change: &Change) {
        let Some((environment, events)) = kpi_events_of(change) else { return };
        for event in events {
            self.0.entry((environment, event.business)).or_default().push((record, event));
        }
    }
}

/// Returns the KPI events of a change, if it is of a kind that has any.
fn kpi_events_of(change: &Change) -> Option<(Environment, Vec<CountedEvent>)> {
    match change {
        Change::Lead { environment, old, new, .. } => Some((*environment, kpi::count_lead_change(old.as_deref(), new))),
        Change::Message { environment, old, new } => {
            Some((*environment, kpi::count_message_change(old.as_deref(), new)))
        }
        Change::Dispute { .. }
        | Change::EvidenceRemoved { .. }
        | Change::Package { .. }
        | Change::PackageRemoved { .. }
        | Change::PhotoRemoved { .. }
        | Change::SequenceStarted { .. }
        | Change::Subscription { .. } => None,
    }
}

impl BookkeepingHandler {
    /// Counts all events, those of one business together.
    ///
    /// If a business fails, so do all of its records: which of them were counted nevertheless is recognised when they
    /// come again, and none is counted twice.
    pub(crate) async fn count_kpis(&self, counts: KpiCounts) -> Vec<FailedRecord> {
        let counted: Vec<Vec<FailedRecord>> = futures_util::stream::iter(counts.0)
            .map(|((environment, business), events)| self.count_or_fail(environment, business, events))
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        counted.into_iter().flatten().collect()
    }

    /// Counts the events of one business. Returns the records of all of them if counting fails. An error that repeating
    /// cannot help may be that of a single event: then each is counted by itself, so that it fails alone.
    async fn count_or_fail(
        &self,
        environment: Environment,
        business: BusinessId,
        events: Vec<(usize, CountedEvent)>,
    ) -> Vec<FailedRecord> {
        let all = events.iter().map(|(_, event)| event.clone()).collect();
        let Err(error) = self.count_for_business(environment, business, all).await else { return Vec::new() };
        if !error.is_permanent() {
            return events.into_iter().map(|(record, _)| FailedRecord::new(record, error.clone())).collect();
        }
        let mut failed = Vec::new();
        for (record, event) in events {
            if let Err(error) = self.count_for_business(environment, business, vec![event]).await {
                failed.push(FailedRecord::new(record, error));
            }
        }
        failed
    }

    async fn count_for_business(
        &self,
        environment: Environment,
        business: BusinessId,
        mut events: Vec<CountedEvent>,
    ) -> Result<(), StoreError> {
        let store = &self.dependencies.store;
        let now = self.dependencies.clock.now();
        // Days are those of the business's time zone, or UTC if the business has been deleted.
        let found = self.businesses.first(environment.tenant, now, |known| known.id == business).await?;
        let zone = found.map(|business| business.time_zone).unwrap_or_default();
        // Test data that was created before a purge must not reappear in the counters.
        if environment.mode == Mode::Test
            && let Some(purged_at) = store.purged_at(environment).await?
        {
            events.retain(|event| event.at.seconds() >= purged_at);
        }
        store.count_kpi_events(environment, business, &zone, &events, now).await
    }
}
