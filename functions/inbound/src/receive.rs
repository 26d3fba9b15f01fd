//! `POST …/webhooks/inbound`: receives an inbound event.

use crate::secrets;
use crate::state::InboundState;
use api::{
    ApiError, ApiResponse, ApiState, Caller, CommitOutcome, Idempotency, IdempotentCall, Identity, RawBody, require,
};
use axum::extract::State;
use contract::inbound_event_received_json;
use domain::follow_up::inbound::InboundEventType;
use domain::{InboundMessage, LeadChange, LeadId, LeadStatus};
use http::HeaderMap;
use store::{Condition, ConflictRetries, MAX_SEQUENCE_CONFLICT_ATTEMPTS, StoredLead, Write};

/// Records an event; sending it again has the same result. When an opt-out has been acknowledged, no further message
/// goes out.
pub(crate) async fn receive(
    State(state): State<InboundState>,
    caller: Caller<require::InboundWrite>,
    headers: HeaderMap,
    idempotency: Idempotency,
    body: RawBody,
) -> Result<ApiResponse, ApiError> {
    let (api, now) = (&state.api, state.api.now());
    secrets::verify_signature(&state, &caller, &headers, body.bytes(), now).await?;
    let body = body.parse()?;
    let event = caller.profile().parse_inbound_event(body.fields(), now)?;
    let response = idempotency.run(&caller, &body, async |call| record(api, &caller, &event, &call).await).await?;
    if event.opts_out() {
        // Also for a replay: the first request may have ended before it stopped the follow-up.
        end_follow_up(api, &caller, event.lead).await?;
    }
    Ok(response)
}

/// Adds the event to its lead's history, and opts the lead out if the event says so: all of it or nothing, and once.
async fn record(
    api: &ApiState,
    caller: &Identity,
    event: &InboundMessage,
    call: &IdempotentCall,
) -> Result<ApiResponse, ApiError> {
    let (store, environment, records) = (api.store(), caller.environment(), api.records(caller));
    let mut retries = ConflictRetries::new(MAX_SEQUENCE_CONFLICT_ATTEMPTS);
    loop {
        let found = records.lead(event.lead).await?;
        let unanswered_since = match event.event {
            InboundEventType::Reply => store.unanswered_since(environment, event.lead).await?,
            InboundEventType::OptOut => None,
        };
        let message = event.message(&found.lead, unanswered_since, api.now());
        // One transaction: the record of the event with its whole effect. Written before the effect, it would turn a
        // crash in between into an opt-out that is lost, for the repetition is taken as processed; written after it,
        // into a message that is recorded twice.
        let mut writes = vec![
            store.put_inbound_event(environment, &found.lead, &event.digest),
            lead_write(api, caller, event, &found)?,
            store.put_message(environment, &message)?,
        ];
        writes.extend(unanswered_since.map(|_| store.put_first_reply(environment, &found.lead)));
        let protection = records.protection(Some(&found))?;
        let response = ApiResponse::ok(inbound_event_received_json());
        match call.commit(writes, response.clone(), &protection).await? {
            CommitOutcome::Committed(response) => return Ok(response),
            // The event has been recorded before: only the response remains to be kept.
            CommitOutcome::ConditionFailed(Condition::InboundEventNew) => {
                return call.commit(Vec::new(), response, &protection).await?.or_contended();
            }
            // The lead has been changed, or has replied.
            CommitOutcome::ConditionFailed(_) => {}
        }
        retries.next_attempt()?;
    }
}

/// Returns the write of the event's lead: its opt-out, or a check that it still exists.
fn lead_write(
    api: &ApiState,
    caller: &Identity,
    event: &InboundMessage,
    found: &StoredLead,
) -> Result<Write, ApiError> {
    let (store, environment) = (api.store(), caller.environment());
    if !event.opts_out() || found.lead.opted_out_at.is_some() {
        return Ok(store.check_lead_exists(environment, event.lead));
    }
    let change = LeadChange { status: Some(LeadStatus::OptedOut), ..LeadChange::default() };
    let opted_out = change.apply(&found.lead, api.now());
    let opted_out = opted_out.map_err(|_| ApiError::internal("a lead cannot opt out"))?;
    Ok(store.change_lead(environment, found, &opted_out, &caller.actor())?)
}

/// Ends the follow-up of a lead that has opted out, and waits for a message that is being sent.
async fn end_follow_up(api: &ApiState, caller: &Identity, lead: LeadId) -> Result<(), ApiError> {
    let found = api.store().lead(caller.environment(), lead, api.now()).await?;
    // The event that was recorded before under the same id may have been another one, and the lead not opted out.
    if let Some(found) = found {
        api.follow_up(caller).end(&found.lead).await?;
    }
    Ok(())
}
