//! Marks evidence as ready once its file has been uploaded, with the file's SHA-256.
//!
//! - **Trigger**: an `ObjectCreated` event of the bucket, through `EventBridge`. The local server records uploads itself.
//! - **Reads**: the uploaded file, to hash it, and its evidence; of the document of a package, the package.
//! - **Writes**: the evidence with the hash, on the condition that it is unchanged. Deletes a file that no evidence
//!   waits for (it has been erased meanwhile), or that differs from what was declared; and a document whose package has
//!   been erased or has another document.
//! - **On failure**: Lambda retries the event, and then keeps it in the queue of failed uploads. `cleanup` looks for a file
//!   whose event is lost. Handling an event twice changes nothing.
//!
//! S3 has held the upload to its declared type and length already: both are part of the signed link.

use blob::BlobKey;
use serde::Deserialize;
use uploads::{EvidenceFiles, UploadError, UploadOutcome};

/// The handler of uploaded files. Cheap to clone.
#[derive(Clone)]
pub struct UploadedFileHandler {
    files: EvidenceFiles,
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
    pub fn new(files: EvidenceFiles) -> Self {
        Self { files }
    }

    /// Handles the event of a new object. Handling it again changes nothing.
    pub async fn handle(&self, created: ObjectCreated) -> Result<(), UploadError> {
        let key = &created.detail.object.key;
        let handled = self.handle_object(key).await;
        if let Err(error) = &handled {
            tracing::error!(key, %error, "uploaded file not handled; Lambda tries again");
        }
        handled
    }

    async fn handle_object(&self, key: &str) -> Result<(), UploadError> {
        if let Some((key, environment, package, attempt)) = BlobKey::parse_package(key) {
            let kept = self.files.keep_document(&key, environment, package, attempt).await?;
            tracing::info!(%key, kept, "document of a package handled");
            return Ok(());
        }
        let Some((key, environment, evidence)) = BlobKey::parse_evidence(key) else {
            // Other objects, such as photos, are written by Leadhouse itself and need no handling.
            tracing::info!(key, "object ignored: it is not an evidence file");
            return Ok(());
        };
        let Some(found) = self.files.find(&key).await? else {
            tracing::info!(%key, "object ignored: it has been deleted");
            return Ok(());
        };
        let outcome = self.files.record_upload(&key, environment, evidence, &found).await?;
        if outcome == UploadOutcome::AlreadyUploaded {
            tracing::error!(%key, "an evidence file was replaced; the evidence keeps the hash of the first one");
        } else {
            tracing::info!(%key, ?outcome, "uploaded file handled");
        }
        Ok(())
    }
}
