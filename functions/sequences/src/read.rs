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
    let api = &state.api;
    let lead = api.records(&caller).lead(id.parse_lead()?).await?.lead;
    let sequence = api.follow_up(&caller).shown_sequence(&lead, &state.suppression_key).await?;
    let sequence = sequence.ok_or(ErrorKind::NotFound("sequence"))?;
    Ok(ApiResponse::ok(caller.profile().sequence_json(&sequence)))
}
