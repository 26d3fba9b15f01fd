//! Transactions over HTTP: created and read natively, listed in Revenue Defenders too.

mod create;
mod read;

use api::{ApiState, Routes};
use domain::Contract::{Native, RevenueDefenders};

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new()
        .get(Native, "/transactions", read::list)
        .post_creating(Native, "/transactions", create::create, "/transactions/{id}")
        .get(Native, "/transactions/{id}", read::get)
        .get(RevenueDefenders, "/transactions", read::list)
}
