//! Leads: created with their idempotency in the same write, read by id, changed under their version, and listed by
//! business and status.

mod change;
mod create;
mod create_unique;
mod creation_result;
pub(crate) mod data_key;
mod list;
mod replay;
pub(crate) mod stored_lead;
pub(crate) mod unique_email;

pub use creation_result::{CreatedLead, UniqueLead};
pub use data_key::LeadDataKeys;
pub use list::LeadFilter;
pub use stored_lead::{LeadState, StoredLead};
