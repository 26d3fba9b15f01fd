//! The event log: order, payloads, waiting, and who may read what.

use crate::harness::{
    Caller, DELIVERY_TIMEOUT, EFFECT_TIMEOUT, IssuedKey, Receiver, eventually, id, invalid_fields, leads, options,
    run_concurrently, server, text, unlimited_server,
};
use domain::webhooks::event_log::LogPosition;
use domain::{BusinessId, Clock, retention};
use emulator::FaultInjector;
use http::Method;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Reads the log from `after` on until it has `count` more events, and returns them with the position reached.
async fn read_events(caller: &Caller, after: &str, count: usize) -> (Vec<Value>, String) {
    let mut events = Vec::new();
    let mut after = after.to_owned();
    let started = Instant::now();
    while events.len() < count {
        let page = caller.get(&format!("/v2/event-log?limit=7&after={after}")).await.expect(200);
        events.extend(page["data"].as_array().unwrap().clone());
        text(&page["pagination"], "after").clone_into(&mut after);
        assert!(started.elapsed() < EFFECT_TIMEOUT, "{} of {count} events", events.len());
    }
    (events, after)
}

async fn end_of_log(caller: &Caller) -> String {
    let page = caller.get("/v2/event-log?after=latest").await.expect(200);
    assert_eq!((page["data"].clone(), page["pagination"]["hasMore"].clone()), (json!([]), json!(false)));
    text(&page["pagination"], "after").to_owned()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "event")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_in_the_order_of_changes() {
    let server = server().await;
    let native = Caller::native(&server);
    let start = end_of_log(&native).await;
    let lead = id(&native.post("/v2/leads", leads::with_email()).await.expect(201));
    native.patch(&format!("/v2/leads/{lead}"), json!({ "status": "WON" })).await.expect(200);
    let (events, end) = read_events(&native, &start, 3).await;
    assert_eq!(names(&events), ["lead.created", "lead.status_changed", "lead.won"]);
    assert!(events.iter().all(|event| event["erased"] == false && event["example"] == false));
    assert!(events.is_sorted_by_key(|event| text(event, "position").to_owned()));
    let (again, _) = read_events(&native, text(&events[0], "position"), 2).await;
    assert_eq!(again, events[1..], "a position is that after its event");
    assert_eq!(native.get(&format!("/v2/event-log?after={end}")).await.expect(200)["data"], json!([]));
    let won = native.get(&format!("/v2/event-log?after={start}&event=lead.won")).await.expect(200);
    assert_eq!(won["data"], json!([events[2]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_are_those_of_deliveries() {
    let server = server().await;
    let native = Caller::native(&server);
    let start = end_of_log(&native).await;
    for contract in ["native", "revenueDefenders", "leadRescue", "vendorPad"] {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["lead.created"], "contract": contract });
        native.post("/v2/webhooks", body).await.expect(201);
        native.post("/v2/leads", leads::with_email_and_message()).await.expect(201);
        let delivered = receiver.wait_for(1, DELIVERY_TIMEOUT).await.pop().unwrap().json();
        let path = format!("/v2/event-log?after={start}&contract={contract}");
        eventually(EFFECT_TIMEOUT, "the delivered payload in the log", || async {
            let page = native.get(&path).await.expect(200);
            page["data"].as_array().unwrap().iter().any(|event| event["payload"] == delivered).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_lead_leaves_no_payload() {
    let server = server().await;
    let native = Caller::native(&server);
    let start = end_of_log(&native).await;
    let lead = id(&native.post("/v2/leads", leads::with_email_and_message()).await.expect(201));
    read_events(&native, &start, 1).await;
    assert_eq!(native.delete(&format!("/v2/leads/{lead}")).await.status, 204);
    let (events, _) = read_events(&native, &start, 1).await;
    assert_eq!((&events[0]["erased"], &events[0]["payload"]), (&json!(true), &Value::Null));
    assert_eq!(text(&events[0], "event"), "lead.created");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_a_business_read_its_events_only() {
    let server = server().await;
    let native = Caller::native(&server);
    let start = end_of_log(&native).await;
    let other = id(&native.post("/v2/businesses", json!({ "name": "Other", "country": "SE" })).await.expect(201));
    let lead = json!({ "name": "A", "email": "a@example.com", "businessId": other });
    native.post("/v2/leads", lead).await.expect(201);
    native.post("/v2/leads", leads::with_phone()).await.expect(201);
    read_events(&native, &start, 2).await;
    let business = BusinessId::parse(&other);
    let bound = IssuedKey::new(&server, |record| record.business = business).await.caller(&server);
    let (events, _) = read_events(&bound, &start, 1).await;
    assert!(events.iter().all(|event| event["businessId"] == other), "{events:?}");
    let filtered = native.get(&format!("/v2/event-log?after={start}&businessId={other}")).await.expect(200);
    assert_eq!(filtered["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_misses_nothing_while_others_write() {
    const LEADS: usize = 120;
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let start = end_of_log(&native).await;
    let (test, reader) = (native.clone(), native.clone());
    let writing = tokio::spawn(async move {
        run_concurrently((0..LEADS).map(|number| {
            let test = test.clone();
            async move { id(&test.post("/v2/leads", leads::numbered(number)).await.expect(201)) }
        }))
        .await
    });
    let (seen, _) = read_events(&reader, &start, LEADS).await;
    let created: BTreeSet<_> = writing.await.unwrap().into_iter().collect();
    let lead_of = |event: &Value| text(&event["payload"]["data"], "id").to_owned();
    assert_eq!(seen.iter().map(lead_of).collect::<BTreeSet<_>>(), created);
    assert_eq!(seen.len(), LEADS, "each once");
    let (again, _) = read_events(&native, &start, LEADS).await;
    assert_eq!(again, seen, "nothing appeared in between");
}

/// Reads the log with a wait of 20 seconds, and returns the events and the time that it took.
async fn wait_for_events(caller: &Caller, after: &str) -> (Vec<Value>, Duration) {
    let started = Instant::now();
    let page = caller.get(&format!("/v2/event-log?wait=20&after={after}")).await.expect(200);
    (page["data"].as_array().unwrap().clone(), started.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_an_event() {
    let server = server().await;
    let native = Caller::native(&server);
    let end = end_of_log(&native).await;
    let (waited, ()) = tokio::join!(wait_for_events(&native, &end), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        native.post("/v2/leads", leads::with_phone()).await.expect(201);
    });
    assert_eq!(names(&waited.0), ["lead.created"]);
    assert!(waited.1 >= Duration::from_millis(500) && waited.1 < Duration::from_secs(19), "{:?}", waited.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_waiting_request() {
    let server = server().await;
    let native = Caller::native(&server);
    let end = end_of_log(&native).await;
    let first = tokio::spawn({
        let (native, end) = (native.clone(), end.clone());
        async move { wait_for_events(&native, &end).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let second = tokio::spawn(async move { wait_for_events(&native, &end).await });
    let (events, elapsed) = first.await.unwrap();
    assert!(events.is_empty() && elapsed < Duration::from_secs(15), "{elapsed:?}");
    second.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_added_to_the_keys_own_log() {
    let server = server().await;
    let (live, test) = (Caller::native(&server), Caller::native_test(&server));
    assert_eq!(invalid_fields(&test.post("/v2/event-log", json!({ "event": "x" })).await), ["event"]);
    assert_eq!(invalid_fields(&test.post("/v2/event-log", json!({})).await), ["event"]);
    let start = end_of_log(&test).await;
    let added = test.post("/v2/event-log", json!({ "event": "lead.won" })).await.expect(202);
    let (events, _) = read_events(&test, &start, 1).await;
    assert_eq!((&events[0]["id"], &events[0]["example"]), (&added["eventId"], &json!(true)));
    let sample = test.get("/v2/event-types/lead.won/sample").await.expect(200);
    assert_eq!(events[0]["payload"], sample);
    assert_eq!(end_of_log(&live).await[..20], *"0".repeat(20), "nothing was added to the log of live data");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    for (query, field) in [
        ("after=yesterday", "after"),
        ("limit=101", "limit"),
        ("wait=21", "wait"),
        ("contract=soap", "contract"),
        ("event=lead", "event"),
        ("businessId=1", "businessId"),
        ("cursor=abc", "cursor"),
    ] {
        assert_eq!(invalid_fields(&native.get(&format!("/v2/event-log?{query}")).await), [field]);
    }
    assert_eq!(native.send(Method::DELETE, "/v2/event-log", &[], None).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_position_is_rejected() {
    let server = server().await;
    let native = Caller::native(&server);
    let (day, expired_at) = (Duration::from_hours(24), SystemClock.now().before(retention::EVENT_LOG));
    let position = |as_of| LogPosition { batch: 7, index: 1, as_of };
    native.get(&format!("/v2/event-log?after={}", position(expired_at.after(day)))).await.expect(200);
    let rejected = native.get(&format!("/v2/event-log?after={}", position(expired_at.before(day)))).await;
    let details = [json!({
        "field": "after",
        "message": "after is older than 30 days, for which events are kept. Leave it out to begin with the oldest event, \
                    or send `latest`",
    })];
    let error = rejected.expect(400)["error"].clone();
    assert_eq!((text(&error, "code"), &error["details"]), ("INVALID_REQUEST", &json!(details)));
}

/// Counts the reads of event logs.
#[derive(Default)]
struct ReadCount(AtomicUsize);

impl FaultInjector for ReadCount {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let reads_a_log = operation == "Query" && body.contains("\"EL#");
        self.0.fetch_add(usize::from(reads_a_log), Ordering::SeqCst);
        None
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_allows_no_waiting_answers_at_once() {
    let reads = Arc::new(ReadCount::default());
    let faults: Arc<dyn FaultInjector> = Arc::<ReadCount>::clone(&reads);
    // As deployed without the parameter `EventLogWait`.
    let waits = ServerOptions { max_event_log_wait: Duration::ZERO, fault_injector: Some(faults), ..options() };
    let server = LocalServer::start(waits).await.unwrap();
    let native = Caller::native_test(&server);
    let before = reads.0.load(Ordering::SeqCst);
    let page = native.get("/v2/event-log?wait=20").await.expect(200);
    assert_eq!((&page["data"], &page["pagination"]["hasMore"]), (&json!([]), &json!(false)));
    assert_eq!(reads.0.load(Ordering::SeqCst) - before, 1, "a request that waits reads the log again and again");
}
