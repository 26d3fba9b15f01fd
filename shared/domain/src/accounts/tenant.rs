//! Tenants, their two worlds and their tiers.

use crate::id::TenantId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Live or test: two worlds of one tenant with separate leads, subscriptions and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What happens here is meant.
    Live,
    /// Nothing here ever writes to a person.
    Test,
}

impl Mode {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// A tenant in one mode. Everything that is stored or read belongs to exactly one world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Environment {
    /// Whose.
    pub tenant: TenantId,
    /// Live or test.
    pub mode: Mode,
}

/// A company that uses Leadhouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What it calls itself.
    pub name: String,
    /// What its keys may spend, unless a key was issued with other limits.
    pub tier: Tier,
    /// When it came.
    pub created_at: Timestamp,
}

/// What a key may spend, as the documents' tables have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// 60 a minute, 5,000 a day.
    Free,
    /// 60 a minute, no daily limit: what Revenue Defenders' keys get.
    Premium,
    /// 600 a minute, 100,000 a day.
    Pro,
    /// 3,000 a minute, 1,000,000 a day.
    Enterprise,
}

impl Tier {
    /// Every tier, the smallest first.
    pub const ALL: [Self; 4] = [Self::Free, Self::Premium, Self::Pro, Self::Enterprise];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Premium => "premium",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }

    /// The tier of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }

    /// What a key of this tier may spend.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Free => Limits { minute: Some(60), day: Some(5_000) },
            Self::Premium => Limits { minute: Some(60), day: None },
            Self::Pro => Limits { minute: Some(600), day: Some(100_000) },
            Self::Enterprise => Limits { minute: Some(3_000), day: Some(1_000_000) },
        }
    }
}

/// Calls that a key may make in each window of the UTC minute and day; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Calls a minute.
    pub minute: Option<u64>,
    /// Calls a day.
    pub day: Option<u64>,
}

impl Limits {
    /// Nothing is refused.
    pub const UNLIMITED: Self = Self { minute: None, day: None };

    /// In each window the tighter of the two.
    pub fn stricter(self, other: Self) -> Self {
        let tighter = |mine: Option<u64>, theirs: Option<u64>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        Self { minute: tighter(self.minute, other.minute), day: tighter(self.day, other.day) }
    }

    /// Calls that fit in a day: where only the minute is limited, what so many minutes add up to.
    fn day_in_effect(self) -> Option<u64> {
        let by_minute = self.minute.map(|minute| minute.saturating_mul(24 * 60));
        match (self.day, by_minute) {
            (Some(day), Some(by_minute)) => Some(day.min(by_minute)),
            (day, by_minute) => day.or(by_minute),
        }
    }

    /// Whether these limits allow no more than `other` does in either window.
    pub fn is_within(self, other: Self) -> bool {
        let fits = |mine: Option<u64>, theirs: Option<u64>| match (mine, theirs) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(mine), Some(theirs)) => mine <= theirs,
        };
        fits(self.minute, other.minute) && fits(self.day_in_effect(), other.day_in_effect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_without_a_daily_limit_is_as_large_as_its_minutes_add_up_to() {
        let within = |one: Tier, other: Tier| one.limits().is_within(other.limits());
        assert!(within(Tier::Premium, Tier::Pro) && within(Tier::Premium, Tier::Enterprise));
        assert!(!within(Tier::Premium, Tier::Free) && within(Tier::Free, Tier::Premium));
        assert!(!within(Tier::Pro, Tier::Premium) && !Limits::UNLIMITED.is_within(Tier::Enterprise.limits()));
        assert!(within(Tier::Enterprise, Tier::Enterprise) && Tier::Enterprise.limits().is_within(Limits::UNLIMITED));
    }
}
