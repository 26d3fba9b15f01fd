//! Quiet hours: messages to a person are sent only between 08:00 and 21:00 in the person's time zone.
//!
//! The hours are those that the United States allow for telephone calls to homes (47 CFR 64.1200(c)(1): not before
//! 8 a.m. or after 9 p.m., local time at the called party's location).
//!
//! The time zone follows from the telephone number (table `quiet_hours/zones.txt`), because calling codes and area
//! codes belong to regions. A number may belong to several zones, and people take their telephones along, so this is
//! only likely: if the business's own zone is among the zones of a number, it is used, because most customers live near
//! the business; otherwise the zone where most of such numbers are. Without a number the business's zone is used.
//!
//! What waits for the end of the quiet hours is spread over the ten minutes after it, each lead at its own second. Otherwise
//! all messages of a night would be due at once, and the providers would reject most of them.

mod phone_zones;
#[cfg(test)]
mod tests;

use crate::LeadId;
use crate::accounts::business::TimeZone;
use crate::leads::contact::Phone;
use crate::time::Timestamp;
use jiff::civil::{Time, time};
use phone_zones::zones_for_number;
use std::time::Duration;

/// End of the quiet hours in the morning: the first time of a day at which messages may be sent.
const ALLOWED_FROM: Time = time(8, 0, 0, 0);

/// Start of the quiet hours in the evening: the first time of a day at which messages may no longer be sent.
const ALLOWED_UNTIL: Time = time(21, 0, 0, 0);

/// Time over which the messages that wait for the end of the quiet hours are spread, in seconds: a hundred thousand of them
/// are 170 a second, and no person notices the difference.
const RELEASE_SPREAD_SECONDS: u32 = 600;

/// Returns `at` if it is outside the quiet hours of a person with the telephone number `phone`, who deals with a business in
/// the time zone `business`; otherwise a time after the end of these quiet hours. That is within ten minutes of it, and always
/// the same for the same lead.
pub fn next_allowed_time(at: Timestamp, phone: Option<&Phone>, business: &TimeZone, lead: LeadId) -> Timestamp {
    next_allowed_time_in(at, &zone_of_person(phone.and_then(Phone::e164), business), release_delay(lead))
}

/// Returns the time between the end of the quiet hours and the messages to a lead that wait for it. The last bytes of an id
/// are random; the first may be a time.
fn release_delay(lead: LeadId) -> Duration {
    let [.., a, b, c, d] = *lead.bytes();
    Duration::from_secs((u32::from_be_bytes([a, b, c, d]) % RELEASE_SPREAD_SECONDS).into())
}

/// Returns the time zone of a person with the telephone number `e164`, who deals with a business in the time zone
/// `business`.
fn zone_of_person(e164: Option<&str>, business: &TimeZone) -> TimeZone {
    let candidates: Vec<_> =
        e164.map(zones_for_number).unwrap_or_default().iter().flat_map(|zone| TimeZone::parse(zone)).collect();
    if candidates.iter().any(|zone| zone.is_same_zone(business)) {
        return business.clone();
    }
    candidates.into_iter().next().unwrap_or_else(|| business.clone())
}

/// Returns `at` if it is outside the quiet hours in `zone`, otherwise the time `delay` after their end.
///
/// If clocks are set forward over 08:00, the quiet hours end after the gap. Uses UTC if the zone database no longer has `zone`.
fn next_allowed_time_in(at: Timestamp, zone: &TimeZone, delay: Duration) -> Timestamp {
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
    // `compatible` takes the time after a gap and the earlier time of a fold. `max` keeps the result from preceding
    // `at`.
    let morning = zone.to_ambiguous_timestamp(day.to_datetime(ALLOWED_FROM)).compatible();
    let Ok(morning) = morning.map(|morning| Timestamp::from_millis(morning.as_millisecond()).max(at)) else {
        return at;
    };
    let released_at = morning.after(delay);
    // A zone may leave out hours at any time of the day.
    if is_allowed(released_at, &zone) { released_at } else { morning }
}

fn is_allowed(at: Timestamp, zone: &jiff::tz::TimeZone) -> bool {
    let instant = jiff::Timestamp::from_millisecond(at.millis());
    instant.is_ok_and(|instant| (ALLOWED_FROM..ALLOWED_UNTIL).contains(&instant.to_zoned(zone.clone()).time()))
}
