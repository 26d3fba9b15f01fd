//! Evidence over HTTP: created and read natively, listed in Revenue Defenders too.
//!
//! Files do not pass through this function: a caller gets a link to upload one and, once it has arrived, links to
//! download it.

mod create;
mod links;
mod read;
mod state;

use api::Routes;
use domain::Contract::{Native, RevenueDefenders};

pub use state::EvidenceState;

/// Returns the routes of this function.
pub fn routes() -> Routes<EvidenceState> {
    Routes::new()
        .get(Native, "/evidence", read::list)
        .post_creating(Native, "/evidence", create::create, "/evidence/{id}")
        .get(Native, "/evidence/{id}", read::get)
        .get(RevenueDefenders, "/evidence", read::list)
}
