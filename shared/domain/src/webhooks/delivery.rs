//! One event on its way to one subscription, and each attempt to bring it there.

use crate::contract::Contract;
use crate::id::{DeliveryId, EventId, LeadId, SubscriptionId};
use crate::protected_text::ProtectedText;
use crate::time::{Speedup, Timestamp};
use crate::webhooks::event::EventType;
use crate::webhooks::retry;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    /// An attempt is still to come.
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// Every attempt of the schedule failed.
    Failed,
    /// The subscription was deleted or disabled before it arrived.
    Cancelled,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Failed, Self::Cancelled];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// Any 2xx.
    Delivered,
    /// Any other answer, a redirect too.
    Refused,
    /// No whole answer in time.
    Timeout,
    /// No connection, no TLS, or an answer that is not HTTP.
    Unreachable,
    /// The target resolves to an address that must not be called.
    Blocked,
}

impl Outcome {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVERED",
            Self::Refused => "REFUSED",
            Self::Timeout => "TIMEOUT",
            Self::Unreachable => "UNREACHABLE",
            Self::Blocked => "BLOCKED",
        }
    }
}

/// One send and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Counts from one through every round of the delivery.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The receiver's status code, if it answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// From the first byte of resolving to the last byte read, in milliseconds.
    pub latency_ms: u64,
    /// The first 1,024 bytes of what the receiver answered: it may have repeated what it was sent.
    #[serde(skip_serializing_if = "ProtectedText::is_empty", default)]
    pub response: ProtectedText,
}

/// An event on its way to a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The same through every attempt, resend and recovery.
    pub id: DeliveryId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// What happened.
    pub event: EventId,
    /// What kind of thing happened.
    pub event_type: EventType,
    /// The subscription's generation when the event happened: one that has been disabled since cancels this.
    pub generation: u32,
    /// The contract that its headers speak.
    pub contract: Contract,
    /// The lead whose data the body holds, if it holds a lead's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// The exact bytes to send.
    pub body: ProtectedText,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How many attempts have been made.
    pub attempts: u32,
    /// How many attempts had been made when the current round of the schedule began.
    pub round_start: u32,
    /// When the event happened.
    pub created_at: Timestamp,
    /// When the next attempt is due, while it is pending.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// The attempt that arrived last: written with the status, in one write.
    #[serde(rename = "arrived", skip_serializing_if = "Option::is_none", default)]
    pub successful_attempt: Option<Attempt>,
}

/// What names a delivery and all that is read with it for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRef {
    /// Which.
    pub delivery: DeliveryId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// The lead whose data it holds, if it holds a lead's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// It arrived.
    Delivered,
    /// Another attempt at this time.
    RetryAt(Timestamp),
    /// The schedule is spent.
    Failed,
}

impl Delivery {
    /// What names it.
    pub fn reference(&self) -> DeliveryRef {
        DeliveryRef { delivery: self.id, subscription: self.subscription, lead: self.lead }
    }

    /// The number of the attempt that comes next.
    pub fn next_attempt(&self) -> u32 {
        self.attempts + 1
    }

    /// What follows when attempt `number` ended with `outcome` at `now`.
    pub fn after_attempt(
        &self,
        number: u32,
        outcome: Outcome,
        retry_after: Option<Duration>,
        chance: f64,
        speedup: Speedup,
        now: Timestamp,
    ) -> RetryDecision {
        if outcome == Outcome::Delivered {
            return RetryDecision::Delivered;
        }
        match retry::delay_after_failure(number.saturating_sub(self.round_start), chance, retry_after) {
            Some(wait) => RetryDecision::RetryAt(now.after(speedup.shorten(wait))),
            None => RetryDecision::Failed,
        }
    }

    /// The delivery with an attempt due at `now`: a pending one keeps its place in the schedule, any other begins
    /// a new round of it.
    pub fn resumed(&self, now: Timestamp) -> Self {
        let round_start = if self.status == DeliveryStatus::Pending { self.round_start } else { self.attempts };
        Self { status: DeliveryStatus::Pending, round_start, due_at: Some(now), ..self.clone() }
    }
}
