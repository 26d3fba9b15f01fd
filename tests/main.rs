//! End-to-end tests: black-box tests over HTTP against a server on a free port, one module for each subject, in one
//! binary that links once.
//!
//! Begin with `happy_path`, which shows the main use of the service, and with `harness`, the servers, callers and
//! receivers that all tests use. The modules `*_document` check the published documents of the contracts line by
//! line; `isolation`, `budgets` and `fault_injection` cover every route, every cost budget and every failing step.
//! Run one module with `cargo test -p local --test end_to_end happy_path`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit_log;
mod bad_input;
mod batch;
mod boundary_values;
mod budgets;
mod businesses;
mod call_log;
mod circuit_breaker;
mod common_headers;
mod customers_and_transactions;
mod data_folder;
mod database_faults;
mod deliveries;
mod delivery_batches;
mod disputes;
mod document_examples;
mod documentation;
mod erasure;
mod event_log;
mod event_log_batches;
mod event_types;
mod evidence;
mod evidence_summary;
mod fault_injection;
mod file_links;
mod happy_path;
mod harness;
mod hostile_receivers;
mod http_layer;
mod idempotency;
mod inbound;
mod isolation;
mod keys;
mod kills;
mod kpi_recount;
mod kpis;
mod lead_rescue_document;
mod lead_rescue_happy_path;
mod list_parameters;
mod listen_and_trigger;
mod locations;
mod me;
mod operator_commands;
mod ownership_challenge;
mod package_erasure;
mod package_failures;
mod package_kills;
mod packages;
mod pagination_cost;
mod parked_deliveries;
mod phone_numbers;
mod photos;
mod property_leads_document;
mod purge_rounds;
mod purge_test_data;
mod queue_batches;
mod random_kills;
mod rate_limit_concurrency;
mod rate_limits;
mod redrive;
mod retention;
mod revenue_defenders_document;
mod revenue_defenders_records;
mod sample_events;
mod scoring;
mod sequences;
mod slow_endpoints;
mod ssrf;
mod standard_webhooks;
mod stored_data;
mod stream;
mod subscriptions;
mod suppressions;
mod sweep_runs;
mod sweeper;
mod unknown_fields;
mod untidy_input;
mod vendor_pad_document;
mod vendor_pad_duplicates;
mod vendor_pad_signature;
mod visitor_events;
mod webhook_guide;
