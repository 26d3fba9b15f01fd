//! Inbound events over HTTP: replies and opt-outs that a tenant's own messaging provider reports. A request is proven
//! by a key and a signature, and an event is recorded once.

mod receive;
mod secrets;
mod state;

use api::Routes;
use domain::Contract::{LeadRescue, Native};

pub use state::InboundState;

/// Returns the routes of this function.
pub fn routes() -> Routes<InboundState> {
    Routes::new()
        .post(Native, "/webhooks/inbound", receive::receive)
        .post(LeadRescue, "/webhooks/inbound", receive::receive)
        .post(Native, "/webhooks/inbound-secret", secrets::create)
}
