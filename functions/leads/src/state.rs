//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use domain::SuppressionKey;

/// The state of the handlers.
#[derive(Clone)]
pub struct LeadsState {
    pub(crate) api: ApiState,
    pub(crate) suppression_key: SuppressionKey,
}

impl LeadsState {
    /// Returns the state of handlers that find suppressions by `suppression_key`.
    pub fn new(api: ApiState, suppression_key: SuppressionKey) -> Self {
        Self { api, suppression_key }
    }
}

impl FromRef<LeadsState> for ApiState {
    fn from_ref(state: &LeadsState) -> Self {
        state.api.clone()
    }
}
