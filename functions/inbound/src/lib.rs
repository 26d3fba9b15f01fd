//! Inbound events over HTTP: replies and opt-outs that a tenant's own messaging provider reports. A call is proven by
//! a key and a signature, and an event is recorded once.

mod receive;
mod secrets;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use domain::Contract::{LeadRescue, Native};
use webhook::master_keys::MasterKeys;

/// The state of the handlers.
#[derive(Clone)]
pub struct InboundState {
    api: ApiState,
    master_keys: MasterKeys,
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

/// Returns the routes of this function.
pub fn routes() -> Routes<InboundState> {
    Routes::new()
        .post(Native, "/webhooks/inbound", receive::receive)
        .post(LeadRescue, "/webhooks/inbound", receive::receive)
        .post(Native, "/webhooks/inbound-secret", secrets::create)
}
