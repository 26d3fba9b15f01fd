//! Leads: created with their idempotency in the same write, read by id, changed under their version, and listed by
//! business and status.

mod change;
mod create;
pub(crate) mod data_key;
mod list;
mod outcome;
mod replay;
pub(crate) mod stored_lead;
mod unique;
pub(crate) mod unique_email;

pub use list::LeadFilter;
pub use outcome::{CreatedLead, UniqueLead};
pub use stored_lead::{LeadState, StoredLead};
