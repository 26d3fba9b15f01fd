//! Deliveries: one event to one subscription, through all attempts.

use crate::contract::Contract;
use crate::id::{DeliveryId, EventId, LeadId, SubscriptionId};
use crate::protected_text::ProtectedText;
use crate::time::{Speedup, Timestamp};
use crate::webhooks::attempt::{Attempt, Outcome};
use crate::webhooks::event_type::EventType;
use crate::webhooks::retry;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The status of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    /// Another attempt is due.
    Pending,
    /// The endpoint responded with 2xx.
    Delivered,
    /// Every attempt of the retry schedule failed.
    Failed,
    /// The subscription was deleted or disabled before the event was delivered.
    Cancelled,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Failed, Self::Cancelled];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A delivery of an event to a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Id of the delivery. The same through all attempts, retries and recoveries.
    pub id: DeliveryId,
    /// Subscription that the event is delivered to.
    pub subscription: SubscriptionId,
    /// Event that is delivered.
    pub event: EventId,
    /// Type of the event.
    pub event_type: EventType,
    /// Generation of the subscription at the time of the event. If the subscription has been disabled since, its
    /// generation differs and the delivery is cancelled.
    pub generation: u32,
    /// Contract that determines headers and signatures.
    pub contract: Contract,
    /// Lead whose personal data the body holds, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Body to send, byte for byte.
    pub body: ProtectedText,
    /// Status of the delivery.
    pub status: DeliveryStatus,
    /// Number of attempts made.
    pub attempts: u32,
    /// Number of attempts made before the current round of the retry schedule.
    pub round_start: u32,
    /// Time of the event.
    pub created_at: Timestamp,
    /// Time of the next attempt, while the delivery is pending.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// Last successful attempt. Stored with the delivery, so that one write records it together with the status.
    #[serde(rename = "arrived", skip_serializing_if = "Option::is_none", default)]
    pub successful_attempt: Option<Attempt>,
}

/// A reference to a delivery and to the records that an attempt reads with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRef {
    /// Id of the delivery.
    pub delivery: DeliveryId,
    /// Subscription that the event is delivered to.
    pub subscription: SubscriptionId,
    /// Lead whose personal data the body holds, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
}

/// The consequence of an attempt for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// The event was delivered.
    Delivered,
    /// The delivery is to be attempted again at this time.
    RetryAt(Timestamp),
    /// The last attempt of the retry schedule has failed.
    Failed,
}

impl Delivery {
    /// Returns the reference to the delivery.
    pub fn reference(&self) -> DeliveryRef {
        DeliveryRef { delivery: self.id, subscription: self.subscription, lead: self.lead }
    }

    /// Returns the number of the next attempt.
    pub fn next_attempt(&self) -> u32 {
        self.attempts + 1
    }

    /// Returns the consequence of attempt `number` that ended with `outcome` at `now`. `random` determines the jitter,
    /// see [`retry::delay_after_failure`].
    pub fn after_attempt(
        &self,
        number: u32,
        outcome: Outcome,
        retry_after: Option<Duration>,
        random: f64,
        speedup: Speedup,
        now: Timestamp,
    ) -> RetryDecision {
        if outcome == Outcome::Delivered {
            return RetryDecision::Delivered;
        }
        match retry::delay_after_failure(number.saturating_sub(self.round_start), random, retry_after) {
            Some(wait) => RetryDecision::RetryAt(now.after(speedup.shorten(wait))),
            None => RetryDecision::Failed,
        }
    }

    /// Returns the delivery with an attempt due at `now`. A pending delivery continues its retry schedule, any other
    /// begins a new round of it.
    pub fn resumed(&self, now: Timestamp) -> Self {
        let round_start = if self.status == DeliveryStatus::Pending { self.round_start } else { self.attempts };
        Self { status: DeliveryStatus::Pending, round_start, due_at: Some(now), ..self.clone() }
    }
}
