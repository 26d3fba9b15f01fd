//! Expiring links to the files of evidence, made for each response.

use crate::state::EvidenceState;
use api::ApiResponse;
use blob::{BlobKey, DeclaredUpload};
use contract::{EvidenceLinks, UploadLink, awaited_upload};
use domain::disputes::evidence::{DeclaredFile, FileStatus};
use domain::{Environment, Evidence, EvidenceId};

/// Returns a link to upload the declared file.
pub(crate) fn upload_link(
    state: &EvidenceState,
    environment: Environment,
    evidence: EvidenceId,
    file: &DeclaredFile,
) -> UploadLink {
    let declared = DeclaredUpload { content_type: file.content_type, size: file.size, sha256: file.sha256.clone() };
    let key = BlobKey::of_evidence(environment, evidence);
    let link = state.blobs.upload_link(&key, &declared, state.api.now());
    UploadLink { url: link.url, headers: link.headers, expires_at: link.expires_at }
}

/// Returns a link to download the file, if it has arrived.
pub(crate) fn download_links(state: &EvidenceState, environment: Environment, evidence: &Evidence) -> EvidenceLinks {
    let ready = evidence.file.as_ref().filter(|_| evidence.file_status() == FileStatus::Ready);
    let file = ready.map(|file| {
        let key = BlobKey::of_evidence(environment, evidence.id);
        state.blobs.download_link(&key, file.content_type, state.api.now())
    });
    EvidenceLinks { file, upload: None }
}

/// Replaces the upload link of a replayed response, which may have expired, by a new one. All else stays as it was.
pub(crate) fn renew_upload_link(
    state: &EvidenceState,
    environment: Environment,
    first: ApiResponse,
    file: Option<&DeclaredFile>,
) -> ApiResponse {
    let (Some(evidence), Some(file)) = (awaited_upload(first.body()), file) else { return first };
    first.with_fields(&upload_link(state, environment, evidence, file).expiring_fields())
}
