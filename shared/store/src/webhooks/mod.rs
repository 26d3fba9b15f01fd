//! Webhook subscriptions, their deliveries, the attempts of each delivery, and the health of the endpoints.

mod attempt;
mod circuit_breaker;
mod delivery;
mod delivery_batch;
mod delivery_item;
mod delivery_list;
mod encryption;
mod event_log;
mod parking;
mod stored_delivery;
mod subscription;

pub use delivery::{CreatedDelivery, DeliveriesToSend, DueEntry};
pub use delivery_batch::{BatchedDelivery, DeliveryBatchState, MAX_CREATION_TIME};
pub use delivery_list::DeliveryFilter;
pub use event_log::{EventToLog, LogContent, LogEntry, LogPage};
pub use parking::{ParkedDelivery, ParkedSubscription};
pub use stored_delivery::{DeliveryToSend, StoredDelivery};
pub use subscription::ReadableSubscriptions;
