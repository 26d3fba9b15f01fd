//! `POST /v2/evidence`: creates a piece of evidence.

use crate::links;
use crate::state::EvidenceState;
use api::{ApiError, ApiResponse, Caller, Idempotency, JsonBody, require};
use axum::extract::State;
use contract::EvidenceLinks;
use contract::EvidenceRequest;
use domain::{Dispute, Evidence, EvidenceId, NewEvidence};

/// Creates evidence, as a child record of the lead that it names, or else of its dispute's lead. Evidence with a
/// declared file is returned with a link to upload it.
pub(crate) async fn create(
    State(state): State<EvidenceState>,
    caller: Caller<require::EvidenceWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = EvidenceRequest::parse(body.fields())?;
    let declared = request.file.clone();
    let environment = caller.environment();
    let replay = async |first| Ok(links::renew_upload_link(&state, environment, first, declared.as_ref()));
    idempotency
        .run_or_replay_with(&caller, &body, replay, async |call| {
            let (api, records) = (&state.api, state.api.records(&caller));
            let business = api.businesses(&caller).resolve(request.business).await?;
            let dispute = request.dispute.map(|dispute| dispute.simple());
            let dispute: Option<Dispute> = records.find_named(dispute, business.id, "dispute").await?;
            let inherited = dispute.and_then(|dispute| dispute.lead);
            let lead = records.parent_lead(request.lead, inherited, business.id).await?;
            let now = api.now();
            let new = NewEvidence {
                business: business.id,
                category: request.category,
                dispute: request.dispute,
                lead: lead.as_ref().map(|lead| lead.lead.id),
                title: request.title,
                description: request.description,
                file: request.file,
            };
            let evidence = Evidence::new(EvidenceId::new(now, api.random()?), new, now);
            let file = evidence.file.as_ref();
            let upload = file.map(|file| links::upload_link(&state, environment, evidence.id, file));
            let body = caller.profile().evidence_json(&evidence, EvidenceLinks { file: None, upload });
            let response = ApiResponse::created(body).with_version(evidence.version);
            records.create(&evidence, lead.as_ref(), &call, response).await
        })
        .await
}
