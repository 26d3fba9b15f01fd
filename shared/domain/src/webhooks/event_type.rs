//! Event types, which subscriptions filter by. To add one, add a line to the list below.

use serde::{Deserialize, Serialize};

macro_rules! event_types {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
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
        }
    };
}

event_types! {
    LeadCreated "lead.created" "Occurs when a lead is created.",
    LeadStatusChanged "lead.status_changed" "Occurs when the status of a lead changes.",
    LeadWon "lead.won" "Occurs when a lead becomes a customer.",
    LeadLost "lead.lost" "Occurs when a lead is lost.",
    LeadOptedOut "lead.opted_out" "Occurs when a person opts out of messages.",
    DisputeCreated "dispute.created" "Occurs when a dispute is opened.",
    DisputeStatusChanged "dispute.status_changed" "Occurs when the status of a dispute changes.",
    PackageGenerated "package.generated" "Reserved for evidence packages of disputes. Not sent yet.",
    CustomerReply "customer.reply" "Occurs when a lead replies to a message.",
    WebhookDisabled "webhook.disabled"
        "Occurs when a webhook subscription is disabled automatically because its endpoint kept \
         failing or responded 410 Gone.",
    Ping "ping" "Occurs when a test event is requested for a webhook subscription.",
}
