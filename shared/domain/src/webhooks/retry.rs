//! When a failed delivery is tried again.

use crate::time::Timestamp;
use std::time::Duration;

/// The waits after the first, second … fifth failed attempt, as the Revenue Defenders document lists them.
pub const SCHEDULE: [Duration; 5] = [
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(12),
    Duration::from_hours(24),
];

/// The longest that a receiver's `Retry-After` can put off the next attempt.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// The share of a wait that jitter adds at most: failures of one moment do not come back in one moment.
const MAX_JITTER: f64 = 0.1;

/// How long to wait after the `failed`th attempt of a round has failed; `None` when the schedule is spent.
///
/// `chance` lies in `0.0..1.0` and is handed in. A receiver's `Retry-After` counts where it is later than the
/// schedule, up to [`MAX_RETRY_AFTER`].
pub fn delay_after_failure(failed: u32, chance: f64, retry_after: Option<Duration>) -> Option<Duration> {
    let scheduled = *SCHEDULE.get(usize::try_from(failed.checked_sub(1)?).ok()?)?;
    let jittered = scheduled.mul_f64(1.0 + MAX_JITTER * chance.clamp(0.0, 1.0));
    Some(retry_after.map_or(jittered, |asked| jittered.max(asked.min(MAX_RETRY_AFTER))))
}

/// Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds or an HTTP date. Rubbish, the past and
/// negative numbers are as if it were not there.
pub fn parse_retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still "a long time".
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)).min(MAX_RETRY_AFTER));
    }
    let date = jiff::fmt::rfc2822::parse(header).ok()?;
    let at = Timestamp::from_millis(date.timestamp().as_millisecond());
    (at > now).then(|| at.since(now).min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_sends_in_all_at_the_documents_waits() {
        let waits: Vec<_> =
            (1..=6).map(|failed| delay_after_failure(failed, 0.0, None).map(|wait| wait.as_secs() / 60)).collect();
        assert_eq!(waits, [Some(5), Some(30), Some(120), Some(720), Some(1440), None]);
        assert_eq!(delay_after_failure(0, 0.0, None), None);
    }

    #[test]
    fn jitter_adds_at_most_a_tenth() {
        assert_eq!(delay_after_failure(1, 1.0, None), Some(Duration::from_secs(330)));
        assert_eq!(delay_after_failure(1, f64::INFINITY, None), Some(Duration::from_secs(330)));
    }

    #[test]
    fn a_later_retry_after_is_honoured_up_to_a_day() {
        let hour = Duration::from_hours(1);
        assert_eq!(delay_after_failure(1, 0.0, Some(hour)), Some(hour));
        assert_eq!(delay_after_failure(1, 0.0, Some(Duration::from_secs(1))), Some(SCHEDULE[0]));
        assert_eq!(delay_after_failure(1, 0.0, Some(hour * 1000)), Some(MAX_RETRY_AFTER));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_rubbish_is_nothing() {
        let now = Timestamp::parse("2026-05-25T12:00:00Z").expect("a time");
        assert_eq!(parse_retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("Mon, 25 May 2026 12:02:00 GMT", now), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("315360000", now), Some(MAX_RETRY_AFTER));
        assert_eq!(parse_retry_after("99999999999999999999999999", now), Some(MAX_RETRY_AFTER));
        for rubbish in ["-1", "", "soon", "1.5", "Mon, 25 May 2020 12:02:00 GMT"] {
            assert_eq!(parse_retry_after(rubbish, now), None, "{rubbish}");
        }
    }
}
