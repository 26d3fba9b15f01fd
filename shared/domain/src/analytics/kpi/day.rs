//! Calendar days in a business's time zone, and ranges of days.

use crate::accounts::business::TimeZone;
use crate::time::Timestamp;
use std::fmt;

/// Maximum number of days in a range.
pub const MAX_DAYS: u16 = 365;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// Returns the day of `at` in `zone`, or in UTC if the zone database no longer has `zone`.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let known = jiff::tz::TimeZone::get(zone.as_str()).unwrap_or(jiff::tz::TimeZone::UTC);
        // A time beyond the calendar counts as its last day.
        let instant = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::MAX);
        Self(instant.to_zoned(known).date())
    }

    /// Returns day `number` of `month`, such as `2026-05`, or `None` if it does not exist.
    pub fn of_month(month: &str, number: u8) -> Option<Self> {
        let (year, month) = month.split_once('-')?;
        let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, i8::try_from(number).ok()?);
        date.ok().map(Self)
    }

    /// Returns the calendar month, such as `2026-05`.
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    /// Returns the number of the day in its month, from one.
    pub fn number(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    /// Returns the start of the day in UTC.
    pub fn starts_at(self) -> Timestamp {
        let start = self.0.to_zoned(jiff::tz::TimeZone::UTC);
        start.map_or(Timestamp::EPOCH, |start| Timestamp::from_millis(start.timestamp().as_millisecond()))
    }

    /// Returns the day `days` days earlier.
    fn before(self, days: u16) -> Self {
        let days = jiff::Span::new().days(i64::from(days));
        self.0.checked_sub(days).map_or(self, Self)
    }

    /// Iterates over the days from this one to `last`, both included.
    pub fn up_to(self, last: Self) -> impl Iterator<Item = Self> {
        let next = |day: &Self| day.0.tomorrow().ok().map(Self);
        std::iter::successors(Some(self), next).take_while(move |day| *day <= last)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number of days up to and including today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange(u16);

impl Default for DayRange {
    /// Returns 30 days.
    fn default() -> Self {
        Self(30)
    }
}

impl DayRange {
    /// Parses `1d` to `365d`. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_suffix('d').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let days = digits.filter(|digits| !digits.starts_with('0')).and_then(|digits| digits.parse().ok());
        days.filter(|days| (1..=MAX_DAYS).contains(days))
            .map(Self)
            .ok_or_else(|| format!("must be a number of days from 1d to {MAX_DAYS}d"))
    }

    /// Returns the first day of the range that ends with `last`.
    pub fn first(self, last: Day) -> Day {
        last.before(self.0 - 1)
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}
