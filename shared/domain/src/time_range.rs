//! Ranges of time whose bounds may be plain dates, which the time zone of a business turns into instants.

use crate::accounts::business::TimeZone;
use crate::time::{Timestamp, WrittenTime};

/// A bound of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBound {
    /// A point in time.
    Instant(Timestamp),
    /// A whole day, in whatever time zone applies.
    Day(jiff::civil::Date),
}

impl TimeBound {
    /// Parses an RFC 3339 time or a date. Returns the reason as a sentence fragment, as [`Timestamp::parse`] does.
    pub fn parse(text: &str) -> Result<Self, String> {
        match WrittenTime::parse(text).map_err(|error| error.to_string())? {
            WrittenTime::Instant(at) => Ok(Self::Instant(Timestamp::from_millis(at.as_millisecond()))),
            WrittenTime::Day(day) => Ok(Self::Day(day)),
        }
    }

    fn first_instant(self, zone: &jiff::tz::TimeZone) -> Timestamp {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => start_of(day, zone).unwrap_or(Timestamp::EPOCH),
        }
    }

    fn last_instant(self, zone: &jiff::tz::TimeZone) -> Timestamp {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => {
                let next = day.tomorrow().ok().and_then(|next| start_of(next, zone));
                let last = next.map_or(jiff::Timestamp::MAX.as_millisecond(), |next| next.millis() - 1);
                Timestamp::from_millis(last)
            }
        }
    }
}

/// Returns the first instant of a day; `None` at the end of the last year that has four digits.
fn start_of(day: jiff::civil::Date, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let start = day.to_zoned(zone.clone()).ok()?;
    Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
}

/// A range of time with inclusive bounds, either of which may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first instant or day.
    pub from: Option<TimeBound>,
    /// The last instant or day.
    pub to: Option<TimeBound>,
}

impl TimeRange {
    /// Returns whether a bound is a plain date, so that the range depends on a time zone.
    pub fn has_dates(&self) -> bool {
        [self.from, self.to].into_iter().flatten().any(|bound| matches!(bound, TimeBound::Day(_)))
    }

    /// Returns the first and the last instant. A date as the first bound begins with that day in `zone`, as the last one
    /// it ends with that day.
    pub fn in_zone(&self, zone: &TimeZone) -> (Option<Timestamp>, Option<Timestamp>) {
        let zone = jiff::tz::TimeZone::get(zone.as_str()).unwrap_or(jiff::tz::TimeZone::UTC);
        (self.from.map(|from| from.first_instant(&zone)), self.to.map(|to| to.last_instant(&zone)))
    }

    /// Returns whether the range is empty in every time zone, or in UTC if its bounds are of different kinds.
    pub fn is_reversed(&self) -> bool {
        let (from, to) = self.in_zone(&TimeZone::default());
        from.zip(to).is_some_and(|(from, to)| from > to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange { from: TimeBound::parse(from).ok(), to: TimeBound::parse(to).ok() }
    }

    fn shown(range: TimeRange, zone: &str) -> (String, String) {
        let (from, to) = range.in_zone(&TimeZone::parse(zone).expect("a zone"));
        (from.expect("a bound").to_string(), to.expect("a bound").to_string())
    }

    #[test]
    fn a_date_at_the_end_includes_its_day() {
        let day = range("2026-11-26", "2026-11-26");
        assert_eq!(shown(day, "UTC"), ("2026-11-26T00:00:00.000Z".into(), "2026-11-26T23:59:59.999Z".into()));
        assert_eq!(
            shown(day, "America/New_York"),
            ("2026-11-26T05:00:00.000Z".into(), "2026-11-27T04:59:59.999Z".into())
        );
        assert!(day.has_dates() && !day.is_reversed());
    }

    #[test]
    fn a_day_has_the_hours_that_the_zone_gives_it() {
        let short = range("2026-03-29", "2026-03-29");
        assert_eq!(
            shown(short, "Europe/Stockholm"),
            ("2026-03-28T23:00:00.000Z".into(), "2026-03-29T21:59:59.999Z".into())
        );
        // The clocks skip midnight: the day begins at one.
        let (from, _) = range("2024-04-26", "2024-04-26").in_zone(&TimeZone::parse("Africa/Cairo").expect("a zone"));
        assert_eq!(from.expect("a bound").to_string(), "2024-04-25T22:00:00.000Z");
    }

    #[test]
    fn instants_are_the_same_in_every_zone() {
        let hour = range("2026-11-26T10:00:00Z", "2026-11-26T12:00:00+01:00");
        assert_eq!(shown(hour, "UTC"), shown(hour, "Asia/Tokyo"));
        assert!(!hour.has_dates());
        assert!(range("2026-11-27", "2026-11-26").is_reversed());
        assert!(!range("1970-01-01", "9999-12-30").is_reversed(), "the last day that is accepted");
    }
}
