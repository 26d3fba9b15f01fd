//! `GET /v2/leads/{id}/sequence`: returns a lead's sequence.

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, require};
use axum::extract::State;
use contract::ErrorKind;

/// Returns a lead's sequence.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let lead = api.records(&caller).lead(id.parse_lead()?).await?.lead;
    let found = api.store().sequence(caller.environment(), lead.id, api.now()).await?;
    let sequence = found.ok_or(ErrorKind::NotFound("sequence"))?;
    Ok(ApiResponse::ok(caller.profile().sequence_json(&sequence)))
}
