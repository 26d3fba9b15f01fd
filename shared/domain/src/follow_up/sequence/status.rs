//! Statuses of sequences and steps, and the reasons to stop a sequence.

use crate::leads::{Lead, LeadStatus};
use serde::{Deserialize, Serialize};

/// The status of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SequenceStatus {
    /// Shown but not sent, because the person has not consented.
    Proposed,
    /// Messages are sent.
    Running,
    /// Every message has been sent, or has failed.
    Completed,
    /// No more messages are sent.
    Stopped,
}

impl SequenceStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Proposed, Self::Running, Self::Completed, Self::Stopped];

    /// Returns the name in API responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// The reason why a sequence was stopped or cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StopReason {
    /// A caller stopped the sequence.
    Requested,
    /// The person opted out.
    OptedOut,
    /// The lead became a customer.
    Won,
    /// The lead was lost.
    Lost,
    /// The lead was closed.
    Closed,
    /// The person has not consented, or has withdrawn the consent.
    NoConsent,
}

impl StopReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [Self::Requested, Self::OptedOut, Self::Won, Self::Lost, Self::Closed, Self::NoConsent];

    /// Returns the name in API responses.
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

    /// Returns the reason why no messages may be sent to `lead`, or `None` if they may.
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

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StepStatus {
    /// Shown but not scheduled, because the person has not consented.
    Proposed,
    /// Scheduled to be sent.
    Queued,
    /// Accepted by the provider.
    Sent,
    /// Could not be sent.
    Failed,
    /// Possibly sent.
    Unknown,
    /// Not sent, because the environment is a test environment.
    Simulated,
    /// Not sent, because the sequence was stopped before.
    Cancelled,
}

impl StepStatus {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::Proposed, Self::Queued, Self::Sent, Self::Failed, Self::Unknown, Self::Simulated, Self::Cancelled];

    /// Returns the name in API responses.
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
