//! Leads of the native contract: creation, changes and batches.

pub(super) mod batch;
mod change;
pub(super) mod lead;

pub use batch::{BatchResult, batch_json, parse_batch};
pub use change::{check_lead_change, check_read_only_lead_fields, parse_lead_change};
