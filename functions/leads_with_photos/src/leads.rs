//! LeadRescue's API for leads: with a photo, a sequence and a message history.

use crate::lead_with_follow_up::{self, LeadWithFollowUp};
use crate::photos::STORED_TYPE;
use crate::state::LeadsWithPhotosState;
use api::{
    ApiError, ApiResponse, Caller, CommitOutcome, Idempotency, IdempotentCall, Identity, IfMatch, JsonBody,
    LeadChangeCall, LeadCreation, MAX_HISTORY_BYTES, MAX_KEPT_HISTORY_BYTES, PathId, require,
};
use axum::extract::State;
use contract::lead_rescue;
use domain::leads::Photo;
use domain::{Business, Lead, LeadId, Message, PhotoId, Sequence};
use store::{Protection, StoreError};

/// `POST /v1/leads`: creates a lead with its photo, and starts its sequence where there is consent.
pub(crate) async fn create(
    State(state): State<LeadsWithPhotosState>,
    caller: Caller<require::LeadsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = caller.profile().parse_lead_request(body.fields())?;
    let call = idempotency.call(&caller, &body)?;
    let creation = LeadCreation::of_call(&state.api, request, call.key().copied())?;
    let environment = caller.environment();
    let photo = Photo { id: PhotoId::for_lead(creation.id, &body.fingerprint().value), content_type: STORED_TYPE };
    if let Some(first) = call.first_response().await? {
        return renew_photo_link(&state, &caller, first, creation.id).await;
    }
    let (mut lead, business) = creation.lead_and_business(&state.api, &caller).await?;
    if let Some(base64) = lead_rescue::take_photo(body.into_object()) {
        // The photo first, so that no lead ever names a photo that is not stored.
        let jpeg = state.photos.read(environment.tenant, base64).await?;
        state.photos.put(environment, &photo, jpeg).await?;
        lead.photo = Some(photo.clone());
    }
    let stored = store(&state, &caller, &creation, &call, &business, &lead).await;
    if let Err(error) = &stored
        && lead.photo.is_some()
        && is_orphaned(&state, &caller, &creation, error).await
    {
        state.photos.remove(environment, photo.id).await;
    }
    let response = stored?;
    if response.is_replayed() {
        return renew_photo_link(&state, &caller, response, creation.id).await;
    }
    Ok(lead_with_follow_up::renew_photo_link(&state, environment, response, &photo))
}

/// Returns a replayed response with a new link to the photo of its lead, if that has one.
async fn renew_photo_link(
    state: &LeadsWithPhotosState,
    caller: &Identity,
    response: ApiResponse,
    lead: LeadId,
) -> Result<ApiResponse, ApiError> {
    Ok(match state.api.records(caller).lead(lead).await?.lead.photo {
        Some(photo) => lead_with_follow_up::renew_photo_link(state, caller.environment(), response, &photo),
        None => response,
    })
}

/// Stores a lead with the sequence that starts or is proposed, and returns both.
async fn store(
    state: &LeadsWithPhotosState,
    caller: &Identity,
    creation: &LeadCreation,
    call: &IdempotentCall,
    business: &Business,
    lead: &Lead,
) -> Result<ApiResponse, ApiError> {
    let (store, environment, now) = (state.api.store(), caller.environment(), creation.now);
    let follow_up = state.api.follow_up(caller);
    let contacts = state.suppression_key.ids_of(environment, lead);
    let (sequence, suppressed) = tokio::join!(
        follow_up.new_sequence(lead, business, None, None, state.timing.speedup),
        store.suppressions(environment, &contacts)
    );
    let sequence = sequence?;
    // Shown, and never sent, as one that an opt-out has stopped. If the opt-out comes now, the first message finds it.
    let sequence = if suppressed?.is_empty() { sequence } else { sequence.stopped_by_suppression(now) };
    let check_at = sequence.due_at.map(|due_at| state.timing.check_at_when_scheduled(due_at, now));
    let (put_lead, data_key) = store.put_lead(environment, lead, creation.key(), now)?;
    // One transaction, so that a lead with consent never lacks its sequence: nothing would start it later. The unique
    // e-mail index is not part of it, because these leads have no address.
    let writes = vec![put_lead, store.put_sequence(environment, &sequence, None, check_at)?];
    let response = |lead: &Lead, sequence: Option<&Sequence>, messages: &[Message]| {
        let body = lead_with_follow_up::show(state, caller, lead, sequence, messages);
        ApiResponse::created(body).with_version(lead.version)
    };
    let first = response(lead, Some(&sequence), &[]);
    match call.commit(writes, first, &Protection::LeadKey(lead.id, data_key)).await? {
        CommitOutcome::Committed(response) => Ok(response),
        // The same request was made so long ago that its record has expired. Its lead has not.
        CommitOutcome::ConditionFailed(_) => match creation.find_replay(&state.api, caller).await? {
            Some(outcome) => {
                let (sequence, messages) = follow_up.history(outcome.lead.id, MAX_KEPT_HISTORY_BYTES).await?;
                let sequence = follow_up.as_shown(&outcome.lead, sequence, &state.suppression_key).await?;
                Ok(response(&outcome.lead, sequence.as_ref(), &messages).replayed())
            }
            None => Err(StoreError::Contended.into()),
        },
    }
}

/// Returns whether a failed request leaves a photo that no lead names.
async fn is_orphaned(
    state: &LeadsWithPhotosState,
    caller: &Identity,
    creation: &LeadCreation,
    error: &ApiError,
) -> bool {
    if !error.kind.is_server_error() {
        return true;
    }
    // After a server error the lead may have been stored. Under an idempotency key the request is retried, and then
    // finds the photo with its lead or stores it again.
    let api = &state.api;
    creation.key().is_none() && matches!(api.store().lead(caller.environment(), creation.id, api.now()).await, Ok(None))
}

/// `GET /v1/leads/{id}`: returns a lead with its whole history.
pub(crate) async fn get(
    State(state): State<LeadsWithPhotosState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse_lead()?;
    let (records, follow_up) = (state.api.records(&caller), state.api.follow_up(&caller));
    let (found, history) = tokio::join!(records.lead(id), follow_up.history(id, MAX_HISTORY_BYTES));
    let lead = found?.lead;
    let (sequence, messages) = history?;
    let sequence = follow_up.as_shown(&lead, sequence, &state.suppression_key).await?;
    let body = lead_with_follow_up::show(&state, &caller, &lead, sequence.as_ref(), &messages);
    Ok(ApiResponse::ok(body).with_version(lead.version))
}

/// `PATCH /v1/leads/{id}`: changes the status of a lead.
pub(crate) async fn change(
    State(state): State<LeadsWithPhotosState>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = lead_rescue::parse_lead_change(body.fields())?;
    let view = LeadWithFollowUp { state: &state, caller: &caller };
    let call = LeadChangeCall {
        api: &state.api,
        suppression_key: &state.suppression_key,
        caller: &caller,
        id: &id,
        if_match: &if_match,
        idempotency: &idempotency,
        body: &body,
    };
    let response = call.apply(|_| Ok(()), |_| Ok(change.clone()), &view).await?;
    if !response.is_replayed() {
        return Ok(response);
    }
    renew_photo_link(&state, &caller, response, id.parse_lead()?).await
}
