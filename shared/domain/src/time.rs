//! Points in time, to the millisecond, UTC.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// One second in milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// Milliseconds since the Unix epoch. Shown as RFC 3339 in UTC with exactly three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first instant that is accepted from outside: 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// Whole minutes since the Unix epoch, rounded down: the number of a rate limit's window.
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }

    /// This time, later by `duration`.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This time, earlier by `duration`.
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same day and time `months` calendar months later; the last of the month where that day does not exist.
    pub fn plus_months(self, months: i32) -> Self {
        let later = jiff::Timestamp::from_millisecond(self.0).ok().and_then(|instant| {
            instant.to_zoned(jiff::tz::TimeZone::UTC).checked_add(jiff::Span::new().months(months)).ok()
        });
        later.map_or(self, |zoned| Self(zoned.timestamp().as_millisecond()))
    }

    /// Reads RFC 3339 (`2026-05-25T12:00:00.000Z`, any offset) or a plain date, which is its first instant in UTC.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const ACCEPTED: &str = "must be an RFC 3339 time such as 2026-05-25T12:00:00.000Z";
        if text.len() > 40 {
            return Err(ACCEPTED);
        }
        let instant = if text.len() == 10 {
            let date: jiff::civil::Date = text.parse().map_err(|_| ACCEPTED)?;
            date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| ACCEPTED)?.timestamp()
        } else {
            text.parse::<jiff::Timestamp>().map_err(|_| ACCEPTED)?
        };
        let parsed = Self(instant.as_millisecond());
        if parsed < Self::EPOCH { Err(ACCEPTED) } else { Ok(parsed) }
    }
}

/// Checks for a day that exists, written `2026-09-14`.
pub fn calendar_date(text: &str) -> Result<String, String> {
    let text = text.trim();
    let form = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let exists = form.eq(*b"0000-00-00") && text.parse::<jiff::civil::Date>().is_ok();
    if exists { Ok(text.to_owned()) } else { Err("must be a date such as 2026-09-14".to_owned()) }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

/// Where the time comes from. The house's clock is the system's; a test hands in one that it sets.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH.after(elapsed)
    }
}

/// How fast scheduled waits pass: every wait is divided by the speed-up, timestamps stay true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speedup(f64);

impl Speedup {
    /// Waits pass as they are written.
    pub const NONE: Self = Self(1.0);

    /// Waits pass `speedup` times faster; anything below one is one.
    pub fn new(speedup: f64) -> Self {
        Self(if speedup.is_finite() { speedup.max(1.0) } else { 1.0 })
    }

    /// How long `wait` takes at this pace.
    pub fn shorten(self, wait: Duration) -> Duration {
        wait.div_f64(self.0)
    }

    /// How long what took `passed` at this pace takes as it is written.
    pub fn lengthen(self, passed: Duration) -> Duration {
        Duration::try_from_secs_f64(passed.as_secs_f64() * self.0).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_shown_with_three_decimals_and_reads_back() {
        let shown = Timestamp::from_millis(1_779_710_400_000).to_string();
        assert_eq!(shown, "2026-05-25T12:00:00.000Z");
        assert_eq!(Timestamp::parse(&shown), Ok(Timestamp::from_millis(1_779_710_400_000)));
        assert_eq!(Timestamp::from_millis(1).to_string(), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for bad in
            ["2026-02-30", "2026-13-01T00:00:00Z", "yesterday", "", "2026-05-25T12:00:00", "1969-12-31T00:00:00Z"]
        {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_calendar_date_is_a_day_that_exists() {
        assert_eq!(calendar_date(" 2026-09-14 ").as_deref(), Ok("2026-09-14"));
        assert!(calendar_date("2028-02-29").is_ok());
        for bad in ["2026-02-29", "2026-13-01", "2026-9-14", "14.09.2026", "2026-09-14T00", "20260914", "tomorrow", ""]
        {
            assert!(calendar_date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn calendar_months_end_where_the_month_does() {
        let leap = Timestamp::parse("2024-02-29T10:00:00Z").expect("a date");
        assert_eq!(leap.plus_months(24).to_string(), "2026-02-28T10:00:00.000Z");
    }
}
