//! Kills at random moments under load: every accepted lead exists once, and every delivery has succeeded or is still
//! scheduled.

use crate::harness::{Binary, Caller, CannedResponse, EFFECT_TIMEOUT, Received, Receiver, eventually, leads, text};
use http::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Default number of kills; the environment variable `LEADHOUSE_KILLS` overrides it.
const KILLS: usize = 100;

/// Every n-th kill hits a server that is still starting.
const KILLED_AT_START_EVERY: usize = 5;

/// Maximum lifetime of a server, in milliseconds.
const MAX_LIFETIME_MS: u64 = 350;

/// Number of concurrent callers.
const CALLERS: usize = 4;

/// A healthy receiver rejects every n-th request.
const REJECTED_EVERY: usize = 50;

/// Timeout of a call: a killed server closes the connection immediately, but a slow one is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Returns a random number below `end`.
fn random_below(end: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes) % end
}

/// Continuous creation of leads, through every kill.
struct Load {
    server: watch::Sender<Caller>,
    stopping: AtomicBool,
    number: AtomicUsize,
    /// Id of each accepted lead, by its number.
    accepted: Mutex<BTreeMap<usize, String>>,
}

impl Load {
    /// Creates leads until stopped. Even numbers carry an idempotency key and are repeated until accepted, through
    /// any number of kills; odd numbers carry none and are posted once.
    async fn run(self: Arc<Self>) {
        let mut server = self.server.subscribe();
        while !self.stopping.load(Ordering::Relaxed) {
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            let body = leads::numbered(number);
            let key = format!("lead {number}");
            let headers = [("Idempotency-Key", key.as_str())];
            let repeats = number.is_multiple_of(2);
            loop {
                let caller = server.borrow_and_update().clone();
                let headers = if repeats { &headers[..] } else { &[] };
                let body = body.to_string().into_bytes();
                let sending = caller.try_send(Method::POST, "/v2/leads", headers, Some(body));
                match tokio::time::timeout(TIMEOUT, sending).await {
                    Ok(Ok(reply)) => {
                        let id = reply.expect(201)["id"].as_str().unwrap().to_owned();
                        self.accepted.lock().unwrap().insert(number, id);
                        break;
                    }
                    Ok(Err(_)) | Err(_) if repeats => {
                        // The server was killed: the next one has another port.
                        let _ = tokio::time::timeout(Duration::from_millis(50), server.changed()).await;
                    }
                    Ok(Err(_)) | Err(_) => break,
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Asserts that every listed delivery has succeeded or is scheduled, and returns the number of those that succeeded,
/// unless some are still at their first attempt.
fn settled(deliveries: &[Value], received: &[Received]) -> Option<usize> {
    let attempted: HashSet<_> = received.iter().map(|one| one.header("x-delivery")).collect();
    let mut arrived = 0;
    for delivery in deliveries {
        let here = attempted.contains(text(delivery, "id"));
        match text(delivery, "status") {
            "DELIVERED" => {
                assert!(here, "shown as delivered but not received: {delivery}");
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
    let receiver = Receiver::responding(|number| {
        CannedResponse::status(if number.is_multiple_of(REJECTED_EVERY) { 503 } else { 200 })
    })
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
        tokio::time::sleep(Duration::from_millis(random_below(MAX_LIFETIME_MS))).await;
        server.kill().await;
        deaths.push(Instant::now());
        killed += 1;
        if killed.is_multiple_of(KILLED_AT_START_EVERY) && killed < kills {
            let launched = Binary::launch(folder.path(), &["--unlimited"]);
            tokio::time::sleep(Duration::from_millis(random_below(60))).await;
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
    let leads = native.all_items("/v2/leads").await;
    for lead in &leads {
        stored.entry(text(lead, "email").to_owned()).or_default().push(text(lead, "id").to_owned());
    }
    let accepted = load.accepted.lock().unwrap().clone();
    assert!(accepted.len() > kills, "{} leads", accepted.len());
    for (number, id) in &accepted {
        assert_eq!(stored.get(&format!("jane{number}@example.com")), Some(&vec![id.clone()]), "lead {number}");
    }
    let doubled: Vec<_> = stored.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert_eq!(doubled, [], "a lead that was not accepted is stored at most once");

    let arrived = eventually(Duration::from_secs(45), "every delivery has arrived or waits for its retry", || async {
        let deliveries = native.all_items("/v2/deliveries").await;
        assert!(deliveries.len() <= leads.len(), "one delivery of each lead");
        if deliveries.len() < leads.len() {
            return None;
        }
        settled(&deliveries, &receiver.received())
    })
    .await;
    eventually(EFFECT_TIMEOUT, "every lead is counted", || async {
        let counted = native.get("/v2/analytics/kpis").await.expect(200)["leads"].as_u64().unwrap();
        assert!(counted <= leads.len() as u64, "counted twice: {counted} of {}", leads.len());
        (counted == leads.len() as u64).then_some(())
    })
    .await;
    let received = receiver.received();
    let delivered: HashSet<_> =
        received.iter().map(|one| one.json()["data"]["id"].as_str().unwrap().to_owned()).collect();
    let lost: Vec<_> = leads.iter().map(|lead| text(lead, "id")).filter(|id| !delivered.contains(*id)).collect();
    assert_eq!(lost, [""; 0], "leads without a delivery");
    assert_eq!(delivered.len(), leads.len(), "no delivery of a missing lead");
    let doubles = received.len() - delivered.len();
    let lives: HashSet<_> = received
        .iter()
        .map(|one| (one.header("x-delivery"), deaths.iter().filter(|death| **death < one.at).count()))
        .collect();
    let within = received.len() - lives.len();
    // An attempt that was in progress when the server was killed may be recorded a moment later.
    assert!(within <= kills / 10 + 1, "{within} of {doubles} duplicates came from the same server run");
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
