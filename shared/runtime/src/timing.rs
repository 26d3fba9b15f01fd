//! When the sweep is to look at unfinished work.

use domain::Timestamp;
use domain::time::Speedup;
use std::time::Duration;

/// The longest that the queue holds a message back: SQS's limit.
pub const MAX_QUEUE_DELAY: Duration = Duration::from_mins(15);

/// How long an enqueued delivery may be overdue before the sweep enqueues it again. Longer than the queue's
/// visibility timeout of 180 seconds, within which the queue itself hands a lost message out again.
const REENQUEUE_MARGIN: Duration = Duration::from_mins(4);

/// What lies further away than this, however fast waits pass, is still seen by a sweep before it is due: two sweeps
/// of one a minute.
const MIN_ENQUEUE_HORIZON: Duration = Duration::from_mins(2);

/// The pace of scheduled waits, and what follows from it for the sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// How fast waits pass.
    pub speedup: Speedup,
    /// How long before it is due a delivery is enqueued, at most [`MAX_QUEUE_DELAY`].
    pub enqueue_horizon: Duration,
    /// How long an enqueued delivery may be overdue.
    pub reenqueue_margin: Duration,
}

impl Timing {
    /// What deployed functions go by.
    pub const DEPLOYED: Self =
        Self { speedup: Speedup::NONE, enqueue_horizon: MAX_QUEUE_DELAY, reenqueue_margin: REENQUEUE_MARGIN };

    /// What deployed functions go by where waits pass at `speedup`, as they do in tests. The queue's visibility timeout
    /// and the schedule of the sweep are real at any pace, so the margin is too.
    pub fn deployed_at(speedup: Speedup) -> Self {
        let enqueue_horizon = speedup.shorten(MAX_QUEUE_DELAY).max(MIN_ENQUEUE_HORIZON);
        Self { speedup, enqueue_horizon, ..Self::DEPLOYED }
    }

    /// When to look at a delivery that is enqueued and due at `due_at`.
    pub fn check_at_when_enqueued(&self, due_at: Timestamp) -> Timestamp {
        due_at.after(self.reenqueue_margin)
    }

    /// When to look at a delivery that is due at `due_at`: where the queue can hold it from `now` on it is enqueued;
    /// where it is further away, as soon as the queue can.
    pub fn check_at_when_scheduled(&self, due_at: Timestamp, now: Timestamp) -> Timestamp {
        if self.fits_queue_delay(due_at, now) {
            self.check_at_when_enqueued(due_at)
        } else {
            due_at.before(self.enqueue_horizon)
        }
    }

    /// Whether what is due at `due_at` can be enqueued at `now`.
    pub fn fits_queue_delay(&self, due_at: Timestamp, now: Timestamp) -> bool {
        due_at.since(now) <= self.enqueue_horizon
    }

    /// When to look again at what is enqueued anew at `now` because it was overdue: the margin doubles with it.
    pub fn check_at_when_reenqueued(&self, due_at: Timestamp, now: Timestamp) -> Timestamp {
        now.after(self.reenqueue_margin.max(now.since(due_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_real_pace_functions_go_by_what_is_deployed() {
        assert_eq!(Timing::deployed_at(Speedup::NONE), Timing::DEPLOYED);
    }

    #[test]
    fn a_sweep_comes_in_time_at_any_pace() {
        for speedup in [1.0, 60.0, 1e6] {
            let timing = Timing::deployed_at(Speedup::new(speedup));
            assert!(
                timing.enqueue_horizon >= MIN_ENQUEUE_HORIZON && timing.enqueue_horizon <= MAX_QUEUE_DELAY,
                "{timing:?}"
            );
        }
    }
}
