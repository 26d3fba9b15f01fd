//! Operations on disputes.

use super::transactions::transaction;
use crate::disputes::dispute::{
    DisputeListQuery, DisputeRequest, VersionedDispute, parse_dispute_change, versioned_dispute_json,
};
use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::disputes::case::{DisputeCaseJson, dispute_case_json};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use crate::profile::ShownCase;
use domain::disputes::case::checklist;
use domain::{Dispute, DisputeId, DisputeStatus, NewDispute, Scope};
use serde_json::json;

const TAG: &str = "Disputes";

fn request() -> String {
    json!({
        "reason": "NOT_AS_DESCRIBED",
        "amountCents": 250_000,
        "currency": "SEK",
        "transactionId": transaction().id.to_string(),
        "customerClaim": "The flat has no balcony, which the advertisement promised.",
        "evidenceDueBy": "2026-12-10T22:59:59Z"
    })
    .to_string()
}

/// Returns the dispute of the examples.
pub(super) fn dispute() -> Dispute {
    let business = examples::business();
    let request = examples::read(&request(), DisputeRequest::parse);
    let new = NewDispute {
        business: business.id,
        reason: request.reason,
        money: request.money.in_business(&business),
        customer: request.customer,
        transaction: request.transaction,
        lead: transaction().lead,
        customer_claim: request.customer_claim,
        evidence_due_by: request.evidence_due_by,
    };
    Dispute::new(DisputeId::new(NOW, random_bytes("dispute")), new, NOW)
}

/// Returns every operation on disputes.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::DisputesRead);
    let write = Access::Scope(Scope::DisputesWrite);
    let dispute = dispute();
    let (id, example) = (dispute.id.to_string(), versioned_dispute_json(&dispute));
    let case = ShownCase {
        checklist: &checklist(&dispute, &[examples::records::evidence().0], &[]),
        packages: &[examples::records::ready_package(&dispute)],
    };
    let whole = dispute_case_json(&dispute, &case);
    let changed = versioned_dispute_json(&dispute.with_status(DisputeStatus::UnderReview, NOW));
    vec![
        Operation::get("/disputes", "listDisputes", read)
            .texts(TAG, "List disputes", "Lists disputes, the newest first, with every filter that is sent.")
            .parameters(|query| {
                DisputeListQuery::read(query);
            })
            .page_of::<VersionedDispute<'_>>(PAGE_LIMITS, example.clone())
            .errors(&[404]),
        Operation::post("/disputes", "createDispute", write)
            .texts(
                TAG,
                "Create a dispute",
                "Opens a dispute and notifies subscribers of `dispute.created`. It belongs to the lead that it \
                 names, or else to that of its customer or transaction, and is erased with it.",
            )
            .checked_body(Rejected, DisputeRequest::parse, request())
            .json::<VersionedDispute<'_>>(201, "The dispute.", example)
            .located()
            .tagged()
            .errors(&[404, 410]),
        Operation::get("/disputes/{id}", "getDispute", read)
            .texts(
                TAG,
                "Retrieve a dispute",
                "Returns the dispute with its current version as `ETag`, with the evidence that its reason asks for \
                 (`evidenceChecklist`: what is wanted, present and missing) and its newest packages.",
            )
            .path_example(id.clone())
            .json::<DisputeCaseJson<'_>>(200, "The dispute.", whole)
            .tagged(),
        Operation::patch("/disputes/{id}", "updateDispute", write)
            .texts(
                TAG,
                "Change the status of a dispute",
                "Changes the status, and notifies subscribers of `dispute.status_changed`. No other field can be \
                 changed; those of a dispute that was fetched may be sent back as they are. With `If-Match`, only \
                 the version that was read is changed.",
            )
            .path_example(id)
            .checked_body(Rejected, parse_dispute_change, r#"{ "status": "UNDER_REVIEW" }"#)
            .json::<VersionedDispute<'_>>(200, "The changed dispute.", changed)
            .tagged()
            .conditional()
            .errors(&[410]),
    ]
}
