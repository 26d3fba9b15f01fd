//! Categories of leads.

use serde::{Deserialize, Serialize};

/// The kind of request that a lead makes. Chooses the built-in follow-up sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    /// Any request.
    #[default]
    General,
    /// A search for an agency.
    Agency,
    /// A search for a property.
    PropertySearch,
    /// A test drive of a car.
    TestDrive,
    /// The planning of an event.
    Event,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 5] = [Self::General, Self::Agency, Self::PropertySearch, Self::TestDrive, Self::Event];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "GENERAL",
            Self::Agency => "AGENCY",
            Self::PropertySearch => "PROPERTY_SEARCH",
            Self::TestDrive => "TEST_DRIVE",
            Self::Event => "EVENT",
        }
    }
}
