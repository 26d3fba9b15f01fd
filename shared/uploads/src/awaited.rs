//! Evidence that still waits for its file when `cleanup` looks: the event of the upload was lost, or there was no upload.

use crate::{EvidenceFiles, UploadError, UploadErrorCause, UploadOutcome};
use blob::BlobKey;
use domain::disputes::evidence::FileStatus;
use domain::{Environment, Evidence, EvidenceId};
use store::DueUpload;

/// The result of looking for an awaited file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwaitedUpload {
    /// The file had arrived, and the evidence is ready.
    Ready,
    /// The file has not arrived: it is looked for again later.
    Awaited,
    /// The file has not arrived in time, and is not awaited any more.
    Expired,
    /// The evidence has been changed or erased meanwhile.
    Unchanged,
}

impl EvidenceFiles {
    /// Looks for a file that is awaited. Records it if it has arrived; otherwise the evidence waits on, or expires.
    pub async fn check_awaited(&self, due: &DueUpload) -> Result<AwaitedUpload, UploadError> {
        let key = BlobKey::of_evidence(due.environment, due.evidence);
        if let Some(found) = self.find(&key).await?
            && self.record_upload(&key, due.environment, due.evidence, &found).await? != UploadOutcome::Unexpected
        {
            return Ok(AwaitedUpload::Ready);
        }
        // An unexpected file was deleted, and the right one may still come.
        self.wait_on(due).await.map_err(|error| error.at(&key))
    }

    /// Moves the check time of evidence without a file, or expires it.
    async fn wait_on(&self, due: &DueUpload) -> Result<AwaitedUpload, UploadErrorCause> {
        let now = self.clock.now();
        let Some(evidence) = self.evidence(due.environment, due.evidence).await? else {
            return Ok(AwaitedUpload::Unchanged);
        };
        if evidence.file_status() != FileStatus::AwaitingUpload {
            return Ok(AwaitedUpload::Unchanged);
        }
        if let Some(next) = evidence.next_upload_check(now) {
            self.store.move_upload_check(due, next).await?;
            return Ok(AwaitedUpload::Awaited);
        }
        // If it fails, the file has arrived in this moment.
        let write = self.store.replace_record(due.environment, &evidence.with_expired_upload(now), evidence.version)?;
        let expired = self.store.commit_if(vec![write]).await?;
        Ok(if expired { AwaitedUpload::Expired } else { AwaitedUpload::Unchanged })
    }

    async fn evidence(&self, environment: Environment, id: EvidenceId) -> Result<Option<Evidence>, UploadErrorCause> {
        Ok(self.store.record::<Evidence>(environment, &id.simple(), self.clock.now()).await?)
    }
}
