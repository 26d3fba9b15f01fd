//! Transactions over HTTP, in every contract that has them.

mod create;
mod read;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Transactions {
    api: ApiState,
}

impl Transactions {
    /// Transactions behind `api`.
    pub fn new(api: ApiState) -> Self {
        Self { api }
    }
}

impl FromRef<Transactions> for ApiState {
    fn from_ref(transactions: &Transactions) -> Self {
        transactions.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Transactions> {
    Routes::new()
        .serve(Contract::Native, "/transactions", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::Native, "/transactions/{id}", &[Method::GET], get(read::one))
        .serve(Contract::RevenueDefenders, "/transactions", &[Method::GET], get(read::list))
}
