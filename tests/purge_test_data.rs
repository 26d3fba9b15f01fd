//! `DELETE /v2/test-data`: the test data of the tenant are purged, and nothing else changes.

use crate::harness::{Caller, Receiver, eventually, leads, server, server_at};
use domain::{Clock, Environment, Mode, TenantId};
use reqwest::Method;
use runtime::SystemClock;
use serde_json::{Value, json};
use std::time::Duration;

const LISTS: [&str; 8] = [
    "/v2/leads?",
    "/v2/webhooks?",
    "/v2/deliveries?",
    "/v2/customers?",
    "/v2/transactions?",
    "/v2/disputes?",
    "/v2/evidence?",
    "/v2/events?visitorId=v&",
];

/// Returns one body of each kind that the other builders do not cover.
fn records() -> [(&'static str, Value); 5] {
    [
        ("customers", json!({ "name": "Jane Smith" })),
        ("transactions", json!({ "amountCents": 100 })),
        ("disputes", json!({ "reason": "GENERAL", "amountCents": 100 })),
        ("evidence", json!({ "category": "MESSAGE" })),
        ("events", json!({ "visitorId": "v", "eventType": "pageview" })),
    ]
}

async fn empty(caller: &Caller) -> crate::harness::ApiResponse {
    caller.send(Method::DELETE, "/v2/test-data", &[], None).await
}

/// Creates resources of every kind, with more leads than one round of the purge deletes.
async fn fill(caller: &Caller, receiver: &Receiver, leads: usize) {
    caller.subscribe(&receiver.url).await;
    for number in 0..leads {
        caller.post("/v2/leads", leads::numbered(number)).await.expect(201);
    }
    for (kind, body) in records() {
        caller.post(&format!("/v2/{kind}"), body).await.expect(201);
    }
}

async fn lists(caller: &Caller) -> Vec<Value> {
    let mut lists = Vec::new();
    for list in LISTS {
        lists.push(caller.get(&format!("{list}limit=100")).await.expect(200)["data"].clone());
    }
    lists
}

async fn settled(caller: &Caller) {
    eventually(Duration::from_secs(20), "nothing is under way", || async {
        let pending = caller.get("/v2/deliveries?status=PENDING").await.expect(200);
        (pending["data"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_deletes_test_data_only() {
    let server = server().await;
    let (live, test) = (Caller::native(&server), Caller::native_test(&server));
    let receiver = Receiver::new().await;
    fill(&live, &receiver, 2).await;
    fill(&test, &receiver, 120).await;
    receiver.wait_for(122, Duration::from_secs(30)).await;
    settled(&live).await;
    settled(&test).await;
    let kept = lists(&live).await;

    assert_eq!(empty(&test).await.status, 204);
    assert_eq!(lists(&test).await, vec![json!([]); LISTS.len()]);
    assert_eq!(lists(&live).await, kept);
    // The key still works and new resources stay; earlier subscriptions are gone.
    fill(&test, &receiver, 1).await;
    receiver.wait_for(123, Duration::from_secs(10)).await;
    // A live key may purge as well.
    assert_eq!(empty(&live).await.status, 204);
    assert_eq!(lists(&test).await[0], json!([]));
    assert_eq!(lists(&live).await, kept);
    assert_eq!(empty(&live).await.status, 204, "an empty test environment can be purged");
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_from_before_a_purge_are_410() {
    let server = server().await;
    let (live, test) = (Caller::native(&server), Caller::native_test(&server));
    let customer = || json!({ "name": "Jane Smith" });
    for caller in [&live, &test] {
        caller.post_idempotent("/v2/customers", "before", customer()).await.expect(201);
    }
    // Idempotency records are kept by the second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(empty(&test).await.status, 204);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    test.post_idempotent("/v2/customers", "before", customer()).await.expect(410);
    assert_eq!(live.post_idempotent("/v2/customers", "before", customer()).await.header("idempotent-replayed"), "true");
    let first = test.post_idempotent("/v2/customers", "since", customer()).await.expect(201);
    assert_eq!(test.post_idempotent("/v2/customers", "since", customer()).await.expect(201), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_releases_email_addresses() {
    let server = server().await;
    let test = Caller::vendor_pad_test(&server);
    let lead = || leads::for_every_contract("jane@example.com");
    // As many leads as one record of the unique e-mail index lists.
    for _ in 0..16 {
        test.post("/v2/leads", lead()).await.expect(201);
    }
    assert_eq!(empty(&test).await.status, 204);
    test.post("/v2/leads", lead()).await.expect(201);
    let second = test.post("/api/v1/developer/leads", lead()).await.expect(200);
    assert_eq!(second["duplicate"], true, "a lead created since is found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_finishes_a_purge() {
    let server = server_at(600.0).await;
    let test = Caller::native_test(&server);
    fill(&test, &Receiver::new().await, 3).await;
    let tenant = test.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
    let environment = Environment { tenant, mode: Mode::Test };
    // Same state as if the process had been killed right after recording the purge, more than a minute ago.
    let long_ago = SystemClock.now().before(Duration::from_mins(5));
    server.store.commit(server.store.request_purge(environment, long_ago)).await.unwrap();
    eventually(Duration::from_secs(20), "the sweeper has purged it", || async {
        let lists = lists(&test).await;
        // Earlier changes may still create a delivery.
        let rest = lists.iter().enumerate().filter(|(list, _)| LISTS[*list] != "/v2/deliveries?");
        rest.into_iter().all(|(_, list)| *list == json!([])).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_needs_an_unbound_key_with_keys_write() {
    let server = server().await;
    let live = Caller::native(&server);
    let reading = json!({ "name": "reads", "scopes": ["leads:read", "leads:write"], "mode": "test" });
    let made = live.post("/v2/keys", reading).await.expect(201);
    let reading = live.with_key(made["key"].as_str().unwrap());
    assert_eq!(empty(&reading).await.expect(403)["error"]["code"], "FORBIDDEN");
    let business = live.get("/v2/businesses").await.expect(200)["data"][0]["id"].clone();
    let bound = json!({ "name": "bound", "scopes": ["keys:write"], "mode": "test", "businessId": business });
    let made = live.post("/v2/keys", bound).await.expect(201);
    let bound = live.with_key(made["key"].as_str().unwrap());
    assert_eq!(empty(&bound).await.expect(403)["error"]["code"], "FORBIDDEN");
}
