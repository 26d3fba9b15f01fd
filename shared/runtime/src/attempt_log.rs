//! The log line of an attempt of a delivery.

use domain::webhooks::attempt::Outcome;
use domain::{DeliveryId, EventType};

/// The line of one attempt in the log. It holds no personal data: the host of the endpoint instead of its URL, and nothing
/// of what was sent or received.
#[derive(Clone, Debug)]
pub struct AttemptRecord<'a> {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The type of its event.
    pub event_type: EventType,
    /// The host of the endpoint.
    pub host: &'a str,
    /// The number of the attempt.
    pub attempt: u32,
    /// The outcome.
    pub outcome: Outcome,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// The time from the request to the response, in milliseconds.
    pub latency_ms: u64,
}

impl AttemptRecord<'_> {
    /// Writes the line.
    pub fn write(&self) {
        tracing::info!(
            delivery = %self.delivery,
            event = self.event_type.name(),
            host = self.host,
            attempt = self.attempt,
            outcome = self.outcome.name(),
            status = self.status,
            latency_ms = self.latency_ms,
            "delivery attempted"
        );
    }
}
