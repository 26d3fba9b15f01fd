//! `/v2/suppressions`: numbers and addresses that receive no message, whichever lead has them.

use crate::state::SequencesState;
use api::{
    ApiError, ApiResponse, Caller, Idempotency, IdempotentCall, Identity, JsonBody, ListPage, PathId, QueryParams,
    require,
};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::follow_up::suppression::{Contact, SuppressionOrigin};
use domain::{Suppression, SuppressionId};
use store::{CommitError, ConflictRetries, Position, Protection};

/// Suppresses a number or an address. When this returns, no further message goes out to it. Suppressing it again returns
/// the suppression that there is.
pub(crate) async fn create(
    State(state): State<SequencesState>,
    caller: Caller<require::LeadsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = native::SuppressionRequest::parse(body.fields())?;
    let contacts = contacts(&state, &caller, request.contacts()).await?;
    let ids: Vec<_> = contacts.iter().map(|contact| state.suppression_key.id(caller.environment(), contact)).collect();
    let (Some(contact), Some(id)) = (contacts.first(), ids.first()) else {
        return Err(ApiError::internal("a suppression has no contact"));
    };
    let response = idempotency
        .run(&caller, &body, async |call| create_suppression(&state, &caller, contact, *id, &call).await)
        .await?;
    // Also for a replay: the first call may have ended before it stopped the sequences.
    state.api.store().end_suppressed(caller.environment(), &ids, state.api.now()).await?;
    Ok(response)
}

async fn create_suppression(
    state: &SequencesState,
    caller: &Identity,
    contact: &Contact,
    id: SuppressionId,
    call: &IdempotentCall,
) -> Result<ApiResponse, ApiError> {
    let (store, environment) = (state.api.store(), caller.environment());
    let mut retries = ConflictRetries::default();
    loop {
        let existing = store.suppressions(environment, &[id]).await?;
        let (response, writes) = if let Some(existing) = existing.first() {
            (ApiResponse::ok(native::suppression_json(existing)), Vec::new())
        } else {
            let now = state.api.now();
            let new = Suppression { id, kind: contact.kind(), origin: SuppressionOrigin::Api, created_at: now };
            let entry = state.api.audit_log(caller).entry(Action::SuppressionCreated, id, caller.key.business)?;
            let writes = vec![store.suppress_first(environment, &new), entry];
            (ApiResponse::created(native::suppression_json(&new)), writes)
        };
        let committed = call.commit(writes, response, &Protection::Plaintext).await?;
        if let Some(response) = committed.or_retry(&mut retries)? {
            return Ok(response);
        }
    }
}

/// Returns whether a number or an address is suppressed.
pub(crate) async fn look_up(
    State(state): State<SequencesState>,
    caller: Caller<require::LeadsRead>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = native::ContactsRequest::parse(body.fields())?;
    let contacts = contacts(&state, &caller, &request).await?;
    let environment = caller.environment();
    let ids: Vec<_> = contacts.iter().map(|contact| state.suppression_key.id(environment, contact)).collect();
    idempotency
        .run(&caller, &body, async |call| {
            let found = state.api.store().suppressions(environment, &ids).await?;
            let response = ApiResponse::ok(native::suppression_lookup_json(&found));
            call.commit(Vec::new(), response, &Protection::Plaintext).await?.or_contended()
        })
        .await
}

/// Returns the contacts that a request names. A number is read with the country of the request's business.
async fn contacts(
    state: &SequencesState,
    caller: &Identity,
    request: &native::ContactsRequest,
) -> Result<Vec<Contact>, ApiError> {
    let businesses = state.api.businesses(caller);
    let business = match request.business {
        None if !request.has_phone() => None,
        named => Some(businesses.resolve(named).await?),
    };
    Ok(request.contacts(business.as_ref().map(|business| &business.country))?)
}

/// Returns a page of the suppressions of the environment, newest first.
pub(crate) async fn list(
    State(state): State<SequencesState>,
    caller: Caller<require::LeadsRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    require_whole_tenant(&caller)?;
    let page = ListPage::read(&caller, "suppressions", query)?;
    let request = page.request(Position::parse_time_key)?;
    let found = state.api.store().suppression_list(caller.environment(), &request, state.api.now()).await?;
    Ok(page.response(found.items.iter().map(native::suppression_json), found.next))
}

/// Lifts a suppression: messages may go out again.
pub(crate) async fn lift(
    State(state): State<SequencesState>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    require_whole_tenant(&caller)?;
    let id = id.parse("suppressionId", "suppression", SuppressionId::parse)?;
    let store = state.api.store();
    let lifted = store.lift_suppression(caller.environment(), id);
    let entry = state.api.audit_log(&caller).entry(Action::SuppressionLifted, id, None)?;
    match store.commit(vec![lifted, entry]).await {
        Ok(()) => Ok(ApiResponse::no_content()),
        Err(CommitError::ConditionFailed { .. }) => Err(ErrorKind::NotFound("suppression").into()),
        Err(error) => Err(error.into()),
    }
}

/// Checks that the key is not bound to one business: suppressions hold for the whole tenant.
fn require_whole_tenant(caller: &Identity) -> Result<(), ApiError> {
    if caller.key.business.is_none() {
        return Ok(());
    }
    let reason = "This API key is bound to one business. It may add suppressions, but only a key of the whole tenant may \
                  list or lift them.";
    Err(ErrorKind::Forbidden(reason.to_owned()).into())
}
