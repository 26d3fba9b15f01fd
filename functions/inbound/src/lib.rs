//! What people answered, handed in by a tenant's own provider: proven by a key and a signature, taken once.

mod receive;
mod secrets;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::post;
use domain::Contract;
use http::Method;
use webhook::master_keys::MasterKeys;

/// What the handlers work with.
#[derive(Clone)]
pub struct Inbound {
    api: ApiState,
    masters: MasterKeys,
}

impl Inbound {
    /// What comes in behind `api`, signed with secrets that derive from `masters`.
    pub fn new(api: ApiState, masters: MasterKeys) -> Self {
        Self { api, masters }
    }
}

impl FromRef<Inbound> for ApiState {
    fn from_ref(inbound: &Inbound) -> Self {
        inbound.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Inbound> {
    Routes::new()
        .serve(Contract::Native, "/webhooks/inbound", &[Method::POST], post(receive::receive))
        .serve(Contract::LeadRescue, "/webhooks/inbound", &[Method::POST], post(receive::receive))
        .serve(Contract::Native, "/webhooks/inbound-secret", &[Method::POST], post(secrets::create))
}
