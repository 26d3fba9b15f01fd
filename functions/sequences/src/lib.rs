//! Sequences over HTTP: started, shown, stopped; what they are made of, and the messages that they became.

mod messages;
mod start;
mod stop;
mod templates;

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, Routes, require};
use axum::extract::{FromRef, State};
use axum::routing::{get, post};
use contract::{ErrorKind, sequence};
use domain::{Contract, LeadId};
use http::Method;
use runtime::Timing;

/// What the handlers work with.
#[derive(Clone)]
pub struct Sequences {
    api: ApiState,
    timing: Timing,
}

impl Sequences {
    /// Sequences behind `api`, whose waits pass as `timing` has it.
    pub fn new(api: ApiState, timing: Timing) -> Self {
        Self { api, timing }
    }
}

impl FromRef<Sequences> for ApiState {
    fn from_ref(sequences: &Sequences) -> Self {
        sequences.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Sequences> {
    let (native, rescue) = (Contract::Native, Contract::LeadRescue);
    let changes = [Method::GET, Method::PATCH, Method::DELETE];
    let template = get(templates::one).patch(templates::change).delete(templates::delete);
    Routes::new()
        .serve(native, "/sequences", &[Method::POST], post(start::start))
        .serve(native, "/sequences/{id}/stop", &[Method::POST], post(stop::stop))
        .serve(native, "/leads/{id}/sequence", &[Method::GET], get(one))
        .serve(native, "/leads/{id}/messages", &[Method::GET], get(messages::list))
        .serve(
            native,
            "/sequence-templates",
            &[Method::GET, Method::POST],
            get(templates::list).post(templates::create),
        )
        .serve(native, "/sequence-templates/{id}", &changes, template)
        .serve(rescue, "/sequences", &[Method::POST], post(start::start))
        .serve(rescue, "/sequences/{id}/stop", &[Method::POST], post(stop::stop))
}

/// The lead that a path names.
fn lead_id(id: &PathId, contract: Contract) -> Result<LeadId, ApiError> {
    id.parse("leadId", "lead", |text| contract::lead_id(contract, text))
}

/// A lead's sequence.
async fn one(
    State(sequences): State<Sequences>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let lead = caller.lead(lead_id(&id, caller.contract)?).await?.lead;
    let found = sequences.api.store().sequence(caller.environment(), lead.id, sequences.api.now()).await?;
    let found = found.ok_or(ErrorKind::NotFound("sequence"))?;
    Ok(ApiResponse::ok(sequence(caller.contract, &found)))
}
