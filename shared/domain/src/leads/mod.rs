//! Leads: contact data, attributes, consent, status and score.

mod attributes;
mod change;
pub mod contact;
mod lead;
mod photo;
pub mod scoring;
mod status;

pub use attributes::{AttributeValue, Attributes};
pub use change::{Field, LeadChange};
pub use lead::{CAR_MODEL, Category, Consent, Lead, Line, Message, NewConsent, NewLead, Source, Utm};
pub use photo::Photo;
pub use status::{LeadStatus, StatusTransitionError};
