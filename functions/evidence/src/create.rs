//! `POST /v2/evidence`: evidence is added, and a file that was declared gets a link to put it.

use crate::{Exhibits, links};
use api::{ApiError, ApiResponse, Caller, JsonBody, require};
use axum::extract::State;
use contract::EvidenceDraft;
use contract::native::EvidenceLinks;
use domain::{Dispute, Evidence, EvidenceId, NewEvidence};

/// Stores evidence.
pub(crate) async fn create(
    State(exhibits): State<Exhibits>,
    caller: Caller<require::EvidenceWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = EvidenceDraft::read(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(links::made_anew(&exhibits, caller.environment(), first, draft.file.as_ref()));
    }
    let business = caller.place(draft.business).await?;
    let dispute = draft.dispute.map(|dispute| dispute.simple());
    let dispute: Option<Dispute> = caller.named(dispute, business.id, "dispute").await?;
    let lead = caller.lead_of(draft.lead, dispute.and_then(|dispute| dispute.lead), business.id).await?;
    let now = exhibits.api.now();
    let new = NewEvidence {
        business: business.id,
        category: draft.category,
        dispute: draft.dispute,
        lead: lead.as_ref().map(|lead| lead.lead.id),
        title: draft.title,
        description: draft.description,
        file: draft.file,
    };
    let evidence = Evidence::new(EvidenceId::new(now, exhibits.api.random()?), new, now);
    let upload = evidence.file.as_ref().map(|file| links::upload(&exhibits, caller.environment(), evidence.id, file));
    let answer = caller.profile().evidence(&evidence, EvidenceLinks { file: None, upload });
    let answer = ApiResponse::created(answer).with_version(evidence.version);
    caller.make(&evidence, lead.as_ref(), idempotency_key.as_ref(), answer).await
}
