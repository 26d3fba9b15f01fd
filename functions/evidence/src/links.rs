//! The links of evidence, made when they are asked for.

use crate::Exhibits;
use api::ApiResponse;
use blob::{BlobKey, DeclaredUpload};
use contract::native::{EvidenceLinks, UploadLink};
use domain::disputes::evidence::{DeclaredFile, FileStatus};
use domain::{Environment, Evidence, EvidenceId};
use serde_json::Value;

/// A link to put the file that was declared.
pub(crate) fn upload(
    exhibits: &Exhibits,
    environment: Environment,
    evidence: EvidenceId,
    file: &DeclaredFile,
) -> UploadLink {
    let declared = DeclaredUpload { content_type: file.content_type, size: file.size, sha256: file.sha256.clone() };
    let key = BlobKey::of_evidence(environment, evidence);
    let link = exhibits.blobs.upload_link(&key, &declared, exhibits.api.now());
    UploadLink { url: link.url, headers: link.headers, expires_at: link.expires_at }
}

/// A link to read the file, if it has arrived.
pub(crate) fn of(exhibits: &Exhibits, environment: Environment, evidence: &Evidence) -> EvidenceLinks {
    let ready = evidence.file.as_ref().filter(|_| evidence.file_status() == FileStatus::Ready);
    let file = ready.map(|file| {
        let key = BlobKey::of_evidence(environment, evidence.id);
        exhibits.blobs.download_link(&key, file.content_type, exhibits.api.now())
    });
    EvidenceLinks { file, upload: None }
}

/// A first answer that is given again: all as it was, but for its link, which may have expired.
pub(crate) fn made_anew(
    exhibits: &Exhibits,
    environment: Environment,
    first: ApiResponse,
    file: Option<&DeclaredFile>,
) -> ApiResponse {
    let read = serde_json::from_slice::<Value>(first.body()).unwrap_or_default();
    let said = |name: &str| read[name].as_str();
    let (Some(id), Some(url), Some(expires_at), Some(file)) =
        (said("id").and_then(EvidenceId::parse), said("uploadUrl"), said("uploadExpiresAt"), file)
    else {
        return first;
    };
    let anew = upload(exhibits, environment, id, file);
    first.with_text_replaced(url, &anew.url).with_text_replaced(expires_at, &anew.expires_at.to_string())
}
