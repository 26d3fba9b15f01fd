#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod analytics;
pub mod audit;
pub mod contract;
pub mod disputes;
pub mod file;
pub mod follow_up;
pub mod id;
pub mod leads;
pub mod number;
pub mod protected_text;
pub mod retention;
pub mod signing_secret;
pub mod text;
pub mod time;
pub mod time_range;
pub mod timing;
pub mod validation;
pub mod webhooks;

pub use accounts::api_key::KeyRecord;
pub use accounts::business::Business;
pub use accounts::key_rights::KeyRights;
pub use accounts::scope::{Scope, Scopes};
pub use accounts::tenant::{Environment, Mode, Tenant};
pub use accounts::tier::Tier;
pub use analytics::visitor_event::VisitorEvent;
pub use contract::Contract;
pub use disputes::case::DisputeCase;
pub use disputes::customer::{Customer, NewCustomer};
pub use disputes::dispute::{Dispute, DisputeStatus, NewDispute};
pub use disputes::evidence::{Evidence, NewEvidence};
pub use disputes::package::{Package, PackageStatus};
pub use disputes::transaction::{NewTransaction, Transaction};
pub use follow_up::inbound::{InboundEventType, InboundMessage};
pub use follow_up::inbound_secret::InboundSecret;
pub use follow_up::message::Message;
pub use follow_up::sequence::Sequence;
pub use follow_up::suppression::{Suppression, SuppressionKey};
pub use follow_up::template::Template;
pub use id::{
    AuditId, BusinessId, CountedEventId, CustomerId, DeliveryBatchId, DeliveryId, DisputeId, EventId, EvidenceId,
    KeyId, LeadId, MessageId, PackageId, PhotoId, SubscriptionId, SuppressionId, TemplateId, TenantId, TransactionId,
    VisitorEventId,
};
pub use leads::{Lead, LeadChange, LeadStatus, NewLead, VisitorId};
pub use protected_text::ProtectedText;
pub use time::{Clock, Timestamp};
pub use validation::{FieldError, FieldErrors};
pub use webhooks::attempt::Attempt;
pub use webhooks::delivery::{Delivery, DeliveryStatus};
pub use webhooks::event::Event;
pub use webhooks::event_type::EventType;
pub use webhooks::subscription::Subscription;
