//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use blob::Blobs;

/// The state of the handlers.
#[derive(Clone)]
pub struct EvidenceState {
    pub(crate) api: ApiState,
    pub(crate) blobs: Blobs,
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
