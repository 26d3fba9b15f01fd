use super::*;
use crate::accounts::business::{Country, TimeZone};
use crate::leads::{AttributeValue, Category, FieldChange, LeadChange, NewConsent, Utm};
use crate::{BusinessId, Contract, Lead, LeadId, LeadStatus, NewLead, Timestamp};
use std::collections::BTreeSet;

/// A Wednesday at noon.
const WEDNESDAY: &str = "2026-05-27T12:00:00Z";
/// The Sunday after it, at noon.
const SUNDAY: &str = "2026-05-31T12:00:00Z";

/// Every piece of information that a lead can have, each by itself.
const PIECES: [fn(&mut NewLead); 9] = [
    |lead| lead.email = Some(Email::parse("jane@example.com").unwrap()),
    |lead| lead.phone = Some(Phone::parse("+15551234567", &Country::parse("US").unwrap()).unwrap()),
    |lead| lead.name = Name::parse("Jane Smith").unwrap(),
    |lead| lead.message = Some(MultiLine::parse("A roof").unwrap()),
    |lead| lead.message = Some(MultiLine::parse(&"A roof over 3 rooms? ".repeat(6)).unwrap()),
    |lead| lead.service_interest = Some(SingleLine::parse("Roof repair").unwrap()),
    |lead| lead.source = Source::parse("REFERRAL").unwrap(),
    |lead| lead.consent = Some(NewConsent { given: true, text: None }),
    |lead| {
        let rooms = ("rooms".to_owned(), AttributeValue::Integer(3));
        lead.attributes = Attributes::parse([rooms]).unwrap();
    },
];

fn bare() -> NewLead {
    NewLead {
        business: BusinessId::derived(&[b"b"]),
        name: Name::parse("Jane").unwrap(),
        email: None,
        phone: None,
        message: None,
        service_interest: None,
        source: Source::default(),
        category: Category::General,
        utm: Utm::default(),
        consent: None,
        attributes: Attributes::default(),
        visitor: None,
    }
}

fn lead_at(new: NewLead, at: &str, zone: &str) -> Lead {
    let zone = TimeZone::parse(zone).unwrap();
    Lead::new(LeadId::derived(&[b"l"]), Contract::Native, new, &zone, Timestamp::parse(at).unwrap())
}

/// Returns a lead with the pieces whose bits are set in `mask`.
fn with(mask: u32, at: &str) -> Lead {
    let mut new = bare();
    for (index, piece) in PIECES.iter().enumerate() {
        if mask & 1 << index != 0 {
            piece(&mut new);
        }
    }
    lead_at(new, at, "UTC")
}

fn codes(score: Score) -> Vec<&'static str> {
    score.reasons().map(|rule| rule.code).collect()
}

#[test]
fn scores_are_the_sum_of_reasons_from_0_to_100() {
    for mask in 0..1 << PIECES.len() {
        for at in [WEDNESDAY, SUNDAY] {
            let score = with(mask, at).score;
            assert!(score.value() <= 100);
            assert_eq!(u32::from(score.value()), score.reasons().map(|rule| u32::from(rule.points)).sum::<u32>());
        }
    }
    assert_eq!(with(0, SUNDAY).score.value(), 0);
    assert_eq!(with(u32::MAX, WEDNESDAY).score.value(), 100, "every rule applies");
    assert_eq!(RULES.iter().map(|rule| u32::from(rule.points)).sum::<u32>(), 100);
}

#[test]
fn more_information_never_lowers_a_score() {
    for mask in 0..1 << PIECES.len() {
        for piece in 0..PIECES.len() {
            let (less, more) = (with(mask, SUNDAY).score, with(mask | 1 << piece, SUNDAY).score);
            // The short message gives way to the long one, never the other way round.
            assert!(less.value() <= more.value(), "{:?} and then {:?}", codes(less), codes(more));
            assert!(codes(less).iter().all(|code| codes(more).contains(code)));
        }
    }
    let written = |text: &str| {
        let new = NewLead { message: Some(MultiLine::parse(text).unwrap()), ..bare() };
        lead_at(new, SUNDAY, "UTC").score.value()
    };
    let text =
        "Could you look at our roof? It leaks above 2 rooms since the storm, and we would like an estimate soon.";
    let values: Vec<_> = (1..text.len()).map(|length| written(&text[..length])).collect();
    assert!(values.is_sorted(), "{values:?}");
}

#[test]
fn every_rule_is_reachable_and_unique() {
    let reached: BTreeSet<_> = (0..PIECES.len()).flat_map(|piece| codes(with(1 << piece, WEDNESDAY).score)).collect();
    let all: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
    let alone: BTreeSet<_> = all.difference(&reached).copied().collect();
    assert_eq!(alone, BTreeSet::from(["EMAIL_AND_PHONE"]), "one rule needs two pieces");
    assert!(codes(with(0b11, SUNDAY).score).contains(&"EMAIL_AND_PHONE"));
    assert_eq!(all.len(), RULES.len());
    assert_eq!(RULES.iter().map(|rule| rule.text).collect::<BTreeSet<_>>().len(), RULES.len());
    for rule in &RULES {
        assert!(crate::text::upper_snake(rule.code).is_ok(), "{}", rule.code);
        assert!(rule.points > 0);
    }
    assert!(RULES.len() <= 16, "one bit each");
}

#[test]
fn office_hours_use_the_business_time_zone() {
    let held = |at: &str, zone: &str| codes(lead_at(bare(), at, zone).score).contains(&"OFFICE_HOURS");
    assert!(held("2026-05-25T07:00:00Z", "Europe/Stockholm"), "nine o'clock in summer");
    assert!(!held("2026-05-25T06:59:59Z", "Europe/Stockholm"));
    assert!(!held("2026-05-25T15:00:00Z", "Europe/Stockholm"), "five o'clock is the end");
    assert!(held("2026-01-12T08:00:00Z", "Europe/Stockholm"), "nine o'clock in winter");
    assert!(!held("2026-01-12T07:30:00Z", "Europe/Stockholm"));
    assert!(held("2026-05-29T23:30:00Z", "America/Los_Angeles"), "Friday afternoon there");
    assert!(!held("2026-05-31T23:30:00Z", "America/Los_Angeles"), "Sunday there");
    assert!(held("2026-06-01T00:30:00Z", "Asia/Tokyo"), "Monday morning there");
}

#[test]
fn undialable_numbers_add_no_points() {
    let odd = Phone::parse("123", &Country::parse("SE").unwrap()).unwrap();
    assert_eq!(odd.e164(), None);
    assert_eq!(lead_at(NewLead { phone: Some(odd), ..bare() }, SUNDAY, "UTC").score.value(), 0);
}

#[test]
fn changes_rescore_only_what_they_affect() {
    let now = Timestamp::parse(SUNDAY).unwrap();
    let old = with(0b1, WEDNESDAY);
    assert_eq!(codes(old.score), ["EMAIL", "OFFICE_HOURS"]);
    let message = FieldChange::Set(MultiLine::parse("A roof").unwrap());
    let written = LeadChange { message, ..LeadChange::default() }.apply(&old, now).unwrap();
    assert_eq!(codes(written.score), ["EMAIL", "MESSAGE", "OFFICE_HOURS"], "it still came in on a Wednesday");
    let cleared = LeadChange { message: FieldChange::Cleared, ..LeadChange::default() }.apply(&written, now).unwrap();
    assert_eq!(cleared.score, old.score);
    let earlier = Lead { score: Score(0b1000), ..old };
    let won = LeadChange { status: Some(LeadStatus::Won), ..LeadChange::default() }.apply(&earlier, now).unwrap();
    assert_eq!(won.score, earlier.score, "a status is no reason");
}
