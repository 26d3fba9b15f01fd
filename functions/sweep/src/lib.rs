//! Looks at deliveries, steps of sequences and evidence packages whose check time has come, and enqueues them.
//!
//! - **Trigger**: a schedule, once a minute; and itself, when a run has more to do than fits its time.
//! - **Reads**: the shards of prompt work of the due index, which holds all unfinished work under the time at which it is to be
//!   checked.
//! - **Writes**: the next check time of each item, and a message to its queue, ten messages in a call; entries of single
//!   deliveries of a batch; parked deliveries that are released. Moves deletions that an earlier release put among the deliveries to their own shards, where `cleanup` finds
//!   them.
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
//! Deliveries that were created together have one entry for all of them; those that are still pending when its check time
//! comes get entries of their own, and are enqueued.
//!
//! # Fairness
//!
//! Shards take turns, page by page, so that every shard gets its first page before any gets its second. Each page begins
//! where the one before ended, whatever became of its items. An item that cannot be read (a newer release wrote it, or it is
//! broken) is counted, logged and passed over. What takes long is not here: `cleanup` does it.
//!
//! # Backlogs
//!
//! A run that has not read every shard to its end after some seconds divides what is left among further invocations of the
//! function, and keeps a part itself. These hand nothing over: what they leave is found by the next scheduled run. So there
//! are at most as many invocations as a setting says, and chains of them end after one link. An invocation that is not
//! accepted, or lost, loses nothing either.

mod continuations;
mod delivery_batch;
mod outbox;
mod parked;
mod reenqueue;
mod shards;

use domain::Clock;
use outbox::Outbox;
use runtime::{DeliveryQueues, DueSummary, FollowUpMessage, PackageMessage, Queue, Timing};
use shards::{ShardQueue, Shards};
use std::sync::Arc;
use std::time::Duration;
use store::{DueShard, Store, StoreError};
use tokio::time::Instant;

pub use continuations::{Continuations, SweepEvent};

/// Time after which a run that is not finished divides its shards. A run without a backlog takes less than a second.
pub const HAND_OVER_AFTER: Duration = Duration::from_secs(5);

/// Maximum time for which a run begins further work. The function's timeout is 55 seconds.
pub const MAX_RUN_TIME: Duration = Duration::from_secs(40);

/// Maximum time after [`MAX_RUN_TIME`] for what has begun: a request to the table, of six seconds, and a call of a queue,
/// which is made twice at most, of three seconds each.
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
    /// Further invocations for backlogs. None in the local server, where they would share a process with this one.
    pub continuations: Option<Continuations>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing.
    pub timing: Timing,
    /// Time after which an unfinished run divides its shards: [`HAND_OVER_AFTER`].
    pub hand_over_after: Duration,
    /// Maximum time for which a run begins further work: [`MAX_RUN_TIME`].
    pub max_run_time: Duration,
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

    /// Handles an event of the schedule, or the part of a run that another invocation has handed over.
    ///
    /// # Errors
    ///
    /// Returns the last failure of the table.
    pub async fn handle(&self, event: &SweepEvent) -> Result<DueSummary, StoreError> {
        match event.shards() {
            Some(shards) => self.sweep(shards, None).await,
            None => self.run().await,
        }
    }

    /// Handles the items of every shard whose check time has come, for as long as the run may take.
    ///
    /// # Errors
    ///
    /// Returns the last failure of the table.
    pub async fn run(&self) -> Result<DueSummary, StoreError> {
        self.sweep(DueShard::prompt().collect(), self.dependencies.continuations.as_ref()).await
    }

    async fn sweep(
        &self,
        shards: Vec<DueShard>,
        continuations: Option<&Continuations>,
    ) -> Result<DueSummary, StoreError> {
        let Dependencies { clock, hand_over_after, max_run_time, .. } = &*self.dependencies;
        let (began, until) = (Instant::now(), clock.now());
        let (outbox, waiting) = Outbox::new();
        let sweep = async move {
            // Dropped at the end: what sends the messages ends when nobody can add any more.
            let shards =
                Shards { sweeper: self, queue: ShardQueue::new(shards), outbox, until, ends_at: began + *max_run_time };
            let mut total = DueSummary::default();
            if let Some(continuations) = continuations {
                total += shards.sweep_until(began + *hand_over_after).await;
                total.handed_over_shards = continuations.divide(&shards.queue).await;
            }
            total += shards.sweep_until(shards.ends_at).await;
            total.unfinished_shards = shards.queue.len();
            total
        };
        let (total, ()) = tokio::join!(sweep, self.send_all(waiting));
        total.log();
        total.into_result()
    }
}
