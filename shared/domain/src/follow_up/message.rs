//! Messages: what was written to a lead, and what the lead answered.

use crate::accounts::business::Channel;
use crate::id::{BusinessId, LeadId, MessageId};
use crate::text::multi_line;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters of a person's reply at most.
pub const MAX_REPLY_CHARS: usize = 4_000;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// The person wrote it.
    Inbound,
    /// The house wrote it, for a business.
    Outbound,
}

impl Direction {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbound => "INBOUND",
            Self::Outbound => "OUTBOUND",
        }
    }
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageStatus {
    /// It is being sent: claimed, so that nobody else sends it.
    Sending,
    /// The provider took it.
    Sent,
    /// The provider could not take it; it is tried again.
    Delayed,
    /// It was not sent, and will not be.
    Failed,
    /// It was delayed when somebody said stop.
    Cancelled,
    /// It may have been sent: nobody knows, so it is not sent again.
    Unknown,
    /// It would have been sent, were this not test mode.
    Simulated,
    /// It came from the person.
    Received,
}

impl MessageStatus {
    /// The name on the wire.
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
}

/// What a person wrote: at most 4,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(String);

impl Reply {
    /// Checks the length.
    pub fn parse(text: &str) -> Result<Self, String> {
        multi_line(text, MAX_REPLY_CHARS).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A message of a lead's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id, which sorts by the time at which it came in or was first to go out.
    pub id: MessageId,
    /// Of which lead.
    pub lead: LeadId,
    /// Whose lead.
    pub business: BusinessId,
    /// Which way it goes.
    pub direction: Direction,
    /// How.
    pub channel: Channel,
    /// The subject of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    /// What it says; empty where a person opted out without a word.
    pub body: String,
    /// What has become of it.
    pub status: MessageStatus,
    /// Why it is delayed, failed or unknown: a word of the house's own, never the provider's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The provider's id of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider_id: Option<String>,
    /// When the provider took it, or when it came in. The table's indexes have a name `at` of their own.
    #[serde(rename = "sentAt", skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Timestamp>,
    /// Seconds between the first message that was sent to the lead and this, where this is the lead's first reply.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_reply_after: Option<u64>,
    /// Whether it is word of an opt-out, and no reply.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub opt_out: bool,
    /// When it came into the history.
    pub created_at: Timestamp,
    /// When it is no longer shown: with its lead.
    pub expires_at: Timestamp,
}

impl Message {
    /// Whether it has gone out, for all that is known, or would have in live mode.
    pub fn is_sent(&self) -> bool {
        matches!(self.status, MessageStatus::Sent | MessageStatus::Simulated)
    }
}
