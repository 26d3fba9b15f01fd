//! A webhook subscription.

use crate::json::Json;
use crate::schema::{ContractName, DisabledReasonName, EventFilterName, SubscriptionStatusName, Time, Url, Uuid};
use domain::webhooks::subscription::DisabledReason;
use domain::{Subscription, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
#[serde(rename_all = "camelCase")]
pub(crate) struct CamelCaseSubscription<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Url")]
    url: &'a str,
    #[schemars(with = "Vec<EventFilterName>")]
    events: Vec<&'static str>,
    #[schemars(with = "ContractName")]
    contract: &'static str,
    #[schemars(with = "Option<Uuid>")]
    business_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    verify_ownership: Option<bool>,
    #[schemars(with = "SubscriptionStatusName")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    secret: Option<&'a str>,
    #[schemars(with = "Option<Time>")]
    previous_secret_until: Option<String>,
    #[schemars(with = "Option<Time>")]
    failing_since: Option<String>,
    #[schemars(with = "Option<DisabledReasonName>")]
    disabled_reason: Option<&'static str>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
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
        // Shown only where it was asked for: payloads of webhook.disabled stay as they were.
        verify_ownership: subscription.verify_ownership.then_some(true),
        status: subscription.status.name(),
        secret,
        previous_secret_until: subscription.previous.map(|previous| previous.until.to_string()),
        failing_since: failing_since.map(|since| since.to_string()),
        disabled_reason: subscription.disabled_reason.map(DisabledReason::name),
        created_at: subscription.created_at.to_string(),
        updated_at: subscription.updated_at.to_string(),
    })
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
pub(crate) struct SnakeCaseSubscription<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Url")]
    url: &'a str,
    #[schemars(with = "Vec<EventFilterName>")]
    events: Vec<&'static str>,
    #[schemars(with = "Option<Uuid>")]
    business_id: Option<String>,
    #[schemars(with = "SubscriptionStatusName")]
    status: &'static str,
    #[schemars(with = "Option<DisabledReasonName>")]
    disabled_reason: Option<&'static str>,
    #[schemars(with = "Time")]
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
