//! Leads: requests, list filters, scores and plans that several contracts share.

pub(crate) mod attributes;
mod list_query;
pub(crate) mod request;
pub(crate) mod score;
mod secret_names;
pub(crate) mod unknown;
mod warning;

pub use list_query::LeadListQuery;
pub use request::LeadRequest;
pub use warning::Warning;
