//! Leads over HTTP, in every contract that has them.

mod batch;
mod change;
mod create;
mod erase;
mod photos;
mod read;
mod rescue;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::{get, post};
use blob::Blobs;
use domain::Contract;
use http::Method;
use photos::Photos;
use runtime::Timing;

/// What the handlers work with.
#[derive(Clone)]
pub struct Leads {
    api: ApiState,
    photos: Photos,
    timing: Timing,
}

impl Leads {
    /// Leads behind `api`, their photos in `blobs`, followed up as `timing` has it.
    pub fn new(api: ApiState, blobs: Blobs, timing: Timing) -> Self {
        Self { api, photos: Photos::new(blobs), timing }
    }
}

impl FromRef<Leads> for ApiState {
    fn from_ref(leads: &Leads) -> Self {
        leads.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Leads> {
    let one = get(read::one).patch(change::change).delete(erase::erase);
    Routes::new()
        .serve(Contract::Native, "/leads", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::Native, "/leads/batch", &[Method::POST], post(batch::create))
        .serve(Contract::Native, "/leads/{id}", &[Method::GET, Method::PATCH, Method::DELETE], one)
        .serve(Contract::RevenueDefenders, "/leads", &[Method::GET, Method::POST], get(read::list).post(create::create))
        .serve(Contract::RevenueDefenders, "/leads/{id}", &[Method::GET], get(read::one))
        .serve(Contract::LeadRescue, "/leads", &[Method::POST], post(rescue::create))
        .serve(
            Contract::LeadRescue,
            "/leads/{id}",
            &[Method::GET, Method::PATCH],
            get(rescue::one).patch(rescue::change),
        )
        .serve(Contract::VendorPad, "/leads", &[Method::GET, Method::POST], get(read::list).post(create::take))
        .serve(Contract::VendorPad, "/leads/{id}", &[Method::GET], get(read::one))
}
