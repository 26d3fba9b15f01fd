//! `POST …/sequences/{lead}/stop`: stops a lead's sequence.

use crate::state::SequencesState;
use api::{ApiError, ApiResponse, Caller, Idempotency, OptionalJsonBody, PathId, require};
use axum::extract::State;
use contract::ErrorKind;
use domain::follow_up::sequence::StopReason;
use store::{ConflictRetries, MAX_SEQUENCE_CONFLICT_ATTEMPTS};

/// Stops a lead's sequence; stopping it again has the same result. When this returns, no further message goes out.
pub(crate) async fn stop(
    State(state): State<SequencesState>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    body.expect_no_fields()?;
    let (api, store, environment) = (&state.api, state.api.store(), caller.environment());
    let (id, profile) = (id.parse_lead()?, caller.profile());
    let replay = async |first| {
        // The first request may have ended before the message that was being sent was settled.
        store.await_claim(environment, id, api.now()).await?;
        Ok(first)
    };
    idempotency
        .run_or_replay_with(&caller, &body, replay, async |call| {
            let records = api.records(&caller);
            let protection = records.protection(Some(&records.lead(id).await?))?;
            let mut retries = ConflictRetries::new(MAX_SEQUENCE_CONFLICT_ATTEMPTS);
            loop {
                let now = api.now();
                let old = store.sequence(environment, id, now).await?.ok_or(ErrorKind::NotFound("sequence"))?;
                let stopped = old.stopped(StopReason::Requested, now);
                let response = ApiResponse::ok(profile.sequence_json(&stopped));
                let writes = store.stop_sequence_writes(environment, &old, &stopped)?;
                let committed = call.commit(writes, response, &protection).await?;
                let Some(response) = committed.or_retry(&mut retries)? else { continue };
                if !stopped.has_open_claim(now) {
                    return Ok(response);
                }
                store.await_claim(environment, id, now).await?;
                if call.key().is_some() {
                    // The response has been kept: the same request gets it again as it is.
                    return Ok(response);
                }
                // The message that was being sent has been settled: the response shows its outcome.
                let settled = store.sequence(environment, id, now).await?;
                return Ok(settled.map_or(response, |settled| ApiResponse::ok(profile.sequence_json(&settled))));
            }
        })
        .await
}
