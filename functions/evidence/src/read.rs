//! `GET …/evidence` and `GET /v2/evidence/{id}`.

use crate::{Exhibits, links};
use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::id;
use domain::disputes::evidence::EvidenceCategory;
use domain::{BusinessId, Contract, Dispute, DisputeId, Evidence, EvidenceId, LeadId};
use store::RecordFilter;

/// One piece of evidence.
pub(crate) async fn one(
    State(exhibits): State<Exhibits>,
    caller: Caller<require::EvidenceRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("evidenceId", "evidence", EvidenceId::parse)?;
    let found: Evidence = caller.record(&id.simple(), "evidence").await?;
    let links = links::of(&exhibits, caller.environment(), &found);
    Ok(ApiResponse::ok(caller.profile().evidence(&found, links)).with_version(found.version))
}

/// A page of evidence, newest first.
pub(crate) async fn list(
    State(exhibits): State<Exhibits>,
    caller: Caller<require::EvidenceRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let category = query.one_of("category", &EvidenceCategory::ALL, EvidenceCategory::name);
    let (mut dispute, mut lead) = (None, None);
    let mut filter = RecordFilter { index_value: category.map(EvidenceCategory::name), ..RecordFilter::default() };
    if caller.contract == Contract::Native {
        dispute = query.optional("disputeId", id(DisputeId::parse));
        lead = query.optional("leadId", id(LeadId::parse));
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    if let Some(dispute) = dispute {
        caller.record::<Dispute>(&dispute.simple(), "dispute").await?;
    }
    if let Some(lead) = lead {
        caller.lead(lead).await?;
    }
    let passes = |evidence: &Evidence| {
        dispute.is_none_or(|dispute| evidence.dispute == Some(dispute))
            && lead.is_none_or(|lead| evidence.lead == Some(lead))
    };
    if dispute.is_some() || lead.is_some() {
        filter.predicate = Some(&passes);
    }
    let (profile, environment) = (caller.profile(), caller.environment());
    let show = |evidence: &Evidence| profile.evidence(evidence, links::of(&exhibits, environment, evidence));
    caller.records("evidence", query, business, &filter, show).await
}
