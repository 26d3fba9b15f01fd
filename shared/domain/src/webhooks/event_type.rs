//! Event types, which subscriptions filter by. To add one, add a line to the list below: its name, what it is about, the
//! version of the API that brings it, and when it occurs. Versions up to 1.4.0, which brought subscriptions, are those of
//! the published document.

use serde::{Deserialize, Serialize};

/// The kind of an event's subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A lead.
    Lead,
    /// A dispute.
    Dispute,
    /// An evidence package.
    Package,
    /// A person's reply.
    Reply,
    /// A webhook subscription.
    Subscription,
}

macro_rules! event_types {
    ($($variant:ident $name:literal $subject:ident $since:literal $doc:literal),* $(,)?) => {
        /// The type of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum EventType { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl EventType {
            /// Every type, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name in API requests and responses and in payloads.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Returns the description in the list of event types.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }

            /// Returns the version of the API since which the event exists.
            pub const fn since(self) -> &'static str {
                match self { $(Self::$variant => $since),* }
            }

            /// Returns what events of the type are about.
            pub const fn subject_kind(self) -> SubjectKind {
                match self { $(Self::$variant => SubjectKind::$subject),* }
            }
        }
    };
}

event_types! {
    LeadCreated "lead.created" Lead "1.4.0" "Occurs when a lead is created.",
    LeadStatusChanged "lead.status_changed" Lead "1.4.0" "Occurs when the status of a lead changes.",
    LeadWon "lead.won" Lead "1.4.0" "Occurs when a lead becomes a customer.",
    LeadLost "lead.lost" Lead "1.4.0" "Occurs when a lead is lost.",
    LeadOptedOut "lead.opted_out" Lead "2.0.0" "Occurs when a person opts out of messages.",
    DisputeCreated "dispute.created" Dispute "2.0.0" "Occurs when a dispute is opened.",
    DisputeStatusChanged "dispute.status_changed" Dispute "2.0.0" "Occurs when the status of a dispute changes.",
    PackageGenerated "package.generated" Package "2.0.0"
        "Occurs when an evidence package of a dispute is generated, or cannot be: its status is `READY` or `FAILED`.",
    CustomerReply "customer.reply" Reply "2.0.0" "Occurs when a lead replies to a message.",
    WebhookDisabled "webhook.disabled" Subscription "2.0.0"
        "Occurs when a webhook subscription is disabled automatically because its endpoint kept \
         failing or responded 410 Gone.",
    Ping "ping" Subscription "1.4.0" "Occurs when a test event is requested for a webhook subscription.",
}
