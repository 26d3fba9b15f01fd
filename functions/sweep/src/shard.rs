//! The pages of one shard of the due index.

use crate::slow_work::{Deletion, SlowLanes};
use crate::summary::Outcome;
use crate::{SweepSummary, Sweeper};
use domain::Timestamp;
use futures_util::StreamExt;
use store::{DueShard, DueWork, StoreError, UnreadableDueItem};
use tokio::time::Instant;

/// Number of due items that are read from a shard in one query.
const DUE_PAGE_SIZE: usize = 200;

/// Maximum number of items of one shard that are handled concurrently.
const MAX_CONCURRENT_ITEMS: usize = 16;

impl Sweeper {
    /// Handles the items of a shard that are due at `until`, page by page until `ends_at`. Slow items are passed on.
    ///
    /// A shard of awaited files has nothing else, so it is read no further than to the file that finds its lane full.
    /// Other shards are: deliveries may be behind the deletions.
    pub(crate) async fn sweep_shard(
        &self,
        shard: DueShard,
        until: Timestamp,
        lanes: SlowLanes,
        ends_at: Instant,
    ) -> SweepSummary {
        let mut summary = SweepSummary::default();
        let mut position = None;
        loop {
            if Instant::now() >= ends_at {
                summary.unfinished_shards += 1;
                return summary;
            }
            let page = match self.dependencies.store.due_page(shard, until, DUE_PAGE_SIZE, position.take()).await {
                Ok(page) => page,
                Err(error) => {
                    summary.fail("a page of the due index", error);
                    return summary;
                }
            };
            let outcomes = futures_util::stream::iter(page.items).map(|due| self.handle(due, &lanes, ends_at));
            let mut outcomes = outcomes.buffered(MAX_CONCURRENT_ITEMS);
            let mut lane_is_full = false;
            while let Some(outcome) = outcomes.next().await {
                lane_is_full |= matches!((shard, &outcome), (DueShard::Uploads(_), Outcome::Left));
                summary.add(outcome);
            }
            position = page.next;
            if position.is_none() {
                return summary;
            }
            if lane_is_full {
                summary.unfinished_shards += 1;
                return summary;
            }
        }
    }

    async fn handle(&self, due: Result<DueWork, UnreadableDueItem>, lanes: &SlowLanes, ends_at: Instant) -> Outcome {
        let due = match due {
            Ok(due) => due,
            Err(unreadable) => return Outcome::Unreadable(unreadable.to_string()),
        };
        if Instant::now() >= ends_at {
            return Outcome::Left;
        }
        let (what, handled) = match due {
            DueWork::Delivery(due) => {
                (format!("the delivery {}", due.reference.delivery), self.reenqueue_delivery(due).await)
            }
            DueWork::Step(due) => (format!("the step of the lead {}", due.lead), self.reenqueue_step(due).await),
            DueWork::Package(due) => (format!("the package {}", due.package), self.reenqueue_package(due).await),
            DueWork::Parked(due) => {
                let what = format!("the parked deliveries of the subscription {}", due.subscription);
                (what, self.check_parked(due, ends_at).await)
            }
            DueWork::Erasure(due) => return lanes.pass_deletion(Deletion::Erasure(due)),
            DueWork::Purge(due) => return lanes.pass_deletion(Deletion::Purge(due)),
            DueWork::Upload(due) => return lanes.pass_upload(due),
        };
        handled.unwrap_or_else(|error: StoreError| Outcome::Failed(what, error))
    }
}

#[cfg(test)]
mod tests;
