//! Tiers, and the rate limits of each tier.

use crate::accounts::rate_limit::Limits;
use serde::{Deserialize, Serialize};

/// A tier, which determines the rate limits of an API key. The limits are those of the contract documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// 60 requests per minute, 5,000 per day.
    Free,
    /// 60 requests per minute, no daily limit. The tier of Revenue Defenders keys.
    Premium,
    /// 600 requests per minute, 100,000 per day.
    Pro,
    /// 3,000 requests per minute, 1,000,000 per day.
    Enterprise,
}

impl Tier {
    /// Every tier, in ascending order.
    pub const ALL: [Self; 4] = [Self::Free, Self::Premium, Self::Pro, Self::Enterprise];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Premium => "premium",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }

    /// Returns the tier with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }

    /// Returns the rate limits of the tier.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Free => Limits { minute: Some(60), day: Some(5_000) },
            Self::Premium => Limits { minute: Some(60), day: None },
            Self::Pro => Limits { minute: Some(600), day: Some(100_000) },
            Self::Enterprise => Limits { minute: Some(3_000), day: Some(1_000_000) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_daily_limits_follow_from_the_minute() {
        let within = |one: Tier, other: Tier| one.limits().is_within(other.limits());
        assert!(within(Tier::Premium, Tier::Pro) && within(Tier::Premium, Tier::Enterprise));
        assert!(!within(Tier::Premium, Tier::Free) && within(Tier::Free, Tier::Premium));
        assert!(!within(Tier::Pro, Tier::Premium) && !Limits::UNLIMITED.is_within(Tier::Enterprise.limits()));
        assert!(within(Tier::Enterprise, Tier::Enterprise) && Tier::Enterprise.limits().is_within(Limits::UNLIMITED));
    }
}
