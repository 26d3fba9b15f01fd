//! Moves a sequence on to its next step.

use super::send_failure::SendFailure;
use super::send_time_policy::SendTimePolicy;
use super::state::Sequence;
use super::status::{SequenceStatus, StepStatus};
use crate::time::Timestamp;

impl Sequence {
    /// Skips the next step, which cannot be sent on any channel.
    pub fn skip_unreachable_step(&self, policy: &SendTimePolicy<'_>, now: Timestamp) -> Self {
        self.next_version().advance(StepStatus::Failed, Some(SendFailure::NoChannel), policy, now)
    }

    /// Finishes the next step with this status and schedules the one after it, or completes the sequence.
    pub(super) fn advance(
        mut self,
        status: StepStatus,
        failure: Option<SendFailure>,
        policy: &SendTimePolicy<'_>,
        now: Timestamp,
    ) -> Self {
        if let Some(step) = self.next_step_mut() {
            step.status = status;
            step.reason = failure.map(|failure| failure.to_string());
        }
        // A sequence that was stopped during the claim schedules nothing.
        let is_running = self.status == SequenceStatus::Running;
        if is_running {
            self.delay_following_steps(policy, now);
        }
        self.next_step_index += 1;
        self.retries = 0;
        self.due_at = self.next_step().map(|step| step.due_at).filter(|_| is_running);
        if is_running && self.next_step().is_none() {
            self.status = SequenceStatus::Completed;
            self.ended_at = Some(now);
        }
        self
    }
}
