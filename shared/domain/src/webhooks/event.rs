//! What happened, as subscribers are told of it.

use crate::accounts::tenant::Environment;
use crate::disputes::dispute::Dispute;
use crate::follow_up::message::{Direction, Message};
use crate::id::{BusinessId, EventId, LeadId};
use crate::leads::{Lead, LeadStatus};
use crate::time::Timestamp;
use crate::webhooks::subscription::Subscription;
use serde::{Deserialize, Serialize};

macro_rules! event_types {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// A kind of thing that can happen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum EventType { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl EventType {
            /// Every type, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it means, for the list of event types.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }
        }
    };
}

event_types! {
    LeadCreated "lead.created" "A lead came in.",
    LeadStatusChanged "lead.status_changed" "A lead's status became another.",
    LeadWon "lead.won" "A lead became a customer.",
    LeadLost "lead.lost" "A lead was lost.",
    LeadOptedOut "lead.opted_out" "A person asked not to be written to.",
    DisputeCreated "dispute.created" "A dispute was opened.",
    DisputeStatusChanged "dispute.status_changed" "A dispute's status became another.",
    PackageGenerated "package.generated" "A dispute's evidence package is ready.",
    CustomerReply "customer.reply" "A customer answered a message.",
    WebhookDisabled "webhook.disabled" "A subscription was disabled because its receiver kept failing.",
    Ping "ping" "A subscription was asked to show that it works.",
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A lead, as it was right after the change.
    Lead(Box<Lead>),
    /// A dispute, as it was right after the change.
    Dispute(Box<Dispute>),
    /// What a person answered.
    Reply(Box<Message>),
    /// A subscription, as it was right after the change.
    Subscription(Box<Subscription>),
}

impl Subject {
    /// The lead whose data it holds, if it holds a lead's.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::Lead(lead) => Some(lead.id),
            Self::Dispute(dispute) => dispute.lead,
            Self::Reply(reply) => Some(reply.lead),
            Self::Subscription(_) => None,
        }
    }
}

/// Something that happened in a world.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The same for the same change, however often the stream repeats it.
    pub id: EventId,
    /// What kind of thing happened.
    pub event_type: EventType,
    /// To whom it happened.
    pub environment: Environment,
    /// The business that it belongs to, if it belongs to one.
    pub business: Option<BusinessId>,
    /// When.
    pub occurred_at: Timestamp,
    /// The version that the subject has since: a receiver orders what it gets by it.
    pub version: u64,
    /// What it is about.
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

    /// A subscription's event: `ping`, told to itself, or `webhook.disabled`, told to the others.
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

/// What the change of a subscription from `old` to `new` means to the others: the house disabled it.
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

/// What the change from `old` to `new` means to subscribers: a new lead, or another status and what it says.
pub fn from_lead_change(environment: Environment, old: Option<&Lead>, new: &Lead) -> Vec<Event> {
    let Some(old) = old else {
        return vec![Event::for_lead(environment, new, EventType::LeadCreated)];
    };
    if old.status == new.status {
        return Vec::new();
    }
    let meaning = match new.status {
        LeadStatus::Won => Some(EventType::LeadWon),
        LeadStatus::Lost => Some(EventType::LeadLost),
        LeadStatus::OptedOut => Some(EventType::LeadOptedOut),
        _ => None,
    };
    std::iter::once(EventType::LeadStatusChanged)
        .chain(meaning)
        .map(|event_type| Event::for_lead(environment, new, event_type))
        .collect()
}

/// What the change of a message from `old` to `new` means to subscribers: a person has answered.
pub fn from_message_change(environment: Environment, old: Option<&Message>, new: &Message) -> Vec<Event> {
    let is_reply = new.direction == Direction::Inbound && !new.opt_out;
    if old.is_none() && is_reply { vec![Event::for_reply(environment, new)] } else { Vec::new() }
}

/// What the change from `old` to `new` means to subscribers: a new dispute, or another status.
pub fn from_dispute_change(environment: Environment, old: Option<&Dispute>, new: &Dispute) -> Vec<Event> {
    match old {
        None => vec![Event::for_dispute(environment, new, EventType::DisputeCreated)],
        Some(old) if old.status != new.status => {
            vec![Event::for_dispute(environment, new, EventType::DisputeStatusChanged)]
        }
        Some(_) => Vec::new(),
    }
}
