//! `GET /v2/leads/{id}/sequence`: returns a lead's sequence.

use crate::state::SequencesState;
use api::{ApiError, ApiResponse, Caller, PathId, require};
use axum::extract::State;
use contract::ErrorKind;

/// Returns a lead's sequence, stopped if the lead's number or address is suppressed.
pub(crate) async fn get(
    State(state): State<SequencesState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let (api, environment) = (&state.api, caller.environment());
    let lead = api.records(&caller).lead(id.parse_lead()?).await?.lead;
    let contacts = state.suppression_key.ids_of(environment, &lead);
    let (found, suppressed) = tokio::join!(
        api.store().sequence(environment, lead.id, api.now()),
        api.store().suppressions(environment, &contacts)
    );
    let sequence = found?.ok_or(ErrorKind::NotFound("sequence"))?;
    // What is suppressed is never sent, and is shown so before the next step finds it out.
    let sequence = match suppressed?.iter().map(|suppression| suppression.created_at).min() {
        Some(since) => sequence.stopped_by_suppression(since.max(sequence.started_at)),
        None => sequence,
    };
    Ok(ApiResponse::ok(caller.profile().sequence_json(&sequence)))
}
