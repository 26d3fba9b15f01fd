//! The lane of work that takes long: purges, erasures, and files that are awaited.
//!
//! Each item gets a slice of time. One that needs more goes to the end of its shard, so that an endless one delays no
//! other by more than a slice.

use crate::summary::Outcome;
use crate::{SweepSummary, Sweeper};
use futures_util::StreamExt;
use std::time::Duration;
use store::{DeletionProgress, DueErasure, DuePurge, DueUpload, DueWork, StoreError};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uploads::{AwaitedUpload, UploadError, UploadErrorCause};

/// Maximum number of slow items that are handled concurrently. Each has up to sixteen requests in flight.
const MAX_CONCURRENT_SLOW_ITEMS: usize = 8;

/// Maximum time that one run spends on one item. A file of 20 MB takes a second or two.
const MAX_SLICE: Duration = Duration::from_secs(20);

impl Sweeper {
    /// Handles slow items as they come, until nobody sends any more.
    pub(crate) async fn handle_slow_items(
        &self,
        mut waiting: mpsc::Receiver<DueWork>,
        ends_at: Instant,
    ) -> SweepSummary {
        let items = futures_util::stream::poll_fn(|context| waiting.poll_recv(context));
        let mut outcomes =
            items.map(|due| self.handle_slow_item(due, ends_at)).buffer_unordered(MAX_CONCURRENT_SLOW_ITEMS);
        let mut summary = SweepSummary::default();
        while let Some(outcome) = outcomes.next().await {
            summary.add(outcome);
        }
        summary
    }

    async fn handle_slow_item(&self, due: DueWork, ends_at: Instant) -> Outcome {
        let now = Instant::now();
        if now >= ends_at {
            return Outcome::Left;
        }
        let ends_at = ends_at.min(now + MAX_SLICE);
        let (what, handled) = match due {
            DueWork::Purge(due) => {
                (format!("the purge of the tenant {}", due.environment.tenant), self.purge(due, ends_at).await)
            }
            DueWork::Erasure(due) => (format!("the erasure of the lead {}", due.lead), self.erase(due, ends_at).await),
            DueWork::Upload(due) => match self.check_upload(due, ends_at).await {
                Ok(outcome) => return outcome,
                Err(UploadError { key, cause: UploadErrorCause::Store(error) }) => {
                    (format!("the file {key}"), Err(error))
                }
                Err(UploadError { key, cause: UploadErrorCause::Blob(error) }) => {
                    (format!("the file {key}"), Err(StoreError::Unavailable(error.to_string())))
                }
            },
            // Not passed on to this lane.
            DueWork::Delivery(_) | DueWork::Step(_) => return Outcome::Left,
        };
        handled.unwrap_or_else(|error| Outcome::Failed(what, error))
    }

    async fn purge(&self, due: DuePurge, ends_at: Instant) -> Result<Outcome, StoreError> {
        let store = &self.dependencies.store;
        match store.purge(due.environment, || Instant::now() < ends_at).await? {
            DeletionProgress::Complete => Ok(Outcome::Completed),
            DeletionProgress::Incomplete => {
                store.move_purge_check(&due, self.dependencies.clock.now()).await?;
                Ok(Outcome::Continued)
            }
        }
    }

    async fn erase(&self, due: DueErasure, ends_at: Instant) -> Result<Outcome, StoreError> {
        let store = &self.dependencies.store;
        let now = self.dependencies.clock.now();
        let has_time = || Instant::now() < ends_at;
        match store.finish_erasure(due.environment, due.lead, now, &has_time).await? {
            DeletionProgress::Complete => Ok(Outcome::Completed),
            DeletionProgress::Incomplete => {
                store.move_erasure_check(&due, self.dependencies.clock.now()).await?;
                Ok(Outcome::Continued)
            }
        }
    }

    async fn check_upload(&self, due: DueUpload, ends_at: Instant) -> Result<Outcome, UploadError> {
        // Reading a file is the only part that cannot be interrupted between two steps.
        let Ok(checked) = tokio::time::timeout_at(ends_at, self.dependencies.files.check_awaited(&due)).await else {
            return Ok(Outcome::Left);
        };
        let checked = checked?;
        tracing::info!(evidence = %due.evidence, outcome = ?checked, "awaited file looked for");
        Ok(match checked {
            AwaitedUpload::Ready | AwaitedUpload::Expired => Outcome::Completed,
            AwaitedUpload::Awaited => Outcome::Continued,
            AwaitedUpload::Unchanged => Outcome::Unchanged,
        })
    }
}
