//! Evidence over HTTP: created and read natively, listed in Revenue Defenders too.
//!
//! Files do not pass through this function: a caller gets a link to upload one and, once it has arrived, links to
//! download it.

mod create;
mod links;
mod read;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use blob::Blobs;
use domain::Contract::{Native, RevenueDefenders};

/// The state of the handlers.
#[derive(Clone)]
pub struct EvidenceState {
    api: ApiState,
    blobs: Blobs,
}

impl EvidenceState {
    /// Returns the state of handlers that keep files in `blobs`.
    pub fn new(api: ApiState, blobs: Blobs) -> Self {
        Self { api, blobs }
    }
}

impl FromRef<EvidenceState> for ApiState {
    fn from_ref(state: &EvidenceState) -> Self {
        state.api.clone()
    }
}

/// Returns the routes of this function.
pub fn routes() -> Routes<EvidenceState> {
    Routes::new()
        .get(Native, "/evidence", read::list)
        .post(Native, "/evidence", create::create)
        .get(Native, "/evidence/{id}", read::one)
        .get(RevenueDefenders, "/evidence", read::list)
}
