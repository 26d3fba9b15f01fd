//! Evidence over HTTP, in every contract that has it.
//!
//! Files never pass through here: a caller gets a link to put one and, once it has arrived, links to read it.

mod create;
mod links;
mod read;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::get;
use blob::Blobs;
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Exhibits {
    api: ApiState,
    blobs: Blobs,
}

impl Exhibits {
    /// Evidence behind `api`, its files in `blobs`.
    pub fn new(api: ApiState, blobs: Blobs) -> Self {
        Self { api, blobs }
    }
}

impl FromRef<Exhibits> for ApiState {
    fn from_ref(exhibits: &Exhibits) -> Self {
        exhibits.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Exhibits> {
    Routes::new()
        .serve(Contract::Native, "/evidence", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::Native, "/evidence/{id}", &[Method::GET], get(read::one))
        .serve(Contract::RevenueDefenders, "/evidence", &[Method::GET], get(read::list))
}
