//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use webhook::master_keys::MasterKeys;

/// The state of the handlers.
#[derive(Clone)]
pub struct InboundState {
    pub(crate) api: ApiState,
    pub(crate) master_keys: MasterKeys,
}

impl InboundState {
    /// Returns the state of handlers whose inbound secrets derive from `master_keys`.
    pub fn new(api: ApiState, master_keys: MasterKeys) -> Self {
        Self { api, master_keys }
    }
}

impl FromRef<InboundState> for ApiState {
    fn from_ref(state: &InboundState) -> Self {
        state.api.clone()
    }
}
