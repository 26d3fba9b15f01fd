//! Looks at unfinished work whose check time has come: enqueues it, or finishes it itself.
//!
//! - **Trigger**: a schedule, once a minute.
//! - **Reads**: the due index, which holds all unfinished work under the time at which it is to be checked.
//! - **Writes**: the next check time of deliveries, steps of sequences and evidence packages, and a message for each to
//!   its queue, and parked deliveries that are released. Deletes
//!   what is left of an erased lead, and test data that is being purged. Records files that evidence still waits for.
//! - **On failure**: what failed keeps its check time and is found by the next run. The failure of one item keeps no
//!   other item from being handled; the run reports an error at its end, so that it shows in the function's metrics.
//!
//! # Re-enqueueing
//!
//! Queues make work prompt, but they hold a message for at most 15 minutes and may lose it. The due index is the truth:
//! an item leaves it, or gets a later check time, only when its work has made progress. For each item whose check time
//! has come, the sweeper first moves the check time with a conditional write, then sends a message. If the condition
//! fails, somebody has worked on the item since, or another run has re-enqueued it, and nothing is sent. A crash
//! between the write and the message delays the work until the next check time and loses nothing. A duplicate message
//! is harmless, because it names the attempt or step that it asks for.
//!
//! Check times are explained in `runtime::Timing`.
//!
//! Deliveries of an open circuit are parked: one entry for their subscription makes the sweeper probe the endpoint with one
//! of them when the circuit is half-open, and release all of them once it has closed.
//!
//! # Fairness
//!
//! Every shard is read page by page, and each page begins where the one before ended, whatever became of its items. An
//! item that cannot be read (a newer release wrote it, or it is broken) is counted, logged and passed over. Deletions and
//! files take long, so each of the two has a lane of its own ([`slow_work`]) beside the shards, and each item a slice of
//! time; a deletion that has used its slice goes to the end of its shard. A run ends in time before the function's timeout,
//! and the next one goes on.

mod parked;
mod reenqueue;
mod shard;
mod slow_work;
mod summary;

use domain::Clock;
use futures_util::StreamExt;
use runtime::{DeliveryQueues, FollowUpMessage, PackageMessage, Queue, Timing};
use slow_work::SlowLanes;
use std::sync::Arc;
use std::time::Duration;
use store::{DueShard, Store, StoreError};
use tokio::time::Instant;
use uploads::EvidenceFiles;

pub use summary::SweepSummary;

/// Maximum time for which a run begins further work. The function's timeout is 55 seconds.
pub const MAX_RUN_TIME: Duration = Duration::from_secs(40);

/// Maximum time after [`MAX_RUN_TIME`] for what has begun: two requests to the table, of six seconds each. Deletions, which
/// make more of them, are interrupted.
pub const MAX_OVERTIME: Duration = Duration::from_secs(12);

/// The dependencies of [`Sweeper`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The queues of deliveries.
    pub queues: DeliveryQueues,
    /// The queue of follow-up messages.
    pub follow_up_queue: Arc<dyn Queue<FollowUpMessage>>,
    /// The queue of evidence packages.
    pub package_queue: Arc<dyn Queue<PackageMessage>>,
    /// The files that evidence waits for.
    pub files: EvidenceFiles,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing.
    pub timing: Timing,
    /// Maximum time for which a run begins further work: [`MAX_RUN_TIME`].
    pub max_run_time: Duration,
    /// Maximum time after that for deletions that have begun: [`MAX_OVERTIME`].
    pub max_overtime: Duration,
}

/// The sweeper. Cheap to clone.
#[derive(Clone)]
pub struct Sweeper {
    dependencies: Arc<Dependencies>,
}

impl Sweeper {
    /// Creates a sweeper.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies) }
    }

    /// Handles the items of every shard whose check time has come, for as long as the run may take.
    pub async fn run(&self) -> Result<SweepSummary, StoreError> {
        let ends_at = Instant::now() + self.dependencies.max_run_time;
        let until = self.dependencies.clock.now();
        let (lanes, waiting) = SlowLanes::new();
        let shards = async move {
            let sweeps = DueShard::all().map(|shard| self.sweep_shard(shard, until, lanes.clone(), ends_at));
            let sweeps: Vec<_> = sweeps.collect();
            // The lanes end when nobody can pass anything on any more.
            drop(lanes);
            futures_util::stream::iter(sweeps).buffer_unordered(usize::MAX).collect::<Vec<_>>().await
        };
        let (shards, slow) = tokio::join!(shards, self.handle_slow_items(waiting, ends_at));
        let mut total = slow;
        for shard in shards {
            total += shard;
        }
        total.log();
        match total.failure.take() {
            Some(error) => Err(error),
            None => Ok(total),
        }
    }
}
