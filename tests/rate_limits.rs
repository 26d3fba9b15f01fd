//! Rate limits: the number of accepted calls is exact, and a rejected call returns the time of the next attempt and
//! costs almost nothing.

use crate::harness::{ApiResponse, Caller, IssuedKey, early_in_a_minute, options, server};
use domain::Scope;
use domain::accounts::rate_limit::Limits;
use emulator::FaultInjector;
use futures_util::future::join_all;
use local::{LocalServer, ServerOptions};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Counts the writes of authentication and rate limiting.
#[derive(Default)]
struct AuthenticationWrites(AtomicU64);

impl FaultInjector for AuthenticationWrites {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        if operation == "UpdateItem" && body.contains("\"leadhouse-access\"") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        None
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

fn limits(minute: u64, day: impl Into<Option<u64>>) -> Limits {
    Limits { minute: Some(minute), day: day.into() }
}

fn number(reply: &ApiResponse, name: &str) -> u64 {
    reply.header(name).parse().unwrap_or_else(|_| panic!("{name}: {:?}", reply.header(name)))
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_60_of_200_parallel_calls_pass() {
    let authentication_writes = Arc::new(AuthenticationWrites::default());
    let server = LocalServer::start(ServerOptions {
        fault_injector: Some(Arc::<AuthenticationWrites>::clone(&authentication_writes)),
        ..options()
    })
    .await
    .unwrap();
    let caller = Caller::revenue_defenders(&server);
    early_in_a_minute(Duration::from_secs(15)).await;
    let replies = join_all((0..200).map(|_| caller.get("/api/v1/leads"))).await;

    // Grouped by the window that each response names: if the minute ends during the test, the limit holds for both.
    let mut windows: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for reply in &replies {
        let window = windows.entry(number(reply, "x-ratelimit-reset")).or_default();
        assert_eq!(number(reply, "x-ratelimit-limit"), 60);
        assert_eq!(reply.header("ratelimit-policy"), "\"minute\";q=60;w=60", "premium has no day");
        match reply.status {
            200 => window.0 += 1,
            429 => {
                window.1 += 1;
                assert_eq!(reply.json(), json!({ "error": "Rate limit exceeded. Max 60 requests per minute." }));
                assert_eq!(number(reply, "x-ratelimit-remaining"), 0);
                let wait = number(reply, "retry-after");
                assert!((1..=60).contains(&wait), "{wait}");
                assert!(reply.header("ratelimit").starts_with("\"minute\";r=0;t="), "{}", reply.header("ratelimit"));
            }
            status => panic!("{status}: {}", reply.text),
        }
    }
    for (reset, (passed, rejected)) in &windows {
        assert_eq!(reset % 60, 0);
        assert!(*passed == 60 || *rejected == 0, "{windows:?}");
    }
    assert!(windows.len() == 1 || windows.values().map(|(passed, _)| passed).sum::<u64>() > 60, "{windows:?}");
    let mut remaining: Vec<_> = replies
        .iter()
        .filter(|reply| reply.status == 200)
        .map(|reply| number(reply, "x-ratelimit-remaining"))
        .collect();
    remaining.sort_unstable();
    remaining.dedup();
    assert_eq!(remaining.len(), 60, "each accepted call shows another remaining number");

    // The process has cached that the limit is used up: further rejected calls write nothing.
    let before = authentication_writes.0.load(Ordering::Relaxed);
    let storm = join_all((0..50).map(|_| caller.get("/api/v1/leads"))).await;
    if storm.iter().all(|reply| windows.contains_key(&number(reply, "x-ratelimit-reset"))) {
        assert!(storm.iter().all(|reply| reply.status == 429));
        assert_eq!(authentication_writes.0.load(Ordering::Relaxed), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_401_403_and_429_are_not_counted() {
    let server = server().await;
    let key = IssuedKey::new(&server, |record| {
        record.limits = limits(1_000, 2_000);
        record.scopes = [Scope::LeadsRead, Scope::LeadsWrite].into_iter().collect();
    })
    .await;
    let caller = key.caller(&server);
    let left_in_day = |reply: &ApiResponse| {
        let (_, day) = reply.header("ratelimit").split_once("\"day\";r=").unwrap();
        day.split(';').next().unwrap().parse::<u64>().unwrap()
    };
    let first = caller.get("/v2/leads").await;
    assert_eq!((first.status, left_in_day(&first)), (200, 1_999));
    for (status, reply) in [
        (401, caller.with_key("").get("/v2/leads").await),
        (401, caller.with_key(&format!("{}x", key.key)).get("/v2/leads").await),
        (403, caller.get("/v2/webhooks").await),
        (403, caller.post("/v2/webhooks", json!({})).await),
        (400, caller.post("/v2/leads", json!({})).await),
        (404, caller.get("/v2/leads/3f2504e0-4f89-41d3-9a0c-0305e82c3301").await),
        (400, caller.get("/v2/leads?limit=0").await),
        (201, caller.post("/v2/leads", json!({ "name": "Jane", "phone": "+15551234567" })).await),
    ] {
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(reply.header("ratelimit").is_empty(), status == 401, "limits are shown to a recognised key");
    }
    let last = caller.get("/v2/leads").await;
    assert_eq!(left_in_day(&last), 1_999 - 4 - 1, "four counted, and this one");
    // An unknown path is rejected before the key is checked.
    assert_eq!(caller.get("/v2/nothing").await.status, 404);
    assert_eq!(caller.delete("/v2/leads").await.status, 405);
    assert_eq!(left_in_day(&caller.get("/v2/leads").await), 1_999 - 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exceeded_day_is_429_until_midnight() {
    let server = server().await;
    let caller = IssuedKey::with_limits(&server, limits(100, 5)).await.caller(&server);
    let replies = join_all((0..20).map(|_| caller.get("/v2/leads"))).await;
    let passed = replies.iter().filter(|reply| reply.status == 200).count();
    let day = |reply: &ApiResponse| reply.header("ratelimit").split("\"day\";").nth(1).unwrap_or_default().to_owned();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    // Midnight during the test would begin another day.
    if now % 86_400 > 60 {
        assert_eq!(passed, 5);
    }
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.status, 429);
        let error = reply.json()["error"].clone();
        assert_eq!(error["code"], "RATE_LIMITED");
        assert_eq!(error["message"], "Rate limit exceeded. Max 5 requests per day.");
        assert_eq!(number(reply, "x-ratelimit-limit"), 5, "the tighter window");
        assert_eq!(number(reply, "x-ratelimit-reset") % 86_400, 0);
        assert!(day(reply).starts_with("r=0;"), "{}", reply.header("ratelimit"));
        let (wait, ends) = (number(reply, "retry-after"), number(reply, "x-ratelimit-reset"));
        assert!(ends.abs_diff(now + wait) <= 10, "{wait} s until {ends}, now {now}");
        assert_eq!(reply.header("ratelimit-policy"), "\"minute\";q=100;w=60, \"day\";q=5;w=86400");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlimited_key_has_no_limit_headers() {
    let server = LocalServer::start(ServerOptions { demo_limits: Some(Limits::UNLIMITED), ..options() }).await.unwrap();
    let caller = Caller::revenue_defenders(&server);
    for reply in join_all((0..120).map(|_| caller.get("/api/v1/leads"))).await {
        assert_eq!(reply.status, 200);
        assert!(!reply.headers.contains_key("ratelimit"));
        assert!(!reply.headers.contains_key("x-ratelimit-limit"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_comes_before_429() {
    let server = server().await;
    let key = IssuedKey::new(&server, |record| {
        record.limits = limits(1, None);
        record.scopes = [Scope::LeadsRead].into_iter().collect();
    })
    .await;
    let caller = key.caller(&server);
    early_in_a_minute(Duration::from_secs(3)).await;
    assert_eq!(caller.get("/v2/leads").await.status, 200);
    assert_eq!(caller.get("/v2/leads").await.status, 429);
    assert_eq!(caller.post("/v2/leads", json!({})).await.status, 403);
    assert_eq!(caller.send(reqwest::Method::HEAD, "/v2/leads", &[], None).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_401_immediately() {
    let server = server().await;
    let maker = Caller::native(&server);
    let made = maker.post("/v2/keys", json!({ "name": "short-lived", "scopes": ["leads:read"] })).await.expect(201);
    let caller = maker.with_key(made["key"].as_str().unwrap());
    assert_eq!(caller.get("/v2/leads").await.status, 200);
    assert_eq!(maker.delete(&format!("/v2/keys/{}", made["id"].as_str().unwrap())).await.status, 204);
    let rejected = caller.get("/v2/leads").await;
    assert_eq!(rejected.status, 401);
    assert_eq!(rejected.header("www-authenticate"), "Bearer");
}
