//! Transactions over HTTP, in every contract that has them.

mod create;
mod read;

use access::{Gate, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Transactions {
    gate: Gate,
}

impl Transactions {
    /// Transactions behind `gate`.
    pub fn new(gate: Gate) -> Self {
        Self { gate }
    }
}

impl FromRef<Transactions> for Gate {
    fn from_ref(transactions: &Transactions) -> Self {
        transactions.gate.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Transactions> {
    Routes::new()
        .serve(Contract::Native, "/transactions", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::Native, "/transactions/{id}", &[Method::GET], get(read::one))
        .serve(Contract::RevenueDefenders, "/transactions", &[Method::GET], get(read::list))
}
