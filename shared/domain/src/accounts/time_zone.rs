//! Time zones of the IANA time zone database.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A time zone of the IANA time zone database, by the name that was given.
///
/// A zone may have several names. `==` compares the names; [`is_same_zone`](Self::is_same_zone) the zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeZone(String);

impl Default for TimeZone {
    /// Returns UTC.
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl TimeZone {
    /// Parses a name such as `Europe/Stockholm`. Returns the reason as a sentence fragment if the database lacks it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match jiff::tz::TimeZone::get(text) {
            Ok(zone) => Ok(Self(zone.iana_name().unwrap_or("UTC").to_owned())),
            Err(_) => Err("must be an IANA time zone such as Europe/Stockholm".to_owned()),
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether both are the same zone: `US/Hawaii` and `HST` are names of `Pacific/Honolulu`.
    pub fn is_same_zone(&self, other: &Self) -> bool {
        zone_of_name(&self.0).eq_ignore_ascii_case(zone_of_name(&other.0))
    }

    /// Returns whether `at` is from Monday to Friday between 09:00 (inclusive) and 17:00 (exclusive) in this zone.
    pub fn is_in_office_hours(&self, at: Timestamp) -> bool {
        use jiff::civil::Weekday::{Saturday, Sunday};
        let (Ok(zone), Ok(instant)) =
            (jiff::tz::TimeZone::get(&self.0), jiff::Timestamp::from_millisecond(at.millis()))
        else {
            return false;
        };
        let local = instant.to_zoned(zone);
        !matches!(local.weekday(), Saturday | Sunday) && (9..17).contains(&local.hour())
    }
}

/// Returns the name to which `name` is a link, or `name` itself.
fn zone_of_name(name: &str) -> &str {
    links().find(|(link, _)| link.eq_ignore_ascii_case(name)).map_or(name, |(_, zone)| zone)
}

/// Returns the links of `zone_names.txt` with the names of their zones.
fn links() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut zone = "";
    let lines = include_str!("zone_names.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(move |line| {
        let mut words = line.split_whitespace();
        if !line.starts_with(' ') {
            zone = words.next().unwrap_or_default();
        }
        words.map(move |link| (link, zone))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::parse(name).expect(name)
    }

    #[test]
    fn names_of_a_zone_are_the_same_zone() {
        for (first, second) in [
            ("US/Hawaii", "Pacific/Honolulu"),
            ("HST", "Pacific/Honolulu"),
            ("US/Eastern", "America/New_York"),
            ("EST5EDT", "US/Eastern"),
            ("America/Indianapolis", "America/Indiana/Indianapolis"),
            ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
            ("Australia/West", "Australia/Perth"),
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("Brazil/East", "America/Sao_Paulo"),
            ("GB", "Europe/London"),
            ("Zulu", "Etc/UTC"),
            ("utc", "Etc/UCT"),
        ] {
            assert!(zone(first).is_same_zone(&zone(second)), "{first} {second}");
            assert!(zone(second).is_same_zone(&zone(first)), "{second} {first}");
        }
        for (first, second) in [
            ("Asia/Shanghai", "Australia/Perth"),
            ("America/Phoenix", "America/Denver"),
            ("Europe/London", "Europe/Lisbon"),
            ("UTC", "Africa/Abidjan"),
        ] {
            assert!(!zone(first).is_same_zone(&zone(second)), "{first} {second}");
        }
    }

    #[test]
    fn every_link_has_the_clock_of_its_zone() {
        let offset = |name: &str, day: i64| {
            let instant = jiff::Timestamp::from_second(1_767_225_600 + day * 86_400).expect("a time");
            jiff::tz::TimeZone::get(name).expect(name).to_offset(instant)
        };
        for (link, name) in links() {
            assert_eq!(zone(link).as_str(), link, "the database has the link");
            assert_eq!(zone_of_name(name), name, "which leads to a zone, not to another link");
            for day in (0..1_461).step_by(7) {
                assert_eq!(offset(link, day), offset(name, day), "{link} {name} {day}");
            }
        }
        assert!(links().count() > 250, "{}", links().count());
    }

    #[test]
    fn names_are_kept_in_the_databases_spelling() {
        assert_eq!(zone("us/hawaii").as_str(), "US/Hawaii");
        for bad in ["", "Europe", "Europe/Atlantis", "+02:00", "Local"] {
            assert!(TimeZone::parse(bad).is_err(), "{bad}");
        }
    }
}
