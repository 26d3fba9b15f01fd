//! `POST /v2/disputes/{id}/packages`: requests an evidence package.

use crate::package_links::{document_link, renew_link};
use crate::state::DisputesState;
use api::{
    ApiError, ApiResponse, Caller, CommitOutcome, Idempotency, IdempotentCall, Identity, OptionalJsonBody, PathId,
    require,
};
use axum::extract::State;
use contract::ErrorKind;
use contract::native::{package_json, parse_package_request};
use domain::disputes::case::DisputeCase;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::{Dispute, DisputeId, Package, PackageStatus};
use store::{Condition, Protection};

/// Maximum number of packages of the same content: further ones are made only after the one before has failed.
const MAX_GENERATIONS: u32 = 10;

/// Requests a package of the dispute, or returns the one that was made of the same content.
///
/// The package's id is derived from what it would show, so the write itself finds an earlier one.
pub(crate) async fn create(
    State(state): State<DisputesState>,
    caller: Caller<require::PackagesWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("disputeId", "dispute", DisputeId::parse)?;
    let profile = parse_package_request(body.fields())?;
    let environment = caller.environment();
    let replay = async |first| Ok(renew_link(&state, environment, first).await?);
    idempotency
        .run_or_replay_with(&caller, &body, replay, async |call| {
            let (api, records) = (&state.api, state.api.records(&caller));
            let dispute: Dispute = records.find(&id.simple(), "dispute").await?;
            let case = api.store().dispute_case(environment, dispute, api.now()).await?;
            let case = case.ok_or(ErrorKind::NotFound("dispute"))?;
            // Only a response that is kept needs the data key of the lead.
            let lead = match call.key() {
                Some(_) => records.parent_lead(None, case.dispute.lead, case.dispute.business).await?,
                None => None,
            };
            let protection = records.protection(lead.as_ref())?;
            request(&state, &caller, &call, (&case, profile), &protection).await
        })
        .await
}

async fn request(
    state: &DisputesState,
    caller: &Identity,
    call: &IdempotentCall,
    (case, profile): (&DisputeCase, NetworkProfile),
    protection: &Protection,
) -> Result<ApiResponse, ApiError> {
    let (store, environment, now) = (state.api.store(), caller.environment(), state.api.now());
    let fingerprint = case.fingerprint(profile);
    let mut failed = None;
    for generation in 0..MAX_GENERATIONS {
        let id = Package::id_of(case.dispute.id, &fingerprint, generation);
        let package = Package::new(id, &case.dispute, profile, case.expires_at(), now);
        let package = Package { lead: case.lead_of_dispute(), ..package };
        let writes = store.put_package(environment, &package, state.timing.check_at_when_enqueued(now))?;
        let response = ApiResponse::created(package_json(&package, None)).with_version(package.version);
        match call.commit(writes, response, protection).await? {
            CommitOutcome::Committed(response) => return Ok(response),
            // The lead was erased a moment ago.
            CommitOutcome::ConditionFailed(Condition::LeadExists) => return Err(ErrorKind::NotFound("lead").into()),
            CommitOutcome::ConditionFailed(_) => {}
        }
        match store.record::<Package>(environment, &id.simple(), now).await? {
            Some(found) if found.status != PackageStatus::Failed => {
                return existing(state, caller, call, &found, protection).await;
            }
            found => failed = found.or(failed),
        }
    }
    match failed {
        Some(failed) => existing(state, caller, call, &failed, protection).await,
        None => Err(store::StoreError::Contended.into()),
    }
}

/// Returns the response with a package that was requested before.
async fn existing(
    state: &DisputesState,
    caller: &Identity,
    call: &IdempotentCall,
    package: &Package,
    protection: &Protection,
) -> Result<ApiResponse, ApiError> {
    let link = document_link(state, caller.environment(), package);
    let response = ApiResponse::ok(package_json(package, link));
    call.commit(Vec::new(), response, protection).await?.or_contended()
}
