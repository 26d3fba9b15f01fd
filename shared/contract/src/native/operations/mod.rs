//! The operations of the native contract, described.

mod account;
mod analytics;
mod businesses;
mod customers;
mod deliveries;
mod disputes;
mod event_log;
mod events;
mod evidence;
mod inbound;
mod keys;
mod leads;
mod messages;
mod packages;
mod sequences;
mod suppressions;
mod templates;
mod transactions;
mod visitor_events;
mod webhooks;

use crate::native::error::Envelope;
use crate::operation::{ContractDescription, Operation};
use crate::page::camel_case_page_schema;

const TEXT: &str = "Leads, their follow-up, disputes with their evidence, and signed webhooks.\n\n\
    Bodies are JSON in camelCase; ids are UUIDs; times are RFC 3339 in UTC. Text is taken as it comes: empty strings are \
    absent, spaces around values are dropped, times may be in any zone. Every `POST` and `PATCH` may be repeated under an \
    `Idempotency-Key`.";

fn operations() -> Vec<Operation> {
    [
        leads::operations(),
        sequences::operations(),
        templates::operations(),
        messages::operations(),
        suppressions::operations(),
        inbound::operations(),
        customers::operations(),
        transactions::operations(),
        disputes::operations(),
        evidence::operations(),
        packages::operations(),
        visitor_events::operations(),
        analytics::operations(),
        webhooks::operations(),
        events::operations(),
        event_log::operations(),
        deliveries::operations(),
        keys::operations(),
        businesses::operations(),
        account::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns the description of the contract.
pub(crate) fn describe() -> ContractDescription {
    ContractDescription {
        text: TEXT,
        operations: operations(),
        page_schema: camel_case_page_schema,
        payload_schema: events::payload_schema,
        example_lead: leads::lead,
        error_schema: |schemas| schemas.subschema_for::<Envelope<'_>>(),
    }
}
