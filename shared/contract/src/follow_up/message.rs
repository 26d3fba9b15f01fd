//! A message of a lead's history.

use crate::json::Json;
use crate::schema::{ChannelName, DirectionName, MessageStatusName, Time, Uuid, lower_case};
use domain::Message;
use domain::follow_up::message::Direction;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
#[serde(rename_all = "camelCase")]
pub(crate) struct CamelCaseMessage<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    lead_id: String,
    #[schemars(with = "DirectionName")]
    direction: &'static str,
    #[schemars(with = "ChannelName")]
    channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    subject: Option<&'a str>,
    body: &'a str,
    #[schemars(with = "MessageStatusName")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    received_at: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(crate) struct SnakeCaseMessage<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "lower_case::DirectionName")]
    direction: String,
    #[schemars(with = "lower_case::ChannelName")]
    channel: String,
    body: &'a str,
    #[schemars(with = "lower_case::MessageStatusName")]
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    received_at: Option<String>,
}

/// Returns the time of a message as `(sent_at, received_at)`.
fn sent_and_received_at(message: &Message) -> (Option<String>, Option<String>) {
    let at = message.at.map(|at| at.to_string());
    match message.direction {
        Direction::Outbound => (at, None),
        Direction::Inbound => (None, at),
    }
}

/// Returns a message in camelCase.
pub(crate) fn camel_case_message_json(message: &Message) -> Json {
    let (sent_at, received_at) = sent_and_received_at(message);
    Json::of(&CamelCaseMessage {
        id: message.id.to_string(),
        lead_id: message.lead.to_string(),
        direction: message.direction.name(),
        channel: message.channel.name(),
        subject: message.subject.as_deref(),
        body: &message.body,
        status: message.status.name(),
        reason: message.reason.as_deref(),
        sent_at,
        received_at,
        created_at: message.created_at.to_string(),
    })
}

/// Returns a message in `snake_case`, with names of directions, channels and statuses in lower case.
///
/// The time at which a message was received is as the provider wrote it: the document's sample has it without
/// milliseconds.
pub(crate) fn snake_case_message_json(message: &Message) -> Json {
    let (sent_at, received_at) = sent_and_received_at(message);
    let received_at = received_at.and_then(|_| message.received_at());
    Json::of(&SnakeCaseMessage {
        id: message.id.to_string(),
        direction: message.direction.name().to_lowercase(),
        channel: message.channel.name().to_lowercase(),
        body: &message.body,
        status: message.status.name().to_lowercase(),
        reason: message.reason.as_deref(),
        sent_at,
        received_at,
    })
}
