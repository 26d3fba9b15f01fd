//! What people answered, handed in by a tenant's own provider: proven by a key and a signature, taken once.

mod receive;
mod secrets;

use access::{Gate, Routes};
use axum::extract::FromRef;
use axum::routing::post;
use domain::Contract;
use http::Method;
use webhook::master_keys::MasterKeys;

/// What the handlers work with.
#[derive(Clone)]
pub struct Inbound {
    gate: Gate,
    masters: MasterKeys,
}

impl Inbound {
    /// What comes in behind `gate`, signed with secrets that derive from `masters`.
    pub fn new(gate: Gate, masters: MasterKeys) -> Self {
        Self { gate, masters }
    }
}

impl FromRef<Inbound> for Gate {
    fn from_ref(inbound: &Inbound) -> Self {
        inbound.gate.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Inbound> {
    Routes::new()
        .serve(Contract::Native, "/webhooks/inbound", &[Method::POST], post(receive::receive))
        .serve(Contract::LeadRescue, "/webhooks/inbound", &[Method::POST], post(receive::receive))
        .serve(Contract::Native, "/webhooks/inbound-secret", &[Method::POST], post(secrets::create))
}
