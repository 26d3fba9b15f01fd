//! The files of evidence in the bucket, as the renderer reads them from its own thread.

use blob::{BlobKey, Blobs};
use domain::disputes::evidence::MAX_FILE_BYTES;
use domain::{Environment, EvidenceId};
use evidence_package::{EvidenceFiles, FileReadError};
use std::time::Duration;
use tokio::runtime::Handle;

/// Maximum time that reading one file of at most 20 MB takes.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The files of the evidence of an environment.
pub(crate) struct StoredFiles {
    blobs: Blobs,
    environment: Environment,
    runtime: Handle,
}

impl StoredFiles {
    /// Returns the files in `blobs`. They are read on the runtime that this is called on.
    pub(crate) fn new(blobs: Blobs, environment: Environment) -> Self {
        Self { blobs, environment, runtime: Handle::current() }
    }
}

impl EvidenceFiles for StoredFiles {
    fn read(&self, evidence: EvidenceId) -> Result<Vec<u8>, FileReadError> {
        let key = BlobKey::of_evidence(self.environment, evidence);
        let read = async { tokio::time::timeout(READ_TIMEOUT, self.blobs.read_whole(&key, MAX_FILE_BYTES)).await };
        match self.runtime.block_on(read) {
            Ok(Ok(Some(bytes))) => Ok(bytes),
            Ok(Ok(None)) => Err(FileReadError::Erased),
            Ok(Err(error)) => Err(FileReadError::Unavailable(error.to_string())),
            Err(_) => Err(FileReadError::Unavailable("it took too long".to_owned())),
        }
    }
}
