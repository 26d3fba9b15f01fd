//! Statuses of a lead and the transitions between them.

use serde::{Deserialize, Serialize};

/// The status of a lead. Contracts may use other names for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LeadStatus {
    /// Not yet contacted.
    New,
    /// Contacted by the business.
    Contacted,
    /// Worth pursuing.
    Qualified,
    /// Became a customer.
    Won,
    /// Did not become a customer.
    Lost,
    /// The person opted out of messages.
    OptedOut,
    /// Nothing more is to be done.
    Closed,
}

/// A status transition that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a lead that has opted out can only be closed")]
pub struct StatusTransitionError;

impl LeadStatus {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::New, Self::Contacted, Self::Qualified, Self::Won, Self::Lost, Self::OptedOut, Self::Closed];

    /// Returns the name in the native contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Contacted => "CONTACTED",
            Self::Qualified => "QUALIFIED",
            Self::Won => "WON",
            Self::Lost => "LOST",
            Self::OptedOut => "OPTED_OUT",
            Self::Closed => "CLOSED",
        }
    }

    /// Returns `next` if the transition is allowed. Every transition is, except that an opted-out lead can only be
    /// closed.
    pub fn transition_to(self, next: Self) -> Result<Self, StatusTransitionError> {
        match (self, next) {
            (Self::OptedOut, Self::OptedOut | Self::Closed) => Ok(next),
            (Self::OptedOut, _) => Err(StatusTransitionError),
            _ => Ok(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opted_out_lead_can_only_be_closed() {
        for next in LeadStatus::ALL {
            let allowed = matches!(next, LeadStatus::OptedOut | LeadStatus::Closed);
            assert_eq!(LeadStatus::OptedOut.transition_to(next).is_ok(), allowed, "{next:?}");
            assert_eq!(LeadStatus::Won.transition_to(next), Ok(next));
        }
    }
}
