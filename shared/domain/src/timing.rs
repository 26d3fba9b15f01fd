//! Timing of unfinished work: enqueueing, and re-enqueueing by the sweeper.
//!
//! A queue holds a message for at most 15 minutes, retries wait for up to a day, and messages can be lost. So each
//! piece of unfinished work has a *check time* in the due index, and the sweeper, once a minute, enqueues everything
//! whose check time has come:
//!
//! - Work that is due within the queue's reach (the *horizon*) is enqueued immediately, with a delay. Its check time is
//!   the due time plus a margin. If the work is done in time, it leaves the index or gets a later check time; if its
//!   message was lost, the sweeper re-enqueues it.
//! - Work that is due later is not enqueued. Its check time lies one horizon before it is due, when the queue can hold
//!   it.
//! - Work that is re-enqueued because it was overdue gets a margin as long as it was overdue, so the intervals double
//!   while a function is down, and a backlog does not grow with each sweep.

use crate::time::{Speedup, Timestamp};
use std::time::Duration;

/// Maximum delay of a queue message, set by SQS.
pub const MAX_QUEUE_DELAY: Duration = Duration::from_mins(15);

/// Time for which enqueued work may be overdue before the sweeper re-enqueues it. Longer than the queue's visibility timeout
/// of 180 seconds, after which the queue itself redelivers a message whose function failed.
const REENQUEUE_MARGIN: Duration = Duration::from_mins(4);

/// Minimum enqueue horizon, however much waits are shortened: two runs of the sweeper, so that it sees everything
/// beyond the horizon before it is due.
const MIN_ENQUEUE_HORIZON: Duration = Duration::from_mins(2);

/// The speed-up of scheduled waits, and the check times that follow from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The factor by which scheduled waits are shortened.
    pub speedup: Speedup,
    /// Time before it is due at which work is enqueued. At most [`MAX_QUEUE_DELAY`].
    pub enqueue_horizon: Duration,
    /// Time for which enqueued work may be overdue before it is re-enqueued.
    pub reenqueue_margin: Duration,
}

impl Timing {
    /// The timing of deployed functions.
    pub const DEPLOYED: Self =
        Self { speedup: Speedup::NONE, enqueue_horizon: MAX_QUEUE_DELAY, reenqueue_margin: REENQUEUE_MARGIN };

    /// Returns the timing of deployed functions whose waits are shortened by `speedup`, as in tests. The queue's
    /// visibility timeout and the sweeper's schedule are not shortened, so the margin is not either.
    pub fn deployed_at(speedup: Speedup) -> Self {
        let enqueue_horizon = speedup.shorten(MAX_QUEUE_DELAY).max(MIN_ENQUEUE_HORIZON);
        Self { speedup, enqueue_horizon, ..Self::DEPLOYED }
    }

    /// Returns the check time of work that has been enqueued and is due at `due_at`.
    pub fn check_at_when_enqueued(&self, due_at: Timestamp) -> Timestamp {
        due_at.after(self.reenqueue_margin)
    }

    /// Returns the check time of work that is due at `due_at`: after that if it is enqueued at `now`, otherwise as soon
    /// as the queue can hold it.
    pub fn check_at_when_scheduled(&self, due_at: Timestamp, now: Timestamp) -> Timestamp {
        if self.fits_queue_delay(due_at, now) {
            self.check_at_when_enqueued(due_at)
        } else {
            due_at.before(self.enqueue_horizon)
        }
    }

    /// Returns whether work that is due at `due_at` can be enqueued at `now`.
    pub fn fits_queue_delay(&self, due_at: Timestamp, now: Timestamp) -> bool {
        due_at.since(now) <= self.enqueue_horizon
    }

    /// Returns the next check time of work that is re-enqueued at `now` because it was overdue. The interval doubles
    /// each time.
    pub fn check_at_when_reenqueued(&self, due_at: Timestamp, now: Timestamp) -> Timestamp {
        now.after(self.reenqueue_margin.max(now.since(due_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_speedup_is_the_deployed_timing() {
        assert_eq!(Timing::deployed_at(Speedup::NONE), Timing::DEPLOYED);
    }

    #[test]
    fn the_sweeper_is_in_time_at_any_speedup() {
        for speedup in [1.0, 60.0, 1e6] {
            let timing = Timing::deployed_at(Speedup::new(speedup));
            assert!(
                timing.enqueue_horizon >= MIN_ENQUEUE_HORIZON && timing.enqueue_horizon <= MAX_QUEUE_DELAY,
                "{timing:?}"
            );
        }
    }
}
