//! The kinds of items that can be put back.

use clap::ValueEnum;

/// A kind of items that were given up.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Records of the stream that a function could never process and parked
    Parked,
    /// Batches of the stream that Lambda stored because they could not be processed for 23 hours
    Undispatched,
    /// Messages of deliveries and follow-up steps that failed five times
    DeadLetters,
    /// Events of uploaded files that failed three times
    Uploads,
}

impl Source {
    /// Every source. Undispatched batches come first: their functions park the records that fail, which are then tried
    /// with the other parked records.
    pub(super) const ALL: [Self; 4] = [Self::Undispatched, Self::Parked, Self::DeadLetters, Self::Uploads];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Parked => "parked",
            Self::Undispatched => "undispatched",
            Self::DeadLetters => "dead-letters",
            Self::Uploads => "uploads",
        }
    }

    pub(super) fn is_of_stream(self) -> bool {
        match self {
            Self::Parked | Self::Undispatched => true,
            Self::DeadLetters | Self::Uploads => false,
        }
    }
}
