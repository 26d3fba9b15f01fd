//! The progress of deletions that may take longer than their caller has time: purges and erasures.

/// The result of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionProgress {
    /// Nothing is left.
    Complete,
    /// The time was over before everything was deleted. What was deleted stays deleted: the next call continues.
    Incomplete,
}

impl DeletionProgress {
    /// Returns whether something is left.
    pub(crate) fn is_incomplete(self) -> bool {
        self == Self::Incomplete
    }

    /// Returns whether several deletions have all left nothing.
    pub(crate) fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        if parts.into_iter().any(Self::is_incomplete) { Self::Incomplete } else { Self::Complete }
    }
}
