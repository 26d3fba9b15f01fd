//! `POST …/sequences`: starts a sequence.

use crate::state::SequencesState;
use api::{ApiError, ApiResponse, Caller, Idempotency, IdempotentCall, Identity, JsonBody, require};
use axum::extract::State;
use contract::{ErrorKind, SequenceRequest};
use domain::follow_up::sequence::{SequenceStatus, StopReason};
use domain::{Lead, Sequence};
use store::{ConflictRetries, MAX_SEQUENCE_CONFLICT_ATTEMPTS};

/// Starts a lead's sequence. Without the lead's consent the sequence is only proposed, and no message is sent.
pub(crate) async fn start(
    State(state): State<SequencesState>,
    caller: Caller<require::SequencesWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = caller.profile().parse_sequence_request(body.fields())?;
    idempotency.run(&caller, &body, async |call| start_sequence(&state, &caller, &request, &call).await).await
}

async fn start_sequence(
    state: &SequencesState,
    caller: &Identity,
    request: &SequenceRequest,
    call: &IdempotentCall,
) -> Result<ApiResponse, ApiError> {
    let (api, store, environment) = (&state.api, state.api.store(), caller.environment());
    let (records, follow_up) = (api.records(caller), api.follow_up(caller));
    let mut retries = ConflictRetries::new(MAX_SEQUENCE_CONFLICT_ATTEMPTS);
    loop {
        let now = api.now();
        let (found, before) = tokio::join!(records.lead(request.lead), store.sequence(environment, request.lead, now));
        let (found, before) = (found?, before?);
        if let Some(conflict) = conflict(&found.lead, before.as_ref()) {
            return call.first_response_or(ErrorKind::Conflict(conflict)).await;
        }
        let business = api.businesses(caller).resolve(Some(found.lead.business)).await?;
        let (template, speedup) = (request.template, state.timing.speedup);
        let contacts = state.suppression_key.ids_of(environment, &found.lead);
        let (new, suppressed) = tokio::join!(
            follow_up.new_sequence(&found.lead, &business, template, before.as_ref(), speedup),
            store.suppressions(environment, &contacts)
        );
        let new = new?;
        // Shown, and never sent, as one that an opt-out has stopped. If the opt-out comes now, the first message finds it.
        let new = if suppressed?.is_empty() { new } else { new.stopped_by_suppression(now) };
        // A sequence that is already proposed stays as it is.
        let proposed = before.as_ref().filter(|before| is_already_proposed(before, &new));
        let writes = if proposed.is_some() {
            Vec::new()
        } else {
            let check_at = new.due_at.map(|due_at| state.timing.check_at_when_scheduled(due_at, now));
            // The lead is checked in the same transaction. Otherwise an opt-out between the read and the write would
            // find no sequence to stop, and the sequence would start after it.
            let check_lead = match new.status {
                SequenceStatus::Running => store.check_contactable(environment, found.lead.id, found.lead.version),
                _ => store.check_lead_exists(environment, found.lead.id),
            };
            let version = before.as_ref().map(|before| before.version);
            vec![store.put_sequence(environment, &new, version, check_at)?, check_lead]
        };
        let response = ApiResponse::created(caller.profile().sequence_json(proposed.unwrap_or(&new)));
        let committed = call.commit(writes, response, &records.protection(Some(&found))?).await?;
        if let Some(response) = committed.or_retry(&mut retries)? {
            return Ok(response);
        }
    }
}

/// Returns the reason why no sequence can start for `lead`, whose last one is `before`.
fn conflict(lead: &Lead, before: Option<&Sequence>) -> Option<String> {
    let reason = match StopReason::for_lead(lead) {
        None | Some(StopReason::NoConsent) => {
            let before = before.filter(|before| before.is_unfinished())?;
            return Some(if before.status == SequenceStatus::Running {
                "The lead already has a running sequence. Stop it first.".to_owned()
            } else {
                "A message of the lead's previous sequence is still being sent. Try again in a minute.".to_owned()
            });
        }
        Some(StopReason::OptedOut) => "has opted out",
        Some(StopReason::Won) => "is won",
        Some(StopReason::Lost) => "is lost",
        Some(StopReason::Closed | StopReason::Requested) => "is closed",
    };
    Some(format!("The lead {reason} and cannot be contacted."))
}

fn is_already_proposed(before: &Sequence, new: &Sequence) -> bool {
    let proposed = SequenceStatus::Proposed;
    before.status == proposed && new.status == proposed && before.template == new.template
}
