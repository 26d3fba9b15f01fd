//! Failing receivers: a 410 or five days of failures disable a subscription, and the circuit breaker pauses
//! deliveries to an endpoint that is down.

use crate::harness::{Caller, CannedResponse, Receiver, eventually, leads, server, server_at};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

async fn post_lead(caller: &Caller, number: usize) -> Value {
    let lead = leads::numbered(number);
    caller.post("/v2/leads", lead).await.expect(201)
}

async fn shown(caller: &Caller, subscription: &Value) -> Value {
    caller.get(&format!("/v2/webhooks/{}", subscription["id"].as_str().unwrap())).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_410_disables_the_subscription() {
    let server = server().await;
    let native = Caller::native(&server);
    let gone = Receiver::responding(|_| CannedResponse::status(410)).await;
    let other = Receiver::new().await;
    let subscription = native.subscribe(&gone.url).await;
    let events = json!({ "url": other.url, "events": ["webhook.disabled"] });
    native.post("/v2/webhooks", events).await.expect(201);
    post_lead(&native, 1).await;
    let notified = other.wait_for(1, Duration::from_secs(10)).await.remove(0);
    assert_eq!(notified.header("x-event"), "webhook.disabled");
    assert_eq!(notified.json()["data"]["id"], subscription["id"]);
    assert_eq!(notified.json()["data"]["disabledReason"], "GONE");
    let now = shown(&native, &subscription).await;
    assert_eq!((&now["status"], &now["disabledReason"]), (&json!("DISABLED"), &json!("GONE")));
    post_lead(&native, 2).await;
    let listed = native.get("/v2/deliveries?status=CANCELLED").await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "the first lead's delivery will not be tried again");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(gone.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_since_is_shown_until_recovery() {
    // One second until the next attempt, long enough to observe it on a busy machine.
    let server = server_at(300.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number == 1 { 500 } else { 200 })).await;
    let subscription = native.subscribe(&receiver.url).await;
    assert_eq!(shown(&native, &subscription).await["failingSince"], Value::Null);
    let failing = Arc::new(AtomicBool::new(false));
    post_lead(&native, 1).await;
    let seen = Arc::clone(&failing);
    eventually(Duration::from_secs(10), "it fails, then it does not", || async {
        let since = shown(&native, &subscription).await["failingSince"].is_string();
        let failed_before = seen.fetch_or(since, Ordering::Relaxed);
        (failed_before && !since).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_of_failures_disable_a_subscription() {
    // At this speed a day takes one second.
    let server = server_at(86_400.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|_| CannedResponse::status(500)).await;
    let subscription = native.subscribe(&receiver.url).await;
    let number = AtomicUsize::new(0);
    let started = std::time::Instant::now();
    let now = eventually(Duration::from_secs(30), "it is disabled", || async {
        post_lead(&native, number.fetch_add(1, Ordering::Relaxed)).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = shown(&native, &subscription).await;
        (now["status"] == "DISABLED").then_some(now)
    })
    .await;
    assert!(started.elapsed() >= Duration::from_secs(5), "not before five days have passed");
    assert_eq!(now["disabledReason"], "FAILING");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_circuit_costs_no_attempts() {
    const LEADS: usize = 160;
    // At this speed a minute, the first wait of the circuit breaker, takes one second.
    let server = server_at(60.0).await;
    let native = Caller::native(&server);
    let down = Arc::new(AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let receiver =
        Receiver::responding(move |_| CannedResponse::status(if is_down.load(Ordering::Relaxed) { 503 } else { 200 }))
            .await;
    native.subscribe(&receiver.url).await;
    for number in 0..LEADS {
        post_lead(&native, number).await;
    }
    eventually(Duration::from_secs(20), "the breaker opens", || async {
        (receiver.received().len() >= 100).then_some(())
    })
    .await;
    // Attempts that were in progress when the circuit opened end first; then there is one probe at a time.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = receiver.received().len();
    assert!(before < LEADS, "{before} requests: some deliveries wait");
    let waiting = native.get("/v2/deliveries?status=PENDING&limit=100").await.expect(200);
    assert!(waiting["data"].as_array().unwrap().iter().any(|one| one["attemptCount"] == 0));
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(receiver.received().len() <= before + 2, "only probes go out while it is open");
    down.store(false, Ordering::Relaxed);
    eventually(Duration::from_secs(60), "everything arrives", || async {
        let failed = native.get("/v2/deliveries?status=FAILED").await.expect(200);
        assert_eq!(failed["data"], json!([]));
        let pending = native.get("/v2/deliveries?status=PENDING&limit=1").await.expect(200);
        pending["data"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
}
