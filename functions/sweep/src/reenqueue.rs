//! Re-enqueues one due delivery, step of a sequence or evidence package: moves its check time, then passes its message on.

use crate::Sweeper;
use crate::outbox::Outbox;
use domain::Timestamp;
use runtime::{DeliveryMessage, DueOutcome, FollowUpMessage, PackageMessage};
use std::time::Duration;
use store::{DueDelivery, DuePackage, DueStep, StoreError};
use tokio::sync::mpsc::Sender;

impl Sweeper {
    pub(crate) async fn reenqueue_delivery(&self, due: DueDelivery, outbox: &Outbox) -> Result<DueOutcome, StoreError> {
        let now = self.dependencies.clock.now();
        let (check_at, outcome) = self.next_check(due.due_at, now);
        if !self.dependencies.store.move_delivery_check(&due, check_at).await? {
            return Ok(DueOutcome::Unchanged);
        }
        let message = DeliveryMessage::new(due.environment, due.reference, due.attempts + 1);
        pass_on(&outbox.deliveries, message, due.due_at.since(now)).await;
        Ok(outcome)
    }

    pub(crate) async fn reenqueue_step(&self, due: DueStep, outbox: &Outbox) -> Result<DueOutcome, StoreError> {
        let now = self.dependencies.clock.now();
        // Without a due time the sequence was stopped while its step was being sent: the claim has to be settled.
        let due_at = due.due_at.unwrap_or(due.check_at);
        let (check_at, outcome) = self.next_check(due_at, now);
        if !self.dependencies.store.move_step_check(&due, check_at).await? {
            return Ok(DueOutcome::Unchanged);
        }
        pass_on(&outbox.steps, FollowUpMessage::new(due.environment, due.lead, due.step), due_at.since(now)).await;
        Ok(outcome)
    }

    pub(crate) async fn reenqueue_package(&self, due: DuePackage, outbox: &Outbox) -> Result<DueOutcome, StoreError> {
        let now = self.dependencies.clock.now();
        let (check_at, outcome) = self.next_check(due.due_at, now);
        if !self.dependencies.store.move_package_check(&due, check_at).await? {
            return Ok(DueOutcome::Unchanged);
        }
        let message = PackageMessage::new(due.environment, due.package, due.attempts + 1);
        pass_on(&outbox.packages, message, due.due_at.since(now)).await;
        Ok(outcome)
    }

    /// Returns the next check time of an item that is enqueued at `now`, and how the item counts.
    pub(crate) fn next_check(&self, due_at: Timestamp, now: Timestamp) -> (Timestamp, DueOutcome) {
        if due_at > now {
            (self.dependencies.timing.check_at_when_enqueued(due_at), DueOutcome::Enqueued)
        } else {
            (self.dependencies.timing.check_at_when_reenqueued(due_at, now), DueOutcome::Reenqueued)
        }
    }
}

/// Passes a message on, and waits while too many wait to be sent.
pub(crate) async fn pass_on<M>(messages: &Sender<(M, Duration)>, message: M, delay: Duration) {
    if messages.send((message, delay)).await.is_err() {
        tracing::warn!("due work not enqueued: nobody sends messages any more; a later sweep will re-enqueue it");
    }
}
