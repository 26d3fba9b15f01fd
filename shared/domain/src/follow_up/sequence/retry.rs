//! Retries of a step that the message provider could not take.

use super::late_step::LATE_THRESHOLD;
use super::send_time_policy::SendTimePolicy;
use super::state::Sequence;
use super::status::SequenceStatus;
use crate::time::Timestamp;
use std::time::Duration;

/// Delays before a step is sent again that the provider could not take. The last one is used for all further retries.
const RETRY_DELAYS: [Duration; 5] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
];

/// Time for which a step is retried: two days, so that an outage of the provider may last for one.
const MAX_RETRY_PERIOD: Duration = Duration::from_hours(48);

impl Sequence {
    /// Returns the time at which the next step is retried, or `None` if it was retried for long enough or the sequence
    /// was stopped.
    pub(super) fn retry_at(&self, policy: &SendTimePolicy<'_>, now: Timestamp) -> Option<Timestamp> {
        let step = self.next_step().filter(|_| self.status == SequenceStatus::Running)?;
        let retrying_for = policy.speedup.lengthen(now.since(step.due_at));
        let delay = RETRY_DELAYS[usize::try_from(self.retries).unwrap_or(usize::MAX).min(RETRY_DELAYS.len() - 1)];
        if retrying_for > MAX_RETRY_PERIOD {
            return None;
        }
        // A step of day 0 is not bound to quiet hours while it is less than an hour late.
        let is_immediate = step.day == 0 && retrying_for + delay <= LATE_THRESHOLD;
        Some(if is_immediate { now.after(policy.speedup.shorten(delay)) } else { policy.next_allowed_time(now, delay) })
    }
}
