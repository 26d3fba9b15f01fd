//! What is left of a key's windows after a call was counted.

use crate::accounts::tenant::Limits;
use crate::time::{DAY, MINUTE, Timestamp};

/// A key's limits and counts in the current minute and day, as they stood after a call was counted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What the key may spend.
    pub limits: Limits,
    /// The minute that the counts belong to, since the epoch.
    pub minute: i64,
    /// Calls counted in that minute.
    pub minute_count: u64,
    /// Calls counted in that minute's day.
    pub day_count: u64,
}

/// One window of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many calls it takes.
    pub limit: u64,
    /// How many are left.
    pub remaining: u64,
    /// When it ends.
    pub resets_at: Timestamp,
    /// Its length in seconds.
    pub seconds: u64,
}

impl Quota {
    /// The minute's window, if it is limited.
    pub fn minute_window(&self) -> Option<Window> {
        let limit = self.limits.minute?;
        Some(Window {
            limit,
            remaining: limit.saturating_sub(self.minute_count),
            resets_at: Timestamp::from_millis((self.minute + 1) * MINUTE),
            seconds: 60,
        })
    }

    /// The day's window, if it is limited.
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

    /// The window that will refuse first: the one with less left; of two spent ones, the day, which lasts longer.
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
    use crate::accounts::tenant::Tier;

    #[test]
    fn the_tighter_window_is_the_one_that_refuses_first() {
        let mut quota = Quota { limits: Tier::Free.limits(), minute: 1_440 * 7 + 3, minute_count: 59, day_count: 100 };
        let window = quota.tightest_window().expect("limited");
        assert_eq!((window.limit, window.remaining, window.seconds), (60, 1, 60));
        assert_eq!(window.resets_at.millis(), (1_440 * 7 + 4) * MINUTE);
        quota.day_count = 5_000;
        let window = quota.tightest_window().expect("limited");
        assert_eq!((window.limit, window.remaining), (5_000, 0));
        assert_eq!(window.resets_at.millis(), 8 * DAY);
    }
}
