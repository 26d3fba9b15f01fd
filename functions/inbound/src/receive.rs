//! `POST …/webhooks/inbound`: an event comes in, is taken once, and ends follow-up where it says so.

use crate::{Inbound, secrets};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, RawBody, require};
use axum::extract::State;
use contract::{read_inbound, received};
use domain::follow_up::inbound::InboundEventType;
use domain::{LeadChange, LeadId, LeadStatus};
use store::{CommitError, Condition, IdempotencyKey, StoreError, StoredLead, Write};

/// How often an event that met a change of its lead is taken anew.
const ROUNDS: u32 = 10;

/// Takes an event. Once more is as good as once; after the answer to an opt-out nothing goes out.
pub(crate) async fn receive(
    State(inbound): State<Inbound>,
    caller: Caller<require::InboundWrite>,
    body: RawBody,
) -> Result<ApiResponse, ApiError> {
    let now = inbound.api.now();
    secrets::check(&inbound, &caller, body.bytes(), now).await?;
    let input = body.read()?;
    let event = read_inbound(caller.contract, &input.fields, now)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    let answer = match caller.replay(idempotency_key.as_ref()).await? {
        Some(first) => first,
        None => take(&inbound, &caller, &event, idempotency_key.as_ref()).await?,
    };
    if event.opts_out() {
        // Also where it was taken before: the first call may have come to no end.
        end_follow_up(&inbound, &caller, event.lead).await?;
    }
    Ok(answer)
}

/// Puts the event into its lead's history, and opts the lead out where it says so: all of it or nothing, once.
async fn take(
    inbound: &Inbound,
    caller: &Caller<require::InboundWrite>,
    event: &domain::InboundMessage,
    idempotency_key: Option<&IdempotencyKey>,
) -> Result<ApiResponse, ApiError> {
    let (store, environment) = (inbound.api.store(), caller.environment());
    for _ in 0..ROUNDS {
        let found = caller.lead(event.lead).await?;
        let unanswered_since = match event.event {
            InboundEventType::Reply => store.unanswered_since(environment, event.lead).await?,
            InboundEventType::OptOut => None,
        };
        let message = event.message(&found.lead, unanswered_since, inbound.api.now());
        let mut writes = vec![
            store.put_inbound_event(environment, &found.lead, &event.digest),
            lead_write(inbound, caller, event, &found)?,
            store.put_message(environment, &message)?,
        ];
        writes.extend(unanswered_since.map(|_| store.put_first_reply(environment, &found.lead)));
        let protection = caller.personal_protection(Some(&found))?;
        let answer = ApiResponse::ok(received());
        match caller.commit(writes, idempotency_key, answer.clone(), &protection).await? {
            CommitOutcome::Answered(answer) => return Ok(answer),
            CommitOutcome::ConditionFailed(CommitError::ConditionFailed {
                condition: Condition::InboundEventNew,
                ..
            }) => {
                return caller.commit(Vec::new(), idempotency_key, answer, &protection).await?.or_contended();
            }
            // The lead has changed since, or has replied.
            CommitOutcome::ConditionFailed(_) => {}
        }
    }
    Err(StoreError::Contended.into())
}

/// The write that lets the event stand or fall with its lead: the lead opts out by it, or is merely there.
fn lead_write(
    inbound: &Inbound,
    caller: &Caller<require::InboundWrite>,
    event: &domain::InboundMessage,
    found: &StoredLead,
) -> Result<Write, ApiError> {
    let (store, environment) = (inbound.api.store(), caller.environment());
    if !event.opts_out() || found.lead.opted_out_at.is_some() {
        return Ok(store.check_lead_exists(environment, event.lead));
    }
    let change = LeadChange { status: Some(LeadStatus::OptedOut), ..LeadChange::default() };
    let opted_out = change.apply(&found.lead, inbound.api.now());
    let opted_out = opted_out.map_err(|_| ApiError::internal("a lead cannot opt out"))?;
    Ok(store.change_lead(environment, found, &opted_out, &caller.actor())?)
}

/// Ends what is written to a lead that has opted out, and waits for what is on its way.
async fn end_follow_up(
    inbound: &Inbound,
    caller: &Caller<require::InboundWrite>,
    lead: LeadId,
) -> Result<(), ApiError> {
    let found = inbound.api.store().lead(caller.environment(), lead, inbound.api.now()).await?;
    // What was taken before under the same id may have said something else, and the lead may be written to.
    if let Some(found) = found {
        caller.end_follow_up(&found.lead).await?;
    }
    Ok(())
}
