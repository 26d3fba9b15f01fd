//! Disputes over HTTP, in every contract that has them.

mod change;
mod create;
mod read;

use access::{Gate, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Disputes {
    gate: Gate,
}

impl Disputes {
    /// Disputes behind `gate`.
    pub fn new(gate: Gate) -> Self {
        Self { gate }
    }
}

impl FromRef<Disputes> for Gate {
    fn from_ref(disputes: &Disputes) -> Self {
        disputes.gate.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Disputes> {
    let (native, defenders) = (Contract::Native, Contract::RevenueDefenders);
    let both = [Method::GET, Method::POST];
    Routes::new()
        .serve(native, "/disputes", &both, get(read::list).post(create::create))
        .serve(native, "/disputes/{id}", &[Method::GET, Method::PATCH], get(read::one).patch(change::change))
        .serve(defenders, "/disputes", &both, get(read::list).post(create::create))
        .serve(defenders, "/disputes/{id}", &[Method::GET], get(read::one))
}
