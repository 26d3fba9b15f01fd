//! Deliveries: storing and enqueueing them.

use crate::{DispatchHandler, MAX_CONCURRENT_WRITES};
use domain::{Delivery, DeliveryStatus, Environment};
use futures_util::StreamExt;
use runtime::DeliveryMessage;
use runtime::stream::{FailedRecord, WithRecord};
use std::time::Duration;
use store::{CreatedDelivery, DataKey, StoreError};

/// A delivery to create.
pub(crate) struct PlannedDelivery {
    pub(crate) environment: Environment,
    pub(crate) delivery: Delivery,
    /// The key of the lead whose data the body holds.
    pub(crate) data_key: Option<DataKey>,
}

impl PlannedDelivery {
    /// Returns the message for the first attempt.
    fn message(&self) -> DeliveryMessage {
        DeliveryMessage::new(self.environment, self.delivery.reference(), 1)
    }
}

impl DispatchHandler {
    /// Stores the planned deliveries, and enqueues those that nobody has attempted yet.
    pub(crate) async fn create_deliveries(&self, planned: Vec<WithRecord<PlannedDelivery>>) -> Vec<FailedRecord> {
        let created: Vec<_> = futures_util::stream::iter(planned)
            .map(|WithRecord { record, value }| async move {
                let unattempted = self.create_delivery(&value).await;
                unattempted
                    .map(|unattempted| unattempted.then(|| value.message()))
                    .map_err(|error| FailedRecord::new(record, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        let mut messages = Vec::new();
        let mut failed = Vec::new();
        for created in created {
            match created {
                Ok(message) => messages.extend(message.map(|message| (message, Duration::ZERO))),
                Err(failure) => failed.push(failure),
            }
        }
        if !messages.is_empty()
            && let Err(error) = self.dependencies.queue.send(messages).await
        {
            tracing::warn!(%error, "deliveries stored but not enqueued; the sweeper will re-enqueue them");
        }
        failed
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
