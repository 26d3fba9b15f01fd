//! Time: timestamps in UTC with millisecond precision, the clock interface, and the speed-up of waits in tests.

mod written;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use written::parse_day;

pub use written::TimeError;
pub(crate) use written::WrittenTime;

/// One second in milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// A point in time, in milliseconds since the Unix epoch. Displayed as RFC 3339 in UTC with three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest accepted timestamp: 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// A time later than any stored one, with room to add durations.
    pub const LATEST: Self = Self(i64::MAX / 2);

    /// Creates a timestamp from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Returns the whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// Returns the whole minutes since the Unix epoch, rounded down: the number of a rate limit's window.
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }

    /// Returns the time `duration` after this one.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns the time `duration` before this one.
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns the time elapsed since `earlier`, or zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns the same day and time `months` calendar months later, or the last day of that month if it is shorter.
    pub fn plus_months(self, months: i32) -> Self {
        let later = jiff::Timestamp::from_millisecond(self.0).ok().and_then(|instant| {
            instant.to_zoned(jiff::tz::TimeZone::UTC).checked_add(jiff::Span::new().months(months)).ok()
        });
        later.map_or(self, |zoned| Self(zoned.timestamp().as_millisecond()))
    }

    /// Parses RFC 3339 with any offset (`2026-05-25T12:00:00.000Z`), or a date, which means its first instant in UTC.
    ///
    /// Returns the reason as a sentence fragment for anything else and for times before the Unix epoch: that of a
    /// [`TimeError`], which tells what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let instant = WrittenTime::parse(text).and_then(WrittenTime::first_instant);
        instant.map(|instant| Self(instant.as_millisecond())).map_err(|error| error.to_string())
    }

    /// Returns the day in UTC as people read it, `2026-05-25`.
    pub fn day_in_words(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Returns the time to the minute as people read it, `2026-05-25 12:00 UTC`.
    pub fn minute_in_words(self) -> String {
        let minute: String = self.to_string().chars().skip(11).take(5).collect();
        format!("{} {minute} UTC", self.day_in_words())
    }
}

/// The first year that a calendar date may be in. Dates before it are those that programs write for "no date", such as
/// 0001-01-01.
const MIN_YEAR: i16 = 1900;

/// Returns `text`, trimmed, if it is an existing calendar date in the form `2026-09-14`, otherwise the reason as a
/// sentence fragment.
pub fn calendar_date(text: &str) -> Result<String, String> {
    let text = text.trim();
    match parse_day(text) {
        Ok(Some(day)) if day.year() >= MIN_YEAR => Ok(text.to_owned()),
        Ok(Some(_)) => Err(format!("must be a date from {MIN_YEAR}-01-01 on")),
        Ok(None) => Err("must be a date such as 2026-09-14".to_owned()),
        Err(_) => Err("must be a date that exists, such as 2026-09-14".to_owned()),
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

/// A source of the current time. Deployed functions use the system's clock, tests one that they set.
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// A factor by which scheduled waits (retries, sequence steps) are shortened in tests. Timestamps stay true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speedup(f64);

impl Speedup {
    /// No speed-up: waits have their documented length.
    pub const NONE: Self = Self(1.0);

    /// Creates a speed-up by `factor`. Values below one and non-finite values mean no speed-up.
    pub fn new(factor: f64) -> Self {
        Self(if factor.is_finite() { factor.max(1.0) } else { 1.0 })
    }

    /// Returns the shortened length of a documented `wait`.
    pub fn shorten(self, wait: Duration) -> Duration {
        wait.div_f64(self.0)
    }

    /// Returns the documented length of a wait that took `elapsed` with this speed-up.
    pub fn lengthen(self, elapsed: Duration) -> Duration {
        Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.0).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_display_with_millis_and_parse_back() {
        let shown = Timestamp::from_millis(1_779_710_400_000).to_string();
        assert_eq!(shown, "2026-05-25T12:00:00.000Z");
        assert_eq!(Timestamp::parse(&shown), Ok(Timestamp::from_millis(1_779_710_400_000)));
        assert_eq!(Timestamp::from_millis(1).to_string(), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn invalid_timestamps_are_rejected() {
        for bad in
            ["2026-02-30", "2026-13-01T00:00:00Z", "yesterday", "", "2026-05-25T12:00:00", "1969-12-31T00:00:00Z"]
        {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_that_mean_no_date_are_rejected() {
        for bad in ["0000-01-01", "0001-01-01", "1899-12-30", "0000-00-00"] {
            assert!(calendar_date(bad).is_err(), "{bad}");
        }
        assert!(calendar_date("1900-01-01").is_ok());
    }

    #[test]
    fn calendar_dates_must_exist() {
        assert_eq!(calendar_date(" 2026-09-14 ").as_deref(), Ok("2026-09-14"));
        assert!(calendar_date("2028-02-29").is_ok());
        for bad in ["2026-02-29", "2026-13-01", "2026-9-14", "14.09.2026", "2026-09-14T00", "20260914", "tomorrow", ""]
        {
            assert!(calendar_date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn adding_months_stops_at_the_months_end() {
        let leap = Timestamp::parse("2024-02-29T10:00:00Z").expect("a date");
        assert_eq!(leap.plus_months(24).to_string(), "2026-02-28T10:00:00.000Z");
    }
}
