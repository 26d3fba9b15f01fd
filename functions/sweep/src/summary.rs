//! What a run of the sweeper has done.

use std::ops::AddAssign;
use store::StoreError;

/// Maximum number of items of one run that are logged each; the number of all of them is logged in any case.
const MAX_LOGGED_ITEMS: usize = 20;

/// The numbers of items that a run has handled.
#[derive(Debug, Default, serde::Serialize)]
pub struct SweepSummary {
    /// Deliveries and steps that were enqueued because they come due soon.
    pub enqueued: usize,
    /// Deliveries and steps that were re-enqueued because they were overdue.
    pub reenqueued: usize,
    /// Erasures and purges that were completed, files that have arrived, and those that are not awaited any more.
    pub completed: usize,
    /// Items that had no time left, and are continued by the next run.
    pub continued: usize,
    /// Items that this version cannot read. They were passed over.
    pub unreadable: usize,
    /// Items that failed for another reason. The next run tries them again.
    pub failed: usize,
    /// Shards that were not read to their end.
    pub unfinished_shards: usize,
    /// Descriptions of the first unreadable items.
    #[serde(skip)]
    unreadable_items: Vec<String>,
    /// The last failure.
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
}

impl SweepSummary {
    /// Counts an item.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Unchanged | Outcome::PassedOn => {}
            Outcome::Enqueued => self.enqueued += 1,
            Outcome::Reenqueued => self.reenqueued += 1,
            Outcome::Completed => self.completed += 1,
            Outcome::Continued | Outcome::Left => self.continued += 1,
            Outcome::Unreadable(item) => self.pass_over(item),
            // What is behind the item cannot be read, which no later run will change.
            Outcome::Failed(item, error) if !error.is_transient() => self.pass_over(format!("{item}: {error}")),
            Outcome::Failed(item, error) => self.fail(&item, error),
        }
    }

    fn pass_over(&mut self, item: String) {
        self.unreadable += 1;
        if self.unreadable_items.len() < MAX_LOGGED_ITEMS {
            self.unreadable_items.push(item);
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
        for item in &self.unreadable_items {
            tracing::error!(item, "a due item cannot be read and was passed over");
        }
        if self.unreadable > 0 {
            tracing::error!(unreadable_items = self.unreadable, "due items cannot be read and were passed over");
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
        self.unreadable += other.unreadable;
        self.failed += other.failed;
        self.unfinished_shards += other.unfinished_shards;
        let room = MAX_LOGGED_ITEMS.saturating_sub(self.unreadable_items.len());
        self.unreadable_items.extend(other.unreadable_items.into_iter().take(room));
        self.failure = other.failure.or(self.failure.take());
    }
}
