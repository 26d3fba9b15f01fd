//! `POST …/sequences/{lead}/stop`: nothing more is written to a lead.

use crate::{Sequences, lead_id};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, OptionalJsonBody, PathId, require};
use axum::extract::State;
use contract::{ErrorKind, sequence};
use domain::follow_up::sequence::StopReason;
use store::StoreError;

/// How often a stop meets a sequence that changes meanwhile.
const ROUNDS: u32 = 10;

/// Stops a lead's sequence. Once more is as good as once; after the answer nothing goes out.
pub(crate) async fn stop(
    State(sequences): State<Sequences>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let id = lead_id(&id, caller.contract)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    let (store, environment) = (sequences.api.store(), caller.environment());
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        // The first call may have come to no end.
        store.await_claim(environment, id, sequences.api.now()).await?;
        return Ok(first);
    }
    let lead = caller.lead(id).await?;
    let protection = caller.personal_protection(Some(&lead))?;
    for _ in 0..ROUNDS {
        let now = sequences.api.now();
        let old = store.sequence(environment, id, now).await?.ok_or(ErrorKind::NotFound("sequence"))?;
        let stopped = old.stopped(StopReason::Requested, now);
        let answer = ApiResponse::ok(sequence(caller.contract, &stopped));
        let writes = store.stop_sequence_writes(environment, &old, &stopped)?;
        match caller.commit(writes, idempotency_key.as_ref(), answer, &protection).await? {
            CommitOutcome::Answered(answer) if !stopped.has_open_claim(now) => return Ok(answer),
            CommitOutcome::Answered(answer) => {
                store.await_claim(environment, id, now).await?;
                // A kept answer is given again as it is; any other tells what became of the message on its way.
                let settled =
                    if idempotency_key.is_none() { store.sequence(environment, id, now).await? } else { None };
                return Ok(settled.map_or(answer, |settled| ApiResponse::ok(sequence(caller.contract, &settled))));
            }
            CommitOutcome::ConditionFailed(_) => {}
        }
    }
    Err(StoreError::Contended.into())
}
