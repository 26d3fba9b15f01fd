//! The shards of a run: they take turns, page by page.

use crate::Sweeper;
use crate::outbox::Outbox;
use domain::Timestamp;
use futures_util::StreamExt;
use futures_util::future::join_all;
use runtime::{DueOutcome, DueSummary};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::{DuePosition, DueShard, DueWork, StoreError, UnreadableDueItem};
use tokio::time::Instant;

/// Number of due items that are read from a shard in one query.
const DUE_PAGE_SIZE: usize = 200;

/// Maximum number of shards that are worked on concurrently. Few, because each needs a connection, and an idle run costs most
/// by making connections.
const MAX_CONCURRENT_SHARDS: usize = 8;

/// Maximum number of items of one page that are handled concurrently. With eight pages these are 64 requests, more than the
/// processor of a function can make in the time that one takes.
const MAX_CONCURRENT_ITEMS: usize = 8;

/// Maximum time for which the batches of one page begin further work. A batch may hold fifty times as much work as another
/// item, and the other shards are to have their turns.
const MAX_BATCHES_TIME: Duration = Duration::from_secs(1);

/// A shard that has not been read to its end.
#[derive(Clone, Debug)]
pub(crate) struct UnfinishedShard {
    pub(crate) shard: DueShard,
    /// Position after which the next page begins.
    position: Option<DuePosition>,
}

/// The shards that have not been read to their end and that nobody is working on, in the order in which it is their turn.
pub(crate) struct ShardQueue(Mutex<VecDeque<UnfinishedShard>>);

impl ShardQueue {
    pub(crate) fn new(shards: Vec<DueShard>) -> Self {
        Self(Mutex::new(shards.into_iter().map(|shard| UnfinishedShard { shard, position: None }).collect()))
    }

    fn next(&self) -> Option<UnfinishedShard> {
        self.lock().pop_front()
    }

    /// Takes all of them.
    pub(crate) fn take_all(&self) -> Vec<UnfinishedShard> {
        self.lock().drain(..).collect()
    }

    pub(crate) fn put_back(&self, shards: impl IntoIterator<Item = UnfinishedShard>) {
        self.lock().extend(shards);
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<UnfinishedShard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shards of a run, with what is needed to work on them.
pub(crate) struct Shards<'a> {
    pub(crate) sweeper: &'a Sweeper,
    pub(crate) queue: ShardQueue,
    pub(crate) outbox: Outbox,
    /// The latest check time of the items that are handled.
    pub(crate) until: Timestamp,
    /// The time from which on nothing is begun.
    pub(crate) ends_at: Instant,
}

impl Shards<'_> {
    /// Works on the shards until all are read to their end; begins no page from `stop_at` on.
    pub(crate) async fn sweep_until(&self, stop_at: Instant) -> DueSummary {
        // A worker ends when no shard waits. Those that are being worked on then have workers of their own.
        let workers = (0..MAX_CONCURRENT_SHARDS).map(|_| self.work(stop_at));
        let mut total = DueSummary::default();
        for summary in join_all(workers).await {
            total += summary;
        }
        total
    }

    async fn work(&self, stop_at: Instant) -> DueSummary {
        let mut summary = DueSummary::default();
        while Instant::now() < stop_at
            && let Some(shard) = self.queue.next()
        {
            let rest = self.sweep_page(shard, stop_at, &mut summary).await;
            self.queue.put_back(rest);
        }
        summary
    }

    /// Handles one page of a shard. Returns what is left of the shard.
    async fn sweep_page(
        &self,
        from: UnfinishedShard,
        stop_at: Instant,
        summary: &mut DueSummary,
    ) -> Option<UnfinishedShard> {
        let UnfinishedShard { shard, position } = &from;
        let store = &self.sweeper.dependencies.store;
        let page = match store.due_page(*shard, self.until, DUE_PAGE_SIZE, position.clone()).await {
            Ok(page) => page,
            Err(error) => {
                summary.fail("a page of the due index", error);
                return None;
            }
        };
        let turn_ends_at = stop_at.min(Instant::now() + MAX_BATCHES_TIME);
        let outcomes = futures_util::stream::iter(page.items).map(|due| self.handle(due, stop_at, turn_ends_at));
        let mut outcomes = outcomes.buffer_unordered(MAX_CONCURRENT_ITEMS);
        let mut is_complete = true;
        while let Some(outcome) = outcomes.next().await {
            is_complete &= !matches!(outcome, DueOutcome::Left | DueOutcome::LeftAfter(_));
            summary.add(outcome);
        }
        if !is_complete {
            return Some(from);
        }
        page.next.map(|position| UnfinishedShard { shard: from.shard, position: Some(position) })
    }

    /// Handles one item. `turn_ends_at` is the time at which the shard makes room for others.
    async fn handle(
        &self,
        due: Result<DueWork, UnreadableDueItem>,
        stop_at: Instant,
        turn_ends_at: Instant,
    ) -> DueOutcome {
        let due = match due {
            Ok(due) => due,
            Err(unreadable) => return DueOutcome::Unreadable(unreadable.to_string()),
        };
        if Instant::now() >= self.ends_at {
            return DueOutcome::Left;
        }
        let (sweeper, outbox) = (self.sweeper, &self.outbox);
        let (what, handled) = match due {
            DueWork::Delivery(due) => {
                (format!("the delivery {}", due.reference.delivery), sweeper.reenqueue_delivery(due, outbox).await)
            }
            DueWork::Step(due) => {
                (format!("the step of the lead {}", due.lead), sweeper.reenqueue_step(due, outbox).await)
            }
            DueWork::Package(due) => {
                (format!("the package {}", due.package), sweeper.reenqueue_package(due, outbox).await)
            }
            DueWork::Parked(due) => {
                let what = format!("the parked deliveries of the subscription {}", due.subscription);
                (what, sweeper.check_parked(due, stop_at).await)
            }
            DueWork::DeliveryBatch(due) => {
                let what = format!("the delivery batch {}", due.batch);
                (what, sweeper.check_delivery_batch(due, outbox, turn_ends_at).await)
            }
            DueWork::Deletion(due) => {
                let moved = sweeper.dependencies.store.move_deletion(&due).await;
                let outcome = moved.map(|moved| if moved { DueOutcome::Moved } else { DueOutcome::Unchanged });
                ("a deletion".to_owned(), outcome)
            }
            DueWork::Upload(due) => {
                return DueOutcome::Unreadable(format!("the file of the evidence {}", due.evidence));
            }
        };
        handled.unwrap_or_else(|error: StoreError| DueOutcome::Failed(what, error))
    }
}
