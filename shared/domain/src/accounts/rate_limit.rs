//! Rate limits of API keys: fixed windows of the UTC minute and the UTC day.

use crate::time::{DAY, MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

/// The maximum number of requests in each window. `None` means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests per UTC minute.
    pub minute: Option<u64>,
    /// Requests per UTC day.
    pub day: Option<u64>,
}

impl Limits {
    /// No limits.
    pub const UNLIMITED: Self = Self { minute: None, day: None };

    /// Returns the lower limit of the two in each window.
    pub fn stricter(self, other: Self) -> Self {
        Self { minute: stricter_limit(self.minute, other.minute), day: stricter_limit(self.day, other.day) }
    }

    /// Returns the effective limit per day, which follows from the limit per minute if there is none per day.
    fn day_in_effect(self) -> Option<u64> {
        stricter_limit(self.day, self.minute.map(|minute| minute.saturating_mul(24 * 60)))
    }

    /// Returns whether these limits allow no more requests than `other` in either window.
    pub fn is_within(self, other: Self) -> bool {
        let fits = |mine: Option<u64>, theirs: Option<u64>| match (mine, theirs) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(mine), Some(theirs)) => mine <= theirs,
        };
        fits(self.minute, other.minute) && fits(self.day_in_effect(), other.day_in_effect())
    }
}

fn stricter_limit(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The length of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowLength {
    /// A UTC minute.
    Minute,
    /// A UTC day.
    Day,
}

impl WindowLength {
    /// Returns the name in error messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

/// The rate limits of a key and its counts in the current windows, after a request was counted or rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Rate limits of the key.
    pub limits: Limits,
    /// Current minute, as minutes since the Unix epoch.
    pub minute: i64,
    /// Requests counted in the minute.
    pub minute_count: u64,
    /// Requests counted in the day of the minute.
    pub day_count: u64,
}

/// The state of a rate limit window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Maximum number of requests.
    pub limit: u64,
    /// Number of requests left.
    pub remaining: u64,
    /// Time at which the window ends.
    pub resets_at: Timestamp,
    /// Length of the window in seconds.
    pub seconds: u64,
}

impl Quota {
    /// Returns the window of the minute, if it is limited.
    pub fn minute_window(&self) -> Option<Window> {
        let limit = self.limits.minute?;
        Some(Window {
            limit,
            remaining: limit.saturating_sub(self.minute_count),
            resets_at: Timestamp::from_millis((self.minute + 1) * MINUTE),
            seconds: 60,
        })
    }

    /// Returns the window of the day, if it is limited.
    pub fn day_window(&self) -> Option<Window> {
        let limit = self.limits.day?;
        let day = (self.minute * MINUTE).div_euclid(DAY);
        Some(Window {
            limit,
            remaining: limit.saturating_sub(self.day_count),
            resets_at: Timestamp::from_millis((day + 1) * DAY),
            seconds: 86_400,
        })
    }

    /// Returns the window with fewer requests left. If both have the same number left, returns the day, which lasts
    /// longer.
    pub fn tightest_window(&self) -> Option<Window> {
        match (self.minute_window(), self.day_window()) {
            (Some(minute), Some(day)) if minute.remaining < day.remaining => Some(minute),
            (Some(minute), None) => Some(minute),
            (_, day) => day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const FREE: Limits = Limits { minute: Some(60), day: Some(5_000) };

    #[test]
    fn the_tightest_window_has_fewest_requests_left() {
        let mut quota = Quota { limits: FREE, minute: 1_440 * 7 + 3, minute_count: 59, day_count: 100 };
        let window = quota.tightest_window().expect("limited");
        assert_eq!((window.limit, window.remaining, window.seconds), (60, 1, 60));
        assert_eq!(window.resets_at.millis(), (1_440 * 7 + 4) * MINUTE);
        quota.day_count = 5_000;
        let window = quota.tightest_window().expect("limited");
        assert_eq!((window.limit, window.remaining), (5_000, 0));
        assert_eq!(window.resets_at.millis(), 8 * DAY);
    }
}
