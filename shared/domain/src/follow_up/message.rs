//! Messages of a lead's history, in both directions.

use crate::accounts::business::Channel;
use crate::id::{BusinessId, LeadId, MessageId};
use crate::text::multi_line;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum number of characters of a reply: an HTML e-mail with a long quoted history, which may say STOP above it. A
/// page of 100 of them still fits into a response of Lambda (6 MB).
pub const MAX_REPLY_CHARS: usize = 50_000;

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// From the person.
    Inbound,
    /// To the person.
    Outbound,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 2] = [Self::Inbound, Self::Outbound];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbound => "INBOUND",
            Self::Outbound => "OUTBOUND",
        }
    }
}

/// The status of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageStatus {
    /// Being sent: the step is claimed.
    Sending,
    /// Accepted by the provider.
    Sent,
    /// Not sent yet. Sending is retried.
    Delayed,
    /// Not sent. Sending is not retried.
    Failed,
    /// Not sent, because the sequence was stopped while the message was delayed.
    Cancelled,
    /// Possibly sent. Sending is not retried, so that the person does not get the message twice.
    Unknown,
    /// Not sent, because the environment is a test environment.
    Simulated,
    /// Received from the person.
    Received,
}

impl MessageStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Sending,
        Self::Sent,
        Self::Delayed,
        Self::Failed,
        Self::Cancelled,
        Self::Unknown,
        Self::Simulated,
        Self::Received,
    ];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sending => "SENDING",
            Self::Sent => "SENT",
            Self::Delayed => "DELAYED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::Simulated => "SIMULATED",
            Self::Received => "RECEIVED",
        }
    }

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sending => "Being sent",
            Self::Sent => "Sent",
            Self::Delayed => "Delayed",
            Self::Failed => "Not sent: failed",
            Self::Cancelled => "Not sent: cancelled",
            Self::Unknown => "Possibly sent",
            Self::Simulated => "Simulated: test environment",
            Self::Received => "Received",
        }
    }
}

/// The text of a reply, of up to [`MAX_REPLY_CHARS`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(String);

impl Reply {
    /// Parses a reply. Returns the reason as a sentence fragment if it is empty or too long.
    pub fn parse(text: &str) -> Result<Self, String> {
        multi_line(text, MAX_REPLY_CHARS).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A message in a lead's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Id, which sorts by the time at which the message was received or first claimed.
    pub id: MessageId,
    /// Lead that the message was sent to or received from.
    pub lead: LeadId,
    /// Business of the lead.
    pub business: BusinessId,
    /// Direction of the message.
    pub direction: Direction,
    /// Channel of the message.
    pub channel: Channel,
    /// Subject, for e-mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    /// Text. Empty for an opt-out without a text.
    pub body: String,
    /// Status of the message.
    pub status: MessageStatus,
    /// Reason why the message is delayed, failed or unknown. Never the provider's text, which may contain an address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Id assigned by the provider.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider_id: Option<String>,
    /// Time at which the provider accepted or received the message. Stored as `sentAt`, because the indexes use `at`.
    #[serde(rename = "sentAt", skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Timestamp>,
    /// That time as the provider wrote it, if this service would write it otherwise. Subscribers may compare it with what
    /// the provider has told them.
    #[serde(rename = "sentAtText", skip_serializing_if = "Option::is_none", default)]
    pub at_text: Option<String>,
    /// Seconds since the first message was sent to the lead, if this is the lead's first reply.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_reply_after: Option<u64>,
    /// True if this is an opt-out event rather than a reply.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub opt_out: bool,
    /// Time at which the message was added to the history.
    pub created_at: Timestamp,
    /// Time at which the message expires, which is that of the lead.
    pub expires_at: Timestamp,
}

impl Message {
    /// Returns the time at which the provider received the message, as the provider wrote it.
    pub fn received_at(&self) -> Option<String> {
        self.at_text.clone().or_else(|| self.at.map(|at| at.to_string()))
    }

    /// Returns whether the message was sent, or would have been in a live environment.
    pub fn is_sent(&self) -> bool {
        matches!(self.status, MessageStatus::Sent | MessageStatus::Simulated)
    }
}
