//! LeadRescue's leads over HTTP: with a photo, a sequence and a message history.
//!
//! Apart from the other leads, because decoding a photo takes memory and time that no other call needs.

mod lead_with_follow_up;
mod leads;
mod photo_permits;
mod photos;
mod state;

use api::Routes;
use domain::Contract::LeadRescue;

pub use state::LeadsWithPhotosState;

/// Returns the routes of this function.
pub fn routes() -> Routes<LeadsWithPhotosState> {
    Routes::new()
        .post_creating(LeadRescue, "/leads", leads::create, "/leads/{id}")
        .get(LeadRescue, "/leads/{id}", leads::get)
        .patch(LeadRescue, "/leads/{id}", leads::change)
}
