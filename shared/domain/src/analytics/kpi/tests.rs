use super::*;
use crate::accounts::business::{Channel, TimeZone};
use crate::contract::Contract;
use crate::follow_up::message::{Direction, Message, MessageStatus};
use crate::id::{BusinessId, LeadId, MessageId};
use crate::leads::contact::Name;
use crate::leads::{Attributes, Category, Lead, LeadChange, LeadStatus, NewLead, Source, Utm};
use crate::time::Timestamp;
use std::collections::BTreeSet;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn day_of(time: &str, zone: &str) -> String {
    Day::of(at(time), &TimeZone::parse(zone).unwrap()).to_string()
}

fn day(text: &str) -> Day {
    Day::of(at(text), &TimeZone::parse("UTC").unwrap())
}

fn lead(now: Timestamp) -> Lead {
    let new = NewLead {
        business: BusinessId::derived(&[b"business"]),
        name: Name::parse("Jane Smith").unwrap(),
        email: None,
        phone: None,
        message: None,
        service_interest: None,
        source: Source::parse("WEB_FORM").unwrap(),
        category: Category::General,
        utm: Utm::default(),
        consent: None,
        visitor: None,
        attributes: Attributes::default(),
    };
    Lead::new(LeadId::derived(&[b"lead"]), Contract::Native, new, &TimeZone::parse("UTC").unwrap(), now)
}

fn with(lead: &Lead, status: LeadStatus, now: Timestamp) -> Lead {
    LeadChange { status: Some(status), ..LeadChange::default() }.apply(lead, now).unwrap()
}

#[test]
fn days_follow_the_business_time_zone() {
    assert_eq!(day_of("2026-05-31T23:59:59.999Z", "UTC"), "2026-05-31");
    assert_eq!(day_of("2026-05-31T22:00:00Z", "Europe/Stockholm"), "2026-06-01");
    assert_eq!(day_of("2026-05-31T21:59:59.999Z", "Europe/Stockholm"), "2026-05-31");
    assert_eq!(day_of("2026-06-01T03:59:59Z", "America/New_York"), "2026-05-31");
    assert_eq!(day_of("2026-01-01T10:30:00Z", "Pacific/Kiritimati"), "2026-01-02");
    assert_eq!(day_of("2026-01-01T10:30:00Z", "Pacific/Pago_Pago"), "2025-12-31");
    // Clocks in Stockholm go forward on 2026-03-29 and back on 2026-10-25: days of 23 and of 25 hours.
    assert_eq!(day_of("2026-03-28T23:00:00Z", "Europe/Stockholm"), "2026-03-29");
    assert_eq!(day_of("2026-03-29T21:59:59Z", "Europe/Stockholm"), "2026-03-29");
    assert_eq!(day_of("2026-03-29T22:00:00Z", "Europe/Stockholm"), "2026-03-30");
    assert_eq!(day_of("2026-10-24T22:00:00Z", "Europe/Stockholm"), "2026-10-25");
    assert_eq!(day_of("2026-10-25T22:59:59Z", "Europe/Stockholm"), "2026-10-25");
}

#[test]
fn ranges_include_the_last_day() {
    let first = |range: &str, last: &str| DayRange::parse(range).unwrap().first(day(last)).to_string();
    assert_eq!(first("1d", "2026-06-01"), "2026-06-01");
    assert_eq!(first("30d", "2026-06-01"), "2026-05-03");
    assert_eq!(first("365d", "2026-06-01"), "2025-06-02");
    assert_eq!(first("2d", "2028-03-01"), "2028-02-29");
    assert_eq!(DayRange::default().to_string(), "30d");
    for bad in ["", "d", "0d", "366d", "030d", "30", "-1d", "+1d", "1.5d", "30 d", "30D", "1m", "99999999999d"] {
        assert!(DayRange::parse(bad).is_err(), "{bad}");
    }
    let days: Vec<_> = day("2026-02-27").up_to(day("2026-03-01")).map(|day| day.to_string()).collect();
    assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
    assert_eq!(day("2026-03-01").up_to(day("2026-02-27")).count(), 0);
}

#[test]
fn days_have_a_month_and_a_number() {
    let last = day("2026-02-28");
    assert_eq!((last.month().as_str(), last.number()), ("2026-02", 28));
    assert_eq!(Day::of_month("2026-02", 28), Some(last));
    for (month, number) in [("2026-02", 29), ("2026-13", 1), ("2026", 1), ("2026-05", 0), ("2026-05", 255)] {
        assert_eq!(Day::of_month(month, number), None, "{month} {number}");
    }
}

#[test]
fn creation_conversion_and_opt_out_count_once() {
    let new = lead(at("2026-05-01"));
    let counted = count_lead_change(None, &new);
    assert_eq!(counted.len(), 1);
    assert_eq!(counted[0].event, KpiEvent::LeadCreated { source: new.source.clone() });
    assert_eq!(counted[0].at, new.created_at);

    let won = with(&new, LeadStatus::Won, at("2026-05-02"));
    let counted = count_lead_change(Some(&new), &won);
    assert_eq!(
        counted.iter().map(|one| &one.event).collect::<Vec<_>>(),
        [&KpiEvent::Converted { source: won.source.clone() }]
    );
    assert_eq!(counted[0].at, at("2026-05-02"));
    let renamed = LeadChange { name: Some(Name::parse("Jane").unwrap()), ..LeadChange::default() };
    assert_eq!(count_lead_change(Some(&won), &renamed.apply(&won, at("2026-05-03")).unwrap()), []);

    let out = with(&won, LeadStatus::OptedOut, at("2026-05-03"));
    let counted = count_lead_change(Some(&won), &out);
    assert_eq!(counted.iter().map(|one| &one.event).collect::<Vec<_>>(), [&KpiEvent::OptedOut]);
    assert_eq!(count_lead_change(Some(&out), &with(&out, LeadStatus::Closed, at("2026-05-04"))), []);
}

#[test]
fn event_ids_are_unique_and_repeatable() {
    let new = lead(at("2026-05-01"));
    let won = with(&new, LeadStatus::Won, at("2026-05-02"));
    let lost = with(&won, LeadStatus::Lost, at("2026-05-03"));
    let again = with(&lost, LeadStatus::Won, at("2026-05-04"));
    let changes = || {
        let of_leads = [(None, &new), (Some(&new), &won), (Some(&won), &lost), (Some(&lost), &again)];
        let mut all: Vec<_> = of_leads.into_iter().flat_map(|(old, new)| count_lead_change(old, new)).collect();
        let sent = message(&new, Direction::Outbound, MessageStatus::Sent);
        let reply = message(&new, Direction::Inbound, MessageStatus::Received);
        all.extend(count_message_change(None, &sent));
        all.extend(count_message_change(None, &Message { first_reply_after: Some(60), ..reply }));
        all
    };
    let ids: BTreeSet<_> = changes().into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 6, "each its own");
    assert_eq!(changes(), changes());
    assert_eq!(changes()[5].event, KpiEvent::FirstReply { after: 60 });
}

fn message(lead: &Lead, direction: Direction, status: MessageStatus) -> Message {
    Message {
        id: MessageId::derived_at(at("2026-05-01"), &[b"message"]),
        lead: lead.id,
        business: lead.business,
        direction,
        channel: Channel::Sms,
        subject: None,
        body: "Hello".to_owned(),
        status,
        reason: None,
        provider_id: None,
        at: Some(at("2026-05-02")),
        at_text: None,
        first_reply_after: None,
        opt_out: false,
        created_at: at("2026-05-01"),
        expires_at: at("2028-05-01"),
    }
}

#[test]
fn sent_messages_and_replies_are_counted() {
    let lead = lead(at("2026-05-01"));
    let sending = message(&lead, Direction::Outbound, MessageStatus::Sending);
    assert_eq!(count_message_change(None, &sending), []);
    for status in [MessageStatus::Sent, MessageStatus::Simulated] {
        let sent = Message { status, ..sending.clone() };
        let counted = count_message_change(Some(&sending), &sent);
        assert_eq!((counted.len(), &counted[0].event, counted[0].at), (1, &KpiEvent::MessageSent, at("2026-05-02")));
        assert_eq!(count_message_change(Some(&sent), &sent), []);
    }
    for status in [MessageStatus::Delayed, MessageStatus::Failed, MessageStatus::Unknown, MessageStatus::Cancelled] {
        assert_eq!(count_message_change(Some(&sending), &Message { status, ..sending.clone() }), []);
    }
    let reply = message(&lead, Direction::Inbound, MessageStatus::Received);
    let counted = count_message_change(None, &reply);
    assert_eq!((counted.len(), &counted[0].event, counted[0].at), (1, &KpiEvent::Reply, at("2026-05-01")));
    assert_eq!(count_message_change(Some(&reply), &reply), []);
    let first = Message { first_reply_after: Some(90), ..reply.clone() };
    assert_eq!(count_message_change(None, &first)[1].event, KpiEvent::FirstReply { after: 90 });
    assert_eq!(count_message_change(None, &Message { opt_out: true, ..first }), []);
}

#[test]
fn reports_list_every_day_and_handle_zero() {
    let (first, last) = (day("2026-05-30"), day("2026-06-01"));
    let empty = KpiAccumulator::new(first, last).report();
    assert_eq!(empty.all, DailyKpis::default());
    assert_eq!((empty.reply_rate, empty.conversion_rate, empty.median_first_reply_seconds), (0.0, 0.0, None));
    assert_eq!(
        empty.by_day.iter().map(|(day, _)| day.to_string()).collect::<Vec<_>>(),
        ["2026-05-30", "2026-05-31", "2026-06-01"]
    );

    let mut accumulator = KpiAccumulator::new(first, last);
    accumulator.add(first, Counter::Leads("A".to_owned()), 2);
    accumulator.add(last, Counter::Leads("B".to_owned()), 4);
    accumulator.add(last, Counter::Converted("A".to_owned()), 1);
    accumulator.add(last, Counter::MessagesSent, 3);
    accumulator.add(last, Counter::Replies, 2);
    accumulator.add(last, Counter::OptedOut, 1);
    accumulator.add(last, Counter::FirstReplies(ReplyTimeBucket::containing(20)), 3);
    accumulator.add(day("2026-05-29"), Counter::Leads("A".to_owned()), 100);
    accumulator.add(day("2026-06-02"), Counter::Replies, 100);
    let report = accumulator.report();
    let last_day = DailyKpis { leads: 4, messages_sent: 3, replies: 2, converted: 1, opted_out: 1 };
    assert_eq!(report.by_day[2], (last, last_day));
    assert_eq!(report.all, DailyKpis { leads: 6, ..last_day });
    assert_eq!((report.reply_rate, report.conversion_rate), (0.6667, 0.1667));
    assert_eq!(report.median_first_reply_seconds, Some(20));
    let by_source = |source: &str, leads, converted| (source.to_owned(), SourceKpis { leads, converted });
    assert_eq!(report.by_source, [by_source("B", 4, 0), by_source("A", 2, 1)]);
}
