//! Measurement of the database operations behind a call: round trips and write units.

use crate::harness::{SundayClock, options};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use emulator::{CapacityMeter, FaultInjector};
use local::{LocalServer, ServerOptions};
use model::cost::measured::{self, Relation};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

pub(super) type Item = HashMap<String, AttributeValue>;

/// Delay added to every operation, so that concurrent operations overlap measurably.
pub(super) const OPERATION_DELAY: Duration = Duration::from_millis(40);

/// One observed database operation.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) operation: String,
    pub(super) body: String,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) units: u64,
    /// The condition of the write failed: the same cost, but the database does not report it.
    pub(super) condition_failed: bool,
}

/// Start of an operation, and the previous state of the items that it writes.
pub(super) type Begun = (Instant, Vec<Option<Item>>);

/// Observes every operation and computes its cost.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) seen: Mutex<Vec<Seen>>,
    pub(super) begun: Mutex<HashMap<(String, String), Begun>>,
    pub(super) client: OnceLock<Client>,
}

/// Returns the table and key of each write of a request, with transactions expanded.
pub(super) fn writes(operation: &str, body: &str) -> Vec<(String, Value)> {
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

pub(super) fn size_of(value: &AttributeValue) -> usize {
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

pub(super) fn units_of(item: &Item) -> u64 {
    let bytes: usize = item.iter().map(|(name, value)| name.len() + size_of(value)).sum();
    bytes.div_ceil(1_024) as u64
}

/// Returns the index entry of an item, if the index contains it.
pub(super) fn entry(item: Option<&Item>, keys: [&str; 2], projected: Option<&[&str]>) -> Option<Item> {
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
pub(super) fn units(operation: &str, old: Option<&Item>, new: Option<&Item>) -> u64 {
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
    pub(super) fn images(&self, operation: &str, body: &str) -> Vec<Option<Item>> {
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

    pub(super) fn is_own(operation: &str, body: &str) -> bool {
        operation == "GetItem" && !body.contains("\"ConsistentRead\":true")
    }

    pub(super) fn take(&self) -> Vec<Seen> {
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
pub(super) fn trips(seen: &[Seen]) -> usize {
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

pub(super) fn is_authentication(seen: &Seen) -> bool {
    seen.operation == "UpdateItem" && seen.body.contains("\"leadhouse-access\"")
}

/// Recognises the operations of background loops: the sweeper's queries, and the dispatcher's reads of subscriptions.
pub(super) fn is_sweep(seen: &Seen) -> bool {
    seen.operation == "Query" && seen.body.contains("\"due\"")
}

pub(super) fn is_subscriptions(seen: &Seen) -> bool {
    seen.operation == "Query" && seen.body.contains("\"S#\"")
}

/// Recognises the read of a tenant's businesses, which a process caches for some seconds.
pub(super) fn is_businesses(seen: &Seen) -> bool {
    seen.operation == "Query" && seen.body.contains("\"B#\"")
}

/// Recognises KPI counting, which is driven by the stream and which no call waits for.
pub(super) fn is_counting(seen: &Seen) -> bool {
    seen.operation == "TransactWriteItems" && seen.body.contains("\"KP#")
}

/// Recognises recording in the event log, which is driven by the stream and which no call waits for.
pub(super) fn is_logging(seen: &Seen) -> bool {
    seen.body.contains("\"EL#")
}

/// Server under observation, with the table of measurements.
pub(super) struct Measured {
    pub(super) server: LocalServer,
    pub(super) watch: Arc<Watch>,
    pub(super) meter: CapacityMeter,
    pub(super) rows: BTreeMap<&'static str, (usize, u64, usize, u64)>,
    pub(super) started: Instant,
    pub(super) businesses_read: usize,
}

impl Measured {
    pub(super) async fn new(speedup: f64) -> Self {
        let watch = Arc::<Watch>::default();
        let meter = CapacityMeter::default();
        let faults: Arc<dyn FaultInjector> = Arc::<Watch>::clone(&watch);
        let server = LocalServer::start(ServerOptions {
            speedup,
            fault_injector: Some(faults),
            capacity_meter: Some(meter.clone()),
            package_renderer: Some(crate::harness::packages::plain_renderer()),
            clock: Arc::new(SundayClock::new()),
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
    pub(super) async fn settle(&self) {
        let mut quiet = 0;
        while quiet < 5 {
            tokio::time::sleep(Duration::from_millis(60)).await;
            let busy = self.watch.take().iter().any(|seen| !is_sweep(seen));
            quiet = if busy { 0 } else { quiet + 1 };
        }
        self.meter.take_write_units();
    }

    /// Returns the operations since the last `settle`, after checking that computed and reported units agree.
    pub(super) fn take_operations(&self) -> Vec<Seen> {
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
    pub(super) async fn call(&mut self, name: &'static str, ceiling: (usize, u64), call: impl Future<Output = u16>) {
        self.settle().await;
        let status = call.await;
        assert!((200..300).contains(&status), "{name}: {status}");
        let mut seen = self.take_operations();
        seen.retain(|seen| !is_sweep(seen) && !is_subscriptions(seen) && !is_counting(seen) && !is_logging(seen));
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

    /// Holds what was measured below a ceiling and, where the cost model computes with it, equal to the model's number.
    pub(super) fn note(&mut self, name: &'static str, (max_trips, max_units): (usize, u64), seen: &[Seen]) {
        let (trips, units) = (trips(seen), seen.iter().map(|seen| seen.units).sum());
        if let Some(expected) = measured::of(name) {
            let compared = if expected.relation == Relation::Equal { units } else { max_units };
            assert!(trips <= expected.trips, "{name}: {trips} trips, {} in the cost model: {seen:#?}", expected.trips);
            assert_eq!(compared, expected.write_units, "{name}: write units, and those in the cost model: {seen:#?}");
        }
        self.rows.insert(name, (trips, units, max_trips, max_units));
        assert!(trips <= max_trips, "{name}: {trips} trips: {seen:#?}");
        assert!(units <= max_units, "{name}: {units} units: {seen:#?}");
    }

    pub(super) async fn end(self) {
        // Written by the calls and by the reader of the stream.
        let elapsed = self.started.elapsed().as_secs();
        let max_reads = elapsed / 5 + 1 + elapsed / 10 + 1;
        assert!(self.businesses_read as u64 <= max_reads, "businesses are read for every call");
        self.end_with_business_reads().await;
    }

    #[expect(clippy::print_stdout, reason = "the table is there to be read")]
    pub(super) async fn end_with_business_reads(self) {
        println!("| operation | trips | at most | write units | at most |");
        println!("| --- | --- | --- | --- | --- |");
        for (name, (trips, units, max_trips, max_units)) in &self.rows {
            let max_trips = if *max_trips == usize::MAX { "–".to_owned() } else { max_trips.to_string() };
            println!("| {name} | {trips} | {max_trips} | {units} | {max_units} |");
        }
        self.server.stop().await;
    }
}
