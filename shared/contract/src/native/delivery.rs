//! Deliveries and their attempts.

use crate::json::Json;
use domain::{Attempt, Delivery, DeliveryStatus};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireDelivery<'a> {
    id: String,
    webhook_id: String,
    event: &'static str,
    event_id: String,
    status: &'static str,
    created_at: String,
    next_attempt_at: Option<String>,
    attempt_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Vec<WireAttempt<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireAttempt<'a> {
    number: u32,
    started_at: String,
    outcome: &'static str,
    status: Option<u16>,
    latency_ms: u64,
    response: &'a str,
}

fn profile(delivery: &Delivery, status: DeliveryStatus, attempts: Option<&[Attempt]>) -> Json {
    let attempts = attempts.map(|attempts| {
        attempts
            .iter()
            .map(|attempt| WireAttempt {
                number: attempt.number,
                started_at: attempt.started_at.to_string(),
                outcome: attempt.outcome.name(),
                status: attempt.status,
                latency_ms: attempt.latency_ms,
                response: attempt.response.text().unwrap_or_default(),
            })
            .collect()
    });
    let due_at = delivery.due_at.filter(|_| status == DeliveryStatus::Pending);
    Json::of(&WireDelivery {
        id: delivery.id.to_string(),
        webhook_id: delivery.subscription.to_string(),
        event: delivery.event_type.name(),
        event_id: delivery.event.to_string(),
        status: status.name(),
        created_at: delivery.created_at.to_string(),
        next_attempt_at: due_at.map(|at| at.to_string()),
        attempt_count: delivery.attempts,
        attempts,
    })
}

/// A delivery as a list shows it. `status` is how it is shown: what was pending under a disabled or deleted
/// subscription is cancelled.
pub fn delivery_summary(delivery: &Delivery, status: DeliveryStatus) -> Json {
    profile(delivery, status, None)
}

/// A delivery with every attempt.
pub fn delivery(delivery: &Delivery, status: DeliveryStatus, attempts: &[Attempt]) -> Json {
    profile(delivery, status, Some(attempts))
}
