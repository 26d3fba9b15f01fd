//! Disputes over HTTP, natively and in Revenue Defenders.

mod change;
mod create;
mod read;

use api::{ApiState, Routes};
use domain::Contract::{Native, RevenueDefenders};

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new()
        .get(Native, "/disputes", read::list)
        .post_creating(Native, "/disputes", create::create, "/disputes/{id}")
        .get(Native, "/disputes/{id}", read::get)
        .patch(Native, "/disputes/{id}", change::change)
        .get(RevenueDefenders, "/disputes", read::list)
        .post_creating(RevenueDefenders, "/disputes", create::create, "/disputes/{id}")
        .get(RevenueDefenders, "/disputes/{id}", read::get)
}
