//! Entities, states, rules, events and the retry schedule of Leadhouse.
//!
//! Pure: no I/O, no AWS, no HTTP and no clock of its own. Time and randomness are handed in, so that a test
//! drives two days of retries in milliseconds. Whatever can be wrong in a type cannot be built: values that come
//! from outside enter through a `parse` that reports the field and the reason.

pub mod accounts;
pub mod analytics;
pub mod audit;
pub mod contract;
pub mod disputes;
pub mod follow_up;
pub mod id;
pub mod leads;
pub mod protected_text;
pub mod retention;
pub mod text;
pub mod time;
pub mod validation;
pub mod webhooks;

pub use accounts::api_key::KeyRecord;
pub use accounts::business::Business;
pub use accounts::scope::{Scope, Scopes};
pub use accounts::tenant::{Environment, Mode, Tenant, Tier};
pub use analytics::visitor::{VisitorEvent, VisitorId};
pub use contract::Contract;
pub use disputes::customer::{Customer, NewCustomer};
pub use disputes::dispute::{Dispute, DisputeStatus, NewDispute};
pub use disputes::evidence::{Evidence, NewEvidence};
pub use disputes::transaction::{NewTransaction, Transaction};
pub use follow_up::inbound::{InboundEventType, InboundMessage, InboundSecret};
pub use follow_up::message::Message;
pub use follow_up::sequence::Sequence;
pub use follow_up::template::Template;
pub use id::{
    AuditId, BusinessId, CountedEventId, CustomerId, DeliveryId, DisputeId, EventId, EvidenceId, KeyId, LeadId,
    MessageId, PhotoId, SubscriptionId, TemplateId, TenantId, TransactionId, VisitorEventId,
};
pub use leads::{Lead, LeadChange, LeadStatus, NewLead};
pub use protected_text::ProtectedText;
pub use time::{Clock, Timestamp};
pub use validation::{FieldError, FieldErrors};
pub use webhooks::delivery::{Attempt, Delivery, DeliveryStatus};
pub use webhooks::event::{Event, EventType};
pub use webhooks::subscription::Subscription;
