//! The state of the handlers.

use api::ApiState;
use axum::extract::FromRef;
use domain::SuppressionKey;
use webhook::master_keys::{MasterKeys, UnknownMasterKeyError};

/// The state of the handlers.
#[derive(Clone)]
pub struct InboundState {
    pub(crate) api: ApiState,
    pub(crate) master_keys: MasterKeys,
    pub(crate) suppression_key: SuppressionKey,
}

impl InboundState {
    /// Returns the state of handlers whose inbound secrets and suppression key derive from `master_keys`.
    pub fn new(api: ApiState, master_keys: MasterKeys) -> Result<Self, UnknownMasterKeyError> {
        let suppression_key = master_keys.suppression_key()?;
        Ok(Self { api, master_keys, suppression_key })
    }
}

impl FromRef<InboundState> for ApiState {
    fn from_ref(state: &InboundState) -> Self {
        state.api.clone()
    }
}
