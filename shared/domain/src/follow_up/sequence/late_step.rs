//! Steps that are sent late, after an outage of a provider or of the service: they respect the quiet hours, and the
//! steps after them keep their distance.

use super::send_time_policy::SendTimePolicy;
use super::state::Sequence;
use crate::time::Timestamp;
use std::time::Duration;

/// Delay from which on a step is late. The steps after a late one are moved, so that a person does not get two messages
/// at once.
pub(super) const LATE_THRESHOLD: Duration = Duration::from_hours(1);

/// Processing time that does not count as a delay, whatever the speed-up.
const PROCESSING_TOLERANCE: Duration = Duration::from_secs(5);

impl Sequence {
    /// Postpones the next step to the end of the quiet hours if it is late and would be sent in quiet hours at `now`.
    /// Returns `None` if it may be sent. A step of day 0 may be sent at any hour while it is less than an hour late.
    pub fn postponed_by_quiet_hours(&self, policy: &SendTimePolicy<'_>, now: Timestamp) -> Option<Self> {
        let (step, due_at) = (self.next_step()?, self.due_at?);
        let delay = now.since(due_at);
        let is_immediate = step.day == 0 && policy.speedup.lengthen(now.since(step.due_at)) <= LATE_THRESHOLD;
        let allowed_at = policy.next_allowed_time(now, Duration::ZERO);
        let must_wait = delay > PROCESSING_TOLERANCE && !is_immediate && allowed_at > now;
        must_wait.then(|| Self { due_at: Some(allowed_at), ..self.next_version() })
    }

    /// Moves the steps after the next one, if that is late, so that they keep their distance from it.
    pub(super) fn delay_following_steps(&mut self, policy: &SendTimePolicy<'_>, now: Timestamp) {
        let Some((day, due_at)) = self.next_step().map(|step| (step.day, step.due_at)) else { return };
        if now.since(due_at) <= policy.speedup.shorten(LATE_THRESHOLD).max(PROCESSING_TOLERANCE) {
            return;
        }
        let following = usize::try_from(self.next_step_index).unwrap_or(usize::MAX).saturating_add(1);
        for step in self.steps.iter_mut().skip(following) {
            let distance = Duration::from_hours(24 * u64::from(step.day - day));
            step.due_at = step.due_at.max(policy.next_allowed_time(now, distance));
        }
    }
}
