//! Marks evidence whose file has arrived, with what the file hashes to.
//!
//! When deployed the bucket tells of every new file; it held the upload to type and length already. A file that
//! nobody waits for, of evidence that has been erased meanwhile, is removed.

use blob::{BlobError, BlobKey, Blobs, StoredFile};
use domain::{Clock, Environment, Evidence, EvidenceId};
use serde::Deserialize;
use std::sync::Arc;
use store::{CommitError, Store, StoreError};

/// How often a change that met another is made anew upon what the other left.
const MAX_CONFLICT_RETRIES: u32 = 5;

/// Looks at files that have arrived.
#[derive(Clone)]
pub struct Uploaded {
    store: Store,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
}

/// What became of a file that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadOutcome {
    /// Its evidence shows it.
    Ready,
    /// Nobody waits for it, or not for such a one: it has been removed.
    Unwanted,
    /// Its evidence shows another.
    Repeated,
}

/// Something to be done again.
#[derive(Debug, thiserror::Error)]
pub enum UploadedError {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place of files failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// What the bucket tells of a new object, as `EventBridge` passes it on.
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

impl Uploaded {
    /// One that marks evidence in `store`, whose files lie in `blobs`.
    pub fn new(store: Store, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self { store, blobs, clock }
    }

    /// Handles the event of one new object. What it has done once, it does again without harm.
    pub async fn handle(&self, created: ObjectCreated) -> Result<(), UploadedError> {
        let Some((key, environment, evidence)) = BlobKey::parse_evidence(&created.detail.object.key) else {
            // The house's own files need no looking at.
            tracing::info!("an object that is no evidence");
            return Ok(());
        };
        let Some(found) = self.blobs.find(&key).await? else {
            tracing::info!("the object is gone already");
            return Ok(());
        };
        let arrival = self.record_upload(&key, environment, evidence, &found).await?;
        if arrival == UploadOutcome::Repeated {
            tracing::error!("a file was replaced");
        } else {
            tracing::info!(?arrival, "a file arrived");
        }
        Ok(())
    }

    /// Marks the evidence whose file `found` has arrived under `key`.
    pub async fn record_upload(
        &self,
        key: &BlobKey,
        environment: Environment,
        evidence: EvidenceId,
        found: &StoredFile,
    ) -> Result<UploadOutcome, UploadedError> {
        for _ in 0..MAX_CONFLICT_RETRIES {
            let now = self.clock.now();
            let waiting = self.store.record::<Evidence>(environment, &evidence.simple(), now).await?;
            let Some((waiting, declared)) = waiting.and_then(|one| one.file.clone().map(|file| (one, file))) else {
                self.blobs.delete(key).await?;
                return Ok(UploadOutcome::Unwanted);
            };
            if let Some(known) = &waiting.sha256 {
                return Ok(if *known == found.sha256 { UploadOutcome::Ready } else { UploadOutcome::Repeated });
            }
            if found.size != declared.size || declared.sha256.is_some_and(|hash| hash != found.sha256) {
                self.blobs.delete(key).await?;
                return Ok(UploadOutcome::Unwanted);
            }
            let new = waiting.with_uploaded_file(found.sha256.clone(), now);
            let write = self.store.replace_record(environment, &new, waiting.version)?;
            match self.store.commit(vec![write]).await {
                Ok(()) => return Ok(UploadOutcome::Ready),
                // Somebody was faster, or the evidence has been erased: look again.
                Err(CommitError::ConditionFailed { .. } | CommitError::IdempotencyConflict) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        Err(StoreError::Contended.into())
    }
}
