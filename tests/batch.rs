//! Batch creation: each lead of a batch succeeds or fails by itself, and repeating the call completes the rest.

use crate::harness::{ApiResponse, Binary, Caller, IssuedKey, dynamodb_error, eventually, id, leads, options, server};
use domain::accounts::rate_limit::Limits;
use emulator::FaultInjector;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const BATCH: &str = "/v2/leads/batch";

fn janes(count: usize) -> Value {
    json!({ "leads": (0..count).map(leads::numbered).collect::<Vec<_>>() })
}

fn results(reply: &ApiResponse) -> Vec<Value> {
    reply.expect(200)["results"].as_array().unwrap().clone()
}

fn statuses(reply: &ApiResponse) -> Vec<u64> {
    results(reply).iter().map(|result| result["status"].as_u64().unwrap()).collect()
}

fn ids(reply: &ApiResponse) -> Vec<String> {
    results(reply).iter().map(|result| id(&result["lead"])).collect()
}

async fn stored(caller: &Caller) -> BTreeSet<String> {
    let page = caller.get("/v2/leads?limit=100").await.expect(200);
    assert_eq!(page["pagination"]["hasMore"], false);
    page["data"].as_array().unwrap().iter().map(|lead| id(lead)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_answered_in_order_and_independently() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "leads": [
        leads::numbered(0),
        { "name": "No Way To Reach" },
        leads::numbered(2),
        { "name": "Jane", "email": "jane", "phone": "call me" },
        { "name": "Jane", "email": "j@e.org", "businessId": "018f0000-0000-7000-8000-000000000000" },
        { "name": "Jane", "phone": "12" },
        leads::numbered(0),
    ] });
    let reply = native.post(BATCH, body).await;
    assert_eq!(statuses(&reply), [201, 400, 201, 400, 404, 400, 201]);
    let results = results(&reply);
    for (place, name) in [(0, "Jane 0"), (2, "Jane 2"), (6, "Jane 0")] {
        let lead = &results[place]["lead"];
        assert_eq!(lead["name"], name);
        assert_eq!(native.get(&format!("/v2/leads/{}", lead["id"].as_str().unwrap())).await.expect(200), *lead);
        assert_eq!(results[place].as_object().unwrap().len(), 2, "status and lead");
    }
    let fields = |place: usize| -> Vec<String> {
        let error = &results[place]["error"];
        assert_eq!(error["code"], "INVALID_REQUEST");
        assert!(error["message"].is_string());
        let details = error["details"].as_array().unwrap();
        assert!(details.iter().all(|detail| detail["message"].as_str().unwrap().starts_with("leads[")));
        details.iter().map(|detail| detail["field"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(fields(1), ["leads[1].email"]);
    assert_eq!(fields(3), ["leads[3].email"]);
    assert_eq!(fields(5), ["leads[5].phone"]);
    assert_eq!(results[4]["error"]["code"], "NOT_FOUND");
    assert_eq!(stored(&native).await.len(), 3, "two entries of one address are two leads");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_batch_stores_nothing() {
    let server = server().await;
    let native = Caller::native(&server);
    let cases = [
        (json!({}), "leads"),
        (json!({ "leads": null }), "leads"),
        (json!({ "leads": [] }), "leads"),
        (json!({ "leads": leads::numbered(0) }), "leads"),
        (json!({ "leads": "jane" }), "leads"),
        (janes(101), "leads"),
        (json!({ "leads": [leads::numbered(0), 7] }), "leads[1]"),
        (json!({ "leads": [leads::numbered(0), leads::numbered(1), [], null] }), "leads[2]"),
    ];
    for (body, field) in cases {
        for reply in [native.post(BATCH, body.clone()).await, native.post_idempotent(BATCH, "k", body.clone()).await] {
            let error = reply.expect(400)["error"].clone();
            assert_eq!((&error["code"], &error["details"][0]["field"]), (&json!("INVALID_REQUEST"), &json!(field)));
        }
    }
    let large = json!({ "leads": [leads::numbered(0)], "padding": " ".repeat(1024 * 1024) });
    native.post(BATCH, large).await.expect(413);
    assert_eq!(stored(&native).await, BTreeSet::new());
    assert_eq!(ids(&native.post_idempotent(BATCH, "k", janes(100)).await).len(), 100, "the key is still free");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_counts_as_one_call() {
    let server = server().await;
    let caller = IssuedKey::with_limits(&server, Limits { minute: Some(600), day: None }).await.caller(&server);
    let reply = caller.post(BATCH, janes(100)).await;
    assert_eq!(reply.header("x-ratelimit-remaining"), "599");
    assert_eq!(ids(&reply).len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_replayed_under_its_key() {
    let server = server().await;
    let native = Caller::native(&server);
    let mut body = janes(5);
    body["leads"][3] = json!({ "name": "Jane" });
    let first = native.post_idempotent(BATCH, "k", body.clone()).await;
    assert_eq!(statuses(&first), [201, 201, 201, 400, 201]);
    assert!(!first.is_replayed());
    let one = results(&first)[1]["lead"]["id"].as_str().unwrap().to_owned();
    native.patch(&format!("/v2/leads/{one}"), json!({ "status": "WON", "name": "Joan" })).await.expect(200);
    let again = native.post_idempotent(BATCH, "k", body.clone()).await;
    assert_eq!((again.status, &again.text), (200, &first.text), "byte for byte, though one has changed");
    assert!(again.is_replayed());
    let before = stored(&native).await;
    for other in [janes(5), janes(4), janes(100), json!({ "leads": [{ "name": "Jane" }] })] {
        let rejected = native.post_idempotent(BATCH, "k", other).await;
        assert_eq!(rejected.expect(422)["error"]["code"], "IDEMPOTENCY_MISMATCH");
    }
    assert_eq!(stored(&native).await, before, "nothing of another body is written");
    let unkeyed = native.post(BATCH, json!({ "leads": [leads::numbered(0)] })).await;
    assert!(!before.contains(&ids(&unkeyed)[0]), "without a key every call is another");
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_batches_create_each_lead_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let calls = (0..6).map(|_| native.post_idempotent(BATCH, "k", janes(12)));
    let replies = futures_util::future::join_all(calls).await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (200, &replies[0].text));
    }
    assert_eq!(stored(&native).await, ids(&replies[0]).into_iter().collect());
    assert_eq!(stored(&native).await.len(), 12);
}

/// Lets the given number of leads be stored, then fails further writes until the number is raised.
struct Full(AtomicI64);

impl FaultInjector for Full {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        // A lead with an e-mail address is stored in a transaction with the record of the unique e-mail index.
        let lead = matches!(operation, "PutItem" | "TransactWriteItems") && body.contains("\"L#");
        (lead && self.0.fetch_sub(1, Ordering::SeqCst) <= 0)
            .then(|| (500, dynamodb_error("InternalServerError").to_string()))
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_completes_a_partially_failed_batch() {
    let full = Arc::new(Full(AtomicI64::new(30)));
    let faults: Arc<dyn FaultInjector> = Arc::<Full>::clone(&full);
    let server = LocalServer::start(ServerOptions { fault_injector: Some(faults), ..options() }).await.unwrap();
    let native = Caller::native(&server);
    let failed = native.post_idempotent(BATCH, "k", janes(60)).await;
    assert_eq!(failed.expect(503)["error"]["code"], "UNAVAILABLE");
    let some = stored(&native).await;
    assert_eq!(some.len(), 30, "what was stored stands");
    full.0.store(i64::MAX, Ordering::SeqCst);
    let complete = native.post_idempotent(BATCH, "k", janes(60)).await;
    assert!(!complete.is_replayed(), "some of it is new");
    let made: BTreeSet<_> = ids(&complete).into_iter().collect();
    assert_eq!((made.len(), made.is_superset(&some)), (60, true));
    assert_eq!(stored(&native).await, made);
    let again = native.post_idempotent(BATCH, "k", janes(60)).await;
    assert_eq!((again.is_replayed(), &again.text), (true, &complete.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_completes_a_killed_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Binary::start(folder.path(), &["--unlimited"]).await;
    let mut cut_short = 0;
    let mut all = BTreeSet::new();
    for repetition in 0..4 {
        let key = format!("batch-{repetition}");
        let native = server.native();
        let (caller, idempotency_key) = (native.clone(), key.clone());
        let headers = move || vec![("Idempotency-Key".to_owned(), idempotency_key.clone())];
        let call = tokio::spawn(async move {
            let headers = headers();
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            caller.try_send(http::Method::POST, BATCH, &headers, Some(janes(100).to_string().into_bytes())).await
        });
        // The process is killed as soon as one lead of the batch is stored.
        eventually(Duration::from_secs(30), "a lead is stored", || async {
            let page = native.get("/v2/leads?limit=1").await.expect(200);
            let newest = page["data"][0]["id"].as_str().map(str::to_owned);
            newest.filter(|id| !all.contains(id))
        })
        .await;
        server.kill().await;
        cut_short += u32::from(call.await.unwrap().is_err());
        server = Binary::start(folder.path(), &["--unlimited"]).await;
        let native = server.native();
        let complete = native.post_idempotent(BATCH, &key, janes(100)).await;
        assert_eq!(statuses(&complete), [201; 100]);
        let again = native.post_idempotent(BATCH, &key, janes(100)).await;
        assert_eq!((again.is_replayed(), &again.text), (true, &complete.text));
        all.extend(ids(&complete));
        assert_eq!(all.len(), (repetition + 1) * 100, "each is a lead of its own");
        let mut listed = BTreeSet::new();
        let mut path = "/v2/leads?limit=100".to_owned();
        loop {
            let page = native.get(&path).await.expect(200);
            listed.extend(page["data"].as_array().unwrap().iter().map(|lead| id(lead)));
            let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
            path = format!("/v2/leads?limit=100&cursor={cursor}");
        }
        assert_eq!(listed, all, "no duplicates and no losses");
    }
    assert!(cut_short > 0, "no kill came in the middle");
    server.kill().await;
}
