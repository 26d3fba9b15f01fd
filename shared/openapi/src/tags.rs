//! The subjects by which a document groups operations.

use contract::Operation;
use serde_json::{Value, json};

/// Tag of the webhooks.
pub(crate) const WEBHOOK_EVENTS: &str = "Webhook events";

/// Tag of the operations that describe the contract.
pub(crate) const DOCUMENTATION: &str = "Documentation";

/// Each tag with its description, in CommonMark.
const DESCRIPTIONS: [(&str, &str); 23] = [
    ("Leads", "People who asked a business for something, and what became of it."),
    ("Sequences", "Messages that follow a lead up on set days, until the person replies or opts out."),
    ("Sequence templates", "The texts and days from which sequences start, for each category of leads."),
    ("Messages", "What was written to a lead and what the person replied."),
    ("Suppressions", "Telephone numbers and e-mail addresses that receive no message."),
    ("Inbound events", "Replies and opt-outs that a messaging provider passes on."),
    ("Customers", "People who paid a business."),
    ("Transactions", "Payments to a business."),
    ("Disputes", "Payments that customers dispute."),
    ("Evidence", "Records and files that show who is right in a dispute."),
    ("Evidence packages", "Documents that answer a dispute, made of its evidence for the card network."),
    ("Visitor events", "What visitors of a business's website do."),
    ("Events", "What visitors of a business's website do."),
    ("Analytics", "Numbers of leads, messages, replies and conversions."),
    ("Webhooks", "Endpoints of yours that are told of events."),
    ("Event types", "The events that webhooks tell of, with the schema and an example of their payloads."),
    ("Event log", "Every event in the order in which it was recorded, for those who poll."),
    ("Deliveries", "The log of webhooks: each event on its way to an endpoint, with every attempt."),
    ("Keys", "API keys: their scopes, limits and rotation."),
    ("Businesses", "Brands, branches or dealerships of the tenant."),
    ("Account", "The calling key and its tenant, the audit log, test data and the health of the service."),
    (WEBHOOK_EVENTS, "Requests that are sent to the endpoints of webhook subscriptions."),
    (DOCUMENTATION, "This description, for programs and for people."),
];

/// Returns the tags of a document, in the order in which operations use them.
pub(crate) fn tags(operations: &[Operation]) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for name in operations.iter().map(|operation| operation.tag).chain([WEBHOOK_EVENTS, DOCUMENTATION]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(tag).collect()
}

fn tag(name: &str) -> Value {
    let found = DESCRIPTIONS.iter().find(|(tag, _)| *tag == name);
    let (_, description) = found.unwrap_or_else(|| panic!("the tag {name} has no description"));
    json!({ "name": name, "description": description })
}
