//! The progress of deletions that may take longer than their caller has time: purges and erasures.

use crate::table::error::StoreError;
use std::future::Future;
use tokio::time::{Instant, timeout_at};

/// The result of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionProgress {
    /// Nothing is left.
    Complete,
    /// The time was over before everything was deleted. What was deleted stays deleted: the next call continues.
    Incomplete,
}

impl DeletionProgress {
    /// Interrupts a deletion that has not ended at `must_end_at`. A deletion ends by itself only after the round that has
    /// begun, and a round is several requests in a row, each of which takes seconds if the table is throttled. It may be
    /// interrupted anywhere, and goes on with what is left.
    ///
    /// # Errors
    ///
    /// Returns the error of the deletion.
    pub async fn interrupt_at(
        must_end_at: Instant,
        deletion: impl Future<Output = Result<Self, StoreError>>,
    ) -> Result<Self, StoreError> {
        timeout_at(must_end_at, deletion).await.unwrap_or(Ok(Self::Incomplete))
    }

    /// Returns whether something is left.
    pub(crate) fn is_incomplete(self) -> bool {
        self == Self::Incomplete
    }

    /// Returns whether several deletions have all left nothing.
    pub(crate) fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        if parts.into_iter().any(Self::is_incomplete) { Self::Incomplete } else { Self::Complete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_deletion_ends_at_its_time() {
        let soon = Instant::now() + Duration::from_millis(20);
        let endless = DeletionProgress::interrupt_at(soon, std::future::pending()).await;
        assert_eq!(endless.expect("no error"), DeletionProgress::Incomplete);
        let later = Instant::now() + Duration::from_secs(60);
        let quick = DeletionProgress::interrupt_at(later, async { Ok(DeletionProgress::Complete) }).await;
        assert_eq!(quick.expect("no error"), DeletionProgress::Complete);
    }
}
