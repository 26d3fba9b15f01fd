//! Events, and the events that follow from a change of a lead, message, dispute, package or subscription.
//!
//! The id of an event is derived from the change (entity, version and event type), so that a change that the stream
//! delivers twice gives the same event, and each subscription gets it in the same delivery.

use crate::accounts::tenant::Environment;
use crate::disputes::dispute::Dispute;
use crate::disputes::package::{FinishedPackage, Package, PackageStatus};
use crate::follow_up::message::{Direction, Message};
use crate::id::{BusinessId, EventId, LeadId};
use crate::leads::{Lead, LeadStatus};
use crate::time::Timestamp;
use crate::webhooks::event_type::EventType;
use crate::webhooks::subscription::{Subscription, SubscriptionStatus};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Maximum difference of two clocks. An event has the time of the function that changed its subject, a subscription that of
/// the function that created it. Clocks of different machines differ: an event that follows the creation of a subscription
/// may have an earlier time.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(1);

/// The entity that an event is about, as of the change. The names of the variants are stored in the event log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// A lead.
    Lead(Box<Lead>),
    /// A dispute.
    Dispute(Box<Dispute>),
    /// An evidence package.
    Package(Box<FinishedPackage>),
    /// A person's reply.
    Reply(Box<Message>),
    /// A webhook subscription.
    Subscription(Box<Subscription>),
}

impl Subject {
    /// Returns the lead whose personal data the subject holds, if any.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::Lead(lead) => Some(lead.id),
            Self::Dispute(dispute) => dispute.lead,
            Self::Package(finished) => finished.package.lead,
            Self::Reply(reply) => Some(reply.lead),
            Self::Subscription(_) => None,
        }
    }
}

/// An event in an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Id of the event, derived from the change.
    pub id: EventId,
    /// Type of the event.
    pub event_type: EventType,
    /// Environment in which the event occurred.
    pub environment: Environment,
    /// Business of the subject, if it has one.
    pub business: Option<BusinessId>,
    /// Time of the event.
    pub occurred_at: Timestamp,
    /// Version of the subject after the change, by which receivers can order events.
    pub version: u64,
    /// Subject of the event.
    pub subject: Subject,
}

impl Event {
    fn for_lead(environment: Environment, lead: &Lead, event_type: EventType) -> Self {
        let version = lead.version.to_be_bytes();
        Self {
            id: EventId::derived(&[b"lead", lead.id.bytes(), &version, event_type.name().as_bytes()]),
            event_type,
            environment,
            business: Some(lead.business),
            occurred_at: lead.updated_at,
            version: lead.version,
            subject: Subject::Lead(Box::new(lead.clone())),
        }
    }

    fn for_dispute(environment: Environment, dispute: &Dispute, event_type: EventType) -> Self {
        let version = dispute.version.to_be_bytes();
        Self {
            id: EventId::derived(&[b"dispute", dispute.id.bytes(), &version, event_type.name().as_bytes()]),
            event_type,
            environment,
            business: Some(dispute.business),
            occurred_at: dispute.updated_at,
            version: dispute.version,
            subject: Subject::Dispute(Box::new(dispute.clone())),
        }
    }

    fn for_package(environment: Environment, finished: FinishedPackage) -> Self {
        let package = &finished.package;
        let version = package.version.to_be_bytes();
        let event_type = EventType::PackageGenerated;
        Self {
            id: EventId::derived(&[b"package", package.id.bytes(), &version, event_type.name().as_bytes()]),
            event_type,
            environment,
            business: Some(package.business),
            occurred_at: package.updated_at,
            version: package.version,
            subject: Subject::Package(Box::new(finished)),
        }
    }

    fn for_reply(environment: Environment, reply: &Message) -> Self {
        Self {
            id: EventId::derived(&[b"reply", reply.lead.bytes(), reply.id.bytes()]),
            event_type: EventType::CustomerReply,
            environment,
            business: Some(reply.business),
            occurred_at: reply.created_at,
            version: 1,
            subject: Subject::Reply(Box::new(reply.clone())),
        }
    }

    /// Returns whether the event is to be delivered to `subscription`. One that occurred more than a minute (the maximum
    /// clock skew) before the subscription was created is not: a reader of the stream that begins anew reads the changes of
    /// a day.
    pub fn is_for(&self, subscription: &Subscription) -> bool {
        subscription.status == SubscriptionStatus::Enabled
            && subscription.events.contains(self.event_type)
            && (subscription.business.is_none() || subscription.business == self.business)
            && subscription.created_at <= self.occurred_at.after(MAX_CLOCK_SKEW)
    }

    /// Creates an event of a subscription: `ping`, delivered to the subscription itself, or `webhook.disabled`,
    /// delivered to the others. The id is derived from `cause`, which identifies the request or change.
    pub fn for_subscription(
        environment: Environment,
        subscription: &Subscription,
        event_type: EventType,
        at: Timestamp,
        cause: &[u8],
    ) -> Self {
        Self {
            id: EventId::derived(&[b"subscription", subscription.id.bytes(), event_type.name().as_bytes(), cause]),
            event_type,
            environment,
            business: subscription.business,
            occurred_at: at,
            version: subscription.version,
            subject: Subject::Subscription(Box::new(subscription.clone())),
        }
    }
}

/// Returns the events for the change of a subscription from `old` to `new`: `webhook.disabled` if it was disabled
/// automatically.
pub fn from_subscription_change(
    environment: Environment,
    old: Option<&Subscription>,
    new: &Subscription,
) -> Vec<Event> {
    let disabled_before = old.is_none_or(|old| old.disabled_reason.is_some());
    if disabled_before || new.disabled_reason.is_none() {
        return Vec::new();
    }
    let cause = new.version.to_be_bytes();
    vec![Event::for_subscription(environment, new, EventType::WebhookDisabled, new.updated_at, &cause)]
}

/// Returns the events for the change of a lead from `old` to `new`: its creation, or its change of status and the event
/// of the new status.
pub fn from_lead_change(environment: Environment, old: Option<&Lead>, new: &Lead) -> Vec<Event> {
    let Some(old) = old else {
        return vec![Event::for_lead(environment, new, EventType::LeadCreated)];
    };
    if old.status == new.status {
        return Vec::new();
    }
    let status_event = match new.status {
        LeadStatus::Won => Some(EventType::LeadWon),
        LeadStatus::Lost => Some(EventType::LeadLost),
        LeadStatus::OptedOut => Some(EventType::LeadOptedOut),
        _ => None,
    };
    std::iter::once(EventType::LeadStatusChanged)
        .chain(status_event)
        .map(|event_type| Event::for_lead(environment, new, event_type))
        .collect()
}

/// Returns the events for the change of a message from `old` to `new`: `customer.reply` if it is a new reply.
pub fn from_message_change(environment: Environment, old: Option<&Message>, new: &Message) -> Vec<Event> {
    let is_reply = new.direction == Direction::Inbound && !new.opt_out;
    if old.is_none() && is_reply { vec![Event::for_reply(environment, new)] } else { Vec::new() }
}

/// Returns the events for the change of a dispute from `old` to `new`: its creation, or its change of status.
pub fn from_dispute_change(environment: Environment, old: Option<&Dispute>, new: &Dispute) -> Vec<Event> {
    match old {
        None => vec![Event::for_dispute(environment, new, EventType::DisputeCreated)],
        Some(old) if old.status != new.status => {
            vec![Event::for_dispute(environment, new, EventType::DisputeStatusChanged)]
        }
        Some(_) => Vec::new(),
    }
}

/// Returns the events for the change of a package from `old` to `new`: `package.generated` when it is finished, whether
/// there is a document, at the address that `document_url` returns, or none could be generated.
pub fn from_package_change(
    environment: Environment,
    old: Option<&Package>,
    new: &Package,
    document_url: impl FnOnce(&Package) -> String,
) -> Vec<Event> {
    let was_finished = old.is_some_and(|old| old.status != PackageStatus::Pending);
    if was_finished || new.status == PackageStatus::Pending {
        return Vec::new();
    }
    let document_url = (new.status == PackageStatus::Ready).then(|| document_url(new));
    vec![Event::for_package(environment, FinishedPackage { package: new.clone(), document_url })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;
    use crate::id::{SubscriptionId, TenantId};
    use crate::signing_secret::SecretRef;
    use crate::webhooks::subscription::{EventFilter, SubscriptionStatus};
    use crate::{Mode, Timestamp};

    fn subscription(created_at: Timestamp) -> Subscription {
        Subscription {
            id: SubscriptionId::derived(&[b"s"]),
            url: "https://example.com/hook".to_owned(),
            events: EventFilter::ALL,
            contract: Contract::Native,
            business: None,
            verify_ownership: false,
            status: SubscriptionStatus::Enabled,
            generation: 1,
            secret: SecretRef { master: 1, version: 1 },
            previous: None,
            disabled_reason: None,
            created_at,
            updated_at: created_at,
            version: 1,
        }
    }

    #[test]
    fn events_before_a_subscription_are_not_for_it() {
        let created_at = Timestamp::from_millis(100_000);
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let subscription = subscription(created_at);
        for (millis, expected) in [(0, false), (39_999, false), (40_000, true), (100_000, true), (100_001, true)] {
            let at = Timestamp::from_millis(millis);
            let event = Event::for_subscription(environment, &subscription, EventType::WebhookDisabled, at, b"cause");
            assert_eq!(event.is_for(&subscription), expected, "{millis}");
        }
    }
}
