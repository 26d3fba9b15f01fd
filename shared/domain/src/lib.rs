//! Entities, states, rules, events and the retry schedule of Leadhouse.
//!
//! Pure: no I/O, no AWS, no HTTP and no clock of its own. Time and randomness are handed in, so that a test
//! drives two days of retries in milliseconds. Whatever can be wrong in a type cannot be built: values that come
//! from outside enter through a `parse` that reports the field and the reason.

pub mod audit;
pub mod business;
pub mod contact;
pub mod contract;
pub mod customer;
pub mod delivery;
pub mod dispute;
pub mod event;
pub mod evidence;
pub mod fault;
pub mod health;
pub mod id;
pub mod inbound;
pub mod key;
pub mod kpi;
pub mod lead;
pub mod message;
pub mod money;
pub mod plan;
pub mod quota;
pub mod retention;
pub mod retry;
pub mod scope;
pub mod scoring;
pub mod sequence;
pub mod stop_word;
pub mod subscription;
pub mod template;
pub mod tenant;
pub mod text;
pub mod time;
pub mod transaction;
pub mod visitor;
pub mod waking;
pub mod words;

pub use business::Business;
pub use contract::Contract;
pub use customer::{Customer, NewCustomer};
pub use delivery::{Attempt, Delivery, DeliveryStatus};
pub use dispute::{Dispute, DisputeStatus, NewDispute};
pub use event::{Event, EventType};
pub use evidence::{Evidence, NewEvidence};
pub use fault::{Fault, Faults};
pub use id::{
    AuditId, BusinessId, CountedId, CustomerId, DeliveryId, DisputeId, EventId, EvidenceId, KeyId, LeadId, MessageId,
    PhotoId, SubscriptionId, TemplateId, TenantId, TransactionId, VisitorEventId,
};
pub use inbound::{Inbound, InboundEvent, InboundSecret};
pub use key::KeyRecord;
pub use lead::{Lead, LeadChange, LeadStatus, NewLead};
pub use message::Message;
pub use scope::{Scope, Scopes};
pub use sequence::Sequence;
pub use subscription::Subscription;
pub use template::Template;
pub use tenant::{Mode, Tenant, Tier, World};
pub use time::{Clock, Timestamp};
pub use transaction::{NewTransaction, Transaction};
pub use visitor::{VisitorEvent, VisitorId};
pub use words::Words;
