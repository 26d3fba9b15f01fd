//! Customers over HTTP: created and read natively, listed in Revenue Defenders too.

mod create;
mod read;

use api::{ApiState, Routes};
use domain::Contract::{Native, RevenueDefenders};

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new()
        .get(Native, "/customers", read::list)
        .post_creating(Native, "/customers", create::create, "/customers/{id}")
        .get(Native, "/customers/{id}", read::get)
        .get(RevenueDefenders, "/customers", read::list)
}
