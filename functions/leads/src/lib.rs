//! Leads over HTTP, in every contract but LeadRescue, whose leads have photos.

mod batch;
mod change;
mod create;
mod erase;
mod read;
mod state;

use api::Routes;
use domain::Contract::{Native, RevenueDefenders, VendorPad};

pub use state::LeadsState;

/// Returns the routes of this function.
pub fn routes() -> Routes<LeadsState> {
    Routes::new()
        .get(Native, "/leads", read::list)
        .post_creating(Native, "/leads", create::create, "/leads/{id}")
        .post(Native, "/leads/batch", batch::create)
        .get(Native, "/leads/{id}", read::get)
        .patch(Native, "/leads/{id}", change::change)
        .delete(Native, "/leads/{id}", erase::erase)
        .get(RevenueDefenders, "/leads", read::list)
        .post_creating(RevenueDefenders, "/leads", create::create, "/leads/{id}")
        .get(RevenueDefenders, "/leads/{id}", read::get)
        .get(VendorPad, "/leads", read::list)
        .post_creating(VendorPad, "/leads", create::create_unique, "/leads/{lead_id}")
        .get(VendorPad, "/leads/{id}", read::get)
}
