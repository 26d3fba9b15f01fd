//! Deliveries: storing and enqueueing them.

use crate::{DispatchHandler, MAX_CONCURRENT_WRITES};
use domain::webhooks::delivery_batch::DeliveryBatch;
use domain::{Delivery, DeliveryId, DeliveryStatus, Environment};
use futures_util::StreamExt;
use runtime::DeliveryMessage;
use runtime::stream::{FailedRecord, WithRecord};
use std::collections::HashSet;
use std::time::Duration;
use store::{CreatedDelivery, DataKey, DueEntry, StoreError, join_bounded};

/// A delivery to create.
pub(crate) struct PlannedDelivery {
    pub(crate) environment: Environment,
    pub(crate) delivery: Delivery,
    /// The key of the lead whose data the body holds.
    pub(crate) data_key: Option<DataKey>,
}

impl PlannedDelivery {
    /// Returns what names the delivery.
    fn key(&self) -> (Environment, DeliveryId) {
        (self.environment, self.delivery.id)
    }

    /// Returns the message for the first attempt.
    fn message(&self) -> DeliveryMessage {
        DeliveryMessage::new(self.environment, self.delivery.reference(), 1)
    }
}

/// The deliveries of a run that are in a batch.
type Batched = HashSet<(Environment, DeliveryId)>;

impl DispatchHandler {
    /// Stores the planned deliveries, and enqueues those that nobody has attempted yet.
    pub(crate) async fn create_deliveries(&self, planned: Vec<WithRecord<PlannedDelivery>>) -> Vec<FailedRecord> {
        let batched = &self.put_batches(&planned).await;
        let created: Vec<_> = futures_util::stream::iter(planned)
            .map(|WithRecord { record, value }| async move {
                let unattempted = self.create_delivery(&value, batched).await;
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

    /// Writes the batches of the planned deliveries, which must be in the due index before any of the deliveries exists.
    /// Returns the deliveries of those that were written: the others get entries of their own.
    async fn put_batches(&self, planned: &[WithRecord<PlannedDelivery>]) -> Batched {
        let now = self.dependencies.clock.now();
        let check_at = self.dependencies.timing.check_at_when_enqueued(now);
        let batches = DeliveryBatch::divide(planned.iter().map(|planned| planned.value.key()));
        let written = batches.iter().map(|batch| self.dependencies.store.put_delivery_batch(batch, now, check_at));
        let written = join_bounded(written).await;
        let mut batched = Batched::new();
        for (batch, written) in batches.iter().zip(written) {
            match written {
                Ok(()) => batched.extend(batch.deliveries()),
                Err(error) => tracing::warn!(%error, "a delivery batch was not written; each delivery gets an entry"),
            }
        }
        batched
    }

    /// Stores a delivery, with an entry of its own in the due index unless it is in a batch. Returns whether it is still to
    /// be attempted for the first time, which is also the case if an earlier run has stored but not enqueued it.
    async fn create_delivery(&self, planned: &PlannedDelivery, batched: &Batched) -> Result<bool, StoreError> {
        let PlannedDelivery { environment, delivery, data_key } = planned;
        let due_entry = if batched.contains(&planned.key()) {
            DueEntry::OfBatch
        } else {
            let due_at = delivery.due_at.unwrap_or(delivery.created_at);
            DueEntry::Own(self.dependencies.timing.check_at_when_enqueued(due_at))
        };
        let created =
            self.dependencies.store.create_delivery(*environment, delivery, data_key.as_ref(), due_entry).await?;
        Ok(match created {
            CreatedDelivery::New => true,
            CreatedDelivery::Existing(existing) => existing.attempts == 0 && existing.status == DeliveryStatus::Pending,
        })
    }
}
