//! Stop of a sequence, and the messages that are abandoned by it.

use super::state::Sequence;
use super::status::{SequenceStatus, StepStatus, StopReason};
use crate::follow_up::message::MessageStatus;
use crate::follow_up::suppression::Suppression;
use crate::id::MessageId;
use crate::time::Timestamp;

/// Reason of steps that are cancelled because of a suppression.
const SUPPRESSED: &str = "number or address suppressed";

impl Sequence {
    /// Returns the sequence stopped at `now`, or an equal sequence if it does not run. A claim stays until it is
    /// settled.
    pub fn stopped(&self, reason: StopReason, now: Timestamp) -> Self {
        let must_stop = match self.status {
            SequenceStatus::Running => true,
            // A sequence without consent is proposed: the lack of consent does not stop it.
            SequenceStatus::Proposed => reason != StopReason::NoConsent,
            SequenceStatus::Completed | SequenceStatus::Stopped => false,
        };
        if !must_stop {
            return self.clone();
        }
        let mut stopped = self.next_version();
        stopped.status = SequenceStatus::Stopped;
        stopped.stop_reason = Some(reason);
        stopped.ended_at = Some(now);
        stopped.due_at = None;
        for step in &mut stopped.steps {
            let is_open = matches!(step.status, StepStatus::Queued | StepStatus::Proposed);
            if is_open && self.claim.is_none_or(|claim| step.message != Some(claim.message)) {
                step.status = StepStatus::Cancelled;
            }
        }
        stopped
    }

    /// Returns the sequence stopped at `now` because the lead's number or address is suppressed. The reason is that of an
    /// opt-out, which releases before this one know too; the cancelled steps say more.
    pub fn stopped_by_suppression(&self, now: Timestamp) -> Self {
        let mut stopped = self.stopped(StopReason::OptedOut, now);
        let cancelled = stopped.steps.iter_mut().zip(&self.steps).filter(|(new, old)| new.status != old.status);
        for (step, _) in cancelled {
            step.reason = Some(SUPPRESSED.to_owned());
        }
        stopped
    }

    /// Returns whether a suppression would stop the sequence.
    pub fn can_be_stopped(&self) -> bool {
        matches!(self.status, SequenceStatus::Running | SequenceStatus::Proposed)
    }

    /// Returns the sequence as callers see it, where its lead's number or address has these suppressions. What is
    /// suppressed is never sent, and is shown as stopped before the next step finds it out.
    pub fn shown_with(self, suppressions: &[Suppression]) -> Self {
        match suppressions.iter().map(|suppression| suppression.created_at).min() {
            Some(since) => self.stopped_by_suppression(since.max(self.started_at)),
            None => self,
        }
    }

    /// Returns the delayed message, with its new status, that is never sent because `next` replaces this sequence: it
    /// was stopped, or no channel is available any more. Returns `None` if there is no such message.
    pub fn abandoned_message(&self, next: &Self) -> Option<(MessageId, MessageStatus)> {
        let message = self.next_step()?.message.filter(|_| self.claim.is_none())?;
        match next.steps.iter().find(|step| step.message == Some(message))?.status {
            StepStatus::Cancelled => Some((message, MessageStatus::Cancelled)),
            StepStatus::Failed => Some((message, MessageStatus::Failed)),
            _ => None,
        }
    }
}
