//! Webhook subscriptions: the endpoints that events are delivered to.

use crate::contract::Contract;
use crate::id::{BusinessId, SubscriptionId};
use crate::signing_secret::{PreviousSecret, SecretRef};
use crate::time::Timestamp;
use crate::webhooks::event_type::EventType;
use serde::{Deserialize, Serialize};

/// Maximum number of subscriptions in an environment.
pub const MAX_SUBSCRIPTIONS: usize = 50;

/// The status of a subscription: whether events are delivered to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubscriptionStatus {
    /// Events are delivered.
    Enabled,
    /// Nothing is delivered. Pending deliveries were cancelled.
    Disabled,
}

impl SubscriptionStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Enabled, Self::Disabled];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// The event types that a subscription receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventFilter {
    /// The listed types.
    Only(Vec<EventType>),
    /// Every type, including types that are added later. Stored as the wildcard that callers send.
    All(Wildcard),
}

/// The wildcard that stands for every event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wildcard {
    /// `*`
    #[serde(rename = "*")]
    Any,
}

impl EventFilter {
    /// The filter that passes every event type.
    pub const ALL: Self = Self::All(Wildcard::Any);

    /// Returns whether the filter passes `event_type`.
    pub fn contains(&self, event_type: EventType) -> bool {
        match self {
            Self::All(_) => true,
            Self::Only(types) => types.contains(&event_type),
        }
    }

    /// Returns the names as callers send them.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::All(_) => vec!["*"],
            Self::Only(types) => types.iter().map(|event| event.name()).collect(),
        }
    }
}

/// The reason why a subscription was disabled automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisabledReason {
    /// The endpoint responded with 410 Gone.
    Gone,
    /// The endpoint has only failed for five days.
    Failing,
}

impl DisabledReason {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::Gone, Self::Failing];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "GONE",
            Self::Failing => "FAILING",
        }
    }
}

/// A webhook subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Id of the subscription.
    pub id: SubscriptionId,
    /// URL of the endpoint.
    pub url: String,
    /// Event types that the subscription receives.
    pub events: EventFilter,
    /// Contract that determines headers, signatures and payloads.
    pub contract: Contract,
    /// Business whose events the subscription receives, or all if `None`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// True if the endpoint has confirmed the subscription, and has to confirm every other URL of it too.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub verify_ownership: bool,
    /// True while events are delivered.
    pub status: SubscriptionStatus,
    /// Number of times that the subscription was enabled. Deliveries of an earlier generation stay cancelled.
    pub generation: u32,
    /// Current signing secret.
    pub secret: SecretRef,
    /// Previous signing secret, which also signs until the overlap ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<PreviousSecret>,
    /// Reason, if the subscription was disabled automatically.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled_reason: Option<DisabledReason>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

impl Subscription {
    /// Returns the subscription after it was disabled automatically at `now`.
    pub fn disabled(&self, reason: DisabledReason, now: Timestamp) -> Self {
        Self {
            status: SubscriptionStatus::Disabled,
            disabled_reason: Some(reason),
            updated_at: now.max(self.updated_at),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Returns the previous signing secret if the overlap of the last rotation has not ended at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<SecretRef> {
        self.previous.and_then(|previous| previous.at(now))
    }
}
