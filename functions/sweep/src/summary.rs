//! The summary of a run of the sweeper.

use std::ops::AddAssign;
use store::StoreError;
use uploads::UploadError;

/// Maximum number of items of one run that are logged each; the number of all of them is logged in any case.
const MAX_LOGGED_ITEMS: usize = 20;

/// The numbers of items that a run has handled.
#[derive(Debug, Default, serde::Serialize)]
pub struct SweepSummary {
    /// Deliveries, steps and packages that were enqueued because they come due soon.
    pub enqueued: usize,
    /// Deliveries, steps and packages that were re-enqueued because they were overdue.
    pub reenqueued: usize,
    /// Erasures and purges that were completed, files that have arrived, and those that are not awaited any more.
    pub completed: usize,
    /// Items that had no time left, and are continued by the next run.
    pub continued: usize,
    /// Items that were passed over: this version cannot read them or what is behind them, or the table will never accept
    /// what follows from them.
    pub passed_over: usize,
    /// Items that failed for another reason, a faulty deployment included. The next run tries them again.
    pub failed: usize,
    /// Shards that were not read to their end.
    pub unfinished_shards: usize,
    /// Descriptions of the first items that were passed over.
    #[serde(skip)]
    passed_over_items: Vec<String>,
    /// The last failure of the table.
    #[serde(skip)]
    pub(crate) failure: Option<StoreError>,
}

/// The result of handling one due item.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nothing changed: somebody else has worked on the item.
    Unchanged,
    /// The item comes due soon and was enqueued.
    Enqueued,
    /// The item was overdue and was re-enqueued.
    Reenqueued,
    /// So many parked deliveries of the item were released.
    Released(u32),
    /// The item was passed on to the lane of slow work, which counts it.
    PassedOn,
    /// The item was finished.
    Completed,
    /// The item is continued by a later run.
    Continued,
    /// There was no time to begin with the item.
    Left,
    /// This version cannot read the item. Holds its description.
    Unreadable(String),
    /// The item failed. Holds its description.
    Failed(String, StoreError),
    /// The storage cannot read the awaited file. The run is no failure for that.
    FileFailed(UploadError),
}

impl SweepSummary {
    /// Counts an item.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Unchanged | Outcome::PassedOn => {}
            Outcome::Enqueued => self.enqueued += 1,
            Outcome::Reenqueued => self.reenqueued += 1,
            Outcome::Released(count) => self.reenqueued += usize::try_from(count).unwrap_or(usize::MAX),
            Outcome::Completed => self.completed += 1,
            Outcome::Continued | Outcome::Left => self.continued += 1,
            Outcome::Unreadable(item) => self.pass_over(item),
            // No later run of this version will succeed with it.
            Outcome::Failed(item, error) if error.is_permanent() => self.pass_over(format!("{item}: {error}")),
            Outcome::Failed(item, error) => self.fail(&item, error),
            Outcome::FileFailed(error) => {
                tracing::error!(%error, "an awaited file cannot be looked for; the next sweep tries again");
                self.failed += 1;
            }
        }
    }

    fn pass_over(&mut self, item: String) {
        self.passed_over += 1;
        if self.passed_over_items.len() < MAX_LOGGED_ITEMS {
            self.passed_over_items.push(item);
        }
    }

    /// Counts a failure of `what`.
    pub(crate) fn fail(&mut self, what: &str, error: StoreError) {
        tracing::warn!(%error, what, "due work failed; the next sweep tries again");
        self.failed += 1;
        self.failure = Some(error);
    }

    /// Logs what has been done. An alarm in `template.yaml` watches the field `unreadable_items`.
    pub(crate) fn log(&self) {
        for item in &self.passed_over_items {
            tracing::error!(item, "a due item cannot be read and was passed over");
        }
        if self.passed_over > 0 {
            tracing::error!(unreadable_items = self.passed_over, "due items cannot be read and were passed over");
        }
        let Self { enqueued, reenqueued, completed, continued, failed, unfinished_shards, .. } = self;
        if [enqueued, reenqueued, completed, continued, failed, unfinished_shards].into_iter().any(|count| *count > 0) {
            tracing::info!(enqueued, reenqueued, completed, continued, failed, unfinished_shards, "sweep finished");
        }
    }
}

impl AddAssign for SweepSummary {
    fn add_assign(&mut self, other: Self) {
        self.enqueued += other.enqueued;
        self.reenqueued += other.reenqueued;
        self.completed += other.completed;
        self.continued += other.continued;
        self.passed_over += other.passed_over;
        self.failed += other.failed;
        self.unfinished_shards += other.unfinished_shards;
        let room = MAX_LOGGED_ITEMS.saturating_sub(self.passed_over_items.len());
        self.passed_over_items.extend(other.passed_over_items.into_iter().take(room));
        self.failure = other.failure.or(self.failure.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blob::{BlobError, BlobKey};
    use domain::{Environment, EvidenceId, Mode, TenantId};

    #[test]
    fn a_faulty_deployment_fails_the_run() {
        let mut summary = SweepSummary::default();
        for (error, expected) in [
            (StoreError::Unreadable("a delivery".to_owned()), (1, 0, false)),
            (StoreError::Rejected("ValidationException".to_owned()), (2, 0, false)),
            (StoreError::Internal("AccessDeniedException".to_owned()), (2, 1, true)),
            (StoreError::Unavailable("ThrottlingException".to_owned()), (2, 2, true)),
        ] {
            summary.add(Outcome::Failed("an item".to_owned(), error.clone()));
            assert_eq!((summary.passed_over, summary.failed, summary.failure.is_some()), expected, "{error}");
        }
    }
    #[test]
    fn an_unreadable_file_is_no_failure_of_the_run() {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let key = BlobKey::of_evidence(environment, EvidenceId::derived(&[b"e"]));
        let cause = BlobError::Misconfigured("denied".to_owned()).into();
        let mut summary = SweepSummary::default();
        summary.add(Outcome::FileFailed(UploadError { key, cause }));
        assert_eq!((summary.failed, summary.passed_over, summary.failure.is_some()), (1, 0, false));
    }
}
