//! Kills at any moment under load: what was accepted is there once, and what is to be delivered is delivered or waits.

use crate::harness::{Binary, Caller, CannedResponse, Received, Receiver, eventually};
use http::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How many times the house is killed; `LEADHOUSE_KILLS` says otherwise.
const KILLS: usize = 100;

/// Every so many-th kill meets a house that is still starting.
const STARTING: usize = 5;

/// The longest that a house lives, in milliseconds.
const LONGEST_LIFE: u64 = 350;

/// Callers at once.
const CALLERS: usize = 4;

/// A receiver that is well refuses one in so many.
const REFUSES: usize = 50;

/// A house that was killed hangs up at once; one that only is slow is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A number below `end`, at random.
fn chance(end: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes) % end
}

/// Leads coming in, whatever becomes of the house.
struct Load {
    server: watch::Sender<Caller>,
    stopping: AtomicBool,
    number: AtomicUsize,
    /// The id that each accepted lead was answered with.
    accepted: Mutex<BTreeMap<usize, String>>,
}

impl Load {
    /// Posts until it is stopped. Even leads carry an idempotency key and are posted until they are accepted, over
    /// any number of kills; odd ones carry none and are posted once.
    async fn run(self: Arc<Self>) {
        let mut server = self.server.subscribe();
        while !self.stopping.load(Ordering::Relaxed) {
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            let body = json!({ "name": "Jane Smith", "email": format!("jane{number}@example.com") });
            let key = format!("lead {number}");
            let headers = [("Idempotency-Key", key.as_str())];
            let repeats = number.is_multiple_of(2);
            loop {
                let caller = server.borrow_and_update().clone();
                let headers = if repeats { &headers[..] } else { &[] };
                let body = body.to_string().into_bytes();
                let sending = caller.try_send(Method::POST, "/v2/leads", headers, Some(body));
                match tokio::time::timeout(PATIENCE, sending).await {
                    Ok(Ok(reply)) => {
                        let id = reply.expect(201)["id"].as_str().unwrap().to_owned();
                        self.accepted.lock().unwrap().insert(number, id);
                        break;
                    }
                    Ok(Err(_)) | Err(_) if repeats => {
                        // It has been killed: the next one is at another port.
                        let _ = tokio::time::timeout(Duration::from_millis(50), server.changed()).await;
                    }
                    Ok(Err(_)) | Err(_) => break,
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Everything that a list holds.
async fn whole(caller: &Caller, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("{path}?limit=100{cursor}")).await.expect(200);
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// Every delivery that is listed has arrived or will be tried; answers with those that have arrived, unless some are
/// still on their first way.
fn settled(deliveries: &[Value], received: &[Received]) -> Option<usize> {
    let attempted: HashSet<_> = received.iter().map(|one| one.header("x-delivery")).collect();
    let mut arrived = 0;
    for delivery in deliveries {
        let here = attempted.contains(text(delivery, "id"));
        match text(delivery, "status") {
            "DELIVERED" => {
                assert!(here, "said to be delivered: {delivery}");
                arrived += 1;
            }
            "PENDING" => {
                assert!(delivery["nextAttemptAt"].is_string(), "{delivery}");
                if !here || delivery["attemptCount"] == 0 {
                    return None;
                }
            }
            _ => panic!("{delivery}"),
        }
    }
    Some(arrived)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_kills_lose_and_duplicate_nothing() {
    let kills = std::env::var("LEADHOUSE_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let began = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let receiver =
        Receiver::answering(|number| CannedResponse::status(if number.is_multiple_of(REFUSES) { 503 } else { 200 }))
            .await;
    let mut server = Binary::start(folder.path(), &["--unlimited"]).await;
    let subscription = json!({ "url": receiver.url, "events": ["lead.created"] });
    server.native().post("/v2/webhooks", subscription).await.expect(201);
    let load = Arc::new(Load {
        server: watch::Sender::new(server.native()),
        stopping: AtomicBool::new(false),
        number: AtomicUsize::new(0),
        accepted: Mutex::default(),
    });
    let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(Arc::clone(&load).run())).collect();

    let mut starting = Duration::ZERO;
    let mut deaths = Vec::new();
    let mut killed = 0;
    while killed < kills {
        tokio::time::sleep(Duration::from_millis(chance(LONGEST_LIFE))).await;
        server.kill().await;
        deaths.push(Instant::now());
        killed += 1;
        if killed.is_multiple_of(STARTING) && killed < kills {
            let launched = Binary::launch(folder.path(), &["--unlimited"]);
            tokio::time::sleep(Duration::from_millis(chance(60))).await;
            launched.kill().await;
            deaths.push(Instant::now());
            killed += 1;
        }
        let launched = Instant::now();
        server = Binary::start(folder.path(), &["--unlimited"]).await;
        starting += launched.elapsed();
        load.server.send_replace(server.native());
    }
    load.stopping.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    let loaded = began.elapsed();

    let native = server.native();
    let mut stored: HashMap<String, Vec<String>> = HashMap::new();
    let leads = whole(&native, "/v2/leads").await;
    for lead in &leads {
        stored.entry(text(lead, "email").to_owned()).or_default().push(text(lead, "id").to_owned());
    }
    let accepted = load.accepted.lock().unwrap().clone();
    assert!(accepted.len() > kills, "{} leads", accepted.len());
    for (number, id) in &accepted {
        assert_eq!(stored.get(&format!("jane{number}@example.com")), Some(&vec![id.clone()]), "lead {number}");
    }
    let doubled: Vec<_> = stored.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert_eq!(doubled, [], "what was not accepted is there once at most");

    let arrived = eventually(Duration::from_secs(45), "every delivery has arrived or waits for its retry", || async {
        let deliveries = whole(&native, "/v2/deliveries").await;
        assert!(deliveries.len() <= leads.len(), "one delivery of each lead");
        if deliveries.len() < leads.len() {
            return None;
        }
        settled(&deliveries, &receiver.received())
    })
    .await;
    let received = receiver.received();
    let told: HashSet<_> = received.iter().map(|one| one.json()["data"]["id"].as_str().unwrap().to_owned()).collect();
    let lost: Vec<_> = leads.iter().map(|lead| text(lead, "id")).filter(|id| !told.contains(*id)).collect();
    assert_eq!(lost, [""; 0], "leads that nobody was told of");
    assert_eq!(told.len(), leads.len(), "nobody was told of a lead that is not there");
    let doubles = received.len() - told.len();
    let lives: HashSet<_> = received
        .iter()
        .map(|one| (one.header("x-delivery"), deaths.iter().filter(|death| **death < one.at).count()))
        .collect();
    let within = received.len() - lives.len();
    // What was on its way when a house was killed may be noted a moment after.
    assert!(within <= kills / 10 + 1, "{within} of {doubles} doubles came from one and the same life");
    let _ = writeln!(
        std::io::stderr(),
        "{kills} kills in {loaded:.1?} (a start: {:.0?}): {} leads accepted, {} stored; {arrived} delivered, {} wait, \
         {doubles} doubles in {} requests, {within} of them within one life",
        starting / u32::try_from(kills.max(1)).unwrap(),
        accepted.len(),
        leads.len(),
        leads.len() - arrived,
        received.len(),
    );
    server.kill().await;
}
