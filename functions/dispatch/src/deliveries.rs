//! Deliveries: which subscriptions receive the events of a change, and storing and enqueueing the result.

use crate::changes::events_of;
use crate::{DispatchHandler, MAX_CONCURRENT_WRITES, RecordError, WithRecord};
use domain::{Delivery, DeliveryStatus, Environment, Event, Subscription};
use futures_util::StreamExt;
use runtime::DeliveryMessage;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;
use store::{Change, CreatedDelivery, DataKey, StoreError};

/// A delivery to create.
pub(crate) struct PlannedDelivery {
    environment: Environment,
    delivery: Delivery,
    /// The key of the lead whose data the body holds.
    data_key: Option<DataKey>,
}

/// The subscriptions that have been read for a batch.
pub(crate) type EnvironmentSubscriptions = HashMap<Environment, Vec<Subscription>>;

impl DispatchHandler {
    /// Returns the deliveries that `change` asks for: one for each event and subscription that receives it. None if the
    /// lead in question has been erased meanwhile.
    pub(crate) async fn plan_deliveries(
        &self,
        change: &Change,
        subscriptions: &mut EnvironmentSubscriptions,
    ) -> Result<Vec<PlannedDelivery>, StoreError> {
        let store = &self.dependencies.store;
        let events = events_of(change);
        let Some(Event { environment, subject, .. }) = events.first() else { return Ok(Vec::new()) };
        let environment = *environment;
        let data_key = match (change, subject.lead()) {
            (Change::Lead { data_key, .. }, _) => Some(data_key.clone()),
            (_, None) => None,
            (_, Some(lead)) => match store.lead_data_key(environment, lead).await? {
                Some(data_key) => Some(data_key),
                None => return Ok(Vec::new()),
            },
        };
        let subscriptions = match subscriptions.entry(environment) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(store.subscriptions(environment).await?),
        };
        let now = self.dependencies.clock.now();
        let mut planned = Vec::new();
        for event in &events {
            let receives = |subscription: &&Subscription| subscription.receives(event.event_type, event.business);
            planned.extend(subscriptions.iter().filter(receives).map(|subscription| PlannedDelivery {
                environment,
                delivery: webhook::payload::delivery(event, subscription, now),
                data_key: data_key.clone(),
            }));
        }
        Ok(planned)
    }

    /// Stores the planned deliveries, and enqueues those that nobody has attempted yet.
    pub(crate) async fn create_deliveries(&self, planned: Vec<WithRecord<PlannedDelivery>>) -> Option<RecordError> {
        let created: Vec<_> = futures_util::stream::iter(planned)
            .map(|WithRecord { record, value }| async move {
                let unattempted = self.create_delivery(&value).await;
                unattempted.map(|unattempted| unattempted.then(|| value.message())).map_err(|error| (record, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        let mut messages = Vec::new();
        let mut failure = None;
        for created in created {
            match created {
                Ok(message) => messages.extend(message.map(|message| (message, Duration::ZERO))),
                Err((record, error)) => {
                    failure.get_or_insert_with(|| RecordError::new(record, error));
                }
            }
        }
        if !messages.is_empty()
            && let Err(error) = self.dependencies.queue.send(messages).await
        {
            tracing::warn!(%error, "deliveries stored but not enqueued; the sweeper will re-enqueue them");
        }
        failure
    }

    /// Stores a delivery in the due index. Returns whether it is still to be attempted for the first time, which is
    /// also the case if an earlier run has stored but not enqueued it.
    async fn create_delivery(&self, planned: &PlannedDelivery) -> Result<bool, StoreError> {
        let PlannedDelivery { environment, delivery, data_key } = planned;
        let due_at = delivery.due_at.unwrap_or(delivery.created_at);
        let check_at = self.dependencies.timing.check_at_when_enqueued(due_at);
        let created =
            self.dependencies.store.create_delivery(*environment, delivery, data_key.as_ref(), check_at).await?;
        Ok(match created {
            CreatedDelivery::New => true,
            CreatedDelivery::Existing(existing) => existing.attempts == 0 && existing.status == DeliveryStatus::Pending,
        })
    }
}

impl PlannedDelivery {
    /// Returns the message for the first attempt.
    fn message(&self) -> DeliveryMessage {
        DeliveryMessage::new(self.environment, self.delivery.reference(), 1)
    }
}
