//! Connects the emulated file storage to the function that handles uploaded evidence.

use blob::Found;
use domain::{Clock, Evidence};
use emulator::{Upload, UploadError, UploadHandler, UploadOutcome};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use store::Store;
use uploaded::{Arrival, Uploaded};

/// Handler of uploaded evidence files.
pub(crate) struct EvidenceUploads {
    pub(crate) store: Store,
    pub(crate) uploaded: Uploaded,
    pub(crate) clock: Arc<dyn Clock>,
}

impl UploadHandler for EvidenceUploads {
    fn before_upload<'a>(&'a self, upload: &'a Upload) -> BoxFuture<'a, Result<UploadOutcome, UploadError>> {
        async move {
            let id = upload.evidence.simple();
            let evidence = self.store.belonging::<Evidence>(upload.environment, &id, self.clock.now()).await;
            Ok(match evidence.map_err(|error| UploadError(error.into()))? {
                None => UploadOutcome::NotExpected,
                Some(evidence) if evidence.sha256.is_some() => UploadOutcome::AlreadyUploaded,
                Some(_) => UploadOutcome::Accepted,
            })
        }
        .boxed()
    }

    fn after_upload<'a>(
        &'a self,
        upload: &'a Upload,
        found: &'a Found,
    ) -> BoxFuture<'a, Result<UploadOutcome, UploadError>> {
        async move {
            let arrival = self.uploaded.arrived(&upload.key, upload.environment, upload.evidence, found).await;
            Ok(match arrival.map_err(|error| UploadError(error.into()))? {
                Arrival::Ready => UploadOutcome::Accepted,
                Arrival::Repeated => UploadOutcome::AlreadyUploaded,
                Arrival::Unwanted => UploadOutcome::NotExpected,
            })
        }
        .boxed()
    }
}
