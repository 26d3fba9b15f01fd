//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use runtime::Timing;

/// The state of the handlers.
#[derive(Clone)]
pub struct SequencesState {
    pub(crate) api: ApiState,
    pub(crate) timing: Timing,
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
