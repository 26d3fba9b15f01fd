//! Customers over HTTP, in every contract that has them.

mod create;
mod read;

use access::{Gate, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Customers {
    gate: Gate,
}

impl Customers {
    /// Customers behind `gate`.
    pub fn new(gate: Gate) -> Self {
        Self { gate }
    }
}

impl FromRef<Customers> for Gate {
    fn from_ref(customers: &Customers) -> Self {
        customers.gate.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Customers> {
    Routes::new()
        .serve(Contract::Native, "/customers", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::Native, "/customers/{id}", &[Method::GET], get(read::one))
        .serve(Contract::RevenueDefenders, "/customers", &[Method::GET], get(read::list))
}
