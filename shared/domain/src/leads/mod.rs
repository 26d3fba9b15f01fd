//! Leads: contact data, attributes, consent, status and score.

mod attributes;
mod change;
pub mod contact;
mod lead;
mod photo;
pub mod scoring;
mod status;

pub use attributes::{AttributeValue, Attributes};
pub use change::{FieldChange, LeadChange};
pub use lead::{CAR_MODEL, Category, Consent, Lead, MultiLine, NewConsent, NewLead, SingleLine, Source, Utm};
pub use photo::Photo;
pub use status::{LeadStatus, StatusTransitionError};
