//! Operations on evidence.

use super::disputes::dispute;
use crate::disputes::UploadLink;
use crate::disputes::evidence::{
    EvidenceLinks, EvidenceListQuery, EvidenceRequest, VersionedEvidence, versioned_evidence_json,
};
use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::file::FileHash;
use domain::{Evidence, EvidenceId, NewEvidence, Scope};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

const TAG: &str = "Evidence";

/// The SHA-256 hash of the file of the examples.
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The beginning of the links of the examples.
const FILES: &str = "https://files.leadhouse.example/evidence";

fn request() -> String {
    json!({
        "category": "CONTRACT",
        "disputeId": dispute().id.to_string(),
        "title": "Signed purchase agreement",
        "description": "Page 3 lists the rooms of the flat.",
        "file": { "contentType": "application/pdf", "size": 182_144, "sha256": SHA256, "name": "agreement.pdf" }
    })
    .to_string()
}

fn evidence() -> Evidence {
    let request = examples::read(&request(), EvidenceRequest::parse);
    let new = NewEvidence {
        business: examples::business().id,
        category: request.category,
        dispute: request.dispute,
        lead: dispute().lead,
        title: request.title,
        description: request.description,
        file: request.file,
    };
    Evidence::new(EvidenceId::new(NOW, random_bytes("evidence")), new, NOW)
}

/// Returns the links of evidence whose file is to be uploaded.
fn upload_links() -> EvidenceLinks {
    let headers = BTreeMap::from([("Content-Type".to_owned(), "application/pdf".to_owned())]);
    let expires_at = NOW.after(Duration::from_mins(15));
    let upload = UploadLink { url: format!("{FILES}/upload?X-Amz-Signature=5f2c"), headers, expires_at };
    EvidenceLinks { file: None, upload: Some(upload) }
}

/// Returns every operation on evidence.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::EvidenceRead);
    let evidence = evidence();
    let hash = FileHash::parse(SHA256).unwrap_or_else(|reason| panic!("{reason}"));
    let uploaded = evidence.with_uploaded_file(hash, NOW);
    let download = EvidenceLinks { file: Some(format!("{FILES}/download?X-Amz-Signature=8d1e")), upload: None };
    let shown = versioned_evidence_json(&uploaded, download);
    vec![
        Operation::get("/evidence", "listEvidence", read)
            .texts(
                TAG,
                "List evidence",
                "Lists evidence, the newest first, with every filter that is sent. `fileUrl` is a link to download \
                 the file, which expires after minutes.",
            )
            .parameters(|query| {
                EvidenceListQuery::read(query);
            })
            .page_of::<VersionedEvidence<'_>>(PAGE_LIMITS, shown.clone())
            .errors(&[404]),
        Operation::post("/evidence", "createEvidence", Access::Scope(Scope::EvidenceWrite))
            .texts(
                TAG,
                "Create evidence",
                "Creates a piece of evidence. With `file`, the response has a link for the upload: send the file \
                 with `PUT` to `uploadUrl`, with the headers in `uploadHeaders`, before `uploadExpiresAt`. The same \
                 request under the same `Idempotency-Key` returns a new link.",
            )
            .checked_body(Rejected, EvidenceRequest::parse, request())
            .json::<VersionedEvidence<'_>>(201, "The evidence.", versioned_evidence_json(&evidence, upload_links()))
            .located()
            .tagged()
            .errors(&[404, 410]),
        Operation::get("/evidence/{id}", "getEvidence", read)
            .texts(
                TAG,
                "Retrieve evidence",
                "Returns a piece of evidence with its current version as `ETag`, and with a new link to download its \
                 file once it is `READY`.",
            )
            .path_example(evidence.id.to_string())
            .json::<VersionedEvidence<'_>>(200, "The evidence.", shown)
            .tagged(),
    ]
}
