//! The lanes of work that takes long: one of purges and erasures, one of files that are awaited.
//!
//! Each item gets a slice of time. A deletion that needs more goes to the end of its shard, so that an endless one delays
//! no other by more than a slice.

use crate::Cleanup;
use futures_util::StreamExt;
use runtime::{DueOutcome, DueSummary};
use std::future::Future;
use std::time::Duration;
use store::{DeletionProgress, DueDeletion, DueErasure, DuePurge, DueUpload, StoreError};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use uploads::{AwaitedUpload, UploadError, UploadErrorCause};

/// Maximum number of items of one lane that are handled concurrently. Each has up to sixteen requests in flight.
const MAX_CONCURRENT_SLOW_ITEMS: usize = 8;

/// Maximum number of items that wait for a lane. What does not fit keeps its check time, and is found by the next run.
pub(crate) const MAX_WAITING_SLOW_ITEMS: usize = 1_000;

/// Maximum time that one run spends on one item. A file of 20 MB takes a second or two.
const MAX_SLICE: Duration = Duration::from_secs(20);

/// Passes slow items on to their lanes. The lanes are apart, so that a flood of awaited files delays no erasure.
#[derive(Clone)]
pub(crate) struct Lanes {
    deletions: mpsc::Sender<DueDeletion>,
    uploads: mpsc::Sender<DueUpload>,
}

/// The slow items that were passed on.
pub(crate) struct WaitingSlowItems {
    pub(crate) deletions: mpsc::Receiver<DueDeletion>,
    pub(crate) uploads: mpsc::Receiver<DueUpload>,
}

impl Lanes {
    /// Returns empty lanes, and what is to be handled of them.
    pub(crate) fn new() -> (Self, WaitingSlowItems) {
        let (deletions, waiting_deletions) = mpsc::channel(MAX_WAITING_SLOW_ITEMS);
        let (uploads, waiting_uploads) = mpsc::channel(MAX_WAITING_SLOW_ITEMS);
        let waiting = WaitingSlowItems { deletions: waiting_deletions, uploads: waiting_uploads };
        (Self { deletions, uploads }, waiting)
    }

    /// Passes a deletion on.
    pub(crate) fn pass_deletion(&self, deletion: DueDeletion) -> DueOutcome {
        pass_on(&self.deletions, deletion)
    }

    /// Passes an awaited file on.
    pub(crate) fn pass_upload(&self, upload: DueUpload) -> DueOutcome {
        pass_on(&self.uploads, upload)
    }
}

/// Passes an item on without waiting: if the lane is full, the item is found again by the next run.
fn pass_on<T>(lane: &mpsc::Sender<T>, item: T) -> DueOutcome {
    if lane.try_send(item).is_ok() { DueOutcome::PassedOn } else { DueOutcome::Left }
}

impl Cleanup {
    /// Handles slow items as they come, until nobody passes on any more.
    pub(crate) async fn handle_slow_items(&self, waiting: WaitingSlowItems, run_ends_at: Instant) -> DueSummary {
        let deletions = handle_lane(waiting.deletions, |deletion| self.handle_deletion(deletion, run_ends_at));
        let uploads = handle_lane(waiting.uploads, |upload| self.handle_upload(upload, run_ends_at));
        let (mut summary, of_uploads) = tokio::join!(deletions, uploads);
        summary += of_uploads;
        summary
    }

    async fn handle_deletion(&self, deletion: DueDeletion, run_ends_at: Instant) -> DueOutcome {
        let Some(ends_at) = slice_end(run_ends_at) else { return DueOutcome::Left };
        let must_end_at = run_ends_at + self.dependencies.max_overtime;
        let what = match &deletion {
            DueDeletion::Purge(due) => format!("the purge of the tenant {}", due.environment.tenant),
            DueDeletion::Erasure(due) => format!("the erasure of the lead {}", due.lead),
        };
        let handled = async {
            match deletion {
                DueDeletion::Purge(due) => self.purge(due, ends_at).await,
                DueDeletion::Erasure(due) => self.erase(due, ends_at).await,
            }
        };
        match timeout_at(must_end_at, handled).await {
            Ok(handled) => handled.unwrap_or_else(|error| DueOutcome::Failed(what, error)),
            // It keeps its check time.
            Err(_) => DueOutcome::Left,
        }
    }

    async fn purge(&self, due: DuePurge, ends_at: Instant) -> Result<DueOutcome, StoreError> {
        let store = &self.dependencies.store;
        let purge = store.purge(due.environment, || Instant::now() < ends_at);
        match self.interrupt_round(ends_at, Box::pin(purge)).await? {
            DeletionProgress::Complete => Ok(DueOutcome::Completed),
            DeletionProgress::Incomplete => {
                store.move_purge_check(&due, self.dependencies.clock.now()).await?;
                Ok(DueOutcome::Continued)
            }
        }
    }

    async fn erase(&self, due: DueErasure, ends_at: Instant) -> Result<DueOutcome, StoreError> {
        let store = &self.dependencies.store;
        let now = self.dependencies.clock.now();
        let has_time = || Instant::now() < ends_at;
        let erasure = store.finish_erasure(due.environment, due.lead, now, &has_time);
        match self.interrupt_round(ends_at, Box::pin(erasure)).await? {
            DeletionProgress::Complete => Ok(DueOutcome::Completed),
            DeletionProgress::Incomplete => {
                store.move_erasure_check(&due, self.dependencies.clock.now()).await?;
                Ok(DueOutcome::Continued)
            }
        }
    }

    /// Interrupts a deletion whose last round, begun before `ends_at`, takes too long. A quarter of the overtime is kept for
    /// moving the check time.
    async fn interrupt_round(
        &self,
        ends_at: Instant,
        deletion: impl Future<Output = Result<DeletionProgress, StoreError>>,
    ) -> Result<DeletionProgress, StoreError> {
        let must_end_at = ends_at + self.dependencies.max_overtime * 3 / 4;
        DeletionProgress::interrupt_at(must_end_at, deletion).await
    }

    /// Looks for an awaited file. If the storage cannot read the file, that is logged and counted as failed, and the next
    /// run looks again; but it is no error of the run. Otherwise a single file that can never be read would make every run
    /// fail, and hide that the table works. An outage of the storage shows as failures of `uploaded`.
    async fn handle_upload(&self, due: DueUpload, run_ends_at: Instant) -> DueOutcome {
        let Some(ends_at) = slice_end(run_ends_at) else { return DueOutcome::Left };
        // Reading a file is the only part that cannot be interrupted between two steps.
        let Ok(checked) = timeout_at(ends_at, self.dependencies.files.check_awaited(&due)).await else {
            return DueOutcome::Left;
        };
        let checked = match checked {
            Ok(checked) => checked,
            Err(UploadError { key, cause: UploadErrorCause::Store(error) }) => {
                return DueOutcome::Failed(format!("the file {key}"), error);
            }
            Err(error @ UploadError { cause: UploadErrorCause::Blob(_), .. }) => {
                tracing::error!(%error, "an awaited file cannot be looked for; the next run tries again");
                return DueOutcome::FileFailed;
            }
        };
        tracing::info!(evidence = %due.evidence, outcome = ?checked, "awaited file looked for");
        match checked {
            AwaitedUpload::Ready | AwaitedUpload::Expired => DueOutcome::Completed,
            AwaitedUpload::Awaited => DueOutcome::Continued,
            AwaitedUpload::Unchanged => DueOutcome::Unchanged,
        }
    }
}

/// Returns when the slice of an item ends that begins now; `None` if the run has no time for another item.
fn slice_end(run_ends_at: Instant) -> Option<Instant> {
    let now = Instant::now();
    (now < run_ends_at).then(|| run_ends_at.min(now + MAX_SLICE))
}

/// Handles the items of a lane concurrently.
async fn handle_lane<T, F: Future<Output = DueOutcome>>(
    mut waiting: mpsc::Receiver<T>,
    handle: impl FnMut(T) -> F,
) -> DueSummary {
    let items = futures_util::stream::poll_fn(|context| waiting.poll_recv(context));
    let mut outcomes = items.map(handle).buffer_unordered(MAX_CONCURRENT_SLOW_ITEMS);
    let mut summary = DueSummary::default();
    while let Some(outcome) = outcomes.next().await {
        summary.add(outcome);
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Environment, EvidenceId, LeadId, Mode, TenantId, Timestamp};

    #[tokio::test]
    async fn a_flood_of_files_delays_no_erasure() {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let check_at = Timestamp::EPOCH;
        let upload = DueUpload { environment, evidence: EvidenceId::derived(&[b"e"]), check_at };
        let (lanes, waiting) = Lanes::new();
        for _ in 0..MAX_WAITING_SLOW_ITEMS {
            assert!(matches!(lanes.pass_upload(upload), DueOutcome::PassedOn));
        }
        assert!(matches!(lanes.pass_upload(upload), DueOutcome::Left), "it keeps its check time");
        let erasure = DueDeletion::Erasure(DueErasure { environment, lead: LeadId::derived(&[b"l"]), check_at });
        assert!(matches!(lanes.pass_deletion(erasure), DueOutcome::PassedOn));
        assert_eq!((waiting.uploads.len(), waiting.deletions.len()), (MAX_WAITING_SLOW_ITEMS, 1));
    }
}
