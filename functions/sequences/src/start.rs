//! `POST …/sequences`: a lead is followed up.

use crate::Sequences;
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, require};
use axum::extract::State;
use contract::{ErrorKind, read_sequence, sequence};
use domain::Sequence;
use domain::follow_up::sequence::{SequenceStatus, StopReason};
use store::{CommitError, StoreError};

/// How often a start that met a change is tried anew.
const ROUNDS: u32 = 10;

/// Starts a lead's sequence; where the lead has not consented it is proposed, and nobody is written to.
pub(crate) async fn start(
    State(sequences): State<Sequences>,
    caller: Caller<require::SequencesWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let wanted = read_sequence(caller.contract, &input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let (store, environment) = (sequences.api.store(), caller.environment());
    for _ in 0..ROUNDS {
        let now = sequences.api.now();
        let (found, before) = tokio::join!(caller.lead(wanted.lead), store.sequence(environment, wanted.lead, now));
        let (found, before) = (found?, before?);
        let error = match (StopReason::for_lead(&found.lead), &before) {
            (Some(StopReason::NoConsent) | None, Some(before)) if before.is_unfinished() => {
                Some(if before.status == SequenceStatus::Running {
                    "The lead's sequence is running: stop it first.".to_owned()
                } else {
                    "A message of the lead's sequence is still on its way: try again in a minute.".to_owned()
                })
            }
            (Some(StopReason::NoConsent) | None, _) => None,
            (Some(reason), _) => Some(format!("The lead is {}: nobody writes to it.", words_of(reason))),
        };
        if let Some(error) = error {
            return caller.first_or(idempotency_key.as_ref(), ErrorKind::Conflict(error)).await;
        }
        let business = caller.place(Some(found.lead.business)).await?;
        let speedup = sequences.timing.speedup;
        let new = caller.sequence_of(&found.lead, &business, wanted.template, before.as_ref(), speedup).await?;
        // A plan that was proposed already stands as it was.
        let proposed = before.as_ref().filter(|before| is_proposed_already(before, &new));
        let writes = if proposed.is_some() {
            Vec::new()
        } else {
            let check_at = new.due_at.map(|due_at| sequences.timing.check_at_when_scheduled(due_at, now));
            let there = match new.status {
                SequenceStatus::Running => store.check_contactable(environment, found.lead.id, found.lead.version),
                _ => store.check_lead_exists(environment, found.lead.id),
            };
            vec![store.put_sequence(environment, &new, before.as_ref().map(|before| before.version), check_at)?, there]
        };
        let answer = ApiResponse::created(sequence(caller.contract, proposed.unwrap_or(&new)));
        match caller
            .commit(writes, idempotency_key.as_ref(), answer, &caller.personal_protection(Some(&found))?)
            .await?
        {
            CommitOutcome::Answered(answer) => return Ok(answer),
            CommitOutcome::ConditionFailed(CommitError::ConditionFailed { .. }) => {}
            CommitOutcome::ConditionFailed(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Contended.into())
}

fn is_proposed_already(before: &Sequence, new: &Sequence) -> bool {
    let proposed = SequenceStatus::Proposed;
    before.status == proposed && new.status == proposed && before.template == new.template
}

fn words_of(reason: StopReason) -> &'static str {
    match reason {
        StopReason::OptedOut => "opted out",
        StopReason::Won => "won",
        StopReason::Lost => "lost",
        StopReason::Closed | StopReason::Requested | StopReason::NoConsent => "closed",
    }
}
