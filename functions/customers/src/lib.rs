//! Customers over HTTP, in every contract that has them.

mod create;
mod read;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Customers {
    api: ApiState,
}

impl Customers {
    /// Customers behind `api`.
    pub fn new(api: ApiState) -> Self {
        Self { api }
    }
}

impl FromRef<Customers> for ApiState {
    fn from_ref(customers: &Customers) -> Self {
        customers.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Customers> {
    Routes::new()
        .serve(Contract::Native, "/customers", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::Native, "/customers/{id}", &[Method::GET], get(read::one))
        .serve(Contract::RevenueDefenders, "/customers", &[Method::GET], get(read::list))
}
