//! Waits of the local server: the sweeper's interval, and how `--speedup` shortens scheduled waits.

use crate::ServerOptions;
use domain::time::Speedup;
use runtime::{MAX_QUEUE_DELAY, Timing};
use std::time::Duration;

/// Interval between sweeps without a speedup, as the schedule in `template.yaml` has it.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);

/// Minimum interval between sweeps at any speedup. A sweep reads every shard of the due index, in 68 queries, which take some
/// tenths of a second in an unoptimised build.
const MIN_SWEEP_INTERVAL: Duration = Duration::from_millis(500);

/// Minimum time an enqueued item may be overdue before it is enqueued again: longer than one delivery attempt, which
/// no speedup shortens. Otherwise an item would be enqueued again while it is being attempted.
const MIN_REENQUEUE_MARGIN: Duration = Duration::from_secs(20);

/// Returns the timing of functions under `options`.
pub(crate) fn timing(options: &ServerOptions) -> Timing {
    let speedup = Speedup::new(options.speedup);
    let enqueue_horizon = speedup.shorten(MAX_QUEUE_DELAY).max(sweep_interval(speedup) * 3);
    let reenqueue_margin = options
        .reenqueue_margin
        .unwrap_or_else(|| speedup.shorten(Timing::DEPLOYED.reenqueue_margin).max(MIN_REENQUEUE_MARGIN));
    Timing { speedup, enqueue_horizon, reenqueue_margin }
}

/// Returns the interval between sweeps.
pub(crate) fn sweep_interval(speedup: Speedup) -> Duration {
    speedup.shorten(SWEEP_INTERVAL).max(MIN_SWEEP_INTERVAL)
}
