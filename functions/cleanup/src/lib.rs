//! Does unfinished work that takes long: finishes erasures and purges, and looks for files that evidence waits for.
//!
//! - **Trigger**: a schedule, once a minute.
//! - **Reads**: the shards of deletions and of awaited files of the due index; the bucket of files.
//! - **Writes**: deletes what is left of an erased lead, and test data that is being purged. Records files that evidence still
//!   waits for.
//! - **On failure**: what failed keeps its check time and is found by the next run. The failure of one item keeps no
//!   other item from being handled; the run reports an error at its end, so that it shows in the function's metrics.
//!
//! It has nothing in common with `sweep`, which is to be prompt, but the index: neither shards nor processes, and so no
//! deletion takes time from a delivery, however large it is.
//!
//! # Fairness
//!
//! Every shard is read page by page, and each page begins where the one before ended, whatever became of its items. An
//! item that cannot be read (a newer release wrote it, or it is broken) is counted, logged and passed over. Deletions and
//! files each have a lane of their own ([`lanes`]), and each item a slice of time; a deletion that has used its slice goes to
//! the end of its shard. A run ends in time before the function's timeout, and the next one goes on.

mod lanes;
mod shard;

use domain::Clock;
use futures_util::future::join_all;
use lanes::Lanes;
use runtime::DueSummary;
use std::sync::Arc;
use std::time::Duration;
use store::{DueShard, Store, StoreError};
use tokio::time::Instant;
use uploads::EvidenceFiles;

/// Maximum time for which a run begins further work. The function's timeout is 55 seconds.
pub const MAX_RUN_TIME: Duration = Duration::from_secs(40);

/// Maximum time after [`MAX_RUN_TIME`] for what has begun: two requests to the table, of six seconds each. Deletions, which
/// make more of them, are interrupted.
pub const MAX_OVERTIME: Duration = Duration::from_secs(12);

/// The dependencies of [`Cleanup`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The files that evidence waits for.
    pub files: EvidenceFiles,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Maximum time for which a run begins further work: [`MAX_RUN_TIME`].
    pub max_run_time: Duration,
    /// Maximum time after that for deletions that have begun: [`MAX_OVERTIME`].
    pub max_overtime: Duration,
}

/// The handler of work that takes long. Cheap to clone.
#[derive(Clone)]
pub struct Cleanup {
    dependencies: Arc<Dependencies>,
}

impl Cleanup {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies) }
    }

    /// Handles the items of every shard whose check time has come, for as long as the run may take.
    ///
    /// # Errors
    ///
    /// Returns the last failure of the table.
    pub async fn run(&self) -> Result<DueSummary, StoreError> {
        let ends_at = Instant::now() + self.dependencies.max_run_time;
        let until = self.dependencies.clock.now();
        let (lanes, waiting) = Lanes::new();
        let shards = async move {
            // The lanes end when nobody can pass anything on any more.
            join_all(DueShard::slow().map(|shard| self.read_shard(shard, until, lanes.clone(), ends_at))).await
        };
        let (shards, mut total) = tokio::join!(shards, self.handle_slow_items(waiting, ends_at));
        for shard in shards {
            total += shard;
        }
        total.log();
        total.into_result()
    }
}
