//! `GET …/disputes` and `GET …/disputes/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, Identity, PathId, QueryParams, require};
use axum::extract::State;
use contract::DisputeListQuery;
use domain::{Dispute, DisputeId, DisputeStatus};
use store::RecordFilter;

/// Returns a dispute.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::DisputesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let dispute = find(&api, &caller, &id).await?;
    Ok(ApiResponse::ok(caller.profile().dispute_json(&dispute)).with_version(dispute.version))
}

/// Returns the dispute that the path names, if the caller may access it.
pub(crate) async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<Dispute, ApiError> {
    let id = id.parse("disputeId", "dispute", DisputeId::parse)?;
    api.records(caller).find(&id.simple(), "dispute").await
}

/// Returns a page of disputes, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::DisputesRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let DisputeListQuery { business, status, created } = profile.parse_dispute_list(&mut query);
    let index_value = status.map(DisputeStatus::name);
    let filter = RecordFilter { index_value, ..RecordFilter::default() };
    let show = |dispute: &Dispute| profile.dispute_json(dispute);
    api.records(&caller).list("disputes", query, (business, created), &filter, show).await
}
