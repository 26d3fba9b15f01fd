//! The pages of one shard of the due index.

use crate::Cleanup;
use crate::lanes::Lanes;
use domain::Timestamp;
use runtime::{DueOutcome, DueSummary};
use store::{DueShard, DueWork, UnreadableDueItem};
use tokio::time::Instant;

/// Number of due items that are read from a shard in one query.
const DUE_PAGE_SIZE: usize = 200;

impl Cleanup {
    /// Passes the items of a shard that are due at `until` on to their lanes, page by page until `ends_at`.
    ///
    /// A shard has work of one kind, so it is read no further than to the item that finds its lane full.
    pub(crate) async fn read_shard(
        &self,
        shard: DueShard,
        until: Timestamp,
        lanes: Lanes,
        ends_at: Instant,
    ) -> DueSummary {
        let mut summary = DueSummary::default();
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
            let mut lane_is_full = false;
            for due in page.items {
                let outcome = pass_on(due, &lanes);
                lane_is_full |= matches!(outcome, DueOutcome::Left);
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
}

fn pass_on(due: Result<DueWork, UnreadableDueItem>, lanes: &Lanes) -> DueOutcome {
    match due {
        Ok(DueWork::Deletion(due)) => lanes.pass_deletion(due),
        Ok(DueWork::Upload(due)) => lanes.pass_upload(due),
        Ok(other) => DueOutcome::Unreadable(format!("{other:?} in a shard of slow work")),
        Err(unreadable) => DueOutcome::Unreadable(unreadable.to_string()),
    }
}

#[cfg(test)]
mod tests;
