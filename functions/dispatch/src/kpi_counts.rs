//! The KPI events of a batch, counted together for each business.

use crate::{DispatchHandler, MAX_CONCURRENT_WRITES, RecordError, earliest};
use domain::analytics::kpi::{self, CountedEvent};
use domain::{BusinessId, Environment, Mode};
use futures_util::StreamExt;
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
        | Change::PhotoRemoved { .. }
        | Change::SequenceStarted { .. }
        | Change::Subscription { .. } => None,
    }
}

impl DispatchHandler {
    /// Counts all events, those of one business together.
    ///
    /// If a business fails, the failure names the earliest of its records. Events that were counted nevertheless are
    /// recognised when their records come again, and are not counted twice.
    pub(crate) async fn count_kpis(&self, counts: KpiCounts) -> Option<RecordError> {
        let counted: Vec<_> = futures_util::stream::iter(counts.0)
            .map(|((environment, business), events)| async move {
                let first = events.iter().map(|(record, _)| *record).min().unwrap_or_default();
                let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
                let counted = self.count_for_business(environment, business, events).await;
                counted.map_err(|error| RecordError::new(first, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        earliest(counted.into_iter().map(Result::err))
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
