//! Delivery batches: enqueues what is unfinished of deliveries that were created together.

use crate::Sweeper;
use crate::outbox::Outbox;
use crate::reenqueue::pass_on;
use runtime::{DeliveryMessage, DueOutcome};
use store::{BatchedDelivery, DueDeliveryBatch, MAX_CREATION_TIME, StoreError};
use tokio::time::Instant;

impl Sweeper {
    /// Gives each unfinished delivery of a batch an entry of its own and enqueues it, then deletes the batch. It stays while
    /// deliveries of it may still be written, and while some cannot be read. Begins nothing from `stop_at` on.
    ///
    /// The deliveries follow one another: many batches are handled concurrently.
    pub(crate) async fn check_delivery_batch(
        &self,
        due: DueDeliveryBatch,
        outbox: &Outbox,
        stop_at: Instant,
    ) -> Result<DueOutcome, StoreError> {
        let store = &self.dependencies.store;
        let state = store.delivery_batch_state(&due).await?;
        let mut reenqueued = 0;
        for delivery in &state.unfinished {
            if Instant::now() >= stop_at {
                return Ok(DueOutcome::LeftAfter(reenqueued));
            }
            reenqueued += u32::from(self.reenqueue_batched_delivery(delivery, outbox).await?);
        }
        if Instant::now() >= stop_at {
            return Ok(DueOutcome::LeftAfter(reenqueued));
        }
        let now = self.dependencies.clock.now();
        let may_be_written = state.missing > 0 && now.since(due.due_at) < MAX_CREATION_TIME;
        if may_be_written || state.unreadable > 0 {
            let next = self.dependencies.timing.check_at_when_reenqueued(due.due_at, now);
            store.move_delivery_batch_check(&due, next).await?;
        } else {
            store.delete_delivery_batch(&due).await?;
        }
        if state.unreadable > 0 {
            return Ok(DueOutcome::Unreadable(format!("{} deliveries of the batch {}", state.unreadable, due.batch)));
        }
        Ok(DueOutcome::ReenqueuedMany(reenqueued))
    }

    /// Returns `false` if the delivery was attempted or ended since it was read.
    async fn reenqueue_batched_delivery(
        &self,
        delivery: &BatchedDelivery,
        outbox: &Outbox,
    ) -> Result<bool, StoreError> {
        let now = self.dependencies.clock.now();
        let (check_at, _) = self.next_check(delivery.due_at, now);
        if !self.dependencies.store.enter_due_index(delivery, check_at).await? {
            return Ok(false);
        }
        let message = DeliveryMessage::new(delivery.environment, delivery.reference, delivery.attempts + 1);
        pass_on(&outbox.deliveries, message, delivery.due_at.since(now)).await;
        Ok(true)
    }
}
