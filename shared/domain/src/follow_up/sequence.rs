//! Sequences: the messages that a lead is to be written, one after the other, until somebody says stop.
//!
//! A step is claimed before its message is sent, under the sequence's version. A stop marks the sequence first: what
//! is not claimed by then is never sent, and what is claimed ends within [`CLAIM_DURATION`].

mod channel;
mod progress;
mod schedule;
#[cfg(test)]
mod tests;

pub use channel::{Recipient, choose_channel};
pub use progress::{ClaimedStep, SendOutcome, SettledStep};
pub use schedule::{SequenceStart, StepSchedule};

use crate::accounts::business::Channel;
use crate::follow_up::template::TemplateText;
use crate::id::{BusinessId, LeadId, MessageId, TemplateId};
use crate::leads::{Lead, LeadStatus};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a claim lasts: within it the message is sent or never.
pub const CLAIM_DURATION: Duration = Duration::from_secs(6);

/// Where a sequence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SequenceStatus {
    /// It is shown and not sent: the person has not consented.
    Proposed,
    /// The person is written to.
    Running,
    /// Every message has gone out, or could not.
    Completed,
    /// Nothing more goes out.
    Stopped,
}

impl SequenceStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// Why a sequence was stopped, or cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StopReason {
    /// Somebody stopped it.
    Requested,
    /// The person asked not to be written to.
    OptedOut,
    /// The lead became a customer.
    Won,
    /// It did not.
    Lost,
    /// Nothing more is to be done.
    Closed,
    /// There is no consent, or no more.
    NoConsent,
}

impl StopReason {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::OptedOut => "OPTED_OUT",
            Self::Won => "WON",
            Self::Lost => "LOST",
            Self::Closed => "CLOSED",
            Self::NoConsent => "NO_CONSENT",
        }
    }

    /// Why `lead` is not to be written to, if it is not.
    pub fn for_lead(lead: &Lead) -> Option<Self> {
        if lead.opted_out_at.is_some() {
            return Some(Self::OptedOut);
        }
        match lead.status {
            LeadStatus::OptedOut => Some(Self::OptedOut),
            LeadStatus::Won => Some(Self::Won),
            LeadStatus::Lost => Some(Self::Lost),
            LeadStatus::Closed => Some(Self::Closed),
            LeadStatus::New | LeadStatus::Contacted | LeadStatus::Qualified => {
                let consented = lead.consent.as_ref().is_some_and(|consent| consent.given);
                (!consented).then_some(Self::NoConsent)
            }
        }
    }
}

/// What has become of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StepStatus {
    /// It would be sent, had the person consented.
    Proposed,
    /// It is to be sent.
    Queued,
    /// The provider took it.
    Sent,
    /// It could not be sent.
    Failed,
    /// It may have been sent.
    Unknown,
    /// It would have been sent, were this not test mode.
    Simulated,
    /// The sequence was stopped before.
    Cancelled,
}

impl StepStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Unknown => "UNKNOWN",
            Self::Simulated => "SIMULATED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// One message of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Days of 24 hours after the start.
    pub day: u16,
    /// How, where that is possible; otherwise as the business prefers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// The subject of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<TemplateText>,
    /// What is written.
    pub text: TemplateText,
    /// When it is to go out.
    pub due_at: Timestamp,
    /// What has become of it.
    pub status: StepStatus,
    /// The message that it became.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MessageId>,
    /// Why it failed, or why nobody knows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Somebody is sending the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The message.
    pub message: MessageId,
    /// How.
    pub channel: Channel,
    /// When it is over: what has no outcome by then has none.
    pub until: Timestamp,
}

/// A lead's sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sequence {
    /// Of which lead.
    pub lead: LeadId,
    /// Whose lead.
    pub business: BusinessId,
    /// The template that it was made of.
    pub template: TemplateId,
    /// Where it stands.
    pub status: SequenceStatus,
    /// Why it was stopped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stop_reason: Option<StopReason>,
    /// When it was started, or proposed.
    pub started_at: Timestamp,
    /// When it was stopped or completed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<Timestamp>,
    /// Its messages, in the order of their days.
    pub steps: Vec<Step>,
    /// Steps that are behind it: the number of the next one. Named as in a delivery, for the due index.
    pub attempts: u32,
    /// How often the provider could not take the next one.
    #[serde(default)]
    pub delays: u32,
    /// When the next one is to be sent, while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// Who is sending it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claim: Option<Claim>,
    /// When it is no longer shown: with its lead.
    pub expires_at: Timestamp,
    /// Counts changes, from one, over all sequences of the lead.
    pub version: u64,
}

impl Sequence {
    /// The next step, while there is one.
    pub fn next_step(&self) -> Option<&Step> {
        self.steps.get(usize::try_from(self.attempts).ok()?)
    }

    /// Whether a message may be on its way at `now`.
    pub fn has_open_claim(&self, now: Timestamp) -> bool {
        self.claim.is_some_and(|claim| claim.until > now)
    }

    /// Whether something must still happen to it.
    pub fn is_unfinished(&self) -> bool {
        self.status == SequenceStatus::Running || self.claim.is_some()
    }
}
