//! Times and days as callers write them, and the reasons why others cannot be read.

use crate::text::token;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Maximum length of a text that is read as a time, in characters. RFC 3339 with nanoseconds and an offset has 35, and
/// the longest name of a zone in brackets (RFC 9557) 34.
const MAX_TIME_CHARS: usize = 70;

/// Maximum hours of an offset (RFC 3339, section 5.6).
const MAX_OFFSET_HOURS: u8 = 23;

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenTime {
    /// A point in time.
    Instant(jiff::Timestamp),
    /// A whole day, in whatever time zone applies.
    Day(Date),
}

/// The reason why a text is not accepted as a time. Each tells what is accepted instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text has another form.
    #[error("must be an RFC 3339 time such as 2026-05-25T12:00:00.000Z, or a day such as 2026-05-25")]
    Form,
    /// The time has no zone.
    #[error("must have a time zone: end the time with Z or an offset such as +02:00, or send a day such as 2026-05-25")]
    NoZone,
    /// The zone of the time is not an offset.
    #[error(
        "must have a time zone that is Z or an offset from -23:59 to +23:59 such as +02:00; a day such as 2026-05-25 \
         needs none"
    )]
    Zone,
    /// The calendar does not have the date.
    #[error("must have a date that exists, as a time such as 2026-05-25T12:00:00.000Z or a day such as 2026-05-25")]
    Date,
    /// The clock does not have the time of day.
    #[error("must have a time of day from 00:00:00 to 23:59:59, or be a day such as 2026-05-25")]
    TimeOfDay,
    /// The time is before 1970, or too close to the end of the last year that has four digits.
    #[error("must be a time or a day from 1970-01-01 to 9999-12-30")]
    Range,
}

impl WrittenTime {
    /// Parses an RFC 3339 time with any offset, or a day.
    pub(crate) fn parse(text: &str) -> Result<Self, TimeError> {
        let text = token(text, MAX_TIME_CHARS).map_err(|_| TimeError::Form)?;
        let written = match parse_day(&text)? {
            Some(day) => Self::Day(day),
            None => Self::Instant(parse_instant(&text)?),
        };
        if written.first_instant()? >= jiff::Timestamp::UNIX_EPOCH { Ok(written) } else { Err(TimeError::Range) }
    }

    /// Returns the point in time, of a day its first one in UTC.
    pub(crate) fn first_instant(self) -> Result<jiff::Timestamp, TimeError> {
        match self {
            Self::Instant(instant) => Ok(instant),
            Self::Day(day) => {
                let start = day.to_zoned(TimeZone::UTC).map_err(|_| TimeError::Range)?.timestamp();
                // The last day of the last year has no end in every zone.
                day.tomorrow().map(|_| start).map_err(|_| TimeError::Range)
            }
        }
    }
}

/// Returns the day if `text` has the form `2026-05-25`; an error if there is no such day.
pub(super) fn parse_day(text: &str) -> Result<Option<Date>, TimeError> {
    if !has_form(text, b"0000-00-00") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| TimeError::Date)
}

fn parse_instant(text: &str) -> Result<jiff::Timestamp, TimeError> {
    match (text.parse(), error_in(text)) {
        // Offsets of more than a day are none, and jiff reads some.
        (Ok(_), Some(TimeError::Zone)) => Err(TimeError::Zone),
        (Ok(instant), _) => Ok(instant),
        (Err(_), error) => Err(error.unwrap_or(TimeError::Range)),
    }
}

/// Returns the first error in a time, from its beginning to its end.
fn error_in(text: &str) -> Option<TimeError> {
    let Some((date, rest)) = text.split_at_checked(10).filter(|(date, _)| has_form(date, b"0000-00-00")) else {
        return Some(TimeError::Form);
    };
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else { return Some(TimeError::Form) };
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let (clock, fraction) = clock.split_once(['.', ',']).map_or((clock, None), |(clock, rest)| (clock, Some(rest)));
    let is_clock = has_form(clock, b"00:00") || has_form(clock, b"00:00:00");
    let is_fraction = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    if !is_clock || !fraction.is_none_or(is_fraction) {
        return Some(TimeError::Form);
    }
    if date.parse::<Date>().is_err() {
        return Some(TimeError::Date);
    }
    // A leap second is read as the one before it.
    let limits = [23, 59, 60];
    if clock.split(':').zip(limits).any(|(part, max)| part.parse::<u8>().map_or(true, |part| part > max)) {
        return Some(TimeError::TimeOfDay);
    }
    match zone.trim() {
        "" => Some(TimeError::NoZone),
        zone if is_offset(zone) => None,
        _ => Some(TimeError::Zone),
    }
}

/// Returns whether a zone is `Z` or an offset, which a name in brackets may follow (RFC 9557).
fn is_offset(zone: &str) -> bool {
    let zone = zone.split_once('[').map_or(zone, |(offset, _)| offset);
    if matches!(zone, "Z" | "z") {
        return true;
    }
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return false };
    let is_form = [&b"00:00"[..], b"0000", b"00", b"00:00:00"].iter().any(|form| has_form(offset, form));
    let part = |start: usize| offset.replace(':', "").get(start..start + 2).map_or(Ok(0), str::parse);
    is_form && matches!((part(0), part(2)), (Ok(0..=MAX_OFFSET_HOURS), Ok(0..=59_u8)))
}

/// Returns whether `text` equals `form` with any digits in place of zeros.
fn has_form(text: &str, form: &[u8]) -> bool {
    text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte }).eq(form.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_systems_write_them() {
        for text in [
            "2026-05-25T12:00:00.000Z",
            "2026-05-25t12:00:00z",
            " 2026-05-25 12:00:00Z\n",
            "2026-05-25T14:00:00+02:00",
            "2026-05-25T14:00+0200",
            "2026-05-25T14:00:00,000+02",
            "\u{feff}2026-05-25T07:00:00-05:00\u{200b}",
            "2026-05-25T14:00:00+02:00[Europe/Stockholm]",
        ] {
            let at = WrittenTime::parse(text).and_then(WrittenTime::first_instant).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Ok("2026-05-25T12:00:00Z"), "{text}");
        }
    }

    #[test]
    fn errors_tell_what_is_wrong_with_a_time() {
        for (text, error) in [
            ("yesterday", TimeError::Form),
            ("", TimeError::Form),
            ("25.05.2026", TimeError::Form),
            ("05/25/2026", TimeError::Form),
            ("1779710400", TimeError::Form),
            ("2026-5-25T12:00:00Z", TimeError::Form),
            ("12:00", TimeError::Form),
            ("12:00:00Z", TimeError::Form),
            ("T12:00:00Z", TimeError::Form),
            ("2026-05", TimeError::Form),
            ("2026-05-25T", TimeError::Form),
            ("2026-05-25T12", TimeError::Form),
            ("2026-05-25T12:00:00.Z", TimeError::Form),
            ("2026-05-25_12:00:00Z", TimeError::Form),
            ("2026-05-25T1:00 PM", TimeError::Form),
            ("2026-05-25T12:00:00", TimeError::NoZone),
            ("2026-05-25 12:00", TimeError::NoZone),
            ("2026-05-25T12:00:00.123", TimeError::NoZone),
            ("2026-05-25T12:00:00+25:00", TimeError::Zone),
            ("2026-05-25T12:00:00+24:00", TimeError::Zone),
            ("2026-05-25T12:00:00+02:60", TimeError::Zone),
            ("2026-05-25T12:00:00-99:00", TimeError::Zone),
            ("2026-05-25T12:00:00+2", TimeError::Zone),
            ("2026-05-25T12:00:00CET", TimeError::Zone),
            ("2026-05-25T12:00:00 UTC", TimeError::Zone),
            ("2026-05-25T12:00:00 02:00", TimeError::Zone),
            ("2026-05-25T12:00:00Europe/Stockholm", TimeError::Zone),
            ("2026-05-25T12:00:00ZZ", TimeError::Zone),
            ("2026-02-30", TimeError::Date),
            ("2026-13-01T00:00:00Z", TimeError::Date),
            ("2026-02-29T12:00:00", TimeError::Date),
            ("0000-00-00", TimeError::Date),
            ("2026-05-25T25:00:00Z", TimeError::TimeOfDay),
            ("2026-05-25T24:00:00Z", TimeError::TimeOfDay),
            ("2026-05-25T12:60Z", TimeError::TimeOfDay),
            ("1969-12-31T23:59:59Z", TimeError::Range),
            ("1969-12-31", TimeError::Range),
            ("0000-01-01", TimeError::Range),
            ("9999-12-31", TimeError::Range),
            ("9999-12-31T23:59:59-23:00", TimeError::Range),
        ] {
            assert_eq!(WrittenTime::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn every_error_says_that_a_day_is_accepted() {
        use TimeError::{Date, Form, NoZone, Range, TimeOfDay, Zone};
        for error in [Form, NoZone, Zone, Date, TimeOfDay, Range] {
            let text = error.to_string();
            assert!(text.starts_with("must ") && text.contains("a day"), "{text}");
        }
    }
}
