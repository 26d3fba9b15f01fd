//! `PATCH …/leads/{id}`: changes a lead.

use crate::lead_with_follow_up;
use crate::state::LeadsState;
use api::{
    ApiError, ApiResponse, ApiState, Caller, Idempotency, IdempotentCall, Identity, IfMatch, JsonBody,
    MAX_HISTORY_BYTES, MAX_KEPT_HISTORY_BYTES, PathId, require,
};
use axum::extract::State;
use contract::{ErrorKind, Json, LeadView, native};
use domain::accounts::business::Country;
use domain::leads::contact::require_readable_contact;
use domain::{FieldErrors, Lead, LeadChange, LeadId, LeadStatus};
use store::{ConflictRetries, StoreError, StoredLead, Write};

/// Changes a lead, on condition that its version is unchanged.
pub(crate) async fn change(
    State(state): State<LeadsState>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    native::check_lead_change(body.fields())?;
    let parse = |country: &Country| native::parse_lead_change(body.fields(), country);
    let check = |old: &Lead| native::check_read_only_lead_fields(&body.fields(), &caller.profile().lead_json(old));
    let request = ChangeRequest { id: &id, if_match: &if_match, idempotency: &idempotency, body: &body };
    apply(&state, &caller, request, check, parse).await
}

/// A request that changes a lead.
pub(crate) struct ChangeRequest<'a> {
    pub(crate) id: &'a PathId,
    pub(crate) if_match: &'a IfMatch,
    pub(crate) idempotency: &'a Idempotency,
    pub(crate) body: &'a JsonBody,
}

/// Applies the change that `parse` returns for a lead of a business in this country, if `check` accepts it for the lead
/// as it is. When this returns, no further message goes out to a lead that must not be contacted any more.
pub(crate) async fn apply(
    state: &LeadsState,
    caller: &Identity,
    request: ChangeRequest<'_>,
    check: impl FnOnce(&Lead) -> Result<(), FieldErrors>,
    parse: impl Fn(&Country) -> Result<LeadChange, FieldErrors>,
) -> Result<ApiResponse, ApiError> {
    let api = &state.api;
    let precondition = request.if_match.precondition()?;
    let call = request.idempotency.call(caller, request.body)?;
    // In one trip: a replay does not need the lead, but replays are rare.
    let (first, found) = tokio::join!(call.first_response(), find(api, caller, request.id));
    if let Some(first) = first? {
        // The first request may have ended before it stopped the follow-up.
        if let Ok(found) = found {
            end_follow_up(api, caller, &found.lead, &found.lead).await?;
        }
        return Ok(first);
    }
    let mut old = found?;
    check(&old.lead)?;
    let mut retries = ConflictRetries::default();
    loop {
        if !precondition.accepts(old.lead.version) {
            return call.first_response_or(precondition.mismatch()).await;
        }
        let business = api.businesses(caller).resolve(Some(old.lead.business)).await?;
        let Ok(new) = parse(&business.country)?.apply(&old.lead, api.now()) else {
            let closed = caller.profile().lead_status_name(LeadStatus::Closed);
            let error = ErrorKind::Conflict(format!("The status of an opted-out lead can change only to {closed}."));
            return call.first_response_or(error).await;
        };
        if new.email.is_none() && new.phone.is_none() {
            return Err(ErrorKind::field("email", "is required if phone is null").into());
        }
        // A phone that was stored before as the only contact does not prevent other changes.
        if (&new.email, &new.phone) != (&old.lead.email, &old.lead.phone) {
            require_readable_contact(new.email.as_ref(), new.phone.as_ref())
                .map_err(|reason| ErrorKind::field("phone", reason))?;
        }
        let (body, stop_writes) = changed_lead(state, caller, &call, &new).await?;
        let response = ApiResponse::ok(body).with_version(new.version);
        // One transaction: the lead under its version, the move of its address in the unique e-mail index, and the stop
        // of a sequence that the response shows. Without the index in it, a crash in between would leave an address
        // that the duplicate check misses. Any failed condition means that something has changed since it was read.
        let mut writes = change_writes(api, caller, &old, &new).await?;
        writes.extend(stop_writes);
        let committed = call.commit(writes, response, &api.records(caller).protection(Some(&old))?).await?;
        if let Some(response) = committed.or_retry(&mut retries)? {
            end_follow_up(api, caller, &old.lead, &new).await?;
            return Ok(response);
        }
        old = find(api, caller, request.id).await?;
    }
}

async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<StoredLead, ApiError> {
    let id: LeadId = id.parse_lead()?;
    api.records(caller).lead(id).await
}

/// Returns the body that shows the changed lead, and the writes that stop its sequence with the change, where the body
/// shows the sequence.
async fn changed_lead(
    state: &LeadsState,
    caller: &Identity,
    call: &IdempotentCall,
    new: &Lead,
) -> Result<(Json, Vec<Write>), ApiError> {
    match caller.profile().changed_lead_view() {
        LeadView::Lead => Ok((caller.profile().lead_json(new), Vec::new())),
        LeadView::LeadWithFollowUp => {
            let max_bytes = if call.key().is_some() { MAX_KEPT_HISTORY_BYTES } else { MAX_HISTORY_BYTES };
            lead_with_follow_up::after_change(state, caller, new, max_bytes).await
        }
    }
}

/// Returns the writes of the change: the lead, and the entries of the unique e-mail index if its address changes.
async fn change_writes(
    api: &ApiState,
    caller: &Identity,
    old: &StoredLead,
    new: &Lead,
) -> Result<Vec<Write>, ApiError> {
    if new.version == old.lead.version {
        return Ok(Vec::new());
    }
    let (store, environment) = (api.store(), caller.environment());
    let moved_email = store.move_email(environment, &old.lead, new, api.now()).await?;
    let mut writes = vec![store.change_lead(environment, old, new, &caller.actor())?];
    writes.extend(moved_email);
    Ok(writes)
}

/// Ends the follow-up of a lead that must not be contacted any more. A lead that never consented was not contacted: the
/// stream's consumer stops its proposed sequence.
async fn end_follow_up(api: &ApiState, caller: &Identity, old: &Lead, new: &Lead) -> Result<(), StoreError> {
    let consents = |lead: &Lead| lead.consent.as_ref().is_some_and(|consent| consent.given);
    if consents(old) || consents(new) { api.follow_up(caller).end(new).await } else { Ok(()) }
}
