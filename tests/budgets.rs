//! Cost budgets: the maximum number of sequential database round trips and of write units for each operation.
//!
//! Write units are computed from the items before and after each write and from the index keys, and are compared with
//! the capacity that the database reports.

use crate::harness::{Caller, CannedResponse, Receiver, leads, options};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use emulator::{CapacityMeter, FaultInjector};
use local::{LocalServer, ServerOptions};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

type Item = HashMap<String, AttributeValue>;

/// Delay added to every operation, so that concurrent operations overlap measurably.
const OPERATION_DELAY: Duration = Duration::from_millis(40);

/// One observed database operation.
#[derive(Clone, Debug)]
struct Seen {
    operation: String,
    body: String,
    began: Instant,
    ended: Instant,
    units: u64,
    /// The condition of the write failed: the same cost, but the database does not report it.
    condition_failed: bool,
}

/// Start of an operation, and the previous state of the items that it writes.
type Begun = (Instant, Vec<Option<Item>>);

/// Observes every operation and computes its cost.
#[derive(Default)]
struct Watch {
    seen: Mutex<Vec<Seen>>,
    begun: Mutex<HashMap<(String, String), Begun>>,
    client: OnceLock<Client>,
}

/// Returns the table and key of each write of a request, with transactions expanded.
fn writes(operation: &str, body: &str) -> Vec<(String, Value)> {
    let request: Value = serde_json::from_str(body).unwrap();
    let key = |write: &Value| {
        let table = write["TableName"].as_str().unwrap().to_owned();
        let all = if write["Key"].is_object() { &write["Key"] } else { &write["Item"] };
        let mut key = json!({ "pk": all["pk"] });
        if all["sk"].is_object() {
            key["sk"] = all["sk"].clone();
        }
        (table, key)
    };
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => vec![key(&request)],
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().unwrap();
            items.iter().map(|item| key(item.as_object().unwrap().values().next().unwrap())).collect()
        }
        _ => Vec::new(),
    }
}

fn size_of(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::M(map) => 3 + map.iter().map(|(name, value)| 1 + name.len() + size_of(value)).sum::<usize>(),
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + size_of(value)).sum::<usize>(),
        _ => 1,
    }
}

fn units_of(item: &Item) -> u64 {
    let bytes: usize = item.iter().map(|(name, value)| name.len() + size_of(value)).sum();
    bytes.div_ceil(1_024) as u64
}

/// Returns the index entry of an item, if the index contains it.
fn entry(item: Option<&Item>, keys: [&str; 2], projected: Option<&[&str]>) -> Option<Item> {
    let item = item?;
    if !keys.iter().all(|key| item.contains_key(*key)) {
        return None;
    }
    let holds = |name: &str| {
        projected.is_none_or(|names| names.contains(&name)) || keys.contains(&name) || ["pk", "sk"].contains(&name)
    };
    Some(item.iter().filter(|(name, _)| holds(name)).map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Returns the units of one write: those of the table, doubled in a transaction, plus those of every index whose
/// entry is added, removed or changed, which a transaction does not double.
fn units(operation: &str, old: Option<&Item>, new: Option<&Item>) -> u64 {
    let times = if operation == "TransactWriteItems" { 2 } else { 1 };
    let table = times * old.map_or(1, units_of).max(new.map_or(1, units_of));
    let indexes: [([&str; 2], Option<&[&str]>); 3] = [
        (["bp", "at"], None),
        (["sp", "at"], None),
        (["dp", "da"], Some(&["attempts", "dueAt", "lead", "subscription"])),
    ];
    let of_indexes =
        indexes.iter().map(|(keys, projected)| match (entry(old, *keys, *projected), entry(new, *keys, *projected)) {
            (None, None) => 0,
            (Some(only), None) | (None, Some(only)) => units_of(&only),
            (Some(old), Some(new)) if old == new => 0,
            (Some(old), Some(new)) if keys.iter().any(|key| old[*key] != new[*key]) => units_of(&old) + units_of(&new),
            (Some(old), Some(new)) => units_of(&old).max(units_of(&new)),
        });
    table + of_indexes.sum::<u64>()
}

impl Watch {
    /// Reads the current items. The reads are not consistent, which is how the observer recognises its own reads.
    fn images(&self, operation: &str, body: &str) -> Vec<Option<Item>> {
        let Some(client) = self.client.get() else { return Vec::new() };
        let read = |(table, key): (String, Value)| {
            let mut request = client.get_item().table_name(table);
            for (name, value) in key.as_object().unwrap() {
                request = request.key(name, AttributeValue::S(value["S"].as_str().unwrap().to_owned()));
            }
            Handle::current().block_on(request.send()).unwrap().item
        };
        writes(operation, body).into_iter().map(read).collect()
    }

    fn is_own(operation: &str, body: &str) -> bool {
        operation == "GetItem" && !body.contains("\"ConsistentRead\":true")
    }

    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl FaultInjector for Watch {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        if !Self::is_own(operation, body) && self.client.get().is_some() {
            let began = Instant::now();
            let images = self.images(operation, body);
            std::thread::sleep(OPERATION_DELAY);
            self.begun.lock().unwrap().insert((operation.to_owned(), body.to_owned()), (began, images));
        }
        None
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let begun = self.begun.lock().unwrap().remove(&(operation.to_owned(), body.to_owned()));
        if let Some((began, old)) = begun {
            let new = self.images(operation, body);
            let units = old.iter().zip(&new).map(|(old, new)| units(operation, old.as_ref(), new.as_ref())).sum();
            let condition_failed = !old.is_empty() && old == new;
            let (operation, body) = (operation.to_owned(), body.to_owned());
            self.seen.lock().unwrap().push(Seen {
                operation,
                body,
                began,
                ended: Instant::now(),
                units,
                condition_failed,
            });
        }
        None
    }
}

/// Counts sequential round trips: operations that overlap count as one.
fn trips(seen: &[Seen]) -> usize {
    let mut spans: Vec<_> = seen.iter().map(|seen| (seen.began, seen.ended)).collect();
    spans.sort_unstable();
    let mut trips = 0;
    let mut until = None;
    for (began, ended) in spans {
        if until.is_none_or(|until| began >= until) {
            trips += 1;
            until = Some(ended);
        }
    }
    trips
}

fn is_authentication(seen: &Seen) -> bool {
    seen.operation == "UpdateItem" && seen.body.contains("\"leadhouse-access\"")
}

/// Recognises the operations of background loops: the sweeper's queries, and the dispatcher's reads of subscriptions.
fn is_sweep(seen: &Seen) -> bool {
    seen.operation == "Query" && seen.body.contains("\"due\"")
}

fn is_subscriptions(seen: &Seen) -> bool {
    seen.operation == "Query" && seen.body.contains("\"S#\"")
}

/// Recognises the read of a tenant's businesses, which a process caches for some seconds.
fn is_businesses(seen: &Seen) -> bool {
    seen.operation == "Query" && seen.body.contains("\"B#\"")
}

/// Recognises KPI counting, which is driven by the stream and which no call waits for.
fn is_counting(seen: &Seen) -> bool {
    seen.operation == "TransactWriteItems" && seen.body.contains("\"KP#")
}

/// Server under observation, with the table of measurements.
struct Measured {
    server: LocalServer,
    watch: Arc<Watch>,
    meter: CapacityMeter,
    rows: BTreeMap<&'static str, (usize, u64, usize, u64)>,
    started: Instant,
    businesses_read: usize,
}

impl Measured {
    async fn new(speedup: f64) -> Self {
        let watch = Arc::<Watch>::default();
        let meter = CapacityMeter::default();
        let faults: Arc<dyn FaultInjector> = Arc::<Watch>::clone(&watch);
        let server = LocalServer::start(ServerOptions {
            speedup,
            fault_injector: Some(faults),
            capacity_meter: Some(meter.clone()),
            ..options()
        });
        let server = server.await.unwrap();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("watch", "watch", None, None, "watch"))
            .endpoint_url("http://database.invalid")
            .http_client(server.database.http_client())
            .build();
        watch.client.set(Client::from_conf(config)).unwrap();
        Self { server, watch, meter, rows: BTreeMap::new(), started: Instant::now(), businesses_read: 0 }
    }

    /// Waits for the background work of earlier calls to end, and discards its operations.
    async fn settle(&self) {
        let mut quiet = 0;
        while quiet < 5 {
            tokio::time::sleep(Duration::from_millis(60)).await;
            let busy = self.watch.take().iter().any(|seen| !is_sweep(seen));
            quiet = if busy { 0 } else { quiet + 1 };
        }
        self.meter.take_write_units();
    }

    /// Returns the operations since the last `settle`, after checking that computed and reported units agree.
    fn take_operations(&self) -> Vec<Seen> {
        let seen = self.watch.take();
        let computed: u64 = seen.iter().filter(|seen| !seen.condition_failed).map(|seen| seen.units).sum();
        let reported = self.meter.take_write_units();
        #[expect(clippy::cast_precision_loss, reason = "a handful of units")]
        let same = (reported - computed as f64).abs() < 0.01;
        assert!(same, "the database reports {reported}, computed were {computed}: {seen:#?}");
        seen
    }

    /// Measures a call: authentication, which costs one round trip and one unit, and everything else, which stays
    /// below `ceiling`.
    async fn call(&mut self, name: &'static str, ceiling: (usize, u64), call: impl Future<Output = u16>) {
        self.settle().await;
        let status = call.await;
        assert!((200..300).contains(&status), "{name}: {status}");
        let mut seen = self.take_operations();
        seen.retain(|seen| !is_sweep(seen) && !is_subscriptions(seen) && !is_counting(seen));
        let all = seen.len();
        seen.retain(|seen| !is_businesses(seen));
        self.businesses_read += all - seen.len();
        let (authentication, rest): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_authentication);
        let authentication_units: u64 = authentication.iter().map(|seen| seen.units).sum();
        // A new minute may begin during the call, which costs one more attempt.
        assert!(
            (1..=2).contains(&authentication.len()) && (1..=2).contains(&authentication_units),
            "{name}: {authentication:?}"
        );
        self.note(name, ceiling, &rest);
    }

    fn note(&mut self, name: &'static str, (max_trips, max_units): (usize, u64), seen: &[Seen]) {
        let (trips, units) = (trips(seen), seen.iter().map(|seen| seen.units).sum());
        self.rows.insert(name, (trips, units, max_trips, max_units));
        assert!(trips <= max_trips, "{name}: {trips} trips: {seen:#?}");
        assert!(units <= max_units, "{name}: {units} units: {seen:#?}");
    }

    async fn end(self) {
        // Written by the calls and by the reader of the stream.
        let elapsed = self.started.elapsed().as_secs();
        let max_reads = elapsed / 5 + 1 + elapsed / 10 + 1;
        assert!(self.businesses_read as u64 <= max_reads, "businesses are read for every call");
        self.end_with_business_reads().await;
    }

    #[expect(clippy::print_stdout, reason = "the table is there to be read")]
    async fn end_with_business_reads(self) {
        println!("| operation | trips | at most | write units | at most |");
        println!("| --- | --- | --- | --- | --- |");
        for (name, (trips, units, max_trips, max_units)) in &self.rows {
            let max_trips = if *max_trips == usize::MAX { "–".to_owned() } else { max_trips.to_string() };
            println!("| {name} | {trips} | {max_trips} | {units} | {max_units} |");
        }
        self.server.stop().await;
    }
}

fn lead() -> Value {
    json!({ "name": "Jane Smith", "phone": "+15551234567", "message": "I need a roof repair estimate" })
}

fn lead_with_email() -> Value {
    json!({ "name": "Jane Smith", "email": "jane@example.com", "message": "I need a roof repair estimate" })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let send = async |method: Method, path: &str, key: &str, body: Value| {
        let headers = [("Idempotency-Key", key)];
        let headers = if key.is_empty() { &[][..] } else { &headers[..] };
        native.send(method, path, headers, Some(body.to_string().into_bytes())).await
    };
    let made = send(Method::POST, "/v2/leads", "", lead_with_email()).await.expect(201);
    let path = format!("/v2/leads/{}", made["id"].as_str().unwrap());
    measured.call("read one", (1, 0), async { native.get(&path).await.status }).await;
    measured.call("list a page", (1, 0), async { native.get("/v2/leads").await.status }).await;
    measured
        .call("list a page in a status", (1, 0), async { native.get("/v2/leads?status=NEW&limit=5").await.status })
        .await;
    let post = async |key: &str, body: Value| send(Method::POST, "/v2/leads", key, body).await.status;
    measured.call("create a lead without e-mail", (1, 3), post("", lead())).await;
    measured.call("create a lead without e-mail, with a key", (1, 3), post("a", lead())).await;
    measured.call("create a lead with e-mail", (1, 7), post("", lead_with_email())).await;
    measured.call("create a lead with e-mail, with a key", (1, 7), post("b", lead_with_email())).await;
    let pad = async |key: &str, email: &str| {
        let body = json!({ "first_name": "Jane", "email": email, "event_date": "2026-09-14" });
        send(Method::POST, "/api/v1/developer/leads", key, body).await.status
    };
    measured.call("create a lead through VendorPad", (1, 7), pad("", "a@example.com")).await;
    measured.call("create a lead through VendorPad, with a key", (1, 7), pad("p", "b@example.com")).await;
    let event = json!({ "visitor_id": "v", "event_type": "pageview", "event_name": "prices" });
    let record = send(Method::POST, "/api/v1/developer/events", "", event);
    measured.call("record an event", (1, 3), async { record.await.status }).await;
    let events = native.get("/v2/events?visitorId=v");
    measured.call("list a visitor's events", (1, 0), async { events.await.status }).await;
    let patch = async |key: &str, body: Value| send(Method::PATCH, &path, key, body).await.status;
    let some = json!({ "leads": vec![lead(); 3] });
    let batch = async |key: &str| send(Method::POST, "/v2/leads/batch", key, some.clone()).await.status;
    measured.call("create three leads in a batch", (1, 9), batch("")).await;
    measured.call("create three leads in a batch, with a key", (2, 10), batch("e")).await;
    measured.call("change a lead's status", (2, 7), patch("", json!({ "status": "CONTACTED" }))).await;
    measured.call("change a lead's message", (2, 7), patch("", json!({ "message": "Call me" }))).await;
    let moved = json!({ "email": "jane.smith@example.com" });
    measured.call("change a lead's e-mail address", (3, 8), patch("", moved)).await;
    let keyed = "change a lead's status, with a key";
    measured.call(keyed, (2, 7), patch("c", json!({ "status": "QUALIFIED" }))).await;
    let keyed = "change a lead's message, with a key";
    measured.call(keyed, (2, 7), patch("d", json!({ "message": "Call me again" }))).await;
    measured.call("read a page of the audit log", (4, 0), async { native.get("/v2/audit-log").await.status }).await;
    let full = "read a page of the audit log that one month fills";
    measured.call(full, (1, 0), async { native.get("/v2/audit-log?limit=1").await.status }).await;
    measured.end().await;
}

/// No published budget covers these calls. They read the tenant's businesses as well.
#[tokio::test(flavor = "multi_thread")]
async fn erasure_and_purge_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let test = Caller::native_test(&measured.server);
    let erase = async |path: String| native.send(Method::DELETE, &path, &[], None).await.status;
    let path_of = |made: Value| format!("/v2/leads/{}", made["id"].as_str().unwrap());
    let bare = path_of(native.post("/v2/leads", lead_with_email()).await.expect(201));
    measured.call("erase a lead", (5, 9), erase(bare)).await;
    let made = native.post("/v2/leads", lead_with_email()).await.expect(201);
    native.post("/v2/customers", json!({ "name": "Jane Smith", "leadId": made["id"] })).await.expect(201);
    measured.call("erase a lead that became a customer", (7, 12), erase(path_of(made))).await;
    let empty = async { test.send(Method::DELETE, "/v2/test-data", &[], None).await.status };
    measured.call("purge test data when there are none", (12, 9), empty).await;
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispute_calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let post = async |path: &str, key: &str, body: Value| {
        if key.is_empty() { native.post(path, body).await } else { native.post_idempotent(path, key, body).await }
    };
    let lead = post("/v2/leads", "", lead()).await.expect(201)["id"].clone();
    let jane = leads::with_email();
    let of_lead = json!({ "name": "Jane Smith", "leadId": lead });
    let (customers, transactions, disputes) = ("/v2/customers", "/v2/transactions", "/v2/disputes");
    let status = async |path: &str, key: &str, body: &Value| post(path, key, body.clone()).await.status;
    measured.call("add a customer", (1, 2), status(customers, "", &jane)).await;
    measured.call("add a customer, with a key", (2, 5), status(customers, "a", &jane)).await;
    measured.call("add a customer who was a lead", (2, 7), status(customers, "", &of_lead)).await;
    measured.call("add a customer who was a lead, with a key", (3, 9), status(customers, "b", &of_lead)).await;
    let customer = post(customers, "", of_lead.clone()).await.expect(201)["id"].clone();
    let paid = json!({ "amountCents": 100, "customerId": customer });
    measured
        .call("add a transaction without a customer", (1, 3), status(transactions, "", &json!({ "amountCents": 1 })))
        .await;
    measured.call("add a transaction of a customer who was a lead", (3, 8), status(transactions, "", &paid)).await;
    let open = json!({ "reason": "GENERAL", "amountCents": 100 });
    measured.call("open a dispute", (1, 3), status(disputes, "", &open)).await;
    measured.call("open a dispute, with a key", (2, 6), status(disputes, "c", &open)).await;
    let of_customer = json!({ "reason": "GENERAL", "amountCents": 100, "customerId": customer });
    let name_with_key = "open a dispute of a customer who was a lead, with a key";
    measured.call(name_with_key, (4, 10), status(disputes, "d", &of_customer)).await;
    let id = post(disputes, "", open).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("{disputes}/{id}");
    let file = json!({ "category": "PHOTO", "file": { "contentType": "image/png", "size": 5 } });
    measured.call("add evidence with a file", (1, 3), status("/v2/evidence", "", &file)).await;
    measured.call("add evidence with a file, with a key", (2, 6), status("/v2/evidence", "f", &file)).await;
    let of_dispute = json!({ "category": "PHOTO", "disputeId": id });
    measured.call("add evidence of a dispute", (2, 3), status("/v2/evidence", "", &of_dispute)).await;
    let of_dispute = format!("/v2/evidence?disputeId={id}");
    measured.call("list a dispute's evidence", (2, 0), async { native.get(&of_dispute).await.status }).await;
    measured.call("read a dispute", (1, 0), async { native.get(&path).await.status }).await;
    measured
        .call("list disputes in a status", (1, 0), async { native.get("/v2/disputes?status=OPEN").await.status })
        .await;
    let won = async { native.patch(&path, json!({ "status": "WON" })).await.status };
    measured.call("change a dispute's status", (2, 4), won).await;
    let headers = [("Idempotency-Key", "e")];
    let lost = Some(json!({ "status": "LOST" }).to_string().into_bytes());
    let lost = async { native.send(Method::PATCH, &path, &headers, lost).await.status };
    measured.call("change a dispute's status, with a key", (2, 7), lost).await;
    measured.end().await;
}

/// Returns a template with a first message on this day and a last one a week later.
fn template(day: u16) -> Value {
    let text = "Hi {{first_name}}, it is {{business}}. How was the {{car_model|drive}}? Just answer this message.";
    json!({ "name": "Two", "category": "EVENT", "steps": [
        { "day": day, "text": text }, { "day": day + 7, "text": text },
    ] })
}

#[tokio::test(flavor = "multi_thread")]
async fn sequence_calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let templates = "/v2/sequence-templates";
    measured.call("make a template", (1, 6), async { native.post(templates, template(3)).await.status }).await;
    let keyed = async { native.post_idempotent(templates, "t", template(3)).await.status };
    measured.call("make a template, with a key", (2, 8), keyed).await;
    let made = native.get(templates).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{templates}/{made}");
    measured.call("read a template", (1, 0), async { native.get(&path).await.status }).await;
    measured.call("list templates", (1, 0), async { native.get(templates).await.status }).await;
    let other = async { native.patch(&path, json!({ "name": "Other" })).await.status };
    measured.call("change a template", (2, 6), other).await;
    measured.call("delete a template", (2, 6), async { native.delete(&path).await.status }).await;

    let agreed = json!({
        "name": "Jane Smith", "phone": "+15551234567", "email": "jane@example.com", "category": "EVENT",
        "consent": { "given": true },
    });
    // The first step is days away, so only the call itself does any work.
    let lead = async || native.post("/v2/leads", agreed.clone()).await.expect(201)["id"].as_str().unwrap().to_owned();
    let (first, second) = (lead().await, lead().await);
    let of = |lead: &str| json!({ "leadId": lead });
    let start = async { native.post("/v2/sequences", of(&first)).await.status };
    measured.call("start a sequence", (3, 7), start).await;
    let keyed = async { native.post_idempotent("/v2/sequences", "s", of(&second)).await.status };
    measured.call("start a sequence, with a key", (4, 9), keyed).await;
    let shown = format!("/v2/leads/{first}/sequence");
    measured.call("read a sequence", (2, 0), async { native.get(&shown).await.status }).await;
    let messages = format!("/v2/leads/{first}/messages");
    measured.call("list a lead's messages", (1, 0), async { native.get(&messages).await.status }).await;
    let rescue = format!("/v1/leads/l_{}", first.replace('-', ""));
    measured.call("read a lead with its history", (1, 0), async { native.get(&rescue).await.status }).await;
    let stop = |lead: &str| format!("/v2/sequences/{lead}/stop");
    let stop_first = async { native.post(&stop(&first), json!({})).await.status };
    measured.call("stop a sequence", (4, 3), stop_first).await;
    let stop_second = async { native.post_idempotent(&stop(&second), "x", json!({})).await.status };
    measured.call("stop a sequence, with a key", (5, 6), stop_second).await;
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_message_stays_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    native.post("/v2/sequence-templates", template(0)).await.expect(201);
    let agreed = json!({
        "name": "Jane Smith", "email": "jane@example.com", "category": "EVENT", "consent": { "given": true },
    });
    let lead = native.post("/v2/leads", agreed).await.expect(201)["id"].clone();
    measured.settle().await;
    native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201);
    while measured.server.sent_messages.messages().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let seen = measured.take_operations();
    let read = seen.iter().position(|seen| seen.operation == "BatchGetItem").unwrap();
    let read = seen[read].began;
    let (counting, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_counting);
    let of_step: Vec<_> = seen.into_iter().filter(|seen| seen.began >= read && !is_sweep(seen)).collect();
    measured.note("a message of a sequence that is sent", (4, 18), &of_step);
    assert_eq!(counting.len(), 1, "a message is counted once: {counting:#?}");
    measured.note("counting a message that comes alone", (1, 4), &counting);
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_stays_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", lead()).await.expect(201);
    receiver.wait_for(1, Duration::from_secs(10)).await;
    measured.settle().await;
    native.post("/v2/leads", lead()).await.expect(201);
    receiver.wait_for(2, Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut seen = measured.take_operations();
    let is_lead = |seen: &Seen| seen.operation == "PutItem" && seen.body.contains("\"L#");
    seen.retain(|seen| !is_authentication(seen) && !is_sweep(seen) && !is_lead(seen) && !is_businesses(seen));
    let (counting, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_counting);
    measured.note("a delivery that succeeds at the first attempt", (4, 8), &seen);
    assert_eq!(counting.len(), 1, "a lead is counted once: {counting:#?}");
    measured.note("counting a lead that comes alone", (1, 4), &counting);
    measured.end().await;
}

/// Changes that arrive together are counted together.
#[tokio::test(flavor = "multi_thread")]
async fn kpi_counting_is_cheap_in_batches() {
    const LEADS: u64 = 50;
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    native.post("/v2/leads", lead()).await.expect(201);
    measured.settle().await;
    let leads = vec![lead(); usize::try_from(LEADS).unwrap()];
    native.post("/v2/leads/batch", json!({ "leads": leads })).await.expect(200);
    let all_counted = || async { native.get("/v2/analytics/kpis").await.expect(200)["leads"] == LEADS + 1 };
    while !all_counted().await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let counting: Vec<_> = measured.take_operations().into_iter().filter(is_counting).collect();
    // Two units for each lead's marker of having been counted. The stream is read while leads still arrive, so some
    // of its batches hold few.
    measured.note("counting fifty leads of one batch", (10, 2 * LEADS + 20), &counting);
    measured.call("KPIs of a year", (1, 0), async { native.get("/v2/analytics/kpis?range=365d").await.status }).await;
    measured.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_stays_within_budget() {
    let mut measured = Measured::new(3_600.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 3 { 503 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", lead_with_email()).await.expect(201);
    let received = receiver.wait_for(4, Duration::from_secs(30)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = measured.watch.take();
    // From the response to one attempt until the next attempt: the recorded outcome, and the re-enqueue of a long
    // wait.
    for (name, attempt) in
        [("a failed attempt", 1), ("a failed attempt, re-enqueued", 2), ("a failed attempt, re-enqueued late", 3)]
    {
        let (from, to) = (received[attempt - 1].at, received[attempt].at);
        let of_attempt: Vec<_> =
            seen.iter().filter(|seen| seen.began >= from && seen.ended <= to && !is_sweep(seen)).cloned().collect();
        let re_enqueues = of_attempt.iter().filter(|seen| seen.body.contains(":seen")).count();
        assert_eq!(re_enqueues, usize::from(attempt > 1), "{name}: {of_attempt:#?}");
        measured.note(name, (usize::MAX, 9), &of_attempt);
    }
    measured.end().await;
}
