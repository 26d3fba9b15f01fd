//! Operations that will end, announced in responses (RFC 9745, RFC 8594) and in the OpenAPI documents.

use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;

/// The announcement that an operation will end. A contract's profile lists them: the route's responses and the
/// contract's document both come from that list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// HTTP method in lower case.
    pub method: &'static str,
    /// Path below the base path, with `{id}` for a variable segment.
    pub path: &'static str,
    /// Day since which new code should not use it.
    pub since: Date,
    /// Day from which on it may be missing.
    pub sunset: Date,
}

impl Deprecation {
    /// Names of the headers that responses have: when the deprecation began (RFC 9745), and when the operation may end
    /// (RFC 8594).
    pub const HEADERS: [&'static str; 2] = ["Deprecation", "Sunset"];

    /// Returns the values of [`HEADERS`](Self::HEADERS). Days begin at midnight in UTC.
    pub fn header_values(&self) -> Option<[String; 2]> {
        let [since, sunset] = [self.since, self.sunset].map(|day| day.to_zoned(TimeZone::UTC));
        let sunset = DateTimePrinter::new().timestamp_to_rfc9110_string(&sunset.ok()?.timestamp()).ok()?;
        Some([format!("@{}", since.ok()?.timestamp().as_second()), sunset])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_have_the_forms_of_both_rfcs() {
        let deprecation =
            Deprecation { method: "get", path: "/old", since: date(2026, 1, 1), sunset: date(2027, 11, 6) };
        let expected = ["@1767225600".to_owned(), "Sat, 06 Nov 2027 00:00:00 GMT".to_owned()];
        assert_eq!(deprecation.header_values(), Some(expected));
    }
}
