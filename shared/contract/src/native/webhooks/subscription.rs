//! Requests that create or change a webhook subscription.

use crate::accounts::business::read_business_id;
use crate::fields::{Fields, must_be_one_of, required_value, text_format};
use crate::json::Json;
use crate::native::webhooks::secret_overlap::read_secret_overlap;
use domain::webhooks::subscription::{EventFilter, SubscriptionStatus};
use domain::{BusinessId, Contract, EventType, FieldErrors};
use serde_json::json;
use std::time::Duration;

/// A request that creates a subscription. Whether deliveries may go to its URL is checked later (SSRF).
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionRequest {
    /// URL of the endpoint, as sent.
    pub url: String,
    /// Events to deliver.
    pub events: EventFilter,
    /// Contract that decides headers and payload.
    pub contract: Contract,
    /// Business that the subscription is limited to.
    pub business: Option<BusinessId>,
    /// True if the endpoint has to confirm the subscription first.
    pub verify_ownership: bool,
}

/// A request that changes a subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionChange {
    /// URL of the endpoint, as sent.
    pub url: Option<String>,
    /// Events to deliver.
    pub events: Option<EventFilter>,
    /// True while deliveries are sent.
    pub status: Option<SubscriptionStatus>,
    /// Time from now for which the secret before the last rotation still signs, if its overlap has not ended.
    pub overlap: Option<Duration>,
}

impl SubscriptionRequest {
    /// Parses a request; `url` and `events` are required, `contract` defaults to native.
    pub fn parse(fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let mut fields = fields.with_blank_values();
        let url = fields.required("url", text_format::url());
        fields.require("events");
        let events = read_event_filter(&mut fields);
        let contract = fields.one_of("contract", &Contract::ALL, Contract::name).unwrap_or(Contract::Native);
        let business = read_business_id(&mut fields);
        let verify_ownership = fields.boolean("verifyOwnership").unwrap_or(false);
        fields.finish()?;
        let (url, events) = (required_value("url", url)?, required_value("events", events)?);
        Ok(Self { url, events, contract, business, verify_ownership })
    }
}

/// The fields of a subscription that a change may send back but not change.
const READ_ONLY: [&str; 9] = [
    "id",
    "contract",
    "businessId",
    "verifyOwnership",
    "previousSecretUntil",
    "failingSince",
    "disabledReason",
    "createdAt",
    "updatedAt",
];

/// Checks that a change sends back the read-only fields of a subscription, which `current` shows, as they are.
pub fn check_read_only_subscription_fields(fields: &Fields<'_>, current: &Json) -> Result<(), FieldErrors> {
    fields.check_read_only(&READ_ONLY, current, "cannot be changed; create another subscription instead")
}

impl SubscriptionChange {
    /// Parses a request; at least one field is required.
    pub fn parse(fields: Fields<'_>) -> Result<Self, FieldErrors> {
        const FIELDS: [&str; 4] = ["url", "events", "status", "overlapSeconds"];
        const STATUSES: [SubscriptionStatus; 2] = [SubscriptionStatus::Enabled, SubscriptionStatus::Disabled];
        let mut fields = fields.with_blank_values();
        fields.require_one_of(&FIELDS);
        fields.read_only(&READ_ONLY);
        fields.reject(&["secret"], "cannot be changed; use POST /v2/webhooks/{id}/rotate-secret");
        let change = Self {
            url: fields.optional("url", text_format::url()),
            events: read_event_filter(&mut fields),
            status: fields.one_of("status", &STATUSES, SubscriptionStatus::name),
            overlap: read_secret_overlap(&mut fields),
        };
        fields.finish()?;
        Ok(change)
    }
}

/// Reads `events`: `["*"]` or a list of event types.
fn read_event_filter(fields: &mut Fields<'_>) -> Option<EventFilter> {
    fields.note_property("events", || {
        let names: Vec<_> = std::iter::once("*").chain(EventType::ALL.iter().map(|event| event.name())).collect();
        json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": names } })
    });
    let values = fields.array("events")?;
    if values.iter().any(|value| value.as_str() == Some("*")) {
        if values.len() > 1 {
            fields.add_error("events", "must be either [\"*\"] or a list of event types");
        }
        return Some(EventFilter::ALL);
    }
    if values.is_empty() {
        let reason = format!("must not be empty; each item {} or *", must_be_one_of(EventType::ALL, EventType::name));
        fields.add_error("events", reason);
    }
    fields.many_of("events", EventType::ALL, EventType::name).map(EventFilter::Only)
}
