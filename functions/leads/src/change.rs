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
use domain::follow_up::suppression::{Contact, SuppressionOrigin};
use domain::leads::contact::require_readable_contact;
use domain::{FieldErrors, Lead, LeadChange, LeadId, LeadStatus};
use std::collections::BTreeMap;
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
            end_follow_up(state, caller, &found.lead, &found.lead).await?;
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
        let mut writes = change_writes(state, caller, &old, &new).await?;
        writes.extend(stop_writes);
        let committed = call.commit(writes, response, &api.records(caller).protection(Some(&old))?).await?;
        if let Some(response) = committed.or_retry(&mut retries)? {
            end_follow_up(state, caller, &old.lead, &new).await?;
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

/// Returns the writes of the change: the lead, the entries of the unique e-mail index if its address changes, and the
/// suppressions that it makes.
async fn change_writes(
    state: &LeadsState,
    caller: &Identity,
    old: &StoredLead,
    new: &Lead,
) -> Result<Vec<Write>, ApiError> {
    if new.version == old.lead.version {
        return Ok(Vec::new());
    }
    let (store, environment, now) = (state.api.store(), caller.environment(), state.api.now());
    let moved_email = store.move_email(environment, &old.lead, new, now).await?;
    let mut writes = vec![store.change_lead(environment, old, new, &caller.actor())?];
    writes.extend(moved_email);
    if suppresses(&old.lead, new) {
        // Also what the same change replaces. By their ids, for a transaction writes an item once.
        let made = [new, &old.lead]
            .map(|lead| state.suppression_key.suppressions_of(environment, lead, SuppressionOrigin::Status, now));
        let made: BTreeMap<_, _> = made.into_iter().flatten().map(|made| (made.id, made)).collect();
        writes.extend(made.values().map(|suppression| store.suppress(environment, suppression)));
    }
    Ok(writes)
}

/// Returns whether a change suppresses the lead's number and address: the person opts out, or has opted out and gets
/// another number or address.
fn suppresses(old: &Lead, new: &Lead) -> bool {
    let has_other_contacts = Contact::all_of(old) != Contact::all_of(new);
    new.opted_out_at.is_some() && (old.opted_out_at.is_none() || has_other_contacts)
}

/// Ends the follow-up of a lead that must not be contacted any more, and of all other leads with the number or address of
/// a person who has opted out. A lead that never consented was not contacted: the stream's consumer stops its proposed
/// sequence.
async fn end_follow_up(state: &LeadsState, caller: &Identity, old: &Lead, new: &Lead) -> Result<(), StoreError> {
    let (api, environment) = (&state.api, caller.environment());
    let consents = |lead: &Lead| lead.consent.as_ref().is_some_and(|consent| consent.given);
    if consents(old) || consents(new) {
        api.follow_up(caller).end(new).await?;
    }
    if new.opted_out_at.is_some() {
        let mut contacts = state.suppression_key.ids_of(environment, new);
        contacts.extend(state.suppression_key.ids_of(environment, old));
        api.store().end_suppressed(environment, &contacts, api.now()).await?;
    }
    Ok(())
}
