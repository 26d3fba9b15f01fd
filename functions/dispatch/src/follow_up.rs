//! What changes mean to sequences: a new one's first step is enqueued, and one whose lead is not to be written to any
//! more is stopped, whoever changed the lead.

use crate::Dispatch;
use domain::follow_up::sequence::StopReason;
use runtime::FollowUpMessage;
use std::time::Duration;
use store::{Change, StoreError};

impl Dispatch {
    /// What `change` asks to be sent at once, if it starts a sequence. Every step is in the due index already: the sweep
    /// finds what comes later than the queue can hold.
    pub(crate) fn first_step(&self, change: &Change) -> Option<(FollowUpMessage, Duration)> {
        let Change::SequenceStarted { environment, sequence } = change else { return None };
        let now = self.0.clock.now();
        let due_at = sequence.due_at.filter(|due_at| self.0.timing.fits_queue_delay(*due_at, now))?;
        Some((FollowUpMessage::new(*environment, sequence.lead, sequence.next_step_index), due_at.since(now)))
    }

    /// Enqueues first steps; the sweep finds what the queue does not take.
    pub(crate) async fn enqueue_steps(&self, steps: Vec<(FollowUpMessage, Duration)>) {
        if !steps.is_empty()
            && let Err(error) = self.0.follow_up.send(steps).await
        {
            tracing::warn!(%error, "sequences were started but not enqueued");
        }
    }

    /// Stops the sequence of a lead that `change` made one that nobody writes to; not one that has started since, as the
    /// stream may bring the change long after.
    pub(crate) async fn end_follow_up(&self, change: &Change) -> Result<(), StoreError> {
        let Change::Lead { environment, old: Some(old), new, .. } = change else { return Ok(()) };
        let (before, after) = (StopReason::for_lead(old), StopReason::for_lead(new));
        let Some(reason) = after.filter(|_| before != after) else { return Ok(()) };
        self.0.store.stop_sequence(*environment, new.id, reason, new.updated_at, self.0.clock.now()).await.map(drop)
    }
}
