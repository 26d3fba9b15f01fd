//! KPI recount: ten thousand changes in any order, some delivered repeatedly and some counted halfway before a
//! failure, give the same KPIs as a plain recount.

mod failing_transactions;
mod simulation;

use self::failing_transactions::Failing;
use self::simulation::{Place, Recount, Simulation};
use crate::harness::{Caller, RandomNumbers, options};
use blob::{Blobs, LocalLinks, ParkedRecords};
use bookkeeping::{BookkeepingHandler, Dependencies};
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{Day, DayRange};
use domain::{BusinessId, Clock, Environment, Mode, TenantId, Timestamp};
use emulator::FaultInjector;
use futures_util::StreamExt;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use runtime::stream::Parking;
use serde_json::{Value, json};
use std::collections::HashMap;
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

/// Hands a batch over like the stream: repeated from the first failed record on.
async fn hand_over(bookkeeping: &BookkeepingHandler, mut records: Vec<Value>) {
    for _ in 0..100 {
        let response = bookkeeping.handle(records.iter().cloned().collect(), "request").await;
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
    let bookkeeping = BookkeepingHandler::new(Dependencies { store, blobs, parking, api_url: String::new(), clock });
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
