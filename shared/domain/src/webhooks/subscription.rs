//! Who is told what, where.

use crate::contract::Contract;
use crate::id::{BusinessId, SubscriptionId};
use crate::time::Timestamp;
use crate::webhooks::event::{Event, EventType};
use serde::{Deserialize, Serialize};

/// Subscriptions that a tenant may have in a mode.
pub const MAX_SUBSCRIPTIONS: usize = 50;

/// Whether a subscription is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubscriptionStatus {
    /// Deliveries go out.
    Enabled,
    /// Nothing is sent; what was pending is cancelled.
    Disabled,
}

impl SubscriptionStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// The events that a subscription wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventFilter {
    /// These.
    Only(Vec<EventType>),
    /// Every one, those to come too. Kept as the star that callers write.
    All(Wildcard),
}

/// The star that stands for every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wildcard {
    /// `*`
    #[serde(rename = "*")]
    Any,
}

impl EventFilter {
    /// Every event.
    pub const ALL: Self = Self::All(Wildcard::Any);

    /// Whether `event_type` is among them.
    pub fn contains(&self, event_type: EventType) -> bool {
        match self {
            Self::All(_) => true,
            Self::Only(types) => types.contains(&event_type),
        }
    }

    /// The names as callers write them.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::All(_) => vec!["*"],
            Self::Only(types) => types.iter().map(|event| event.name()).collect(),
        }
    }
}

/// Which signing secret: the number of the master key it is derived from, and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRef {
    /// The number of the master key.
    #[serde(rename = "m")]
    pub master: u32,
    /// Counts the subscription's rotations.
    #[serde(rename = "v")]
    pub version: u32,
}

/// The secret before the last rotation, while the overlap lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// Which.
    #[serde(flatten)]
    pub secret: SecretRef,
    /// When it stops signing.
    pub until: Timestamp,
}

/// Why the house disabled a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisabledReason {
    /// Its receiver answered 410.
    Gone,
    /// Five days of nothing but failures.
    Failing,
}

impl DisabledReason {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "GONE",
            Self::Failing => "FAILING",
        }
    }
}

/// A receiver of webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Where deliveries go.
    pub url: String,
    /// What it wants.
    pub events: EventFilter,
    /// What headers and payloads speak.
    pub contract: Contract,
    /// Only this business's events, if it is limited to one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// Whether it is served.
    pub status: SubscriptionStatus,
    /// Counts enablings: what was pending before the last one stays cancelled.
    pub generation: u32,
    /// What signs.
    pub secret: SecretRef,
    /// What still signs besides.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<PreviousSecret>,
    /// Why it was disabled, if the house did it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled_reason: Option<DisabledReason>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts changes.
    pub version: u64,
}

impl Subscription {
    /// Whether it is to be told of `event`.
    pub fn wants(&self, event: &Event) -> bool {
        self.status == SubscriptionStatus::Enabled
            && self.events.contains(event.event_type)
            && (self.business.is_none() || self.business == event.business)
    }

    /// The subscription as the house disables it at `now`.
    pub fn disabled(&self, reason: DisabledReason, now: Timestamp) -> Self {
        Self {
            status: SubscriptionStatus::Disabled,
            disabled_reason: Some(reason),
            updated_at: now.max(self.updated_at),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// The secret before the last rotation, while it still signs at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<SecretRef> {
        self.previous.filter(|previous| now < previous.until).map(|previous| previous.secret)
    }
}
