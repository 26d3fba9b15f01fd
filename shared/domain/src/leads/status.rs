//! What has become of a lead.

use serde::{Deserialize, Serialize};

/// Where a lead stands, in the house's own words; each contract has its own for some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LeadStatus {
    /// Nobody has answered yet.
    New,
    /// Somebody has.
    Contacted,
    /// It is worth pursuing.
    Qualified,
    /// It became a customer.
    Won,
    /// It did not.
    Lost,
    /// The person asked not to be written to.
    OptedOut,
    /// Nothing more is to be done.
    Closed,
}

/// An opted-out lead can only be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusTransitionError;

impl LeadStatus {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::New, Self::Contacted, Self::Qualified, Self::Won, Self::Lost, Self::OptedOut, Self::Closed];

    /// The house's own name for it.
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

    /// Any status may become any other, but OPTED_OUT only CLOSED.
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
