//! The retry schedule of deliveries.
//!
//! A delivery is attempted immediately, and after each failure again after the next delay of [`RETRY_SCHEDULE`]: six
//! attempts in all. Each delay is lengthened by a random jitter of up to 10 %, so that deliveries that failed together
//! are not retried together. A later `Retry-After` of the endpoint is honoured, up to [`MAX_RETRY_AFTER`]. Resending a
//! delivery begins a new round of the schedule.

use crate::time::Timestamp;
use std::time::Duration;

/// Delays after the first to the fifth failed attempt, as in the Revenue Defenders document.
pub const RETRY_SCHEDULE: [Duration; 5] = [
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(12),
    Duration::from_hours(24),
];

/// Maximum delay that an endpoint's `Retry-After` can request.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Maximum jitter, as a fraction of the delay.
const MAX_JITTER: f64 = 0.1;

/// Returns the delay after the attempt number `failed` of a round has failed, or `None` after the last one.
///
/// `random` is a random number in `0.0..1.0`, which determines the jitter. `retry_after` is the delay that the endpoint
/// requested; it is used if it is longer than the scheduled one, up to [`MAX_RETRY_AFTER`].
pub fn delay_after_failure(failed: u32, random: f64, retry_after: Option<Duration>) -> Option<Duration> {
    let scheduled = *RETRY_SCHEDULE.get(usize::try_from(failed.checked_sub(1)?).ok()?)?;
    let jittered = scheduled.mul_f64(1.0 + MAX_JITTER * random.clamp(0.0, 1.0));
    Some(retry_after.map_or(jittered, |asked| jittered.max(asked.min(MAX_RETRY_AFTER))))
}

/// Parses a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or an HTTP date in any of its three forms. Returns
/// `None` for anything else and for dates in the past.
pub fn parse_retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that overflows is a very long time.
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)).min(MAX_RETRY_AFTER));
    }
    let at = parse_http_date(header, now)?;
    (at > now).then(|| at.since(now).min(MAX_RETRY_AFTER))
}

/// Parses an HTTP date (RFC 9110, section 5.6.7): the fixed form of RFC 5322, and the obsolete ones of RFC 850
/// (`Sunday, 06-Nov-94 08:49:37 GMT`) and of C's `asctime` (`Sun Nov  6 08:49:37 1994`). The day's name is not compared.
fn parse_http_date(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(date) = jiff::fmt::rfc2822::parse(text) {
        return Some(Timestamp::from_millis(date.timestamp().as_millisecond()));
    }
    let (_, date) = text.split_once(' ')?;
    let date = date.trim();
    let parsed = match date.split_once('-') {
        Some((day, rest)) => {
            let (month, rest) = rest.split_once('-')?;
            let (year, time) = rest.split_once(' ')?;
            let date = format!("{day} {month} {} {time}", full_year(year, now)?);
            jiff::fmt::strtime::parse("%d %b %Y %H:%M:%S GMT", date)
        }
        // RFC 5322 with a wrong name of the day, which jiff refuses.
        None if date.ends_with("GMT") => jiff::fmt::strtime::parse("%d %b %Y %H:%M:%S GMT", date),
        None => jiff::fmt::strtime::parse("%b %d %H:%M:%S %Y", date),
    };
    let utc = parsed.ok()?.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(utc.timestamp().as_millisecond()))
}

/// Returns a year of two digits in full: the one that is at most 50 years ahead, as RFC 9110 has it.
fn full_year(digits: &str, now: Timestamp) -> Option<i32> {
    let year: i32 = digits.parse().ok()?;
    if digits.len() != 2 {
        return Some(year);
    }
    let this_year = jiff::Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(jiff::tz::TimeZone::UTC).year();
    let this_year = i32::from(this_year);
    let year = this_year - this_year % 100 + year;
    Some(if year > this_year + 50 { year - 100 } else { year })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_allows_five_retries() {
        let waits: Vec<_> =
            (1..=6).map(|failed| delay_after_failure(failed, 0.0, None).map(|wait| wait.as_secs() / 60)).collect();
        assert_eq!(waits, [Some(5), Some(30), Some(120), Some(720), Some(1440), None]);
        assert_eq!(delay_after_failure(0, 0.0, None), None);
    }

    #[test]
    fn jitter_adds_at_most_ten_percent() {
        assert_eq!(delay_after_failure(1, 1.0, None), Some(Duration::from_secs(330)));
        assert_eq!(delay_after_failure(1, f64::INFINITY, None), Some(Duration::from_secs(330)));
    }

    #[test]
    fn later_retry_after_is_honored_up_to_a_day() {
        let hour = Duration::from_hours(1);
        assert_eq!(delay_after_failure(1, 0.0, Some(hour)), Some(hour));
        assert_eq!(delay_after_failure(1, 0.0, Some(Duration::from_secs(1))), Some(RETRY_SCHEDULE[0]));
        assert_eq!(delay_after_failure(1, 0.0, Some(hour * 1000)), Some(MAX_RETRY_AFTER));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::parse("2026-05-25T12:00:00Z").expect("a time");
        assert_eq!(parse_retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("Mon, 25 May 2026 12:02:00 GMT", now), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("315360000", now), Some(MAX_RETRY_AFTER));
        assert_eq!(parse_retry_after("99999999999999999999999999", now), Some(MAX_RETRY_AFTER));
        for invalid in ["-1", "", "soon", "1.5", "Mon, 25 May 2020 12:02:00 GMT"] {
            assert_eq!(parse_retry_after(invalid, now), None, "{invalid}");
        }
    }

    #[test]
    fn retry_after_takes_every_http_date() {
        let now = Timestamp::parse("2026-11-06T08:47:37Z").expect("a time");
        for date in [
            "Fri, 06 Nov 2026 08:49:37 GMT",
            "Friday, 06-Nov-26 08:49:37 GMT",
            "Friday, 06-Nov-2026 08:49:37 GMT",
            "Fri, 06-Nov-26 08:49:37 GMT",
            "Fri Nov  6 08:49:37 2026",
            "Fri Nov 06 08:49:37 2026",
            "fri, 06 nov 2026 08:49:37 gmt",
            "Mon, 06 Nov 2026 08:49:37 GMT",
            "Monday, 06-Nov-26 08:49:37 GMT",
            "  Fri, 06 Nov 2026 08:49:37 GMT  ",
        ] {
            assert_eq!(parse_retry_after(date, now), Some(Duration::from_secs(120)), "{date}");
        }
        let far = ["Sunday, 06-Nov-76 08:49:37 GMT", "Thursday, 31-Dec-26 23:59:59 GMT", "Thu Dec 31 23:59:59 2026"];
        for date in far {
            assert_eq!(parse_retry_after(date, now), Some(MAX_RETRY_AFTER), "{date}");
        }
        for past in [
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-77 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Friday, 06-Nov-26 08:47:37 GMT",
        ] {
            assert_eq!(parse_retry_after(past, now), None, "{past}");
        }
        for invalid in [
            "Friday, 31-Feb-27 08:49:37 GMT",
            "Friday, 06-Nov-26 25:49:37 GMT",
            "Friday, 06-Nov-26",
            "Fri Nov 6",
            "Fri, 06-Nov-xx 08:49:37 GMT",
            "- - - -",
            "2026-11-06T08:49:37Z",
        ] {
            assert_eq!(parse_retry_after(invalid, now), None, "{invalid}");
        }
    }
}
