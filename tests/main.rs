//! The promises of the house, black box over HTTP: one file each, in one binary so that they link once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admission;
mod audit_log;
mod bad_input;
mod batch;
mod budgets;
mod businesses;
mod customers_and_transactions;
mod disputes;
mod edges;
mod erasure;
mod evidence;
mod faults_of_the_table;
mod forbidden_targets;
mod harness;
mod hostile_receivers;
mod idempotency;
mod isolation;
mod keys;
mod kills;
mod lead_rescue_document;
mod limits;
mod many_kills;
mod me;
mod operator;
mod page_cost;
mod photos;
mod property_leads_document;
mod receiver_health;
mod retention;
mod revenue_defenders_document;
mod revenue_defenders_records;
mod scoring;
mod standard_webhooks;
mod steps_and_faults;
mod subscriptions;
mod surface;
mod sweep;
mod test_data;
mod vendor_pad_document;
mod vendor_pad_duplicates;
mod vendor_pad_signature;
mod visitor_events;
mod walk;
