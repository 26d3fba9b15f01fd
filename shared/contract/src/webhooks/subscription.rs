//! A webhook subscription.

use crate::json::Json;
use domain::webhooks::subscription::DisabledReason;
use domain::{Subscription, Timestamp};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CamelCaseSubscription<'a> {
    id: String,
    url: &'a str,
    events: Vec<&'static str>,
    contract: &'static str,
    business_id: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    previous_secret_until: Option<String>,
    failing_since: Option<String>,
    disabled_reason: Option<&'static str>,
    created_at: String,
    updated_at: String,
}

/// Returns a subscription in camelCase. Only the response that creates `secret` shows it; `failing_since` is set while
/// the endpoint fails.
pub fn subscription_json(subscription: &Subscription, secret: Option<&str>, failing_since: Option<Timestamp>) -> Json {
    Json::of(&CamelCaseSubscription {
        id: subscription.id.to_string(),
        url: &subscription.url,
        events: subscription.events.names(),
        contract: subscription.contract.name(),
        business_id: subscription.business.map(|business| business.to_string()),
        status: subscription.status.name(),
        secret,
        previous_secret_until: subscription.previous.map(|previous| previous.until.to_string()),
        failing_since: failing_since.map(|since| since.to_string()),
        disabled_reason: subscription.disabled_reason.map(DisabledReason::name),
        created_at: subscription.created_at.to_string(),
        updated_at: subscription.updated_at.to_string(),
    })
}

#[derive(Serialize)]
struct SnakeCaseSubscription<'a> {
    id: String,
    url: &'a str,
    events: Vec<&'static str>,
    business_id: Option<String>,
    status: &'static str,
    disabled_reason: Option<&'static str>,
    created_at: String,
}

/// Returns a subscription in `snake_case`, as payloads of LeadRescue and VendorPad have it.
pub(crate) fn snake_case_subscription_json(subscription: &Subscription) -> Json {
    Json::of(&SnakeCaseSubscription {
        id: subscription.id.to_string(),
        url: &subscription.url,
        events: subscription.events.names(),
        business_id: subscription.business.map(|business| business.to_string()),
        status: subscription.status.name(),
        disabled_reason: subscription.disabled_reason.map(DisabledReason::name),
        created_at: subscription.created_at.to_string(),
    })
}
