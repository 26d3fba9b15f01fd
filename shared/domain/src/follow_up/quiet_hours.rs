//! When a person may be written to: between eight in the morning and nine in the evening, where they are.
//!
//! Where somebody is, their number tells as far as a number can: area codes and calling codes belong to zones
//! (`quiet_hours/zones.txt`). Telephones travel, so it is a likelihood, and where it says little the business's own zone
//! is taken, whose customers mostly live near it. The hours are those that the United States' rule on calls to
//! homes allows (47 CFR 64.1200(c)(1): not before 8 a.m. or after 9 p.m., local time at the called party's).

use crate::accounts::business::TimeZone;
use crate::leads::contact::Phone;
use crate::time::Timestamp;
use jiff::civil::{Time, time};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The first moment of a day at which a person may be written to, by their own clock.
const ALLOWED_FROM: Time = time(8, 0, 0, 0);

/// The first moment of an evening that is too late.
const ALLOWED_UNTIL: Time = time(21, 0, 0, 0);

/// Digits of the longest prefix that is looked up.
const MAX_PREFIX_DIGITS: usize = 7;

/// Moves `at` to the first moment, not earlier, at which somebody with `phone` may be written to.
///
/// Their zone is the one that their number belongs to; of several, the business's if it is among them, else the
/// likeliest. Without a number that tells anything it is the business's.
pub fn next_allowed_time(at: Timestamp, phone: Option<&Phone>, business: &TimeZone) -> Timestamp {
    next_allowed_time_in(at, &zone_of_person(phone.and_then(Phone::e164), business))
}

/// The zone to take for somebody with the number `e164`, who deals with a business in `business`.
fn zone_of_person(e164: Option<&str>, business: &TimeZone) -> TimeZone {
    let candidates = e164.map(zones_for_number).unwrap_or_default();
    if candidates.contains(&business.as_str()) {
        return business.clone();
    }
    candidates.iter().find_map(|zone| TimeZone::parse(zone).ok()).unwrap_or_else(|| business.clone())
}

/// The zones that a number in the form of E.164 may belong to by its prefix, the likeliest first; none where the
/// prefix is unknown or of no country.
pub fn zones_for_number(e164: &str) -> &'static [&'static str] {
    let digits = e164.strip_prefix('+').unwrap_or(e164);
    let mut prefixes = (1..=MAX_PREFIX_DIGITS.min(digits.len())).rev().filter_map(|length| digits.get(..length));
    prefixes.find_map(|prefix| ZONES.get(prefix)).map_or(&[], Vec::as_slice)
}

/// Moves `at` into the hours from eight until before nine in the evening in `zone`; what lies within stays.
///
/// Where clocks go forward over eight o'clock, the first moment after the gap is taken. A zone that the database no
/// longer has is taken for UTC.
pub fn next_allowed_time_in(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let zone = jiff::tz::TimeZone::get(zone.as_str()).unwrap_or(jiff::tz::TimeZone::UTC);
    let Ok(instant) = jiff::Timestamp::from_millisecond(at.millis()) else { return at };
    let local = instant.to_zoned(zone.clone()).datetime();
    let day = if local.time() < ALLOWED_FROM {
        local.date()
    } else if local.time() < ALLOWED_UNTIL {
        return at;
    } else {
        match local.date().tomorrow() {
            Ok(day) => day,
            Err(_) => return at,
        }
    };
    // `compatible`: of a gap the time after it, of a fold the earlier of the two; never before `at`, which it follows.
    let morning = zone.to_ambiguous_timestamp(day.to_datetime(ALLOWED_FROM)).compatible();
    morning.map_or(at, |morning| Timestamp::from_millis(morning.as_millisecond()).max(at))
}

/// The table by prefix.
static ZONES: LazyLock<HashMap<String, Vec<&'static str>>> =
    LazyLock::new(|| read(include_str!("quiet_hours/zones.txt")));

/// Reads the form that `zones.txt` describes.
fn read(file: &'static str) -> HashMap<String, Vec<&'static str>> {
    let mut table = HashMap::new();
    let mut zones = Vec::new();
    let mut names_are_complete = false;
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            names_are_complete = true;
            for prefix in line.split_whitespace().flat_map(prefixes_of) {
                table.insert(prefix, zones.clone());
            }
        } else {
            if std::mem::take(&mut names_are_complete) {
                zones.clear();
            }
            zones.extend(line.split_whitespace());
        }
    }
    table
}

/// The prefixes of one entry: `+46`, or `+1201-3` for three of them.
fn prefixes_of(entry: &str) -> Vec<String> {
    let entry = entry.strip_prefix('+').unwrap_or(entry);
    let Some((first, end)) = entry.split_once('-') else { return vec![entry.to_owned()] };
    let kept = first.get(..first.len().saturating_sub(end.len())).unwrap_or_default();
    match (first.parse::<u32>(), format!("{kept}{end}").parse::<u32>()) {
        (Ok(first), Ok(last)) => (first..=last).map(|prefix| prefix.to_string()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::business::Country;

    fn zone(name: &str) -> TimeZone {
        TimeZone::parse(name).expect("a zone")
    }

    fn phone(e164: &str) -> Phone {
        let phone = Phone::parse(e164, &Country::parse("SE").expect("a country")).expect("a number");
        assert_eq!(phone.e164(), Some(e164), "{e164} is a whole number");
        phone
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    /// `at` moved for somebody with `number` who deals with a business in Stockholm.
    fn moved(time: &str, number: &str) -> String {
        next_allowed_time(at(time), Some(&phone(number)), &zone("Europe/Stockholm")).to_string()
    }

    #[test]
    fn every_line_of_the_table_is_read_and_every_zone_exists() {
        assert!(ZONES.len() > 1_000, "{}", ZONES.len());
        for (prefix, zones) in ZONES.iter() {
            assert!(!zones.is_empty() && (1..=MAX_PREFIX_DIGITS).contains(&prefix.len()), "{prefix}");
            assert!(prefix.bytes().all(|byte| byte.is_ascii_digit()), "{prefix}");
            for name in zones {
                assert!(TimeZone::parse(name).is_ok(), "{prefix}: {name}");
            }
        }
        assert_eq!(prefixes_of("+1201-3"), ["1201", "1202", "1203"]);
        assert_eq!(prefixes_of("+1719-20"), ["1719", "1720"]);
    }

    #[test]
    fn a_number_tells_its_zones() {
        for (number, zones) in [
            ("+46701234567", &["Europe/Stockholm"][..]),
            ("+12125550123", &["America/New_York"]),
            ("+14155550123", &["America/Los_Angeles"]),
            ("+18085550123", &["Pacific/Honolulu"]),
            ("+13125550123", &["America/Chicago"]),
            ("+18505550123", &["America/New_York", "America/Chicago"]),
            ("+74951234567", &["Europe/Moscow"]),
            ("+74232123456", &["Asia/Vladivostok"]),
            ("+61812345678", &["Australia/Perth", "Australia/Adelaide", "Australia/Darwin"]),
            ("+61891234567", &["Australia/Perth"]),
            ("+61881234567", &["Australia/Adelaide"]),
            ("+61731234567", &["Australia/Brisbane"]),
            ("+5511987654321", &["America/Sao_Paulo"]),
            ("+5592987654321", &["America/Manaus"]),
            ("+390612345678", &["Europe/Rome"]),
            ("+525512345678", &["America/Mexico_City"]),
            ("+919876543210", &["Asia/Kolkata"]),
            ("+213551234567", &["Africa/Algiers"]),
        ] {
            assert_eq!(zones_for_number(number), zones, "{number}");
        }
        assert!(
            zones_for_number("+61412345678").len() > 5,
            "an Australian mobile telephone may be anywhere in Australia"
        );
        let russian = zones_for_number("+79161234567");
        assert!(
            russian.len() > 5 && russian[0] == "Europe/Moscow",
            "and a Russian one in Russia, where most people live"
        );
        assert_eq!(
            zones_for_number("+15551234567").first(),
            Some(&"America/New_York"),
            "no area: the likeliest of all"
        );
        for unknown in ["", "+", "+0", "+999123456", "é46"] {
            assert_eq!(zones_for_number(unknown), [""; 0], "{unknown}");
        }
    }

    #[test]
    fn of_several_zones_the_business_has_its_own_and_else_the_likeliest_is_taken() {
        let taken = |number: &str, business: &str| zone_of_person(Some(number), &zone(business)).as_str().to_owned();
        assert_eq!(taken("+61412345678", "Australia/Perth"), "Australia/Perth");
        assert_eq!(taken("+61412345678", "Europe/Stockholm"), "Australia/Sydney");
        assert_eq!(taken("+18505550123", "America/Chicago"), "America/Chicago");
        assert_eq!(taken("+18505550123", "America/Los_Angeles"), "America/New_York");
        assert_eq!(taken("+46701234567", "America/New_York"), "Europe/Stockholm", "one zone is the person's own");
        assert_eq!(taken("+999123456", "Asia/Tokyo"), "Asia/Tokyo");
        assert_eq!(zone_of_person(None, &zone("Asia/Tokyo")), zone("Asia/Tokyo"));
    }

    #[test]
    fn a_time_at_night_is_moved_to_the_morning_where_the_person_is() {
        // Noon in Stockholm in winter.
        let noon = "2026-01-15T11:00:00.000Z";
        assert_eq!(moved(noon, "+46701234567"), noon);
        assert_eq!(moved(noon, "+12125550123"), "2026-01-15T13:00:00.000Z", "six in New York: eight");
        assert_eq!(moved(noon, "+14155550123"), "2026-01-15T16:00:00.000Z", "three in San Francisco: eight");
        assert_eq!(moved(noon, "+18085550123"), "2026-01-15T18:00:00.000Z", "one in Honolulu: eight");
        assert_eq!(moved(noon, "+74951234567"), noon, "two in Moscow");
        assert_eq!(moved(noon, "+61891234567"), noon, "seven in the evening in Perth");
        assert_eq!(moved(noon, "+61212345678"), "2026-01-15T21:00:00.000Z", "ten in Sydney: eight tomorrow");
    }

    #[test]
    fn eight_is_early_enough_and_nine_is_too_late() {
        let stockholm = zone("Europe/Stockholm");
        let next = |time: &str| next_allowed_time_in(at(time), &stockholm).to_string();
        assert_eq!(next("2026-01-15T06:59:59.999Z"), "2026-01-15T07:00:00.000Z");
        assert_eq!(next("2026-01-15T07:00:00.000Z"), "2026-01-15T07:00:00.000Z");
        assert_eq!(next("2026-01-15T19:59:59.999Z"), "2026-01-15T19:59:59.999Z");
        assert_eq!(next("2026-01-15T20:00:00.000Z"), "2026-01-16T07:00:00.000Z");
        assert_eq!(next("2026-01-15T23:30:00.000Z"), "2026-01-16T07:00:00.000Z", "after midnight: the same day");
        assert_eq!(next("2026-12-31T22:00:00.000Z"), "2027-01-01T07:00:00.000Z");
    }

    #[test]
    fn nights_on_which_clocks_change_end_at_eight_by_the_new_time() {
        let stockholm = zone("Europe/Stockholm");
        let next = |time: &str| next_allowed_time_in(at(time), &stockholm).to_string();
        assert_eq!(next("2026-03-28T22:00:00.000Z"), "2026-03-29T06:00:00.000Z", "forward: summer time, UTC+2");
        assert_eq!(next("2026-10-24T21:00:00.000Z"), "2026-10-25T07:00:00.000Z", "back: UTC+1 again");
        assert_eq!(next("2026-10-25T00:30:00.000Z"), "2026-10-25T07:00:00.000Z", "within the doubled hour");
        assert_eq!(next("2026-10-25T01:30:00.000Z"), "2026-10-25T07:00:00.000Z", "and the second time");
        // Samoa left out 2011-12-30 when it crossed the date line (tz database, Pacific/Apia).
        let apia = zone("Pacific/Apia");
        let day_left_out = next_allowed_time_in(at("2011-12-30T08:00:00.000Z"), &apia).to_string();
        assert_eq!(day_left_out, "2011-12-30T18:00:00.000Z", "ten in the evening of the 29th: eight on the 31st");
    }

    #[test]
    fn whatever_is_asked_the_answer_is_within_hours_and_less_than_a_day_later() {
        for name in ["Europe/Stockholm", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham"]
        {
            let zone = zone(name);
            let local = |at: Timestamp| {
                let instant = jiff::Timestamp::from_millisecond(at.millis()).expect("a time");
                instant.to_zoned(jiff::tz::TimeZone::get(name).expect("a zone")).time()
            };
            for step in 0..2_000_i64 {
                let asked =
                    at("2026-01-01T00:00:00Z").after(std::time::Duration::from_secs(step.unsigned_abs() * 16_111));
                let answer = next_allowed_time_in(asked, &zone);
                assert!((ALLOWED_FROM..ALLOWED_UNTIL).contains(&local(answer)), "{name} {asked} {answer}");
                assert!(
                    answer.since(asked) <= std::time::Duration::from_hours(12) && answer >= asked,
                    "{name} {asked}"
                );
                assert_eq!(next_allowed_time_in(answer, &zone), answer);
            }
        }
    }
}
