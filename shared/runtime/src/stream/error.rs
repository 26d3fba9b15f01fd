//! Errors of stream records.

use blob::BlobError;
use store::StoreError;

/// Reason why a record of the stream was not processed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The record is not in the form of a stream record.
    #[error("not a stream record")]
    Malformed,
    /// The tables failed, or hold something that this version cannot read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Processing the record panicked.
    #[error("processing the record panicked")]
    Panicked,
}

impl RecordError {
    /// Returns whether the record fails however often this version processes it.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Malformed | Self::Panicked => true,
            Self::Store(error) => error.is_permanent(),
            Self::Blob(error) => error.is_permanent(),
        }
    }
}

/// A record that failed, by its place in the batch.
#[derive(Debug)]
pub struct FailedRecord {
    /// Index of the record in its batch.
    pub record: usize,
    /// The reason.
    pub error: RecordError,
}

impl FailedRecord {
    /// Creates the failure of the record with the index `record`.
    pub fn new(record: usize, error: impl Into<RecordError>) -> Self {
        Self { record, error: error.into() }
    }
}
