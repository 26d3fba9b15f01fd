//! Entities, states, rules, events and the retry schedule of Leadhouse.
//!
//! Pure: no I/O, no AWS, no HTTP and no clock of its own. Time and randomness are handed in, so that a test
//! drives two days of retries in milliseconds. Whatever can be wrong in a type cannot be built: values that come
//! from outside enter through a `parse` that reports the field and the reason.

pub mod business;
pub mod contact;
pub mod contract;
pub mod delivery;
pub mod event;
pub mod fault;
pub mod health;
pub mod id;
pub mod key;
pub mod lead;
pub mod quota;
pub mod retention;
pub mod retry;
pub mod scope;
pub mod subscription;
pub mod tenant;
pub mod text;
pub mod time;
pub mod visitor;

pub use business::Business;
pub use contract::Contract;
pub use delivery::{Attempt, Delivery, DeliveryStatus};
pub use event::{Event, EventType};
pub use fault::{Fault, Faults};
pub use id::{BusinessId, DeliveryId, EventId, KeyId, LeadId, SubscriptionId, TenantId, VisitorEventId};
pub use key::KeyRecord;
pub use lead::{Lead, LeadChange, LeadStatus, NewLead};
pub use scope::{Scope, Scopes};
pub use subscription::Subscription;
pub use tenant::{Mode, Tenant, Tier, World};
pub use time::{Clock, Timestamp};
pub use visitor::{VisitorEvent, VisitorId};
