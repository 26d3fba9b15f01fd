//! A simulated environment over some weeks, and the plain recount of its changes.

use super::{DAYS, SOURCES};
use crate::harness::{RandomNumbers, leads};
use domain::accounts::business::{Channel, TimeZone};
use domain::analytics::kpi::{Day, DayRange};
use domain::follow_up::message::{Direction, MessageStatus};
use domain::leads::Source;
use domain::{
    BusinessId, Contract, Environment, Lead, LeadChange, LeadId, LeadStatus, Message, MessageId, Mode, NewLead,
    Timestamp,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One business in one mode.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) environment: Environment,
    pub(super) business: BusinessId,
    pub(super) zone: TimeZone,
}

/// One change of a lead or of a message.
pub(super) enum Change {
    Lead { place: usize, old: Option<Box<Lead>>, new: Box<Lead> },
    Message { place: usize, old: Option<Box<Message>>, new: Box<Message> },
}

/// Plain recount: place, day and kind of each event.
#[derive(Default)]
pub(super) struct Recount(pub(super) Vec<(usize, String, Kind)>);

#[derive(Clone)]
pub(super) enum Kind {
    Lead(String),
    Won(String),
    OptedOut,
    Sent,
    Reply,
    FirstReply(u64),
}

impl Recount {
    pub(super) fn kpis(&self, places: &[usize], range: DayRange, last: Day) -> Value {
        let mut days: BTreeMap<String, [u64; 5]> =
            range.first(last).up_to(last).map(|day| (day.to_string(), [0; 5])).collect();
        let mut sources: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        let mut first_replies = Vec::new();
        for (place, day, kind) in &self.0 {
            let Some(of_day) = days.get_mut(day).filter(|_| places.contains(place)) else { continue };
            match kind {
                Kind::Lead(source) => {
                    of_day[0] += 1;
                    sources.entry(source).or_default()[0] += 1;
                }
                Kind::Won(source) => {
                    of_day[3] += 1;
                    sources.entry(source).or_default()[1] += 1;
                }
                Kind::Sent => of_day[1] += 1,
                Kind::Reply => of_day[2] += 1,
                Kind::OptedOut => of_day[4] += 1,
                Kind::FirstReply(after) => first_replies.push(*after),
            }
        }
        first_replies.sort_unstable();
        let count = first_replies.len();
        let median = (count > 0).then(|| u64::midpoint(first_replies[count / 2], first_replies[(count - 1) / 2]));
        let mut by_source: Vec<_> = sources.into_iter().collect();
        by_source.sort_by_key(|(_, [leads, won])| std::cmp::Reverse((*leads, *won)));
        let [leads, sent, replies, won, out] =
            days.values().fold([0; 5], |all, day| std::array::from_fn(|place| all[place] + day[place]));
        let by_day = days.iter().map(|(date, [leads, sent, replies, won, out])| {
            json!({
                "date": date, "leads": leads, "messagesSent": sent, "replies": replies, "converted": won, "optedOut": out,
            })
        });
        let by_source = by_source
            .iter()
            .map(|(source, [leads, won])| json!({ "source": source, "leads": leads, "converted": won }));
        json!({
            "leads": leads, "messagesSent": sent, "replies": replies, "converted": won, "optedOut": out,
            "bySource": by_source.collect::<Vec<_>>(), "byDay": by_day.collect::<Vec<_>>(), "median": median,
        })
    }
}

/// Simulated environment over some weeks.
pub(super) struct Simulation {
    pub(super) random: RandomNumbers,
    pub(super) places: Vec<Place>,
    pub(super) now: Timestamp,
    pub(super) changes: Vec<Change>,
    pub(super) recount: Recount,
}

impl Simulation {
    pub(super) fn later(&mut self, than: Timestamp) -> Timestamp {
        Timestamp::from_millis(than.millis() + i64::try_from(self.random.below(3 * 86_400_000)).unwrap()).min(self.now)
    }

    /// Returns a time within the simulated days. Half of all times are within the first ten seconds of an hour, so
    /// that many changes share a period of counting.
    pub(super) fn some_time(&mut self) -> Timestamp {
        let mut ago = self.random.below(DAYS * 86_400_000);
        if self.random.below(2) == 0 {
            ago = ago / 3_600_000 * 3_600_000 + self.random.below(10_000);
        }
        Timestamp::from_millis(self.now.millis() - i64::try_from(ago).unwrap())
    }

    pub(super) fn note(&mut self, place: usize, at: Timestamp, kind: Kind) {
        let day = Day::of(at, &self.places[place].zone).to_string();
        self.recount.0.push((place, day, kind));
    }

    /// Creates a lead and changes it a few times.
    pub(super) fn lead(&mut self, number: usize) {
        let place = self.random.index(self.places.len());
        let source = SOURCES[self.random.index(SOURCES.len())];
        let new =
            NewLead { source: Source::parse(source).unwrap(), ..leads::new_lead(self.places[place].business, None) };
        let at = self.some_time();
        let id = LeadId::derived(&[b"recounted", &number.to_be_bytes()]);
        let mut lead = Lead::new(id, Contract::Native, new, &self.places[place].zone, at);
        self.changes.push(Change::Lead { place, old: None, new: Box::new(lead.clone()) });
        self.note(place, at, Kind::Lead(source.to_owned()));
        for _ in 0..self.random.below(4) {
            let at = self.later(lead.updated_at);
            let status = LeadStatus::ALL[self.random.index(LeadStatus::ALL.len())];
            let change = LeadChange { status: Some(status), ..LeadChange::default() };
            let Ok(changed) = change.apply(&lead, at) else { continue };
            if changed == lead {
                continue;
            }
            match status {
                LeadStatus::Won => self.note(place, at, Kind::Won(source.to_owned())),
                LeadStatus::OptedOut => self.note(place, at, Kind::OptedOut),
                _ => {}
            }
            let old = Some(Box::new(lead));
            lead = changed.clone();
            self.changes.push(Change::Lead { place, old, new: Box::new(changed) });
        }
    }

    /// Sends a message, and sometimes receives a first reply.
    pub(super) fn messages(&mut self, number: usize) {
        let place = self.random.index(self.places.len());
        let business = self.places[place].business;
        let number = number.to_be_bytes();
        let sent = self.some_time();
        let lead = LeadId::derived(&[b"written to", &number]);
        let message = |direction, status, at| Message {
            id: MessageId::derived_at(at, &[&number]),
            lead,
            business,
            direction,
            channel: Channel::Sms,
            subject: None,
            body: "Hello".to_owned(),
            status,
            reason: None,
            provider_id: None,
            at: Some(at),
            at_text: None,
            first_reply_after: None,
            opt_out: false,
            created_at: at,
            expires_at: at.plus_months(24),
        };
        let claimed = message(Direction::Outbound, MessageStatus::Sending, sent);
        let went_out = Message { status: MessageStatus::Sent, ..claimed.clone() };
        self.changes.push(Change::Message { place, old: None, new: Box::new(claimed.clone()) });
        self.changes.push(Change::Message { place, old: Some(Box::new(claimed)), new: Box::new(went_out) });
        self.note(place, sent, Kind::Sent);
        if self.random.below(2) == 0 {
            let at = self.later(sent);
            let after = at.since(sent).as_secs();
            let reply = message(Direction::Inbound, MessageStatus::Received, at);
            let reply = Message { first_reply_after: Some(after), ..reply };
            self.changes.push(Change::Message { place, old: None, new: Box::new(reply) });
            self.note(place, at, Kind::Reply);
            self.note(place, at, Kind::FirstReply(after));
        }
    }
}

/// Returns a value in the notation of stream images.
pub(super) fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(flag) => json!({ "BOOL": flag }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(all) => json!({ "L": all.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(_) => json!({ "M": attributes(value) }),
    }
}

pub(super) fn attributes(value: &Value) -> Value {
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Returns the stream image of an item in a lead's partition.
pub(super) fn image(environment: Environment, lead: LeadId, sk: &str, item: &impl Serialize) -> Value {
    let mut image = attributes(&serde_json::to_value(item).unwrap());
    let mode = if environment.mode == Mode::Live { "L" } else { "T" };
    image["pk"] = json!({ "S": format!("L#{}#{mode}#{}", environment.tenant.simple(), lead.simple()) });
    image["sk"] = json!({ "S": sk });
    image["seal"] = json!({ "B": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7; 32]) });
    image
}

impl Change {
    /// Returns the stream record of this change.
    pub(super) fn record(&self, places: &[Place]) -> Value {
        let (old, new) = match self {
            Self::Lead { place, old, new } => {
                let image = |lead: &Lead| image(places[*place].environment, lead.id, "L", lead);
                (old.as_deref().map(image), image(new))
            }
            Self::Message { place, old, new } => {
                let sk = format!("M#{}", new.id.simple());
                let image = |message: &Message| image(places[*place].environment, message.lead, &sk, message);
                (old.as_deref().map(image), image(new))
            }
        };
        let record = json!({
            "awsRegion": "local",
            "eventID": "1",
            "eventName": if old.is_none() { "INSERT" } else { "MODIFY" },
            "dynamodb": {
                "ApproximateCreationDateTime": 0,
                "Keys": { "pk": new["pk"], "sk": new["sk"] },
                "OldImage": old.unwrap_or_else(|| json!({})),
                "NewImage": new,
                "SequenceNumber": "1",
                "SizeBytes": 0,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        });
        record
    }
}
