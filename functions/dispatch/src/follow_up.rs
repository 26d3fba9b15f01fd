//! What changes mean to sequences: a new one's first step is enqueued, and one whose lead is not to be written to any
//! more is stopped, whoever changed the lead.

use crate::Dispatch;
use domain::sequence::StopReason;
use domain::{Lead, Sequence, World};
use runtime::QueuedStep;
use store::{Change, StoreError};

impl Dispatch {
    /// Does what `change` means to a lead's sequence. Doing it again does no harm.
    pub(crate) async fn follow_up(&self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::SequenceStarted { world, sequence } => {
                self.enqueue_first(*world, sequence).await;
                Ok(())
            }
            Change::Lead { world, old: Some(old), new, .. } => self.stop(*world, old, new).await,
            _ => Ok(()),
        }
    }

    /// Every step is in the due index already: the sweep finds what the queue does not take, and what comes later than
    /// the queue can hold.
    async fn enqueue_first(&self, world: World, sequence: &Sequence) {
        let now = self.0.clock.now();
        let Some(due_at) = sequence.due_at.filter(|due_at| self.0.timing.fits_the_queue(*due_at, now)) else { return };
        let message = QueuedStep::new(world, sequence.lead, sequence.attempts);
        if let Err(error) = self.0.follow_up.send(vec![(message, due_at.since(now))]).await {
            tracing::warn!(%error, "a sequence was started but not enqueued");
        }
    }

    async fn stop(&self, world: World, old: &Lead, new: &Lead) -> Result<(), StoreError> {
        let (None, Some(reason)) = (StopReason::of(old), StopReason::of(new)) else { return Ok(()) };
        self.0.store.stop_sequence(world, new.id, reason, self.0.clock.now()).await.map(drop)
    }
}
