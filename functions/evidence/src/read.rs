//! `GET …/evidence` and `GET /v2/evidence/{id}`

use crate::links;
use crate::state::EvidenceState;
use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::EvidenceListQuery;
use domain::disputes::evidence::EvidenceCategory;
use domain::{Dispute, Evidence, EvidenceId};
use store::RecordFilter;

/// Returns a piece of evidence.
pub(crate) async fn get(
    State(state): State<EvidenceState>,
    caller: Caller<require::EvidenceRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("evidenceId", "evidence", EvidenceId::parse)?;
    let evidence: Evidence = state.api.records(&caller).find(&id.simple(), "evidence").await?;
    let links = links::download_links(&state, caller.environment(), &evidence);
    Ok(ApiResponse::ok(caller.profile().evidence_json(&evidence, links)).with_version(evidence.version))
}

/// Returns a page of evidence, newest first.
pub(crate) async fn list(
    State(state): State<EvidenceState>,
    caller: Caller<require::EvidenceRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let EvidenceListQuery { business, category, dispute, lead, created } = profile.parse_evidence_list(&mut query);
    let records = state.api.records(&caller);
    if let Some(dispute) = dispute {
        records.find::<Dispute>(&dispute.simple(), "dispute").await?;
    }
    if let Some(lead) = lead {
        records.lead(lead).await?;
    }
    let matches = |evidence: &Evidence| {
        dispute.is_none_or(|dispute| evidence.dispute == Some(dispute))
            && lead.is_none_or(|lead| evidence.lead == Some(lead))
    };
    let index_value = category.map(EvidenceCategory::name);
    let mut filter = RecordFilter { index_value, ..RecordFilter::default() };
    if dispute.is_some() || lead.is_some() {
        filter.predicate = Some(&matches);
    }
    let environment = caller.environment();
    let show =
        |evidence: &Evidence| profile.evidence_json(evidence, links::download_links(&state, environment, evidence));
    records.list("evidence", query, (business, created), &filter, show).await
}
