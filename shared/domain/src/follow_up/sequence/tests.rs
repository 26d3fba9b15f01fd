//! Unit tests of sequences.

use super::{
    CLAIM_DURATION, Recipient, SendFailure, SendOutcome, SendTimePolicy, Sequence, SequenceStart, SequenceStatus,
    StepStatus, StopReason,
};
use crate::accounts::business::{Channel, Country, TimeZone};
use crate::follow_up::message::{Message, MessageStatus};
use crate::follow_up::template::{BuiltInTemplate, TemplateValues};
use crate::leads::contact::{Email, Name, Phone};
use crate::leads::{Attributes, Category, NewConsent, Source, Utm};
use crate::time::{Speedup, Timestamp};
use crate::{BusinessId, Contract, Lead, LeadChange, LeadId, LeadStatus, NewLead};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn zone() -> TimeZone {
    TimeZone::parse("Europe/Stockholm").unwrap()
}

fn lead(consents: bool) -> Lead {
    let new = NewLead {
        business: BusinessId::derived(&[b"b"]),
        name: Name::parse("Anna Karlsson").unwrap(),
        email: Some(Email::parse("anna@example.com").unwrap()),
        phone: Some(Phone::parse("+46701740605", &Country::parse("SE").unwrap()).unwrap()),
        message: None,
        service_interest: None,
        source: Source::default(),
        category: Category::TestDrive,
        utm: Utm::default(),
        consent: Some(NewConsent { given: consents, text: None }),
        visitor: None,
        attributes: Attributes::default(),
    };
    // Messages to this lead are released in the very second in which the quiet hours end.
    let id = LeadId::parse("0198c0de-0000-7000-8000-000000000258").unwrap();
    Lead::new(id, Contract::LeadRescue, new, &zone(), at("2026-06-01T10:00:00Z"))
}

/// A lead with its send-time policy.
struct Fixture {
    lead: Lead,
    zone: TimeZone,
    speedup: Speedup,
}

impl Fixture {
    fn new() -> Self {
        Self { lead: lead(true), zone: zone(), speedup: Speedup::NONE }
    }

    fn policy(&self) -> SendTimePolicy<'_> {
        SendTimePolicy { lead: &self.lead, zone: &self.zone, speedup: self.speedup }
    }

    fn start(&self, now: Timestamp) -> Sequence {
        let template = BuiltInTemplate::for_category(Category::TestDrive).in_business(self.lead.business);
        SequenceStart { template: &template, policy: self.policy(), previous: None }.start(now)
    }

    fn claim(&self, sequence: &Sequence, now: Timestamp) -> (Sequence, Message) {
        let values = TemplateValues {
            name: self.lead.name.as_str(),
            business: "Bilar",
            car_model: None,
            service_interest: None,
        };
        let recipient = Recipient { channel: Channel::Sms, address: "+46701740605".to_owned() };
        let claimed = sequence.claim_next_step(&recipient, &values, now).unwrap();
        (claimed.sequence, claimed.message)
    }

    fn send(&self, sequence: &Sequence, sent: SendOutcome, now: Timestamp) -> (Sequence, Message) {
        let (claimed, message) = self.claim(sequence, now);
        let settled = claimed.settle_claim(&message, sent, &self.policy(), now).unwrap();
        (settled.sequence, settled.message)
    }
}

fn due(sequence: &Sequence) -> Vec<String> {
    sequence.steps.iter().map(|step| step.due_at.to_string()).collect()
}

fn later() -> SendOutcome {
    SendOutcome::RetryLater(SendFailure::Throttled)
}

#[test]
fn day_0_is_immediate_and_later_days_are_not_at_night() {
    let fixture = Fixture::new();
    // 23:30 in the number's time zone.
    let started = fixture.start(at("2026-06-01T21:30:00Z"));
    let days = [
        "2026-06-01T21:30:00.000Z",
        "2026-06-03T06:00:00.000Z",
        "2026-06-05T06:00:00.000Z",
        "2026-06-09T06:00:00.000Z",
    ];
    assert_eq!(due(&started), days);
    let by_day = fixture.start(at("2026-06-01T10:00:00Z"));
    assert_eq!(due(&by_day)[1..], ["2026-06-02T10:00:00.000Z", "2026-06-04T10:00:00.000Z", "2026-06-08T10:00:00.000Z"]);
}

#[test]
fn leads_are_written_to_at_seconds_of_their_own() {
    let mut fixture = Fixture::new();
    fixture.lead.id = LeadId::parse("0198c0de-0000-7000-8000-00000000025c").unwrap(); // 604 at its end
    let started = fixture.start(at("2026-06-01T21:30:00Z"));
    let days = [
        "2026-06-01T21:30:00.000Z",
        "2026-06-03T06:00:04.000Z",
        "2026-06-05T06:00:04.000Z",
        "2026-06-09T06:00:04.000Z",
    ];
    assert_eq!(due(&started), days);
    let night = at("2026-06-04T23:00:00Z");
    let (sequence, _) = fixture.send(&started, SendOutcome::Sent(None), at("2026-06-01T21:30:00Z"));
    let postponed = sequence.postponed_by_quiet_hours(&fixture.policy(), night).unwrap();
    assert_eq!(postponed.due_at, Some(at("2026-06-05T06:00:04Z")), "and late ones");
    let (delayed, _) = fixture.send(&sequence, later(), at("2026-06-03T18:59:30Z"));
    assert_eq!(delayed.due_at, Some(at("2026-06-04T06:00:04Z")), "and repeated ones");
}

#[test]
fn speedup_shortens_the_true_wait() {
    let fixture = Fixture { speedup: Speedup::new(3600.0), ..Fixture::new() };
    let now = at("2026-06-01T21:30:00Z");
    // 32.5 hours until 08:00.
    assert_eq!(fixture.start(now).steps[1].due_at, now.after(Duration::from_millis(32_500)));
}

#[test]
fn the_time_of_the_first_sent_message_is_kept() {
    let fixture = Fixture::new();
    let started = fixture.start(at("2026-06-01T10:00:00Z"));
    let sent = |sequence: &Sequence, sent, now| fixture.send(sequence, sent, now).0;
    let unknown = sent(&started, SendOutcome::Unknown(SendFailure::Timeout), at("2026-06-01T10:00:01Z"));
    assert_eq!(unknown.first_sent_at, None, "nobody knows whether it was sent");
    let first = sent(&unknown, SendOutcome::Sent(None), at("2026-06-02T10:00:00Z"));
    let second = sent(&first, SendOutcome::Sent(None), at("2026-06-04T10:00:00Z"));
    assert_eq!(second.first_sent_at, Some(at("2026-06-02T10:00:00Z")));
    let template = BuiltInTemplate::for_category(Category::TestDrive).in_business(fixture.lead.business);
    let next = SequenceStart { template: &template, policy: fixture.policy(), previous: Some(&second) };
    assert_eq!(next.start(at("2026-07-01T10:00:00Z")).first_sent_at, second.first_sent_at);
}

#[test]
fn all_steps_are_sent_in_order() {
    let fixture = Fixture::new();
    let mut sequence = fixture.start(at("2026-06-01T10:00:00Z"));
    for number in 0..4 {
        let now = sequence.due_at.unwrap();
        assert_eq!(sequence.next_step_index, number);
        let (next, message) = fixture.send(&sequence, SendOutcome::Sent(Some("p".to_owned())), now);
        assert_eq!((message.status, message.at), (MessageStatus::Sent, Some(now)));
        sequence = next;
    }
    assert_eq!((sequence.status, sequence.due_at, sequence.claim), (SequenceStatus::Completed, None, None));
    assert!(sequence.steps.iter().all(|step| step.status == StepStatus::Sent && step.message.is_some()));
    assert!(!sequence.is_unfinished());
}

#[test]
fn only_late_steps_move_the_following_ones() {
    let fixture = Fixture::new();
    let started = fixture.start(at("2026-06-01T10:00:00Z"));
    let (in_time, _) = fixture.send(&started, SendOutcome::Sent(None), at("2026-06-01T10:59:00Z"));
    assert_eq!(due(&in_time), due(&started));
    // Two days late: day 1 would follow immediately.
    let (late, _) = fixture.send(&started, SendOutcome::Sent(None), at("2026-06-03T12:00:00Z"));
    assert_eq!(due(&late)[1..], ["2026-06-04T12:00:00.000Z", "2026-06-06T12:00:00.000Z", "2026-06-10T12:00:00.000Z"]);
}

#[test]
fn delayed_steps_are_retried_for_two_days() {
    let fixture = Fixture::new();
    let mut sequence = fixture.start(at("2026-06-01T10:00:00Z"));
    let (began, mut waits, mut message) = (sequence.started_at, Vec::new(), None);
    while sequence.next_step_index == 0 {
        let now = sequence.due_at.unwrap();
        let (next, tried) = fixture.send(&sequence, later(), now);
        assert_eq!(message.get_or_insert(tried.id), &tried.id, "it is the same message");
        let given_up = next.next_step_index == 1;
        assert_eq!(tried.status, if given_up { MessageStatus::Failed } else { MessageStatus::Delayed });
        assert_eq!(tried.reason.as_deref(), Some("throttled"));
        if !given_up {
            waits.push(next.due_at.unwrap().since(now));
        }
        assert!(now.since(began) <= DAY * 2 + HOUR * 12);
        sequence = next;
    }
    assert_eq!(waits[..5], [1, 5, 15, 30, 60].map(Duration::from_mins));
    assert_eq!(sequence.steps[0].status, StepStatus::Failed);
    assert_eq!(sequence.status, SequenceStatus::Running, "the next one is still to come");
    assert!(sequence.due_at.unwrap() >= began.after(DAY * 2));
}

#[test]
fn retries_respect_quiet_hours() {
    let fixture = Fixture::new();
    let started = fixture.start(at("2026-06-01T10:00:00Z"));
    let (sequence, _) = fixture.send(&started, SendOutcome::Sent(None), at("2026-06-01T10:00:00Z"));
    // Half a minute before quiet hours begin.
    let (delayed, _) = fixture.send(&sequence, later(), at("2026-06-02T18:59:30Z"));
    assert_eq!(delayed.due_at.unwrap().to_string(), "2026-06-03T06:00:00.000Z");
}

#[test]
fn expired_claims_are_settled_once_as_unknown() {
    let fixture = Fixture::new();
    let now = at("2026-06-01T10:00:00Z");
    let (claimed, message) = fixture.claim(&fixture.start(now), now);
    assert!(claimed.has_open_claim(now) && !claimed.has_open_claim(now.after(CLAIM_DURATION)));
    let lost = claimed
        .settle_claim(
            &message,
            SendOutcome::Unknown(SendFailure::ConnectionLost),
            &fixture.policy(),
            now.after(CLAIM_DURATION),
        )
        .unwrap();
    assert_eq!((lost.message.status, lost.sequence.next_step_index), (MessageStatus::Unknown, 1));
    assert_eq!(lost.sequence.settle_claim(&message, SendOutcome::Sent(None), &fixture.policy(), now), None);
}

#[test]
fn stop_cancels_queued_steps_but_not_the_claim() {
    let fixture = Fixture::new();
    let now = at("2026-06-01T10:00:00Z");
    let started = fixture.start(now);
    let stopped = started.stopped(StopReason::Requested, now);
    assert!(stopped.steps.iter().all(|step| step.status == StepStatus::Cancelled));
    assert_eq!((stopped.due_at, stopped.is_unfinished()), (None, false));
    assert_eq!(stopped.stopped(StopReason::Won, now), stopped, "the first reason stands");

    let (claimed, message) = fixture.claim(&started, now);
    let stopped = claimed.stopped(StopReason::OptedOut, now);
    assert_eq!(stopped.steps[0].status, StepStatus::Queued);
    assert!(stopped.is_unfinished());
    let settled = stopped.settle_claim(&message, later(), &fixture.policy(), now).unwrap();
    assert_eq!(settled.message.status, MessageStatus::Failed, "it is not tried again");
    assert_eq!((settled.sequence.status, settled.sequence.due_at), (SequenceStatus::Stopped, None));

    let (delayed, message) = fixture.send(&started, later(), now);
    let stopped = delayed.stopped(StopReason::Requested, now);
    assert_eq!(delayed.abandoned_message(&stopped), Some((message.id, MessageStatus::Cancelled)));
    let unreachable = delayed.skip_unreachable_step(&fixture.policy(), now);
    assert_eq!(delayed.abandoned_message(&unreachable), Some((message.id, MessageStatus::Failed)));
    assert_eq!(delayed.abandoned_message(&delayed), None);
}

#[test]
fn late_steps_are_postponed_by_quiet_hours() {
    let fixture = Fixture::new();
    let started = fixture.start(at("2026-06-01T10:00:00Z"));
    let (sequence, _) = fixture.send(&started, SendOutcome::Sent(None), at("2026-06-01T10:00:00Z"));
    let night = at("2026-06-03T01:00:00Z");
    let postponed = sequence.postponed_by_quiet_hours(&fixture.policy(), night).unwrap();
    assert_eq!(postponed.due_at, Some(at("2026-06-03T06:00:00Z")));
    assert_eq!((postponed.next_step_index, postponed.retries), (1, 0));
    assert_eq!(sequence.postponed_by_quiet_hours(&fixture.policy(), at("2026-06-02T12:00:00Z")), None, "late by day");
    assert_eq!(postponed.postponed_by_quiet_hours(&fixture.policy(), at("2026-06-03T06:00:00Z")), None);
    // A step of day 0 is not postponed while it is less than an hour late.
    let at_night = fixture.start(at("2026-06-01T22:00:00Z"));
    assert_eq!(at_night.postponed_by_quiet_hours(&fixture.policy(), at("2026-06-01T22:30:00Z")), None);
    let morning = at_night.postponed_by_quiet_hours(&fixture.policy(), at("2026-06-02T01:00:00Z")).unwrap();
    assert_eq!(morning.due_at, Some(at("2026-06-02T06:00:00Z")));
}

#[test]
fn proposals_survive_missing_consent_only() {
    let fixture = Fixture { lead: lead(false), ..Fixture::new() };
    let now = at("2026-06-01T10:00:00Z");
    let proposed = fixture.start(now);
    assert_eq!(proposed.stopped(StopReason::NoConsent, now), proposed);
    assert_eq!(proposed.stopped(StopReason::OptedOut, now).status, SequenceStatus::Stopped);
}

#[test]
fn only_open_consenting_leads_get_messages() {
    let now = at("2026-06-01T10:00:00Z");
    let change = |status| LeadChange { status: Some(status), ..LeadChange::default() }.apply(&lead(true), now).unwrap();
    let reasons = LeadStatus::ALL.map(|status| StopReason::for_lead(&change(status)));
    let expected = [
        None,
        None,
        None,
        Some(StopReason::Won),
        Some(StopReason::Lost),
        Some(StopReason::OptedOut),
        Some(StopReason::Closed),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(StopReason::for_lead(&lead(false)), Some(StopReason::NoConsent));
    let fixture = Fixture { lead: lead(false), ..Fixture::new() };
    let proposed = fixture.start(now);
    assert_eq!((proposed.status, proposed.due_at), (SequenceStatus::Proposed, None));
}
