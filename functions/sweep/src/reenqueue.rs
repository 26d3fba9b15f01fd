//! Re-enqueues one due delivery, step of a sequence or evidence package: moves its check time, then sends its message.

use crate::Sweeper;
use crate::summary::Outcome;
use domain::Timestamp;
use runtime::{DeliveryMessage, FollowUpMessage, PackageMessage, Queue, QueueMessage};
use std::time::Duration;
use store::{DueDelivery, DuePackage, DueStep, StoreError};

impl Sweeper {
    pub(crate) async fn reenqueue_delivery(&self, due: DueDelivery) -> Result<Outcome, StoreError> {
        let now = self.dependencies.clock.now();
        let (check_at, outcome) = self.next_check(due.due_at, now);
        if !self.dependencies.store.move_delivery_check(&due, check_at).await? {
            return Ok(Outcome::Unchanged);
        }
        let message = DeliveryMessage::new(due.environment, due.reference, due.attempts + 1);
        enqueue(&*self.dependencies.queues.prompt, message, due.due_at.since(now)).await;
        Ok(outcome)
    }

    pub(crate) async fn reenqueue_step(&self, due: DueStep) -> Result<Outcome, StoreError> {
        let now = self.dependencies.clock.now();
        // Without a due time the sequence was stopped while its step was being sent: the claim has to be settled.
        let due_at = due.due_at.unwrap_or(due.check_at);
        let (check_at, outcome) = self.next_check(due_at, now);
        if !self.dependencies.store.move_step_check(&due, check_at).await? {
            return Ok(Outcome::Unchanged);
        }
        let message = FollowUpMessage::new(due.environment, due.lead, due.step);
        enqueue(&*self.dependencies.follow_up_queue, message, due_at.since(now)).await;
        Ok(outcome)
    }

    pub(crate) async fn reenqueue_package(&self, due: DuePackage) -> Result<Outcome, StoreError> {
        let now = self.dependencies.clock.now();
        let (check_at, outcome) = self.next_check(due.due_at, now);
        if !self.dependencies.store.move_package_check(&due, check_at).await? {
            return Ok(Outcome::Unchanged);
        }
        let message = PackageMessage::new(due.environment, due.package, due.attempts + 1);
        enqueue(&*self.dependencies.package_queue, message, due.due_at.since(now)).await;
        Ok(outcome)
    }

    /// Returns the next check time of an item that is enqueued at `now`, and how the item counts.
    fn next_check(&self, due_at: Timestamp, now: Timestamp) -> (Timestamp, Outcome) {
        if due_at > now {
            (self.dependencies.timing.check_at_when_enqueued(due_at), Outcome::Enqueued)
        } else {
            (self.dependencies.timing.check_at_when_reenqueued(due_at, now), Outcome::Reenqueued)
        }
    }
}

async fn enqueue<M: QueueMessage>(queue: &dyn Queue<M>, message: M, delay: Duration) {
    if let Err(error) = queue.send(vec![(message, delay)]).await {
        tracing::warn!(%error, "due work not enqueued; a later sweep will re-enqueue it");
    }
}
