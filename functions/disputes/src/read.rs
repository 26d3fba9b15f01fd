//! `GET …/disputes` and `GET …/disputes/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, Identity, PathId, QueryParams, require};
use axum::extract::State;
use contract::{DisputeListQuery, DisputeView, ShownCase};
use domain::disputes::case::checklist;
use domain::disputes::evidence::EvidenceCategory;
use domain::{BusinessId, Dispute, DisputeId, DisputeStatus, Evidence, Package, Scope, Timestamp};
use store::{RecordFilter, StoreError};

/// Maximum number of businesses whose evidence is looked through while the dispute is still being read, which saves a trip.
/// A tenant with more pays that trip instead of a query for each.
const MAX_CONCURRENT_BUSINESSES: usize = 4;

/// Returns a dispute; natively with the evidence that its reason asks for, and its packages.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::DisputesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let (dispute, body) = match profile.dispute_view() {
        DisputeView::Dispute => {
            let dispute = find(&api, &caller, &id).await?;
            let body = profile.dispute_json(&dispute);
            (dispute, body)
        }
        DisputeView::DisputeWithCase => {
            let (dispute, evidence, packages) = find_with_case(&api, &caller, &id).await?;
            let history = history(&api, &caller, &dispute).await?;
            let checklist = checklist(&dispute, &evidence, history);
            let case = ShownCase { checklist: &checklist, packages: &packages };
            let body = profile.dispute_case_json(&dispute, &case);
            (dispute, body)
        }
    };
    Ok(ApiResponse::ok(body).with_version(dispute.version))
}

/// Returns the dispute that the path names, if the caller may access it.
pub(crate) async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<Dispute, ApiError> {
    let id = id.parse("disputeId", "dispute", DisputeId::parse)?;
    api.records(caller).find(&id.simple(), "dispute").await
}

/// Returns the dispute that the path names with its evidence and its packages. Those are read at the same time from the few
/// businesses that it may be with, or else afterwards from its own.
async fn find_with_case(
    api: &ApiState,
    caller: &Identity,
    id: &PathId,
) -> Result<(Dispute, Vec<Evidence>, Vec<Package>), ApiError> {
    let dispute_id = id.parse("disputeId", "dispute", DisputeId::parse)?;
    let mut businesses = api.businesses(caller).ids_in_scope(None).await?;
    if businesses.len() > MAX_CONCURRENT_BUSINESSES {
        let dispute = find(api, caller, id).await?;
        businesses = vec![dispute.business];
        let (evidence, packages) = answers(api, caller, &businesses, (dispute.id, dispute.created_at)).await?;
        return Ok((dispute, evidence, packages));
    }
    let opened_at = dispute_id.timestamp();
    let (dispute, answers) =
        tokio::join!(find(api, caller, id), answers(api, caller, &businesses, (dispute_id, opened_at)));
    let (dispute, (mut evidence, mut packages)) = (dispute?, answers?);
    evidence.retain(|evidence| evidence.business == dispute.business);
    packages.retain(|package| package.business == dispute.business);
    Ok((dispute, evidence, packages))
}

/// Returns the kinds of evidence that the history of the dispute's lead is by itself, for keys that may read leads: others
/// are not told whether there are messages.
async fn history(
    api: &ApiState,
    caller: &Identity,
    dispute: &Dispute,
) -> Result<&'static [EvidenceCategory], StoreError> {
    match dispute.lead.filter(|_| caller.key.scopes.contains(Scope::LeadsRead)) {
        Some(lead) => api.store().history_of_lead(caller.environment(), lead, api.now()).await,
        None => Ok(&[]),
    }
}

/// Reads the evidence and the packages of a dispute that was opened at a time, concurrently.
async fn answers(
    api: &ApiState,
    caller: &Identity,
    businesses: &[BusinessId],
    (dispute, opened_at): (DisputeId, Timestamp),
) -> Result<(Vec<Evidence>, Vec<Package>), StoreError> {
    let (store, environment, now) = (api.store(), caller.environment(), api.now());
    let (evidence, packages) = tokio::join!(
        store.evidence_of_dispute(environment, businesses, (dispute, opened_at), now),
        store.packages_of_dispute(environment, businesses, dispute, now)
    );
    Ok((evidence?, packages?))
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
