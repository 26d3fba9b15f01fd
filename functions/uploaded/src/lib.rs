//! Marks evidence as ready once its file has been uploaded, with the file's SHA-256.
//!
//! - **Trigger**: an `ObjectCreated` event of the bucket, through `EventBridge`. The local server calls
//!   [`UploadedFileHandler::record_upload`] directly.
//! - **Reads**: the uploaded file, to hash it, and its evidence.
//! - **Writes**: the evidence with the hash, on the condition that it is unchanged. Deletes a file that no evidence
//!   waits for (it has been erased meanwhile), or that differs from what was declared.
//! - **On failure**: Lambda retries the event. Handling an event twice changes nothing.
//!
//! S3 has held the upload to its declared type and length already: both are part of the signed link.

use blob::{BlobError, BlobKey, Blobs, StoredFile};
use domain::{Clock, Environment, Evidence, EvidenceId};
use serde::Deserialize;
use std::sync::Arc;
use store::{ConflictRetries, Store, StoreError};

/// The handler of uploaded files. Cheap to clone.
#[derive(Clone)]
pub struct UploadedFileHandler {
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

/// The reason why an event is to be handled again.
#[derive(Debug, thiserror::Error)]
pub enum UploadedError {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// The event of a new object in the bucket, as `EventBridge` delivers it.
#[derive(Clone, Debug, Deserialize)]
pub struct ObjectCreated {
    detail: Detail,
}

#[derive(Clone, Debug, Deserialize)]
struct Detail {
    object: Object,
}

#[derive(Clone, Debug, Deserialize)]
struct Object {
    key: String,
}

impl UploadedFileHandler {
    /// Creates a handler.
    pub fn new(store: Store, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self { store, blobs, clock }
    }

    /// Handles the event of a new object. Handling it again changes nothing.
    pub async fn handle(&self, created: ObjectCreated) -> Result<(), UploadedError> {
        let key = &created.detail.object.key;
        let Some((key, environment, evidence)) = BlobKey::parse_evidence(key) else {
            // Other objects, such as photos, are written by Leadhouse itself and need no handling.
            tracing::info!(key, "object ignored: it is not an evidence file");
            return Ok(());
        };
        let Some(found) = self.blobs.find(&key).await? else {
            tracing::info!(%evidence, "object ignored: it has been deleted");
            return Ok(());
        };
        let outcome = self.record_upload(&key, environment, evidence, &found).await?;
        if outcome == UploadOutcome::AlreadyUploaded {
            tracing::error!(%evidence, "an evidence file was replaced; the evidence keeps the hash of the first one");
        } else {
            tracing::info!(%evidence, ?outcome, "uploaded file handled");
        }
        Ok(())
    }

    /// Records that `found`, the file of a piece of evidence, has been uploaded under `key`.
    pub async fn record_upload(
        &self,
        key: &BlobKey,
        environment: Environment,
        evidence: EvidenceId,
        found: &StoredFile,
    ) -> Result<UploadOutcome, UploadedError> {
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
