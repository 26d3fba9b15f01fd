//! Follow-up sequences over HTTP: started, shown and stopped; their templates; the message history of a lead.

mod messages;
mod start;
mod stop;
mod templates;

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, Routes, require};
use axum::extract::{FromRef, State};
use contract::ErrorKind;
use domain::Contract::{LeadRescue, Native};
use runtime::Timing;

/// The state of the handlers.
#[derive(Clone)]
pub struct SequencesState {
    api: ApiState,
    timing: Timing,
}

impl SequencesState {
    /// Returns the state of handlers that schedule sequences by `timing`.
    pub fn new(api: ApiState, timing: Timing) -> Self {
        Self { api, timing }
    }
}

impl FromRef<SequencesState> for ApiState {
    fn from_ref(state: &SequencesState) -> Self {
        state.api.clone()
    }
}

/// Returns the routes of this function.
pub fn routes() -> Routes<SequencesState> {
    Routes::new()
        .post(Native, "/sequences", start::start)
        .post(Native, "/sequences/{id}/stop", stop::stop)
        .get(Native, "/leads/{id}/sequence", one)
        .get(Native, "/leads/{id}/messages", messages::list)
        .get(Native, "/sequence-templates", templates::list)
        .post(Native, "/sequence-templates", templates::create)
        .get(Native, "/sequence-templates/{id}", templates::one)
        .patch(Native, "/sequence-templates/{id}", templates::change)
        .delete(Native, "/sequence-templates/{id}", templates::delete)
        .post(LeadRescue, "/sequences", start::start)
        .post(LeadRescue, "/sequences/{id}/stop", stop::stop)
}

/// `GET /v2/leads/{id}/sequence`
async fn one(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let lead = api.records(&caller).lead(id.parse_lead()?).await?.lead;
    let found = api.store().sequence(caller.environment(), lead.id, api.now()).await?;
    let sequence = found.ok_or(ErrorKind::NotFound("sequence"))?;
    Ok(ApiResponse::ok(caller.profile().sequence(&sequence)))
}
