//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use blob::Blobs;
use runtime::Timing;

/// The state of the handlers.
#[derive(Clone)]
pub struct DisputesState {
    pub(crate) api: ApiState,
    pub(crate) blobs: Blobs,
    pub(crate) timing: Timing,
}

impl DisputesState {
    /// Returns the state of handlers that link to files in `blobs`.
    pub fn new(api: ApiState, blobs: Blobs, timing: Timing) -> Self {
        Self { api, blobs, timing }
    }
}

impl FromRef<DisputesState> for ApiState {
    fn from_ref(state: &DisputesState) -> Self {
        state.api.clone()
    }
}
