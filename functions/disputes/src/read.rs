//! `GET …/disputes` and `GET …/disputes/{id}`.

use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use contract::id;
use domain::{BusinessId, Contract, Dispute, DisputeId, DisputeStatus};
use store::RecordFilter;

/// One dispute.
pub(crate) async fn one(caller: Caller<require::DisputesRead>, id: PathId) -> Result<ApiResponse, ApiError> {
    let found = find(&caller, &id).await?;
    Ok(ApiResponse::ok(caller.profile().dispute(&found)).with_version(found.version))
}

/// The dispute that the path names, if the caller may see it.
pub(crate) async fn find<S>(caller: &Caller<S>, id: &PathId) -> Result<Dispute, ApiError> {
    let id = id.parse("disputeId", "dispute", DisputeId::parse)?;
    caller.record(&id.simple(), "dispute").await
}

/// A page of disputes, newest first.
pub(crate) async fn list(
    caller: Caller<require::DisputesRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let status = query.one_of("status", &DisputeStatus::ALL, DisputeStatus::name);
    let mut filter = RecordFilter { index_value: status.map(DisputeStatus::name), ..RecordFilter::default() };
    if caller.contract == Contract::Native {
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    let profile = caller.profile();
    caller.records("disputes", query, business, &filter, |dispute: &Dispute| profile.dispute(dispute)).await
}
