//! Follow-up sequences over HTTP: started, shown and stopped; their templates; the message history of a lead.

mod messages;
mod read;
mod start;
mod state;
mod stop;
mod templates;

use api::Routes;
use domain::Contract::{LeadRescue, Native};

pub use state::SequencesState;

/// Returns the routes of this function.
pub fn routes() -> Routes<SequencesState> {
    Routes::new()
        .post_creating(Native, "/sequences", start::start, "/leads/{leadId}/sequence")
        .post(Native, "/sequences/{id}/stop", stop::stop)
        .get(Native, "/leads/{id}/sequence", read::get)
        .get(Native, "/leads/{id}/messages", messages::list)
        .get(Native, "/sequence-templates", templates::list)
        .post_creating(Native, "/sequence-templates", templates::create, "/sequence-templates/{id}")
        .get(Native, "/sequence-templates/{id}", templates::get)
        .patch(Native, "/sequence-templates/{id}", templates::change)
        .delete(Native, "/sequence-templates/{id}", templates::delete)
        .post(LeadRescue, "/sequences", start::start)
        .post(LeadRescue, "/sequences/{id}/stop", stop::stop)
}
