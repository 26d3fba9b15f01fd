//! Operations on what answers a dispute: evidence packages, and evidence as structured data.

use super::disputes::dispute;
use crate::examples::{NOW, records};
use crate::fields::UnknownFields::Rejected;
use crate::native::disputes::evidence_summary::{EvidenceSummaryJson, evidence_summary_json};
use crate::native::disputes::package::{
    DOCUMENT_PATH, DocumentLink, DocumentLocation, PackageResource, document_location_json, package_json,
    parse_package_request,
};
use crate::operation::{Access, Operation};
use domain::disputes::case::DisputeCase;
use domain::{Evidence, Scope};
use std::collections::BTreeSet;
use std::time::Duration;

const TAG: &str = "Evidence packages";

/// The beginning of the links of the examples.
const FILES: &str = "https://files.leadhouse.example";

/// Returns the link to the document of the examples.
fn link() -> DocumentLink {
    let url = format!("{FILES}/package/download?X-Amz-Signature=77c0");
    DocumentLink { url, expires_at: NOW.after(Duration::from_mins(15)) }
}

/// Returns the case of the examples.
fn case() -> DisputeCase {
    let evidence = records::evidence().0;
    DisputeCase {
        dispute: dispute(),
        business: Some(crate::examples::business()),
        customer: Some(records::customer()),
        transaction: Some(super::transactions::transaction()),
        lead: None,
        messages: Vec::new(),
        evidence: vec![Evidence { dispute: Some(dispute().id), ..evidence }],
        expired_leads: BTreeSet::new(),
    }
}

/// Returns every operation on packages and structured evidence.
pub(super) fn operations() -> Vec<Operation> {
    let (read, write) = (Access::Scopes(Scope::TO_READ_PACKAGES), Access::Scopes(Scope::TO_GENERATE_PACKAGES));
    let dispute = dispute();
    let (pending, ready) = (records::pending_package(&dispute), records::ready_package(&dispute));
    let (pending_json, ready_json) = (package_json(&pending, None), package_json(&ready, Some(link())));
    let case = case();
    let file_url = |evidence| format!("{FILES}/evidence/{evidence}?X-Amz-Signature=8d1e");
    let summary = evidence_summary_json(&case.dispute, &case.evidence_summary(), &file_url);
    vec![
        Operation::post("/disputes/{id}/packages", "createPackage", write)
            .texts(
                TAG,
                "Generate an evidence package",
                "Generates a PDF that answers the dispute: the case, a timeline with consent and messages, the evidence as \
                 exhibits in the order that the reason asks for, and a manifest with their hashes. It keeps the limits of \
                 `profile`; what does not fit is named in `leftOut`. The package is `PENDING` first; subscribers are \
                 notified of `package.generated` when it is `READY` or `FAILED`. Asked for again while nothing has changed, \
                 the same package is returned with 200; a package that failed is generated anew.",
            )
            .path_example(dispute.id.to_string())
            .checked_body(Rejected, parse_package_request, r#"{ "profile": "MASTERCARD" }"#)
            .body_is_optional()
            .json::<PackageResource<'_>>(201, "The package is being generated.", pending_json)
            .json::<PackageResource<'_>>(200, "The package of the same content.", ready_json.clone())
            .located()
            .tagged()
            .errors(&[410]),
        Operation::get("/packages/{id}", "getPackage", read)
            .texts(
                TAG,
                "Retrieve an evidence package",
                "Returns the package with its status as of now and, once it is `READY`, a new link to its document, which \
                 expires after minutes. A package is erased with any lead whose data it shows.",
            )
            .path_example(ready.id.to_string())
            .json::<PackageResource<'_>>(200, "The package.", ready_json)
            .tagged(),
        Operation::get(DOCUMENT_PATH, "getPackageDocument", read)
            .texts(
                TAG,
                "Download the document of a package",
                "Redirects to the document, by a link that expires after minutes. `documentUrl` in payloads of webhooks is \
                 this address. A package without a document is a conflict (409).",
            )
            .path_example(ready.id.to_string())
            .json::<DocumentLocation<'_>>(302, "The document is there.", document_location_json(&link()))
            .errors(&[409]),
        Operation::get("/disputes/{id}/evidence-summary", "getEvidenceSummary", read)
            .texts(
                TAG,
                "Retrieve a dispute's evidence as structured data",
                "Returns what a package shows in the form that the dispute APIs of payment providers take: texts by the name \
                 of their field, within 150,000 characters in all and 20,000 each, and files by kind, each with a link that \
                 expires after minutes. Texts that were shortened are named in `shortened`.",
            )
            .path_example(dispute.id.to_string())
            .json::<EvidenceSummaryJson<'_>>(200, "The evidence.", summary),
    ]
}
