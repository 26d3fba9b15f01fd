//! Webhooks of the native contract: subscriptions, deliveries, secrets.

mod delivery;
mod delivery_query;
mod event_type;
mod resend;
mod secret_overlap;
mod subscription;

pub use crate::webhooks::subscription::subscription_json;
pub use delivery::{delivery_json, delivery_summary_json};
pub use delivery_query::DeliveryListQuery;
pub use event_type::event_type_json;
pub use resend::{Recovery, RecoveryRequest, ping_json, recovery_json};
pub use secret_overlap::parse_secret_overlap;
pub use subscription::{SubscriptionChange, SubscriptionRequest, check_read_only_subscription_fields};
