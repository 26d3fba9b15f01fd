//! JSON Schemas of the values in responses, for `#[schemars(with = "…")]`: the response types hold them as text.

use domain::accounts::business::Channel;
use domain::analytics::visitor_event::VisitorEventType;
use domain::audit::Action;
use domain::disputes::dispute::DisputeReason;
use domain::disputes::evidence::{EvidenceCategory, FileStatus};
use domain::disputes::transaction::TransactionStatus;
use domain::file::FileType;
use domain::follow_up::message::{Direction, MessageStatus};
use domain::follow_up::plan::PlannedStepStatus;
use domain::follow_up::sequence::{SequenceStatus, StepStatus, StopReason};
use domain::follow_up::suppression::{ContactKind, SuppressionOrigin};
use domain::leads::Category;
use domain::webhooks::attempt::Outcome;
use domain::webhooks::subscription::{DisabledReason, EventFilter, SubscriptionStatus};
use domain::{Contract, DeliveryStatus, DisputeStatus, EventType, LeadStatus, Mode, Scope, Tier};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Defines types that stand for texts of a form, written into the place where they occur.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $schema:tt;)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )*
    };
}

texts! {
    /// A UUID.
    Uuid = { "type": "string", "format": "uuid" };
    /// A point in time with milliseconds, in UTC.
    Time = { "type": "string", "format": "date-time" };
    /// A calendar date.
    Date = { "type": "string", "format": "date" };
    /// A URL.
    Url = { "type": "string", "format": "uri" };
    /// An e-mail address.
    EmailText = { "type": "string", "format": "email" };
    /// A telephone number in E.164 form.
    E164 = { "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$" };
    /// A SHA-256 hash.
    Sha256 = { "type": "string", "pattern": "^[0-9a-f]{64}$" };
    /// The id of a lead as LeadRescue writes it.
    ShortLeadId = { "type": "string", "pattern": "^l_[0-9a-f]{32}$" };
    /// Attributes of a lead.
    AttributeMap = { "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } };
    /// UTM parameters.
    UtmSchema = { "type": "object", "properties": {
        "source": { "type": "string" },
        "medium": { "type": "string" },
        "campaign": { "type": "string" },
        "term": { "type": "string" },
        "content": { "type": "string" }
    } };
    /// An object of any content.
    AnyObject = { "type": "object" };
}

/// Defines types that stand for the names of an enumeration, one component each, whose name is that of the type without
/// `Name` at its end.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $all:expr, $name_of:expr;)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl schemars::JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).trim_end_matches("Name").into()
                }

                fn schema_id() -> std::borrow::Cow<'static, str> {
                    concat!(module_path!(), "::", stringify!($name)).into()
                }

                fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    let names: Vec<String> = $all.iter().map(|value| $name_of(*value).to_string()).collect();
                    schemars::json_schema!({ "type": "string", "enum": names })
                }
            }
        )*
    };
}

pub(crate) use names;

names! {
    /// The status of a lead.
    LeadStatusName = LeadStatus::ALL, LeadStatus::name;
    /// The category of a lead.
    CategoryName = Category::ALL, Category::name;
    /// A scope of an API key.
    ScopeName = Scope::ALL, Scope::name;
    /// The type of an event.
    EventTypeName = EventType::ALL, EventType::name;
    /// The mode of a key.
    ModeName = Mode::ALL, Mode::name;
    /// The tier of a tenant or key.
    TierName = Tier::ALL, Tier::name;
    /// The kind of a suppressed contact.
    ContactKindName = ContactKind::ALL, ContactKind::name;
    /// Origin of a suppression.
    SuppressionOriginName = SuppressionOrigin::ALL, SuppressionOrigin::name;
    /// An audited action.
    ActionName = Action::ALL, Action::name;
    /// The status of a delivery.
    DeliveryStatusName = DeliveryStatus::ALL, DeliveryStatus::name;
    /// The outcome of an attempt to deliver.
    OutcomeName = Outcome::ALL, Outcome::name;
    /// A contract.
    ContractName = Contract::ALL, Contract::name;
    /// A channel of messages.
    ChannelName = Channel::ALL, Channel::name;
    /// The direction of a message.
    DirectionName = Direction::ALL, Direction::name;
    /// The status of a message.
    MessageStatusName = MessageStatus::ALL, MessageStatus::name;
    /// The status of a sequence.
    SequenceStatusName = SequenceStatus::ALL, SequenceStatus::name;
    /// The reason why a sequence was stopped.
    StopReasonName = StopReason::ALL, StopReason::name;
    /// The status of a step of a sequence.
    StepStatusName = StepStatus::ALL, StepStatus::name;
    /// The status of a step that is only planned.
    PlannedStepStatusName = PlannedStepStatus::ALL, PlannedStepStatus::name;
    /// The reason of a dispute.
    DisputeReasonName = DisputeReason::ALL, DisputeReason::name;
    /// The status of a dispute.
    DisputeStatusName = DisputeStatus::ALL, DisputeStatus::name;
    /// The category of a piece of evidence.
    EvidenceCategoryName = EvidenceCategory::ALL, EvidenceCategory::name;
    /// The status of the file of a piece of evidence.
    FileStatusName = FileStatus::ALL, FileStatus::name;
    /// The media type of a file.
    FileTypeName = FileType::ALL, FileType::name;
    /// The status of a transaction.
    TransactionStatusName = TransactionStatus::ALL, TransactionStatus::name;
    /// The type of a visitor event.
    VisitorEventTypeName = VisitorEventType::ALL, VisitorEventType::name;
    /// The status of a webhook subscription.
    SubscriptionStatusName = SubscriptionStatus::ALL, SubscriptionStatus::name;
    /// The reason why a webhook subscription was disabled automatically.
    DisabledReasonName = DisabledReason::ALL, DisabledReason::name;
    /// An event type, or the wildcard that stands for all of them.
    EventFilterName = [EventFilter::ALL.names(), EventFilter::Only(EventType::ALL.to_vec()).names()].concat(), str::to_owned;
}

/// Names in lower case, as LeadRescue and VendorPad have them.
pub(crate) mod lower_case {
    use super::{Channel, Direction, MessageStatus, SequenceStatus, StepStatus, StopReason};

    names! {
        /// A channel of messages.
        ChannelName = Channel::ALL, |channel| Channel::name(channel).to_lowercase();
        /// The direction of a message.
        DirectionName = Direction::ALL, |direction| Direction::name(direction).to_lowercase();
        /// The status of a message.
        MessageStatusName = MessageStatus::ALL, |status| MessageStatus::name(status).to_lowercase();
        /// The status of a sequence.
        SequenceStatusName = SequenceStatus::ALL, |status| SequenceStatus::name(status).to_lowercase();
        /// The reason why a sequence was stopped.
        StopReasonName = StopReason::ALL, |reason| StopReason::name(reason).to_lowercase();
        /// The status of a step of a sequence.
        StepStatusName = StepStatus::ALL, |status| StepStatus::name(status).to_lowercase();
    }
}
