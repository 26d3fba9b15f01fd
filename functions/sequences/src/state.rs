//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use domain::SuppressionKey;
use runtime::Timing;

/// The state of the handlers.
#[derive(Clone)]
pub struct SequencesState {
    pub(crate) api: ApiState,
    pub(crate) timing: Timing,
    pub(crate) suppression_key: SuppressionKey,
}

impl SequencesState {
    /// Returns the state of handlers that schedule sequences by `timing`, and find suppressions by `suppression_key`.
    pub fn new(api: ApiState, timing: Timing, suppression_key: SuppressionKey) -> Self {
        Self { api, timing, suppression_key }
    }
}

impl FromRef<SequencesState> for ApiState {
    fn from_ref(state: &SequencesState) -> Self {
        state.api.clone()
    }
}
