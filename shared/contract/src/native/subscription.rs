//! Webhook subscriptions.

use crate::fields::{Fields, words};
use crate::json::Json;
use crate::lead::business_id;
use domain::webhooks::subscription::{DisabledReason, EventFilter, SubscriptionStatus};
use domain::{BusinessId, Contract, EventType, FieldErrors, InboundSecret, Subscription, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireSubscription<'a> {
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

/// A subscription; `secret` only where it is shown for the one time, `failing_since` where its receiver fails.
pub fn subscription(subscription: &Subscription, secret: Option<&str>, failing_since: Option<Timestamp>) -> Json {
    Json::of(&WireSubscription {
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
struct SnakeSubscription<'a> {
    id: String,
    url: &'a str,
    events: Vec<&'static str>,
    business_id: Option<String>,
    status: &'static str,
    disabled_reason: Option<&'static str>,
    created_at: String,
}

/// A subscription in the payloads of contracts that write in snake_case.
pub(crate) fn subscription_in_snake_case(subscription: &Subscription) -> Json {
    Json::of(&SnakeSubscription {
        id: subscription.id.to_string(),
        url: &subscription.url,
        events: subscription.events.names(),
        business_id: subscription.business.map(|business| business.to_string()),
        status: subscription.status.name(),
        disabled_reason: subscription.disabled_reason.map(DisabledReason::name),
        created_at: subscription.created_at.to_string(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireInboundSecret<'a> {
    secret: &'a str,
    previous_secret_until: Option<String>,
    created_at: String,
}

/// A new inbound secret, with its text, which is shown for the one time.
pub fn inbound_secret(made: &InboundSecret, secret: &str) -> Json {
    Json::of(&WireInboundSecret {
        secret,
        previous_secret_until: made.previous.map(|previous| previous.until.to_string()),
        created_at: made.created_at.to_string(),
    })
}

/// How long the secret before goes on where the caller does not say: 24 hours.
const OVERLAP: i64 = 24 * 60 * 60;

/// The longest overlap: a week.
const LONGEST_OVERLAP: i64 = 7 * 24 * 60 * 60;

/// Reads how long the secret before goes on when another is made: `overlapSeconds`.
pub fn read_overlap(body: &Map<String, Value>) -> Result<Duration, FieldErrors> {
    let mut fields = Fields::new(body);
    let overlap = fields.whole("overlapSeconds", 0..=LONGEST_OVERLAP).unwrap_or(OVERLAP);
    fields.finish()?;
    Ok(Duration::from_secs(overlap.unsigned_abs()))
}

/// What a caller says of a new subscription; the target's own rules come later.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionDraft {
    /// Where deliveries are to go, as written.
    pub url: String,
    /// Which events.
    pub events: EventFilter,
    /// In which contract.
    pub contract: Contract,
    /// Limited to this business.
    pub business: Option<BusinessId>,
}

/// What a caller changes in a subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionChange {
    /// Where deliveries are to go, as written.
    pub url: Option<String>,
    /// Which events.
    pub events: Option<EventFilter>,
    /// Whether it is served.
    pub status: Option<SubscriptionStatus>,
}

fn events(fields: &mut Fields<'_>) -> Option<EventFilter> {
    let Value::Array(values) = fields.value("events")? else {
        fields.add_error("events", "must be a list");
        return None;
    };
    if values.iter().any(|value| value == "*") {
        if values.len() > 1 {
            fields.add_error("events", "must be [\"*\"] alone or a list of event types");
        }
        return Some(EventFilter::ALL);
    }
    if values.is_empty() {
        fields.add_error("events", format!("must not be empty; it {} or *", words(EventType::ALL, EventType::name)));
    }
    fields.many_of("events", EventType::ALL, EventType::name).map(EventFilter::Only)
}

/// Reads a new subscription.
pub fn read_subscription(body: &Map<String, Value>) -> Result<SubscriptionDraft, FieldErrors> {
    let mut fields = Fields::new(body);
    let url = fields.required("url", |text| Ok(text.to_owned()));
    if fields.value("events").is_none() {
        fields.add_error("events", "is required");
    }
    let events = events(&mut fields);
    let contract = fields.one_of("contract", &Contract::ALL, Contract::name).unwrap_or(Contract::Native);
    let business = fields.optional("businessId", business_id);
    fields.finish()?;
    match (url, events) {
        (Some(url), Some(events)) => Ok(SubscriptionDraft { url, events, contract, business }),
        _ => Err(FieldErrors::single("url", "is required")),
    }
}

/// Reads a change of a subscription.
pub fn read_subscription_change(body: &Map<String, Value>) -> Result<SubscriptionChange, FieldErrors> {
    const KNOWN: [&str; 3] = ["url", "events", "status"];
    let mut fields = Fields::new(body);
    if !KNOWN.iter().any(|name| fields.value(name).is_some()) {
        return Err(FieldErrors::single("body", format!("must have at least one of {}", KNOWN.join(", "))));
    }
    for fixed in ["contract", "businessId", "secret", "id"] {
        if fields.has(fixed) {
            fields.add_error(fixed, "cannot be changed; make another subscription");
        }
    }
    let all = [SubscriptionStatus::Enabled, SubscriptionStatus::Disabled];
    let change = SubscriptionChange {
        url: fields.optional("url", |text| Ok(text.to_owned())),
        events: events(&mut fields),
        status: fields.one_of("status", &all, SubscriptionStatus::name),
    };
    fields.finish()?;
    Ok(change)
}
