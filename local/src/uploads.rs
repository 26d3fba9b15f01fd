//! Connects the emulated file storage to the function that handles uploaded evidence.

use blob::StoredFile;
use domain::{Clock, Evidence};
use emulator::{Upload, UploadError, UploadHandler, UploadState};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use store::Store;
use uploads::{EvidenceFiles, UploadOutcome};

/// Handler of uploaded evidence files.
pub(crate) struct EvidenceUploads {
    pub(crate) store: Store,
    pub(crate) files: EvidenceFiles,
    pub(crate) clock: Arc<dyn Clock>,
}

impl UploadHandler for EvidenceUploads {
    fn before_upload<'a>(&'a self, upload: &'a Upload) -> BoxFuture<'a, Result<UploadState, UploadError>> {
        async move {
            let id = upload.evidence.simple();
            let evidence = self.store.record::<Evidence>(upload.environment, &id, self.clock.now()).await;
            Ok(match evidence.map_err(|error| UploadError(error.into()))? {
                None => UploadState::NotExpected,
                Some(evidence) if evidence.sha256.is_some() => UploadState::AlreadyUploaded,
                Some(_) => UploadState::Accepted,
            })
        }
        .boxed()
    }

    fn after_upload<'a>(
        &'a self,
        upload: &'a Upload,
        found: &'a StoredFile,
    ) -> BoxFuture<'a, Result<UploadState, UploadError>> {
        async move {
            let arrival = self.files.record_upload(&upload.key, upload.environment, upload.evidence, found).await;
            Ok(match arrival.map_err(|error| UploadError(error.into()))? {
                UploadOutcome::Ready => UploadState::Accepted,
                UploadOutcome::AlreadyUploaded => UploadState::AlreadyUploaded,
                UploadOutcome::Unexpected => UploadState::NotExpected,
            })
        }
        .boxed()
    }
}
