//! Hostile responses, each with the expected outcome of the attempt.

use crate::harness::Misbehaviour;
use domain::Timestamp;
use std::ops::RangeInclusive;

pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Expected outcome of an attempt at a hostile receiver.
#[derive(Clone)]
pub(super) struct Expected {
    pub(super) outcome: &'static str,
    pub(super) status: Option<u16>,
    /// Stored excerpt of the response, where it is predictable.
    pub(super) response: Option<String>,
    /// Seconds until the next attempt; empty if there is none.
    pub(super) next: RangeInclusive<u64>,
}

/// First wait of the retry schedule with its jitter, in seconds.
pub(super) const SCHEDULED: RangeInclusive<u64> = 300..=331;

pub(super) fn ends(outcome: &'static str, status: impl Into<Option<u16>>) -> Expected {
    Expected { outcome, status: status.into(), response: None, next: SCHEDULED }
}

impl Expected {
    pub(super) fn keeping(self, response: &str) -> Self {
        Self { response: Some(response.to_owned()), ..self }
    }

    pub(super) fn again_after(self, next: RangeInclusive<u64>) -> Self {
        Self { next, ..self }
    }
}

/// Returns a gzip bomb: a gigabyte of zeros in a megabyte, made of 1,024 members of Python's `gzip.compress(bytes(1
/// << 20), 9, mtime=0)`.
pub(super) fn gzip_bomb() -> Vec<u8> {
    let mut member = hex::decode("1f8b0800000000000203edc13101000000c2a0f54f6d085fa0").unwrap();
    member.extend([0; 1016]);
    member.extend(hex::decode("3e031cea38a700001000").unwrap());
    member.repeat(1024)
}

/// Returns responses that never end, each with its expected outcome.
pub(super) fn endless_responses() -> Vec<(&'static str, Misbehaviour, Expected)> {
    let bomb = gzip_bomb();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let kept = String::from_utf8_lossy(&bomb[..1024]).into_owned();
    let bomb = Misbehaviour::Stalls([head.into_bytes(), bomb].concat());
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    vec![
        ("accepts and never responds", Misbehaviour::stalls(""), ends("TIMEOUT", None)),
        (
            "one byte of the head a second",
            Misbehaviour::drips("HTTP/1.1 200 OK\r\nX-Slow: ", "x"),
            ends("TIMEOUT", None),
        ),
        (
            "one byte of the body a second",
            Misbehaviour::drips("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "x"),
            ends("TIMEOUT", 200),
        ),
        ("one header a second", Misbehaviour::drips("HTTP/1.1 200 OK\r\n", "X-More: x\r\n"), ends("TIMEOUT", None)),
        ("stops in its head", Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Le"), ends("TIMEOUT", None)),
        (
            "stops in its body",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
            ends("TIMEOUT", 200).keeping("half"),
        ),
        ("a body of no length, never closed", Misbehaviour::stalls("HTTP/1.1 200 OK\r\n\r\nhm"), ends("TIMEOUT", 200)),
        (
            "headers without end",
            Misbehaviour::floods("HTTP/1.1 200 OK\r\n", "X-More: x\r\n"),
            ends("UNREACHABLE", None),
        ),
        ("one header without end", Misbehaviour::floods("HTTP/1.1 200 OK\r\nX-More: ", "x"), ends("UNREACHABLE", None)),
        ("a status line without end", Misbehaviour::floods("HTTP/1.1 200 ", "O"), ends("UNREACHABLE", None)),
        (
            "a body without end",
            Misbehaviour::floods(endless, "4\r\nabcd\r\n"),
            ends("DELIVERED", 200).keeping(&"abcd".repeat(256)),
        ),
        (
            "an endless error response",
            Misbehaviour::floods("HTTP/1.1 500 No\r\n\r\n", "no! "),
            ends("REFUSED", 500).keeping(&"no! ".repeat(256)),
        ),
        ("a chunk header without end", Misbehaviour::floods(endless, "0"), ends("DELIVERED", 200).keeping("")),
        (
            "trailers without end",
            Misbehaviour::floods(&format!("{endless}0\r\n"), "X-More: x\r\n"),
            ends("DELIVERED", 200),
        ),
        ("a gzip bomb", bomb, ends("DELIVERED", 200).keeping(&kept)),
    ]
}

/// Returns responses that violate HTTP, each with its expected outcome.
pub(super) fn malformed_responses() -> Vec<(&'static str, Misbehaviour, Expected)> {
    vec![
        ("closes immediately", Misbehaviour::ClosesImmediately, ends("UNREACHABLE", None)),
        ("closes without a word", Misbehaviour::closes(""), ends("UNREACHABLE", None)),
        ("closes in its head", Misbehaviour::closes("HTTP/1.1 200 OK\r\nContent-Le"), ends("UNREACHABLE", None)),
        (
            "closes in its body",
            Misbehaviour::closes("HTTP/1.1 202 Fine\r\nContent-Length: 9\r\n\r\nhalf"),
            ends("DELIVERED", 202).keeping("half"),
        ),
        (
            "closes in the body of an error response",
            Misbehaviour::closes("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhalf"),
            ends("REFUSED", 500).keeping("half"),
        ),
        ("speaks something else", Misbehaviour::closes("SSH-2.0-OpenSSH_9.6\r\n"), ends("UNREACHABLE", None)),
        (
            "sends 100 Continue for ever",
            Misbehaviour::floods("", "HTTP/1.1 100 Continue\r\n\r\n"),
            ends("UNREACHABLE", None),
        ),
        (
            "sends 102 Processing each second",
            Misbehaviour::drips("", "HTTP/1.1 102 Processing\r\n\r\n"),
            ends("UNREACHABLE", None),
        ),
        (
            "responds with 101 and another protocol",
            Misbehaviour::stalls("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhm"),
            ends("REFUSED", 101),
        ),
        (
            "a length that no number holds",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\nhm"),
            ends("UNREACHABLE", None),
        ),
        (
            "a length below nothing",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhm"),
            ends("UNREACHABLE", None),
        ),
        (
            "two lengths",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhm"),
            ends("UNREACHABLE", None),
        ),
        (
            "an impossible content length",
            Misbehaviour::closes("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhm"),
            ends("DELIVERED", 200).keeping("hm"),
        ),
    ]
}

/// Returns responses with a hostile redirect or retry time, each with its expected outcome.
pub(super) fn redirects_and_retry_times() -> Vec<(&'static str, Misbehaviour, Expected)> {
    let retry_after = |value: &str| {
        Misbehaviour::stalls(&format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n"))
    };
    let in_an_hour = http_date(3600);
    vec![
        (
            "redirects to a cloud's credentials",
            Misbehaviour::stalls(
                "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n",
            ),
            ends("REFUSED", 302),
        ),
        ("Retry-After of -1", retry_after("-1"), ends("REFUSED", 503)),
        ("Retry-After of ten years", retry_after("315360000"), ends("REFUSED", 503).again_after(86_395..=86_400)),
        ("Retry-After of an hour, as a date", retry_after(&in_an_hour), ends("REFUSED", 503).again_after(3580..=3600)),
        ("Retry-After of long ago", retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), ends("REFUSED", 503)),
        ("Retry-After of rubbish", retry_after("when I say so \u{1f600}"), ends("REFUSED", 503)),
        ("Retry-After beyond numbers", retry_after(&"9".repeat(60)), ends("REFUSED", 503).again_after(86_395..=86_400)),
    ]
}

/// Returns all responses in plain HTTP, each with its expected outcome.
pub(super) fn plain_behaviours() -> Vec<(&'static str, Misbehaviour, Expected)> {
    [endless_responses(), malformed_responses(), redirects_and_retry_times()].concat()
}

pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Returns the HTTP date this many seconds from now (RFC 9110, section 5.6.7).
pub(super) fn http_date(seconds: i64) -> String {
    let at = Timestamp::from_millis(now().millis() + seconds * 1_000).to_string();
    let (days, time) = at.split_once('T').unwrap();
    let mut parts = days.split('-').map(|part| part.parse::<usize>().unwrap());
    let (year, month, day) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let weekday = usize::try_from((now().seconds() + seconds) / 86_400 % 7).unwrap();
    format!("{}, {day:02} {} {year} {} GMT", DAYS[weekday], MONTHS[month - 1], &time[..8])
}

pub(super) fn now() -> Timestamp {
    use domain::Clock;
    runtime::SystemClock.now()
}
