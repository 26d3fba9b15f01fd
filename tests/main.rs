//! The promises of the house, black box over HTTP: one file each, in one binary so that they link once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::similar_names, reason = "a receiver has received")]

mod admission;
mod bad_input;
mod budgets;
mod faults_of_the_table;
mod harness;
mod idempotency;
mod kills;
mod limits;
mod sweep;
mod walk;
