//! `GET /v2/disputes/{id}/evidence-summary`: the evidence of a dispute as structured data.

use crate::read;
use crate::state::DisputesState;
use api::{ApiError, ApiResponse, Caller, PathId, require};
use axum::extract::State;
use blob::BlobKey;
use contract::ErrorKind;
use contract::native::evidence_summary_json;
use domain::EvidenceId;
use domain::disputes::evidence_summary::SummaryFile;

/// Returns the evidence of a dispute, in the form of dispute APIs, with expiring links to its files.
pub(crate) async fn get(
    State(state): State<DisputesState>,
    caller: Caller<require::PackagesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let (api, environment) = (&state.api, caller.environment());
    let dispute = read::find(api, &caller, &id).await?;
    let case = api.store().dispute_case(environment, dispute, api.now()).await?;
    let case = case.ok_or(ErrorKind::NotFound("dispute"))?;
    let summary = case.evidence_summary();
    let type_of = |evidence: EvidenceId| summary.files.iter().find(|file| file.evidence == evidence);
    let file_url = |evidence| {
        let key = BlobKey::of_evidence(environment, evidence);
        let link = |file: &SummaryFile| state.blobs.download_link(&key, file.content_type, api.now());
        type_of(evidence).map(link).unwrap_or_default()
    };
    Ok(ApiResponse::ok(evidence_summary_json(&case.dispute, &summary, &file_url)))
}
