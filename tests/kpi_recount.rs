//! KPI recount: ten thousand changes in any order, some delivered repeatedly and some counted halfway before a
//! failure, give the same KPIs as a plain recount.

use crate::harness::{Caller, RandomNumbers, dynamodb_error, leads, options};
use blob::{Blobs, LocalLinks, ParkedRecords};
use bookkeeping::{BookkeepingHandler, Dependencies};
use domain::accounts::business::{Channel, TimeZone};
use domain::analytics::kpi::{Day, DayRange};
use domain::follow_up::message::{Direction, MessageStatus};
use domain::leads::Source;
use domain::{
    BusinessId, Clock, Contract, Environment, Lead, LeadChange, LeadId, LeadStatus, Message, MessageId, Mode, NewLead,
    TenantId, Timestamp,
};
use emulator::FaultInjector;
use futures_util::StreamExt;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use runtime::stream::{Parking, StreamEvent};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// Constant seed of the pseudo-random numbers.
const SEED: u64 = 20_260_601;

/// Number of changes of leads and messages.
const CHANGES: usize = 10_000;

/// Number of changes of messages among them.
const MESSAGE_CHANGES: usize = 6_000;

/// Number of days over which the changes are spread.
const DAYS: u64 = 60;

/// Number of batches that are handled concurrently.
const CONCURRENCY: usize = 4;

const SOURCES: [&str; 4] = ["WEB_FORM", "PHONE", "FAIR", "PORTAL_A"];

const ZONES: [&str; 3] = ["Europe/London", "Pacific/Auckland", "America/Los_Angeles"];

/// Fails a share of the counting transactions, before or after they took effect; a transaction that fails for good
/// fails at every attempt.
struct Failing(Mutex<Option<(RandomNumbers, HashMap<String, Fate>)>>, Mutex<usize>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Success,
    Throttled,
    Conflict,
    ResponseLostOnce,
    ResponseLost,
}

impl Failing {
    /// Returns the fate of this transaction, which all SDK attempts of it share.
    fn fate(&self, operation: &str, body: &str) -> Fate {
        if operation != "TransactWriteItems" || !body.contains("\"KP#") {
            return Fate::Success;
        }
        let mut failing = self.0.lock().unwrap();
        let Some((random, fates)) = failing.as_mut() else { return Fate::Success };
        let request: Value = serde_json::from_str(body).unwrap();
        let token = request["ClientRequestToken"].as_str().unwrap().to_owned();
        *fates.entry(token).or_insert_with(|| match random.below(100) {
            0..5 => Fate::Throttled,
            5..10 => Fate::Conflict,
            10..15 => Fate::ResponseLostOnce,
            15..20 => Fate::ResponseLost,
            _ => Fate::Success,
        })
    }

    fn count_fault(&self) {
        *self.1.lock().unwrap() += 1;
    }
}

impl FaultInjector for Failing {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let fault = match self.fate(operation, body) {
            Fate::Throttled => dynamodb_error("ThrottlingException"),
            Fate::Conflict => {
                let request: Value = serde_json::from_str(body).unwrap();
                let count = request["TransactItems"].as_array().unwrap().len();
                let mut fault = dynamodb_error("TransactionCanceledException");
                let code = |place| if place + 1 == count { "TransactionConflict" } else { "None" };
                fault["CancellationReasons"] = (0..count).map(|place| json!({ "Code": code(place) })).collect();
                fault
            }
            _ => return None,
        };
        self.count_fault();
        Some((400, fault.to_string()))
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let fate = self.fate(operation, body);
        if fate == Fate::ResponseLostOnce {
            let token = serde_json::from_str::<Value>(body).unwrap()["ClientRequestToken"].as_str().unwrap().to_owned();
            self.0.lock().unwrap().as_mut().unwrap().1.insert(token, Fate::Success);
        }
        let lost = matches!(fate, Fate::ResponseLost | Fate::ResponseLostOnce);
        lost.then(|| {
            self.count_fault();
            (500, dynamodb_error("InternalServerError").to_string())
        })
    }
}

/// One business in one mode.
#[derive(Clone)]
struct Place {
    environment: Environment,
    business: BusinessId,
    zone: TimeZone,
}

/// One change of a lead or of a message.
enum Change {
    Lead { place: usize, old: Option<Box<Lead>>, new: Box<Lead> },
    Message { place: usize, old: Option<Box<Message>>, new: Box<Message> },
}

/// Plain recount: place, day and kind of each event.
#[derive(Default)]
struct Recount(Vec<(usize, String, Kind)>);

#[derive(Clone)]
enum Kind {
    Lead(String),
    Won(String),
    OptedOut,
    Sent,
    Reply,
    FirstReply(u64),
}

impl Recount {
    fn kpis(&self, places: &[usize], range: DayRange, last: Day) -> Value {
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
struct Simulation {
    random: RandomNumbers,
    places: Vec<Place>,
    now: Timestamp,
    changes: Vec<Change>,
    recount: Recount,
}

impl Simulation {
    fn later(&mut self, than: Timestamp) -> Timestamp {
        Timestamp::from_millis(than.millis() + i64::try_from(self.random.below(3 * 86_400_000)).unwrap()).min(self.now)
    }

    fn some_time(&mut self) -> Timestamp {
        let ago = self.random.below(DAYS * 86_400_000);
        Timestamp::from_millis(self.now.millis() - i64::try_from(ago).unwrap())
    }

    fn note(&mut self, place: usize, at: Timestamp, kind: Kind) {
        let day = Day::of(at, &self.places[place].zone).to_string();
        self.recount.0.push((place, day, kind));
    }

    /// Creates a lead and changes it a few times.
    fn lead(&mut self, number: usize) {
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
    fn messages(&mut self, number: usize) {
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
fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(flag) => json!({ "BOOL": flag }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(all) => json!({ "L": all.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(_) => json!({ "M": attributes(value) }),
    }
}

fn attributes(value: &Value) -> Value {
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Returns the stream image of an item in a lead's partition.
fn image(environment: Environment, lead: LeadId, sk: &str, item: &impl Serialize) -> Value {
    let mut image = attributes(&serde_json::to_value(item).unwrap());
    let mode = if environment.mode == Mode::Live { "L" } else { "T" };
    image["pk"] = json!({ "S": format!("L#{}#{mode}#{}", environment.tenant.simple(), lead.simple()) });
    image["sk"] = json!({ "S": sk });
    image["seal"] = json!({ "B": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7; 32]) });
    image
}

impl Change {
    /// Returns the stream record of this change.
    fn record(&self, places: &[Place]) -> Value {
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

/// Hands a batch over like the stream: repeated from the first failed record on.
async fn hand_over(bookkeeping: &BookkeepingHandler, mut records: Vec<Value>) {
    for _ in 0..100 {
        let response = bookkeeping.handle(StreamEvent { records: records.clone() }, "request").await;
        let Some(failed) = response.batch_item_failures.first().and_then(|failure| failure.item_identifier.clone())
        else {
            return;
        };
        let place = records.iter().position(|record| record["dynamodb"]["SequenceNumber"] == failed);
        records.drain(..place.unwrap());
    }
    panic!("a batch never ends");
}

/// Returns all items in random order, a third of them twice.
fn shuffled_with_duplicates<T: Clone>(random: &RandomNumbers, all: Vec<T>) -> Vec<T> {
    let mut told: Vec<T> = Vec::new();
    for one in all {
        for _ in 0..random.below(3).saturating_sub(1) {
            told.push(one.clone());
        }
        told.push(one);
    }
    random.shuffle(&mut told);
    told
}

/// Splits all items into batches of random sizes up to `max`.
fn batches<T>(random: &RandomNumbers, mut all: Vec<T>, max_size: usize) -> Vec<Vec<T>> {
    let mut batches = Vec::new();
    while !all.is_empty() {
        let size = (1 + random.index(max_size)).min(all.len());
        batches.push(all.split_off(all.len() - size));
    }
    batches
}

/// Compares the KPIs of these places under this query with the recount.
async fn compare(caller: &Caller, query: &str, places: &[usize], recount: &Recount) {
    for range in ["1d", "2d", "7d", "30d", "45d", "365d"] {
        let mut told = caller.get(&format!("/v2/analytics/kpis?range={range}{query}")).await.expect(200);
        let days = DayRange::parse(range).unwrap();
        // The last day is the server's current date, which may have changed since the start.
        let to = told["to"].as_str().unwrap().to_owned();
        let last = Day::of(Timestamp::parse(&to).unwrap(), &TimeZone::default());
        let mut expected = recount.kpis(places, days, last);
        let median = told["medianFirstReplySeconds"].as_f64();
        match expected["median"].as_f64() {
            None => assert_eq!(median, None),
            Some(expected) => {
                let error = (median.unwrap() - expected).abs();
                assert!(error <= expected * domain::analytics::kpi::RELATIVE_ERROR + 1.0, "{median:?} for {expected}");
            }
        }
        let not_compared = ["range", "from", "to", "replyRate", "conversionRate", "medianFirstReplySeconds"];
        let told = told.as_object_mut().unwrap();
        told.retain(|name, _| !not_compared.contains(&name.as_str()));
        expected.as_object_mut().unwrap().remove("median");
        assert_eq!(Value::Object(told.clone()), expected, "{range}{query}");
        assert!(range == "1d" || range == "2d" || expected["leads"].as_u64().unwrap() > 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the seed is there to be read")]
async fn kpis_equal_a_recount() {
    println!("seed {SEED}");
    let failing = Arc::new(Failing(Mutex::default(), Mutex::default()));
    let faults: Arc<dyn FaultInjector> = Arc::<Failing>::clone(&failing);
    let server = LocalServer::start(ServerOptions { fault_injector: Some(faults), ..options() }).await.unwrap();
    let (native, test) = (Caller::native(&server), Caller::native_test(&server));
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
    let mut businesses = vec![server.credentials.native.business_id.clone()];
    for zone in &ZONES[1..] {
        let body = json!({ "name": zone, "country": "GB", "timeZone": zone });
        businesses.push(native.post("/v2/businesses", body).await.expect(201)["id"].as_str().unwrap().to_owned());
    }
    let place = |mode: Mode| {
        businesses.iter().zip(ZONES).map(move |(business, zone)| Place {
            environment: Environment { tenant, mode },
            business: BusinessId::parse(business).unwrap(),
            zone: TimeZone::parse(zone).unwrap(),
        })
    };
    let places: Vec<_> = place(Mode::Live).chain(place(Mode::Test)).collect();
    let now = SystemClock.now();
    let mut simulation =
        Simulation { random: RandomNumbers::new(SEED), places, now, changes: Vec::new(), recount: Recount::default() };
    for number in 0.. {
        if simulation.changes.len() >= MESSAGE_CHANGES {
            break;
        }
        simulation.messages(number);
    }
    for number in 0.. {
        if simulation.changes.len() >= CHANGES {
            break;
        }
        simulation.lead(number);
    }
    let Simulation { random, places, changes, recount, .. } = simulation;

    let records = changes.iter().map(|change| change.record(&places)).collect();
    let mut records = shuffled_with_duplicates(&random, records);
    for (number, record) in records.iter_mut().enumerate() {
        record["dynamodb"]["SequenceNumber"] = json!(number.to_string());
    }
    let batches = batches(&random, records, 100);
    *failing.0.lock().unwrap() = Some((random, HashMap::new()));

    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::in_folder(folder.path(), LocalLinks::new("http://files.invalid", [0; 32])).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let parking = Parking {
        records: ParkedRecords::in_folder(&folder.path().join("parked")).unwrap(),
        store: server.store.clone(),
        clock: Arc::clone(&clock),
    };
    let store = server.store.clone();
    let bookkeeping = BookkeepingHandler::new(Dependencies { store, blobs, parking, clock });
    let handed = futures_util::stream::iter(batches);
    handed.for_each_concurrent(CONCURRENCY, |batch| hand_over(&bookkeeping, batch)).await;
    *failing.0.lock().unwrap() = None;
    assert!(*failing.1.lock().unwrap() > 50, "too few faults");

    let mut queries = Vec::new();
    for (caller, mode) in [(&native, Mode::Live), (&test, Mode::Test)] {
        let of_mode: Vec<_> = (0..places.len()).filter(|place| places[*place].environment.mode == mode).collect();
        queries.push((caller, String::new(), of_mode.clone()));
        for place in of_mode {
            queries.push((caller, format!("&businessId={}", places[place].business), vec![place]));
        }
    }
    for (caller, query, places) in queries {
        compare(caller, &query, &places, &recount).await;
    }
}
