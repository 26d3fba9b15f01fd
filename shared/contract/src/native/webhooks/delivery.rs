//! Deliveries and their attempts.

use crate::json::Json;
use crate::schema::{DeliveryStatusName, EventTypeName, OutcomeName, Time, Uuid};
use domain::{Attempt, Delivery, DeliveryStatus};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct DeliveryJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    webhook_id: String,
    #[schemars(with = "EventTypeName")]
    event: &'static str,
    #[schemars(with = "Uuid")]
    event_id: String,
    #[schemars(with = "DeliveryStatusName")]
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Option<Time>")]
    next_attempt_at: Option<String>,
    attempt_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<AttemptJson<'_>>")]
    attempts: Option<Vec<AttemptJson<'a>>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
#[serde(rename_all = "camelCase")]
struct AttemptJson<'a> {
    number: u32,
    #[schemars(with = "Time")]
    started_at: String,
    #[schemars(with = "OutcomeName")]
    outcome: &'static str,
    status: Option<u16>,
    latency_ms: u64,
    response: &'a str,
}

impl<'a> DeliveryJson<'a> {
    fn of(delivery: &Delivery, status: DeliveryStatus, attempts: Option<&'a [Attempt]>) -> Self {
        let attempt = |attempt: &'a Attempt| AttemptJson {
            number: attempt.number,
            started_at: attempt.started_at.to_string(),
            outcome: attempt.outcome.name(),
            status: attempt.status,
            latency_ms: attempt.latency_ms,
            response: attempt.response.text().unwrap_or_default(),
        };
        let due_at = delivery.due_at.filter(|_| status == DeliveryStatus::Pending);
        Self {
            id: delivery.id.to_string(),
            webhook_id: delivery.subscription.to_string(),
            event: delivery.event_type.name(),
            event_id: delivery.event.to_string(),
            status: status.name(),
            created_at: delivery.created_at.to_string(),
            next_attempt_at: due_at.map(|at| at.to_string()),
            attempt_count: delivery.attempts,
            attempts: attempts.map(|attempts| attempts.iter().map(attempt).collect()),
        }
    }
}

/// Returns a delivery without its attempts. `status` may differ from the stored one: what is pending under a disabled
/// or deleted subscription is shown as cancelled.
pub fn delivery_summary_json(delivery: &Delivery, status: DeliveryStatus) -> Json {
    Json::of(&DeliveryJson::of(delivery, status, None))
}

/// Returns a delivery with every attempt.
pub fn delivery_json(delivery: &Delivery, status: DeliveryStatus, attempts: &[Attempt]) -> Json {
    Json::of(&DeliveryJson::of(delivery, status, Some(attempts)))
}
