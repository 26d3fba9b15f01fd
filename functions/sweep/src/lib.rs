//! Each minute: promotes what comes due and what was lost on the way.
//!
//! Unfinished work is always in the due index. A promotion first moves the check time under a condition, then
//! sends: a lost message, a crash or an emptied queue delays work and never loses it.

use domain::{Clock, Timestamp};
use futures_util::StreamExt;
use runtime::{DeliveryMessage, FollowUpMessage, Queue, Timing};
use std::sync::Arc;
use std::time::Duration;
use store::{DUE_SHARDS, Due, DueDelivery, DueStep, PurgeProgress, Store, StoreError};

/// Deliveries that are read from a shard at once.
const PAGE_SIZE: i32 = 200;

/// Promotions under way at once.
const MAX_CONCURRENT_REENQUEUES: usize = 16;

/// How long one sweep empties a world: others wait for their promotion.
const PURGE_TIMEOUT: Duration = Duration::from_secs(20);

/// The due index's reader.
#[derive(Clone)]
pub struct Sweep {
    store: Store,
    queue: Arc<dyn Queue>,
    follow_up: Arc<dyn Queue<FollowUpMessage>>,
    clock: Arc<dyn Clock>,
    timing: Timing,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SweepSummary {
    /// Deliveries and steps of sequences enqueued because they come due.
    pub promoted: usize,
    /// Deliveries and steps enqueued again because they were overdue.
    pub overdue: usize,
    /// Erasures and emptyings brought to their end.
    pub erased: usize,
}

impl Sweep {
    /// A sweep of `store` into the queues of deliveries and of follow-up.
    pub fn new(
        store: Store,
        queue: Arc<dyn Queue>,
        follow_up: Arc<dyn Queue<FollowUpMessage>>,
        clock: Arc<dyn Clock>,
        timing: Timing,
    ) -> Self {
        Self { store, queue, follow_up, clock, timing }
    }

    /// Sweeps every shard until nothing is left to look at now.
    pub async fn run(&self) -> Result<SweepSummary, StoreError> {
        let shards: Vec<_> = futures_util::stream::iter(0..DUE_SHARDS)
            .map(|shard| self.sweep_shard(shard))
            .buffer_unordered(usize::from(DUE_SHARDS))
            .collect()
            .await;
        let mut swept = SweepSummary::default();
        let mut failed = None;
        for shard in shards {
            match shard {
                Ok(of_shard) => {
                    swept.promoted += of_shard.promoted;
                    swept.overdue += of_shard.overdue;
                    swept.erased += of_shard.erased;
                }
                Err(error) => failed = Some(error),
            }
        }
        if swept != SweepSummary::default() {
            tracing::info!(promoted = swept.promoted, overdue = swept.overdue, erased = swept.erased, "swept");
        }
        failed.map_or(Ok(swept), Err)
    }

    async fn sweep_shard(&self, shard: u8) -> Result<SweepSummary, StoreError> {
        let mut swept = SweepSummary::default();
        let mut failed = None;
        loop {
            let until = self.clock.now();
            let due = self.store.due_items(shard, until, PAGE_SIZE).await?;
            let full = due.len() >= usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
            let promoted: Vec<_> = futures_util::stream::iter(due)
                .map(|due| self.look_at(due))
                .buffered(MAX_CONCURRENT_REENQUEUES)
                .collect()
                .await;
            let mut moved = false;
            for promotion in promoted {
                match promotion {
                    Ok(DueOutcome::Overtaken) => {}
                    Ok(DueOutcome::ComesDue) => (moved, swept.promoted) = (true, swept.promoted + 1),
                    Ok(DueOutcome::Overdue) => (moved, swept.overdue) = (true, swept.overdue + 1),
                    Ok(DueOutcome::Finished) => (moved, swept.erased) = (true, swept.erased + 1),
                    // What cannot be done keeps nothing else from being done.
                    Err(error) => failed = Some(error),
                }
            }
            if !full || !moved {
                return failed.map_or(Ok(swept), Err);
            }
        }
    }

    async fn look_at(&self, due: Due) -> Result<DueOutcome, StoreError> {
        match due {
            Due::Delivery(due) => self.promote(due).await,
            Due::Step(due) => self.promote_step(due).await,
            Due::Erasure { environment, lead } => {
                self.store.finish_erasure(environment, lead, self.clock.now()).await?;
                Ok(DueOutcome::Finished)
            }
            Due::Purge(environment) => {
                let began = self.clock.now();
                let goes_on = || self.clock.now().since(began) < PURGE_TIMEOUT;
                Ok(match self.store.purge(environment, goes_on).await? {
                    PurgeProgress::Complete => DueOutcome::Finished,
                    // It stays where it is: the next sweep goes on.
                    PurgeProgress::Incomplete => DueOutcome::Overtaken,
                })
            }
        }
    }

    async fn promote(&self, due: DueDelivery) -> Result<DueOutcome, StoreError> {
        let now = self.clock.now();
        let (check_at, promotion) = self.next_check(due.due_at, now);
        if !self.store.move_delivery_check(&due, check_at).await? {
            return Ok(DueOutcome::Overtaken);
        }
        self.enqueue(&due, now).await;
        Ok(promotion)
    }

    async fn promote_step(&self, due: DueStep) -> Result<DueOutcome, StoreError> {
        let now = self.clock.now();
        // What is due at no time is a claim whose outcome nobody has told.
        let due_at = due.due_at.unwrap_or(due.check_at);
        let (check_at, promotion) = self.next_check(due_at, now);
        if !self.store.move_step_check(&due, check_at).await? {
            return Ok(DueOutcome::Overtaken);
        }
        let message = FollowUpMessage::new(due.environment, due.lead, due.step);
        if let Err(error) = self.follow_up.send(vec![(message, due_at.since(now))]).await {
            tracing::warn!(%error, "a promotion was not enqueued; a later sweep will find it");
        }
        Ok(promotion)
    }

    /// When to look again at what is enqueued at `now`, and what that is.
    fn next_check(&self, due_at: Timestamp, now: Timestamp) -> (Timestamp, DueOutcome) {
        if due_at > now {
            (self.timing.check_at_when_enqueued(due_at), DueOutcome::ComesDue)
        } else {
            (self.timing.check_at_when_reenqueued(due_at, now), DueOutcome::Overdue)
        }
    }

    async fn enqueue(&self, due: &DueDelivery, now: Timestamp) {
        let message = DeliveryMessage::new(due.environment, due.name, due.attempts + 1);
        let delay: Duration = due.due_at.since(now);
        if let Err(error) = self.queue.send(vec![(message, delay)]).await {
            tracing::warn!(%error, "a promotion was not enqueued; a later sweep will find it");
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DueOutcome {
    /// It was attempted or promoted meanwhile, or is not at its end.
    Overtaken,
    ComesDue,
    Overdue,
    /// An erasure or an emptying came to its end.
    Finished,
}
