//! The sweeper: re-enqueues unfinished work, and finishes erasures and purges.
//!
//! - **Trigger**: a schedule, once a minute.
//! - **Reads**: the due index, which holds all unfinished work under the time at which it is to be checked.
//! - **Writes**: the next check time of deliveries and steps of sequences, and a message for each to its queue. Deletes
//!   what is left of an erased lead, and test data that is being purged.
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

mod reenqueue;

use domain::{Clock, Environment};
use futures_util::StreamExt;
use runtime::{FollowUpMessage, Queue, Timing};
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;
use store::{DUE_SHARD_COUNT, DueWork, PurgeProgress, Store, StoreError};

/// Number of due items that are read from a shard in one query.
const DUE_BATCH_SIZE: usize = 200;

/// Maximum number of items of one shard that are handled concurrently.
const MAX_CONCURRENT_ITEMS: usize = 16;

/// Maximum time that one run spends on purging an environment. Deliveries of the same shard wait meanwhile; the next
/// run continues the purge.
const PURGE_TIMEOUT: Duration = Duration::from_secs(20);

/// The dependencies of [`Sweeper`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The queue of deliveries.
    pub queue: Arc<dyn Queue>,
    /// The queue of follow-up messages.
    pub follow_up_queue: Arc<dyn Queue<FollowUpMessage>>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing.
    pub timing: Timing,
}

/// The sweeper. Cheap to clone.
#[derive(Clone)]
pub struct Sweeper {
    dependencies: Arc<Dependencies>,
}

/// The numbers of items that a run has handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SweepSummary {
    /// Deliveries and steps that were enqueued because they come due soon.
    pub enqueued: usize,
    /// Deliveries and steps that were re-enqueued because they were overdue.
    pub reenqueued: usize,
    /// Erasures and purges that were completed.
    pub completed: usize,
}

/// The result of handling one due item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DueOutcome {
    /// Nothing changed: somebody else has worked on the item, or its purge goes on in the next run.
    Unchanged,
    /// The item comes due soon and was enqueued.
    Enqueued,
    /// The item was overdue and was re-enqueued.
    Reenqueued,
    /// An erasure or a purge was completed.
    Completed,
}

impl Sweeper {
    /// Creates a sweeper.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies) }
    }

    /// Handles every item of every shard whose check time has come.
    pub async fn run(&self) -> Result<SweepSummary, StoreError> {
        let shards: Vec<_> = futures_util::stream::iter(0..DUE_SHARD_COUNT)
            .map(|shard| self.sweep_shard(shard))
            .buffer_unordered(usize::from(DUE_SHARD_COUNT))
            .collect()
            .await;
        let mut total = SweepSummary::default();
        let mut failure = None;
        for shard in shards {
            match shard {
                Ok(summary) => total += summary,
                Err(error) => failure = Some(error),
            }
        }
        if total != SweepSummary::default() {
            let SweepSummary { enqueued, reenqueued, completed } = total;
            tracing::info!(enqueued, reenqueued, completed, "sweep finished");
        }
        failure.map_or(Ok(total), Err)
    }

    /// Handles the due items of a shard page by page, until a page is not full or nothing on it has changed.
    async fn sweep_shard(&self, shard: u8) -> Result<SweepSummary, StoreError> {
        let mut summary = SweepSummary::default();
        let mut failure = None;
        loop {
            let due = self.dependencies.store.due_items(shard, self.dependencies.clock.now(), DUE_BATCH_SIZE).await?;
            let full = due.len() >= DUE_BATCH_SIZE;
            let outcomes: Vec<_> = futures_util::stream::iter(due)
                .map(|due| self.handle(due))
                .buffered(MAX_CONCURRENT_ITEMS)
                .collect()
                .await;
            let mut changed = false;
            for outcome in outcomes {
                match outcome {
                    Ok(outcome) => {
                        summary += SweepSummary::from(outcome);
                        changed |= outcome != DueOutcome::Unchanged;
                    }
                    Err(error) => failure = Some(error),
                }
            }
            if !full || !changed {
                return failure.map_or(Ok(summary), Err);
            }
        }
    }

    async fn handle(&self, due: DueWork) -> Result<DueOutcome, StoreError> {
        match due {
            DueWork::Delivery(due) => self.reenqueue_delivery(due).await,
            DueWork::Step(due) => self.reenqueue_step(due).await,
            DueWork::Erasure { environment, lead } => {
                self.dependencies.store.finish_erasure(environment, lead, self.dependencies.clock.now()).await?;
                Ok(DueOutcome::Completed)
            }
            DueWork::Purge(environment) => self.purge(environment).await,
        }
    }

    async fn purge(&self, environment: Environment) -> Result<DueOutcome, StoreError> {
        let started = self.dependencies.clock.now();
        let has_time = || self.dependencies.clock.now().since(started) < PURGE_TIMEOUT;
        Ok(match self.dependencies.store.purge(environment, has_time).await? {
            PurgeProgress::Complete => DueOutcome::Completed,
            // The item keeps its check time, so the next run continues.
            PurgeProgress::Incomplete => DueOutcome::Unchanged,
        })
    }
}

impl From<DueOutcome> for SweepSummary {
    fn from(outcome: DueOutcome) -> Self {
        let none = Self::default();
        match outcome {
            DueOutcome::Unchanged => none,
            DueOutcome::Enqueued => Self { enqueued: 1, ..none },
            DueOutcome::Reenqueued => Self { reenqueued: 1, ..none },
            DueOutcome::Completed => Self { completed: 1, ..none },
        }
    }
}

impl AddAssign for SweepSummary {
    fn add_assign(&mut self, other: Self) {
        self.enqueued += other.enqueued;
        self.reenqueued += other.reenqueued;
        self.completed += other.completed;
    }
}
