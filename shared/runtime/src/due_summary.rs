//! The summary of a run over the due index, of `sweep` or `cleanup`.

use std::ops::AddAssign;
use store::StoreError;

/// Maximum number of items of one run that are logged each; the number of all of them is logged in any case.
const MAX_LOGGED_ITEMS: usize = 20;

/// The numbers of items that a run has handled.
#[derive(Debug, Default, serde::Serialize)]
pub struct DueSummary {
    /// Deliveries, steps and packages that were enqueued because they come due soon.
    pub enqueued: usize,
    /// Deliveries, steps and packages that were re-enqueued because they were overdue.
    pub reenqueued: usize,
    /// Erasures and purges that were completed, files that have arrived, and those that are not awaited any more.
    pub completed: usize,
    /// Deletions that an earlier release put among the deliveries, and that were moved to their shards.
    pub moved: usize,
    /// Items that had no time left, and are continued by the next run.
    pub continued: usize,
    /// Items that were passed over: this version cannot read them or what is behind them, or the table will never accept
    /// what follows from them.
    pub passed_over: usize,
    /// Items that failed for another reason, a faulty deployment included. The next run tries them again.
    pub failed: usize,
    /// Shards that were handed over to further invocations, because this one has more than it can do in its time.
    pub handed_over_shards: usize,
    /// Shards that were not read to their end.
    pub unfinished_shards: usize,
    /// Descriptions of the first items that were passed over.
    #[serde(skip)]
    passed_over_items: Vec<String>,
    /// The last failure of the table.
    #[serde(skip)]
    failure: Option<StoreError>,
}

/// The result of handling one due item.
#[derive(Debug)]
pub enum DueOutcome {
    /// Nothing changed: somebody else has worked on the item.
    Unchanged,
    /// The item comes due soon and was enqueued.
    Enqueued,
    /// The item was overdue and was re-enqueued.
    Reenqueued,
    /// So many deliveries of the item, parked or of a batch, were re-enqueued.
    ReenqueuedMany(u32),
    /// The item was passed on to a lane, which counts it.
    PassedOn,
    /// The deletion was moved to the shards of deletions.
    Moved,
    /// The item was finished.
    Completed,
    /// The item is continued by a later run.
    Continued,
    /// There was no time to begin with the item.
    Left,
    /// There was no time to finish the item, of which so many deliveries were re-enqueued.
    LeftAfter(u32),
    /// This version cannot read the item. Holds its description.
    Unreadable(String),
    /// The item failed. Holds its description.
    Failed(String, StoreError),
    /// The storage cannot read the awaited file, which was logged. The run is no failure for that.
    FileFailed,
}

impl DueSummary {
    /// Counts an item.
    pub fn add(&mut self, outcome: DueOutcome) {
        match outcome {
            DueOutcome::Unchanged | DueOutcome::PassedOn => {}
            DueOutcome::Enqueued => self.enqueued += 1,
            DueOutcome::Reenqueued => self.reenqueued += 1,
            DueOutcome::ReenqueuedMany(count) => self.reenqueued += usize::try_from(count).unwrap_or(usize::MAX),
            DueOutcome::LeftAfter(count) => {
                self.continued += 1;
                self.reenqueued += usize::try_from(count).unwrap_or(usize::MAX);
            }
            DueOutcome::Moved => self.moved += 1,
            DueOutcome::Completed => self.completed += 1,
            DueOutcome::Continued | DueOutcome::Left => self.continued += 1,
            DueOutcome::Unreadable(item) => self.pass_over(item),
            // No later run of this version will succeed with it.
            DueOutcome::Failed(item, error) if error.is_permanent() => self.pass_over(format!("{item}: {error}")),
            DueOutcome::Failed(item, error) => self.fail(&item, error),
            DueOutcome::FileFailed => self.failed += 1,
        }
    }

    fn pass_over(&mut self, item: String) {
        self.passed_over += 1;
        if self.passed_over_items.len() < MAX_LOGGED_ITEMS {
            self.passed_over_items.push(item);
        }
    }

    /// Counts a failure of `what`.
    pub fn fail(&mut self, what: &str, error: StoreError) {
        tracing::warn!(%error, what, "due work failed; the next run tries again");
        self.failed += 1;
        self.failure = Some(error);
    }

    /// Logs what has been done. An alarm in `template.yaml` watches the field `unreadable_items`.
    pub fn log(&self) {
        for item in &self.passed_over_items {
            tracing::error!(item, "a due item cannot be read and was passed over");
        }
        if self.passed_over > 0 {
            tracing::error!(unreadable_items = self.passed_over, "due items cannot be read and were passed over");
        }
        let Self { enqueued, reenqueued, completed, moved, continued, failed, handed_over_shards, .. } = self;
        let unfinished_shards = self.unfinished_shards;
        let counts =
            [enqueued, reenqueued, completed, moved, continued, failed, handed_over_shards, &unfinished_shards];
        if counts.into_iter().any(|count| *count > 0) {
            tracing::info!(
                enqueued,
                reenqueued,
                completed,
                moved,
                continued,
                failed,
                handed_over_shards,
                unfinished_shards,
                "run finished"
            );
        }
    }

    /// Returns the summary; the last failure of the table instead, if there was one.
    ///
    /// # Errors
    ///
    /// Returns that failure.
    pub fn into_result(mut self) -> Result<Self, StoreError> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

impl AddAssign for DueSummary {
    fn add_assign(&mut self, other: Self) {
        self.enqueued += other.enqueued;
        self.reenqueued += other.reenqueued;
        self.completed += other.completed;
        self.moved += other.moved;
        self.continued += other.continued;
        self.passed_over += other.passed_over;
        self.failed += other.failed;
        self.handed_over_shards += other.handed_over_shards;
        self.unfinished_shards += other.unfinished_shards;
        let room = MAX_LOGGED_ITEMS.saturating_sub(self.passed_over_items.len());
        self.passed_over_items.extend(other.passed_over_items.into_iter().take(room));
        self.failure = other.failure.or(self.failure.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faulty_deployment_fails_the_run() {
        let mut summary = DueSummary::default();
        for (error, expected) in [
            (StoreError::Unreadable("a delivery".to_owned()), (1, 0, false)),
            (StoreError::Rejected("ValidationException".to_owned()), (2, 0, false)),
            (StoreError::Internal("AccessDeniedException".to_owned()), (2, 1, true)),
            (StoreError::Unavailable("ThrottlingException".to_owned()), (2, 2, true)),
        ] {
            summary.add(DueOutcome::Failed("an item".to_owned(), error.clone()));
            assert_eq!((summary.passed_over, summary.failed, summary.failure.is_some()), expected, "{error}");
        }
    }

    #[test]
    fn an_unreadable_file_is_no_failure_of_the_run() {
        let mut summary = DueSummary::default();
        summary.add(DueOutcome::FileFailed);
        assert_eq!((summary.failed, summary.passed_over, summary.into_result().is_ok()), (1, 0, true));
    }
}
