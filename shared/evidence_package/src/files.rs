//! Access to the bytes of exhibits, one file at a time.

use domain::EvidenceId;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// The reason why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileReadError {
    /// The file does not exist any more. The package is made without it.
    #[error("the file was erased")]
    Erased,
    /// The file cannot be read at this time, with the reason. The package is not made: a later attempt may read it.
    #[error("the file cannot be read: {0}")]
    Unavailable(String),
}

/// The files of a package's exhibits.
pub trait EvidenceFiles {
    /// Returns the bytes of the file of `evidence`. Called once for each exhibit with a file, except those that are
    /// certain to be left out, in order of priority.
    fn read(&self, evidence: EvidenceId) -> Result<Vec<u8>, FileReadError>;
}

/// Files in memory.
pub type MemoryFiles = HashMap<EvidenceId, Vec<u8>>;

impl<S: BuildHasher> EvidenceFiles for HashMap<EvidenceId, Vec<u8>, S> {
    fn read(&self, evidence: EvidenceId) -> Result<Vec<u8>, FileReadError> {
        self.get(&evidence).cloned().ok_or(FileReadError::Erased)
    }
}
