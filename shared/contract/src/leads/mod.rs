//! Leads: requests, list filters, scores and plans that several contracts share.

mod list_query;
pub(crate) mod request;
pub(crate) mod score;

pub use list_query::LeadListQuery;
pub use request::LeadRequest;
