//! `POST …/webhooks/inbound`: receives an inbound event.

use crate::secrets;
use crate::state::InboundState;
use api::{
    ApiError, ApiResponse, ApiState, Caller, CommitOutcome, Idempotency, IdempotentCall, Identity, RawBody, require,
};
use axum::extract::State;
use contract::inbound_event_received_json;
use domain::audit::Action;
use domain::follow_up::inbound::InboundEventType;
use domain::follow_up::suppression::{ContactKind, SuppressionOrigin};
use domain::{InboundMessage, Lead, LeadChange, LeadId, LeadStatus};
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
    let now = state.api.now();
    secrets::verify_signature(&state, &caller, &headers, body.bytes(), now).await?;
    let body = body.parse()?;
    let event = caller.profile().parse_inbound_event(body.fields(), now)?;
    let response = idempotency.run(&caller, &body, async |call| record(&state, &caller, &event, &call).await).await?;
    if event.opts_out() {
        // Also for a replay: the first request may have ended before it stopped the follow-up.
        end_follow_up(&state, &caller, event.lead).await?;
    }
    Ok(response)
}

/// Adds the event to its lead's history, and opts the lead out if the event says so: all of it or nothing, and once.
async fn record(
    state: &InboundState,
    caller: &Identity,
    event: &InboundMessage,
    call: &IdempotentCall,
) -> Result<ApiResponse, ApiError> {
    let api = &state.api;
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
            store.put_inbound_event(environment, &found.lead, event, api.now()),
            lead_write(api, caller, event, &found)?,
            store.put_message(environment, &message)?,
        ];
        writes.extend(unanswered_since.map(|_| store.put_first_reply(environment, &found.lead)));
        let suppressions = suppression_writes(state, caller, event, &found.lead);
        writes.extend(suppressions.clone());
        writes.extend(lifting_writes(state, caller, event, &found.lead).await?);
        let protection = records.protection(Some(&found))?;
        let response = ApiResponse::ok(inbound_event_received_json());
        match call.commit(writes, response.clone(), &protection).await? {
            CommitOutcome::Committed(response) => return Ok(response),
            // The event has been recorded before: only the response remains to be kept. An opt-out suppresses all the
            // same, because events without an id are told apart by their words: this may be another STOP after a START.
            CommitOutcome::ConditionFailed(Condition::InboundEventNew) => {
                return call.commit(suppressions, response, &protection).await?.or_contended();
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

/// Returns the writes that suppress the number and address of a lead that opts out.
fn suppression_writes(state: &InboundState, caller: &Identity, event: &InboundMessage, lead: &Lead) -> Vec<Write> {
    if !event.opts_out() {
        return Vec::new();
    }
    let environment = caller.environment();
    let origin = match event.event {
        InboundEventType::Reply => SuppressionOrigin::Reply,
        InboundEventType::OptOut => SuppressionOrigin::OptOutEvent,
    };
    let made = state.suppression_key.suppressions_of(environment, lead, origin, state.api.now());
    made.iter().map(|suppression| state.api.store().suppress(environment, suppression)).collect()
}

/// Returns the writes that lift the suppression of a lead's number, if the person asks for messages again from it, and
/// that of its address, if the same opt-out made both.
async fn lifting_writes(
    state: &InboundState,
    caller: &Identity,
    event: &InboundMessage,
    lead: &Lead,
) -> Result<Vec<Write>, ApiError> {
    if !event.opts_in_by_phone() {
        return Ok(Vec::new());
    }
    let (store, environment) = (state.api.store(), caller.environment());
    let contacts = state.suppression_key.ids_of(environment, lead);
    let found = store.suppressions(environment, &contacts).await?;
    let Some(of_number) = found.iter().find(|found| found.kind == ContactKind::Phone) else { return Ok(Vec::new()) };
    let mut writes = Vec::new();
    for lifted in found.iter().filter(|found| found.is_of_same_opt_out(of_number)) {
        writes.push(store.lift_suppression(environment, lifted.id));
        let log = state.api.audit_log(caller);
        writes.push(log.entry(Action::SuppressionLifted, lifted.id, Some(lead.business))?);
    }
    Ok(writes)
}

/// Ends the follow-up of a lead that has opted out, and of all other leads with its number or address, and waits for
/// messages that are being sent.
async fn end_follow_up(state: &InboundState, caller: &Identity, lead: LeadId) -> Result<(), ApiError> {
    let (api, environment) = (&state.api, caller.environment());
    let found = api.store().lead(environment, lead, api.now()).await?;
    // The event that was recorded before under the same id may have been another one, and the lead not opted out.
    if let Some(found) = found {
        api.follow_up(caller).end(&found.lead).await?;
        let contacts = state.suppression_key.ids_of(environment, &found.lead);
        api.store().end_suppressed(environment, &contacts, api.now()).await?;
    }
    Ok(())
}
