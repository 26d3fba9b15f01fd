//! The promises of the house, black box over HTTP: one file each, in one binary so that they link once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admission;
mod bad_input;
mod budgets;
mod businesses;
mod edges;
mod faults_of_the_table;
mod forbidden_targets;
mod harness;
mod hostile_receivers;
mod idempotency;
mod isolation;
mod keys;
mod kills;
mod limits;
mod many_kills;
mod me;
mod operator;
mod property_leads_document;
mod receiver_health;
mod revenue_defenders_document;
mod standard_webhooks;
mod steps_and_faults;
mod subscriptions;
mod surface;
mod sweep;
mod vendor_pad_document;
mod vendor_pad_duplicates;
mod vendor_pad_signature;
mod visitor_events;
mod walk;
