//! Webhooks of the native contract: subscriptions, deliveries, secrets, the event log.

pub(super) mod delivery;
mod delivery_query;
pub(super) mod event_log;
pub(super) mod event_type;
pub(super) mod resend;
mod secret_overlap;
mod subscription;

pub use crate::webhooks::subscription::subscription_json;
pub use delivery::{delivery_json, delivery_summary_json};
pub use delivery_query::DeliveryListQuery;
pub use event_log::{
    EventLogQuery, LogStart, LoggedContent, LoggedEvent, MAX_WAIT_SECONDS, event_log_json, logged_example_json,
    parse_example_request,
};
pub use event_type::{EventPayload, event_type_json, read_sample_contract};
pub use resend::{Recovery, RecoveryRequest, parse_test_request, ping_json, recovery_json};
pub use secret_overlap::parse_secret_overlap;
pub use subscription::{SubscriptionChange, SubscriptionRequest, check_read_only_subscription_fields};
