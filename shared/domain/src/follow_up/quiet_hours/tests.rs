use super::phone_zones::{MAX_PREFIX_DIGITS, ZONES, prefixes_of};
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

/// Returns a lead whose messages are released in the very second in which the quiet hours end.
fn prompt_lead() -> LeadId {
    let id = LeadId::parse("0198c0de-0000-7000-8000-000000000258").expect("an id"); // 600 at its end
    assert_eq!(release_delay(id), Duration::ZERO);
    id
}

/// Returns the next allowed time for a person with `number` who deals with a business in Stockholm.
fn next_for(time: &str, number: &str) -> String {
    next_allowed_time(at(time), Some(&phone(number)), &zone("Europe/Stockholm"), prompt_lead()).to_string()
}

#[test]
fn the_zone_table_is_complete_and_valid() {
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
fn numbers_map_to_time_zones() {
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
    assert!(zones_for_number("+61412345678").len() > 5, "an Australian mobile telephone may be anywhere in Australia");
    let russian = zones_for_number("+79161234567");
    assert!(russian.len() > 5 && russian[0] == "Europe/Moscow", "and a Russian one in Russia, where most people live");
    assert_eq!(zones_for_number("+15551234567").first(), Some(&"America/New_York"), "no area: the likeliest of all");
    for unknown in ["", "+", "+0", "+999123456", "é46"] {
        assert_eq!(zones_for_number(unknown), [""; 0], "{unknown}");
    }
}

#[test]
fn the_business_zone_wins_among_candidates() {
    let taken = |number: &str, business: &str| zone_of_person(Some(number), &zone(business)).as_str().to_owned();
    assert_eq!(taken("+61412345678", "Australia/Perth"), "Australia/Perth");
    assert_eq!(taken("+61412345678", "Europe/Stockholm"), "Australia/Sydney");
    assert_eq!(taken("+18505550123", "America/Chicago"), "America/Chicago");
    assert_eq!(taken("+18505550123", "America/Los_Angeles"), "America/New_York");
    for (number, business) in
        [("+61412345678", "Australia/West"), ("+18085550123", "US/Hawaii"), ("+15551234567", "HST")]
    {
        assert_eq!(taken(number, business), business, "another name of one of the number's zones");
    }
    assert_eq!(taken("+61412345678", "Asia/Shanghai"), "Australia/Sydney", "the clock of Perth is not Perth");
    assert_eq!(taken("+46701234567", "America/New_York"), "Europe/Stockholm", "one zone is the person's own");
    assert_eq!(taken("+999123456", "Asia/Tokyo"), "Asia/Tokyo");
    assert_eq!(zone_of_person(None, &zone("Asia/Tokyo")), zone("Asia/Tokyo"));
}

#[test]
fn nights_end_at_eight_in_the_persons_zone() {
    // Noon in Stockholm in winter.
    let noon = "2026-01-15T11:00:00.000Z";
    assert_eq!(next_for(noon, "+46701234567"), noon);
    assert_eq!(next_for(noon, "+12125550123"), "2026-01-15T13:00:00.000Z", "six in New York: eight");
    assert_eq!(next_for(noon, "+14155550123"), "2026-01-15T16:00:00.000Z", "three in San Francisco: eight");
    assert_eq!(next_for(noon, "+18085550123"), "2026-01-15T18:00:00.000Z", "one in Honolulu: eight");
    assert_eq!(next_for(noon, "+74951234567"), noon, "two in Moscow");
    assert_eq!(next_for(noon, "+61891234567"), noon, "seven in the evening in Perth");
    assert_eq!(next_for(noon, "+61212345678"), "2026-01-15T21:00:00.000Z", "ten in Sydney: eight tomorrow");
}

#[test]
fn allowed_hours_begin_at_8_and_end_at_21() {
    let stockholm = zone("Europe/Stockholm");
    let next = |time: &str| next_allowed_time_in(at(time), &stockholm, Duration::ZERO).to_string();
    assert_eq!(next("2026-01-15T06:59:59.999Z"), "2026-01-15T07:00:00.000Z");
    assert_eq!(next("2026-01-15T07:00:00.000Z"), "2026-01-15T07:00:00.000Z");
    assert_eq!(next("2026-01-15T19:59:59.999Z"), "2026-01-15T19:59:59.999Z");
    assert_eq!(next("2026-01-15T20:00:00.000Z"), "2026-01-16T07:00:00.000Z");
    assert_eq!(next("2026-01-15T23:30:00.000Z"), "2026-01-16T07:00:00.000Z", "after midnight: the same day");
    assert_eq!(next("2026-12-31T22:00:00.000Z"), "2027-01-01T07:00:00.000Z");
}

#[test]
fn clock_changes_keep_the_local_time() {
    let stockholm = zone("Europe/Stockholm");
    let next = |time: &str| next_allowed_time_in(at(time), &stockholm, Duration::ZERO).to_string();
    assert_eq!(next("2026-03-28T22:00:00.000Z"), "2026-03-29T06:00:00.000Z", "forward: summer time, UTC+2");
    assert_eq!(next("2026-10-24T21:00:00.000Z"), "2026-10-25T07:00:00.000Z", "back: UTC+1 again");
    assert_eq!(next("2026-10-25T00:30:00.000Z"), "2026-10-25T07:00:00.000Z", "within the doubled hour");
    assert_eq!(next("2026-10-25T01:30:00.000Z"), "2026-10-25T07:00:00.000Z", "and the second time");
    // Samoa left out 2011-12-30 when it crossed the date line (tz database, Pacific/Apia).
    let apia = zone("Pacific/Apia");
    let day_left_out = next_allowed_time_in(at("2011-12-30T08:00:00.000Z"), &apia, Duration::ZERO).to_string();
    assert_eq!(day_left_out, "2011-12-30T18:00:00.000Z", "ten in the evening of the 29th: eight on the 31st");
}

const ZONES_OF_ALL_KINDS: [&str; 6] = [
    "Europe/Stockholm",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Apia",
];

fn local_time(at: Timestamp, zone: &str) -> Time {
    let instant = jiff::Timestamp::from_millisecond(at.millis()).expect("a time");
    instant.to_zoned(jiff::tz::TimeZone::get(zone).expect("a zone")).time()
}

#[test]
fn results_are_allowed_and_within_12_hours() {
    for name in ZONES_OF_ALL_KINDS {
        let zone = zone(name);
        for step in 0..2_000_i64 {
            let asked = at("2026-01-01T00:00:00Z").after(Duration::from_secs(step.unsigned_abs() * 16_111));
            let answer = next_allowed_time_in(asked, &zone, Duration::ZERO);
            assert!((ALLOWED_FROM..ALLOWED_UNTIL).contains(&local_time(answer, name)), "{name} {asked} {answer}");
            assert!(answer.since(asked) <= Duration::from_hours(12) && answer >= asked, "{name} {asked}");
            assert_eq!(next_allowed_time_in(answer, &zone, Duration::ZERO), answer);
        }
    }
}

/// Whatever the time and the zone, and also in nights in which clocks change or a day is left out.
#[test]
fn releases_are_spread_after_quiet_hours_only() {
    let all_delays = || (0..u64::from(RELEASE_SPREAD_SECONDS)).step_by(97).map(Duration::from_secs);
    for name in ZONES_OF_ALL_KINDS {
        let zone = zone(name);
        for (begin, step) in [("2026-01-01T00:00:00Z", 64_111), ("2011-12-28T00:00:00Z", 907)] {
            for number in 0..500 {
                let asked = at(begin).after(Duration::from_secs(number * step));
                let end = next_allowed_time_in(asked, &zone, Duration::ZERO);
                for delay in all_delays() {
                    let released_at = next_allowed_time_in(asked, &zone, delay);
                    let expected = if end == asked { asked } else { end.after(delay) };
                    assert_eq!(released_at, expected, "{name} {asked} {delay:?}");
                    assert!((ALLOWED_FROM..ALLOWED_UNTIL).contains(&local_time(released_at, name)), "{name} {asked}");
                    assert_eq!(next_allowed_time_in(released_at, &zone, delay), released_at, "it is not moved again");
                }
            }
        }
    }
}

#[test]
fn a_night_of_messages_is_spread_over_ten_minutes() {
    let (night, stockholm) = (at("2026-01-15T02:00:00Z"), zone("Europe/Stockholm"));
    let eight = at("2026-01-15T07:00:00Z");
    for of_number in [(|number: u32| LeadId::derived(&[&number.to_be_bytes()])) as fn(u32) -> LeadId, |number| {
        LeadId::new(Timestamp::from_millis(1), *LeadId::derived(&[&number.to_be_bytes()]).bytes())
    }] {
        let mut by_minute = [0; 10];
        for lead in (0..6_000).map(of_number) {
            let released_at = next_allowed_time(night, Some(&phone("+46701234567")), &stockholm, lead);
            assert_eq!(released_at, next_allowed_time(night, None, &stockholm, lead), "always the same");
            by_minute[usize::try_from(released_at.since(eight).as_secs() / 60).expect("a minute")] += 1;
        }
        assert!(by_minute.iter().all(|count| (500..700).contains(count)), "{by_minute:?}");
    }
}
