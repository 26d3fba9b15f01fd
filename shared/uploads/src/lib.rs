#![doc = include_str!("../README.md")]

mod awaited;

pub use awaited::AwaitedUpload;

use blob::{BlobError, BlobKey, Blobs, StoredFile};
use domain::{Clock, Environment, Evidence, EvidenceId, Package, PackageId, PackageStatus};
use std::sync::Arc;
use store::{ConflictRetries, Store, StoreError};

/// The files of evidence, and the evidence that they belong to. Cheap to clone.
#[derive(Clone)]
pub struct EvidenceFiles {
    store: Store,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
}

/// The result of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadOutcome {
    /// The evidence is ready and has this file.
    Ready,
    /// No evidence waits for the file, or it differs from what was declared. It has been deleted.
    Unexpected,
    /// The evidence has another file already.
    AlreadyUploaded,
}

/// The reason why a file could not be handled and is to be looked at again.
#[derive(Debug, thiserror::Error)]
#[error("the file {key} cannot be handled: {cause}")]
pub struct UploadError {
    /// The file's key.
    pub key: BlobKey,
    /// The cause.
    #[source]
    pub cause: UploadErrorCause,
}

/// The part that failed.
#[derive(Debug, thiserror::Error)]
pub enum UploadErrorCause {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file storage.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl UploadErrorCause {
    /// Returns the error with the key of the file.
    fn at(self, key: &BlobKey) -> UploadError {
        UploadError { key: key.clone(), cause: self }
    }
}

impl EvidenceFiles {
    /// Returns the files in `blobs` and the evidence in `store`.
    pub fn new(store: Store, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self { store, blobs, clock }
    }

    /// Returns the length and hash of the file under `key`, if it exists.
    pub async fn find(&self, key: &BlobKey) -> Result<Option<StoredFile>, UploadError> {
        self.blobs.find(key).await.map_err(|error| UploadErrorCause::from(error).at(key))
    }

    /// Records that `found`, the file of a piece of evidence, has been uploaded under `key`.
    pub async fn record_upload(
        &self,
        key: &BlobKey,
        environment: Environment,
        evidence: EvidenceId,
        found: &StoredFile,
    ) -> Result<UploadOutcome, UploadError> {
        let recorded = self.try_record_upload(key, environment, evidence, found).await;
        recorded.map_err(|error| error.at(key))
    }

    /// Deletes the document that attempt number `attempt` has stored, if its package was erased or is finished with another.
    /// Returns whether it was kept. The function that stores a document deletes it itself, unless it ends before.
    pub async fn keep_document(
        &self,
        key: &BlobKey,
        environment: Environment,
        package: PackageId,
        attempt: u32,
    ) -> Result<bool, UploadError> {
        let kept = self.is_document_kept(environment, package, attempt).await.map_err(|error| error.at(key))?;
        if !kept {
            self.blobs.delete(key).await.map_err(|error| UploadErrorCause::from(error).at(key))?;
        }
        Ok(kept)
    }

    async fn is_document_kept(
        &self,
        environment: Environment,
        package: PackageId,
        attempt: u32,
    ) -> Result<bool, UploadErrorCause> {
        let package = self.store.record::<Package>(environment, &package.simple(), self.clock.now()).await?;
        Ok(package.is_some_and(|package| match package.document {
            Some(document) => document.attempt == attempt,
            None => package.status == PackageStatus::Pending && package.attempts == attempt,
        }))
    }

    async fn try_record_upload(
        &self,
        key: &BlobKey,
        environment: Environment,
        evidence: EvidenceId,
        found: &StoredFile,
    ) -> Result<UploadOutcome, UploadErrorCause> {
        let mut retries = ConflictRetries::default();
        loop {
            let now = self.clock.now();
            let evidence = self.store.record::<Evidence>(environment, &evidence.simple(), now).await?;
            let waiting = evidence.and_then(|evidence| evidence.file.clone().map(|declared| (evidence, declared)));
            let Some((evidence, declared)) = waiting else {
                self.blobs.delete(key).await?;
                return Ok(UploadOutcome::Unexpected);
            };
            if let Some(known) = &evidence.sha256 {
                let same = *known == found.sha256;
                return Ok(if same { UploadOutcome::Ready } else { UploadOutcome::AlreadyUploaded });
            }
            if found.size != declared.size || declared.sha256.is_some_and(|hash| hash != found.sha256) {
                self.blobs.delete(key).await?;
                return Ok(UploadOutcome::Unexpected);
            }
            let new = evidence.with_uploaded_file(found.sha256.clone(), now);
            let write = self.store.replace_record(environment, &new, evidence.version)?;
            if self.store.commit_if(vec![write]).await? {
                return Ok(UploadOutcome::Ready);
            }
            // The evidence has been changed or erased meanwhile.
            retries.next_attempt()?;
        }
    }
}
