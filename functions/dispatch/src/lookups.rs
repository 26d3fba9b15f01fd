//! Reads for the changes of a batch: the subscriptions of their environments and the data keys of their leads, each once
//! and all concurrently, so that one environment's slow or failing read holds up no other.

use crate::deliveries::PlannedDelivery;
use crate::{DispatchHandler, MAX_CONCURRENT_READS};
use domain::{Environment, Event, LeadId, Timestamp};
use futures_util::StreamExt;
use std::collections::{HashMap, HashSet};
use store::{Change, LeadDataKeys, ReadableSubscriptions, StoreError};

/// The results of all reads of a batch.
pub(crate) struct Lookups {
    subscriptions: HashMap<Environment, Result<ReadableSubscriptions, StoreError>>,
    /// The keys of leads whose item is not part of the change; `None` if the lead was erased.
    data_keys: LeadDataKeys,
}

/// The deliveries that a change asks for.
#[derive(Default)]
pub(crate) struct PlannedDeliveries {
    pub(crate) deliveries: Vec<PlannedDelivery>,
    /// Set if the environment has a subscription that this version cannot read: its deliveries are missing.
    pub(crate) unreadable: Option<StoreError>,
}

/// Returns the lead whose data key must be read for the events of `change`.
fn lead_to_read(change: &Change, events: &[Event]) -> Option<(Environment, LeadId)> {
    let event = events.first().filter(|_| !matches!(change, Change::Lead { .. }))?;
    event.subject.lead().map(|lead| (event.environment, lead))
}

impl DispatchHandler {
    /// Reads what `changes` need, each with its events.
    pub(crate) async fn look_up(&self, changes: impl Iterator<Item = (&Change, &[Event])>) -> Lookups {
        let store = &self.dependencies.store;
        let (mut environments, mut leads) = (HashSet::new(), HashSet::new());
        for (change, events) in changes {
            environments.extend(events.first().map(|event| event.environment));
            leads.extend(lead_to_read(change, events));
        }
        let subscriptions = futures_util::stream::iter(environments)
            .map(|environment| async move { (environment, store.readable_subscriptions(environment).await) })
            .buffer_unordered(MAX_CONCURRENT_READS)
            .collect();
        let data_keys = store.lead_data_keys(leads, MAX_CONCURRENT_READS);
        let (subscriptions, data_keys) = tokio::join!(subscriptions, data_keys);
        Lookups { subscriptions, data_keys }
    }
}

impl Lookups {
    /// Returns the deliveries that `change` asks for: one for each event and subscription that receives it. None if the
    /// lead in question has been erased meanwhile.
    pub(crate) fn deliveries(
        &self,
        change: &Change,
        events: &[Event],
        now: Timestamp,
    ) -> Result<PlannedDeliveries, StoreError> {
        let Some(Event { environment, .. }) = events.first() else { return Ok(PlannedDeliveries::default()) };
        let data_key = match (change, lead_to_read(change, events)) {
            (Change::Lead { data_key, .. }, _) => Some(data_key.clone()),
            (_, None) => None,
            (_, Some(lead)) => match self.data_keys.get(&lead).cloned().transpose()?.flatten() {
                Some(data_key) => Some(data_key),
                None => return Ok(PlannedDeliveries::default()),
            },
        };
        let found = self.subscriptions.get(environment).cloned().transpose()?.unwrap_or_default();
        let mut deliveries = Vec::new();
        for event in events {
            let receivers = found.subscriptions.iter().filter(|subscription| event.is_for(subscription));
            deliveries.extend(receivers.map(|subscription| PlannedDelivery {
                environment: *environment,
                delivery: webhook::payload::delivery(event, subscription, now),
                data_key: data_key.clone(),
            }));
        }
        Ok(PlannedDeliveries { deliveries, unreadable: found.unreadable })
    }
}
