//! Operations on messages.

use super::inbound::event;
use super::leads::lead;
use crate::examples::NOW;
use crate::follow_up::message::{CamelCaseMessage, camel_case_message_json};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::Scope;

/// Returns every operation on messages.
pub(super) fn operations() -> Vec<Operation> {
    let lead = lead();
    let reply = event(&lead).message(&lead, None, NOW);
    vec![
        Operation::get("/leads/{id}/messages", "listLeadMessages", Access::Scope(Scope::LeadsRead))
            .texts(
                "Messages",
                "List the messages of a lead",
                "Lists what was sent to the lead and what it replied, the newest first. `sentAt` is only in messages \
                 that were sent, `receivedAt` only in replies; `reason` says why a message was delayed or not sent.",
            )
            .path_example(lead.id.to_string())
            .page_of::<CamelCaseMessage<'_>>(PAGE_LIMITS, camel_case_message_json(&reply)),
    ]
}
