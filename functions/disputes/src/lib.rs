//! Disputes over HTTP, in every contract that has them.

mod change;
mod create;
mod read;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Disputes {
    api: ApiState,
}

impl Disputes {
    /// Disputes behind `api`.
    pub fn new(api: ApiState) -> Self {
        Self { api }
    }
}

impl FromRef<Disputes> for ApiState {
    fn from_ref(disputes: &Disputes) -> Self {
        disputes.api.clone()
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
