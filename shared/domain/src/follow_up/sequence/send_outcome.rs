//! Outcomes of sending a message, and the statuses that follow from them.

use super::send_failure::SendFailure;
use super::status::StepStatus;
use crate::follow_up::message::{Message, MessageStatus};
use crate::time::Timestamp;

/// The outcome of sending a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider accepted the message and, if known, assigned this id.
    Sent(Option<String>),
    /// The message was not sent, because the environment is a test environment.
    Simulated,
    /// The message was certainly not sent. Sending may be retried. Holds the reason.
    RetryLater(SendFailure),
    /// The message was not sent, and retrying is useless. Holds the reason.
    Rejected(SendFailure),
    /// The message may have been sent. Sending must not be retried. Holds the reason.
    Unknown(SendFailure),
}

impl SendOutcome {
    /// Returns the status that the message gets.
    pub fn message_status(&self) -> MessageStatus {
        match self {
            Self::Sent(_) => MessageStatus::Sent,
            Self::Simulated => MessageStatus::Simulated,
            Self::RetryLater(_) => MessageStatus::Delayed,
            Self::Rejected(_) => MessageStatus::Failed,
            Self::Unknown(_) => MessageStatus::Unknown,
        }
    }

    /// Returns the status that the step gets if it is not retried.
    pub(super) fn step_status(&self) -> StepStatus {
        match self {
            Self::Sent(_) => StepStatus::Sent,
            Self::Simulated => StepStatus::Simulated,
            Self::RetryLater(_) | Self::Rejected(_) => StepStatus::Failed,
            Self::Unknown(_) => StepStatus::Unknown,
        }
    }

    /// Returns the reason why the message was not sent or why that is unknown.
    pub fn failure(&self) -> Option<SendFailure> {
        match self {
            Self::Sent(_) | Self::Simulated => None,
            Self::RetryLater(failure) | Self::Rejected(failure) | Self::Unknown(failure) => Some(*failure),
        }
    }

    /// Returns `message` with this outcome, which was known at `now`.
    pub(super) fn applied_to(&self, message: &Message, now: Timestamp) -> Message {
        let provider_id = match self {
            Self::Sent(id) => id.clone(),
            _ => None,
        };
        let mut settled = Message {
            status: self.message_status(),
            reason: self.failure().map(|failure| failure.to_string()),
            provider_id,
            ..message.clone()
        };
        settled.at = settled.is_sent().then_some(now);
        settled
    }
}
