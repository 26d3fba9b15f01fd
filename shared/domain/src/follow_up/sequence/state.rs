//! The sequence of a lead, as it is stored.

use super::status::{SequenceStatus, StepStatus, StopReason};
use crate::accounts::business::Channel;
use crate::follow_up::template::TemplateText;
use crate::id::{BusinessId, LeadId, MessageId, TemplateId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Duration of a claim, within which its message is sent or never. Longer than the timeout of any message provider.
pub const CLAIM_DURATION: Duration = Duration::from_secs(6);

/// A step of a sequence: one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Days of 24 hours after the start of the sequence.
    pub day: u16,
    /// Preferred channel. The business's channels are used if there is none, or if it is not possible.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// Subject, for e-mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<TemplateText>,
    /// Text of the message.
    pub text: TemplateText,
    /// Time at which the message is to be sent.
    pub due_at: Timestamp,
    /// Status of the step.
    pub status: StepStatus,
    /// Message of the step, once it was claimed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MessageId>,
    /// Reason why the step failed or is unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// The claim of the next step by the function that sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Message that is being sent.
    pub message: MessageId,
    /// Channel of the message.
    pub channel: Channel,
    /// End of the claim. If the claim is not settled by then, its outcome is unknown.
    pub until: Timestamp,
}

/// The sequence of a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sequence {
    /// Lead that messages are sent to.
    pub lead: LeadId,
    /// Business of the lead.
    pub business: BusinessId,
    /// Template that the steps were copied from.
    pub template: TemplateId,
    /// Status of the sequence.
    pub status: SequenceStatus,
    /// Reason, if the sequence was stopped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stop_reason: Option<StopReason>,
    /// Time at which the sequence was started or proposed.
    pub started_at: Timestamp,
    /// Time at which the sequence was stopped or completed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<Timestamp>,
    /// Steps in ascending order of days.
    pub steps: Vec<Step>,
    /// Index of the next step. Stored as `attempts`, the name that the due index shares with deliveries.
    #[serde(rename = "attempts")]
    pub next_step_index: u32,
    /// Number of retries of the next step, which the provider could not take yet. Stored as `delays`.
    #[serde(rename = "delays", default)]
    pub retries: u32,
    /// Time at which the next step is due, while the sequence is running.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// Claim of the next step, while it is being sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claim: Option<Claim>,
    /// Time at which the first message to the lead was sent, by this sequence or an earlier one. Stored as `firstSentAt`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_sent_at: Option<Timestamp>,
    /// Time at which the sequence expires, which is that of the lead.
    pub expires_at: Timestamp,
    /// Number of the last change, from one, continued by later sequences of the lead.
    pub version: u64,
}

impl Sequence {
    /// Returns the next step, or `None` after the last one.
    pub fn next_step(&self) -> Option<&Step> {
        self.steps.get(usize::try_from(self.next_step_index).ok()?)
    }

    pub(super) fn next_step_mut(&mut self) -> Option<&mut Step> {
        self.steps.get_mut(usize::try_from(self.next_step_index).ok()?)
    }

    /// Returns a copy with the next version number, to be changed.
    pub(super) fn next_version(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// Returns whether a message may be in the process of being sent at `now`.
    pub fn has_open_claim(&self, now: Timestamp) -> bool {
        self.claim.is_some_and(|claim| claim.until > now)
    }

    /// Returns whether the sequence needs further processing.
    pub fn is_unfinished(&self) -> bool {
        self.status == SequenceStatus::Running || self.claim.is_some()
    }
}
