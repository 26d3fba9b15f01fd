//! Parked deliveries: while a circuit is open its deliveries wait without being written again, and however it ends, none
//! is forgotten.

use crate::harness::{Caller, CannedResponse, Receiver, eventually, leads, options};
use domain::{Environment, Mode, SubscriptionId, TenantId, Timestamp};
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{DueParked, DueShard, DueWork};

const LEADS: usize = 160;

/// An endpoint that is down until it recovers.
struct Endpoint {
    receiver: Receiver,
    is_down: Arc<AtomicBool>,
}

impl Endpoint {
    async fn down() -> Self {
        let is_down = Arc::new(AtomicBool::new(true));
        let down = Arc::clone(&is_down);
        let status = move |_| CannedResponse::status(if down.load(Ordering::Relaxed) { 503 } else { 200 });
        Self { receiver: Receiver::responding(status).await, is_down }
    }

    fn recover(&self) {
        self.is_down.store(false, Ordering::Relaxed);
    }
}

async fn start(folder: &Path, speedup: f64) -> LocalServer {
    let data = Some(folder.to_owned());
    LocalServer::start(ServerOptions { data, speedup, ..options() }).await.unwrap()
}

/// Returns what of the due index concerns deliveries: the pending ones, and the entries for parked ones.
async fn due(server: &LocalServer) -> (usize, Vec<DueParked>) {
    let (mut deliveries, mut parked) = (0, Vec::new());
    for shard in DueShard::all() {
        for work in server.store.due_page(shard, Timestamp::LATEST, 1_000, None).await.unwrap().items {
            match work.unwrap() {
                DueWork::Delivery(_) => deliveries += 1,
                DueWork::Parked(due) => parked.push(due),
                _ => {}
            }
        }
    }
    (deliveries, parked)
}

/// Creates leads whose deliveries fail until the circuit is open and some are parked. Returns the subscription.
async fn open_circuit(server: &LocalServer, native: &Caller, endpoint: &Endpoint) -> Value {
    let subscription = native.subscribe(&endpoint.receiver.url).await;
    for number in 0..LEADS {
        native.post("/v2/leads", leads::numbered(number)).await.expect(201);
    }
    eventually(Duration::from_secs(30), "some are parked", || async {
        (parked_count(server, native, &subscription).await >= 20).then_some(())
    })
    .await;
    subscription
}

async fn parked_count(server: &LocalServer, native: &Caller, subscription: &Value) -> usize {
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
    let id = SubscriptionId::parse(subscription["id"].as_str().unwrap()).unwrap();
    server.store.parked_deliveries(Environment { tenant, mode: Mode::Live }, id, 1_000).await.unwrap().len()
}

/// Returns when each delivery that was never attempted is due.
async fn unattempted(native: &Caller) -> BTreeMap<String, String> {
    let all = native.all_items("/v2/deliveries").await;
    let unattempted = all.iter().filter(|one| one["status"] == "PENDING" && one["attemptCount"] == 0);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    unattempted.map(|one| (text(&one["id"]), text(&one["nextAttemptAt"]))).collect()
}

/// Waits longer than a circuit is ever open at the speeds of these tests, and far less long than a parked delivery that
/// nobody releases takes to come back.
async fn nothing_is_pending(native: &Caller) {
    eventually(Duration::from_mins(2), "nothing is pending", || async {
        let pending = native.get("/v2/deliveries?status=PENDING&limit=1").await.expect(200);
        (pending["data"] == json!([])).then_some(())
    })
    .await;
}

async fn nothing_is_due(server: &LocalServer) {
    eventually(Duration::from_secs(30), "the due index has nothing", || async {
        (due(server).await == (0, Vec::new())).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parked_deliveries_are_released_at_once() {
    let folder = tempfile::tempdir().unwrap();
    // At this speed the circuit is first open for two seconds, and a parked delivery comes back after twelve minutes.
    let server = start(folder.path(), 30.0).await;
    let native = Caller::native(&server);
    let endpoint = Endpoint::down().await;
    let subscription = open_circuit(&server, &native, &endpoint).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = unattempted(&native).await;
    assert!(before.len() >= 20, "{before:?}");
    // Several times as long as the circuit is open.
    tokio::time::sleep(Duration::from_secs(7)).await;
    let after = unattempted(&native).await;
    let unchanged = before.iter().filter(|(id, due_at)| after.get(*id) == Some(due_at)).count();
    assert!(before.len() - unchanged <= 6, "{unchanged} of {} were not written again", before.len());
    assert_eq!(due(&server).await.1.len(), 1, "one entry for the subscription");

    endpoint.recover();
    nothing_is_pending(&native).await;
    assert_eq!(native.get("/v2/deliveries?status=FAILED").await.expect(200)["data"], json!([]));
    nothing_is_due(&server).await;
    assert_eq!(parked_count(&server, &native, &subscription).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_forgets_no_parked_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 60.0).await;
    let endpoint = Endpoint::down().await;
    open_circuit(&server, &Caller::native(&server), &endpoint).await;
    server.stop().await;
    endpoint.recover();
    let server = start(folder.path(), 60.0).await;
    let native = Caller::native(&server);
    nothing_is_pending(&native).await;
    nothing_is_due(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_cancels_parked_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 60.0).await;
    let native = Caller::native(&server);
    let endpoint = Endpoint::down().await;
    let subscription = open_circuit(&server, &native, &endpoint).await;
    let path = format!("/v2/webhooks/{}", subscription["id"].as_str().unwrap());
    native.patch(&path, json!({ "status": "DISABLED" })).await.expect(200);
    endpoint.recover();
    nothing_is_pending(&native).await;
    let sent = endpoint.receiver.received().len();
    eventually(Duration::from_secs(30), "its entry is gone", || async {
        due(&server).await.1.is_empty().then_some(())
    })
    .await;
    assert_eq!(parked_count(&server, &native, &subscription).await, 0);
    assert!(endpoint.receiver.received().len() <= sent + 10, "only what was in progress");
}

/// As after a rollback to a release that does not know parked deliveries.
#[tokio::test(flavor = "multi_thread")]
async fn parked_deliveries_return_without_their_entry() {
    let folder = tempfile::tempdir().unwrap();
    // At this speed a parked delivery comes back after eleven seconds.
    let server = start(folder.path(), 2_000.0).await;
    let native = Caller::native(&server);
    let endpoint = Endpoint::down().await;
    let subscription = open_circuit(&server, &native, &endpoint).await;
    endpoint.recover();
    for entry in due(&server).await.1 {
        for parked in server.store.parked_deliveries(entry.environment, entry.subscription, 1_000).await.unwrap() {
            server.store.delete_parked_delivery(entry.environment, &parked.reference).await.unwrap();
        }
        server.store.delete_parked_entry(&entry).await.unwrap();
    }
    nothing_is_pending(&native).await;
    nothing_is_due(&server).await;
    assert_eq!(parked_count(&server, &native, &subscription).await, 0);
}
