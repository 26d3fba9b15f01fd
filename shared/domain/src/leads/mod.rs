//! Leads: people who asked a business for something, with their contact data, consent, status and score.

pub mod attributes;
mod category;
mod change;
mod consent;
pub mod contact;
mod lead;
pub mod phone;
mod photo;
pub mod scoring;
mod source;
mod status;
mod visitor_id;

pub use attributes::{AttributeValue, Attributes, is_storable_number};
pub use category::Category;
pub use change::{FieldChange, LeadChange};
pub use consent::{Consent, NewConsent};
pub use lead::{CAR_MODEL, Lead, NewLead};
pub use photo::Photo;
pub use source::{Source, Utm};
pub use status::{LeadStatus, StatusTransitionError};
pub use visitor_id::VisitorId;
