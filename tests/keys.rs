//! API keys: created, listed, rotated and revoked by callers, with no more rights than the creating key has.

mod limit;
mod rights;
mod rotation_and_expiry;

use crate::harness::{ApiResponse, Caller, id, invalid_field, options, server};
use emulator::FaultInjector;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[track_caller]
fn message(reply: &ApiResponse, status: u16) -> String {
    reply.expect(status)["error"]["message"].as_str().unwrap().to_owned()
}

async fn make(maker: &Caller, body: Value) -> (String, Caller) {
    let made = maker.post("/v2/keys", body).await.expect(201);
    (id(&made), maker.with_key(made["key"].as_str().unwrap()))
}

/// Returns the time this many seconds from now, in RFC 3339.
fn in_seconds(seconds: u64) -> String {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(seconds);
    domain::Timestamp::from_millis(i64::try_from(at.as_millis()).unwrap()).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_and_works_immediately() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "website", "scopes": ["leads:read", "leads:write"], "mode": "live" });
    let made = native.post("/v2/keys", body).await.expect(201);
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("lh_live_"));
    let public = "lh_live_".len() + 9;
    assert_eq!(made["prefix"], key[..public]);
    assert_eq!(key.len(), public + 38 + 6);
    assert_eq!(made["scopes"], json!(["leads:read", "leads:write"]));
    assert_eq!((&made["name"], &made["mode"], &made["status"]), (&json!("website"), &json!("live"), &json!("ACTIVE")));
    native.with_key(key).get("/v2/leads").await.expect(200);

    let id = made["id"].as_str().unwrap();
    let one = native.get(&format!("/v2/keys/{id}")).await;
    let list = native.get("/v2/keys").await;
    for reply in [&one, &list] {
        reply.expect(200);
        assert!(!reply.text.contains(&key[public..]), "the secret is never shown again");
        assert!(!reply.text.contains("\"key\""));
    }
    assert_eq!(list.json()["data"][0], one.json(), "the newest first");
    assert_eq!(list.json()["data"].as_array().unwrap().len(), 3, "and the two demo keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contract_and_mode_has_its_prefix() {
    let server = server().await;
    let native = Caller::native(&server);
    let business = server.credentials.native.business_id.clone();
    let cases = [
        ("native", "live", "lh_live_"),
        ("native", "test", "lh_test_"),
        ("revenueDefenders", "live", "rd_"),
        ("leadRescue", "live", "lr_sk_live_"),
        ("leadRescue", "test", "lr_sk_test_"),
        ("vendorPad", "live", "vp_live_"),
        ("vendorPad", "test", "vp_test_"),
    ];
    for (contract, mode, prefix) in cases {
        let mut body = json!({ "name": "k", "scopes": ["leads:read"], "contract": contract, "mode": mode });
        if contract == "leadRescue" {
            assert_eq!(
                invalid_field(&native.post("/v2/keys", body.clone()).await),
                "businessId",
                "its keys are bound to one"
            );
            body["businessId"] = business.clone().into();
        }
        let made = native.post("/v2/keys", body).await.expect(201);
        assert!(made["key"].as_str().unwrap().starts_with(prefix), "{made}");
        let me = native.with_key(made["key"].as_str().unwrap()).get("/v2/me").await.expect(200);
        assert_eq!(me["mode"], mode);
    }
    let body = json!({ "name": "k", "scopes": ["leads:read"], "contract": "revenueDefenders", "mode": "test" });
    assert_eq!(invalid_field(&native.post("/v2/keys", body).await), "mode", "Revenue Defenders has no test keys");
    let body = json!({ "name": "k", "scopes": ["leads:read"], "contract": "revenueDefenders" });
    let test = Caller::native_test(&server);
    assert_eq!(invalid_field(&test.post("/v2/keys", body).await), "mode", "nor where the maker's mode is meant");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_key_fields_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    let good = json!({ "name": "k", "scopes": ["leads:read"] });
    let bad = [
        ("name", Value::Null),
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("scopes", Value::Null),
        ("scopes", json!([])),
        ("scopes", json!(["leads:fly"])),
        ("scopes", json!("leads:read")),
        ("mode", json!("production")),
        ("contract", json!("nobody")),
        ("businessId", json!("first")),
        ("tier", json!("gold")),
        ("expiresAt", json!("tomorrow")),
        ("expiresAt", json!("2020-01-01T00:00:00Z")),
        ("expiresAt", json!("2026-02-30T00:00:00Z")),
    ];
    for (name, value) in bad {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_eq!(invalid_field(&native.post("/v2/keys", body).await), name, "{value}");
    }
    let foreign = server.credentials.revenue_defenders.business_id.clone();
    let body = json!({ "name": "k", "scopes": ["leads:read"], "businessId": foreign });
    native.post("/v2/keys", body).await.expect(404);
}

/// Counts the operations on the access table.
#[derive(Default)]
struct AuthenticationWrites(AtomicUsize);

impl FaultInjector for AuthenticationWrites {
    fn before(&self, _operation: &str, body: &str) -> Option<(u16, String)> {
        if body.contains("leadhouse-access") {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        None
    }

    fn after(&self, _operation: &str, _body: &str) -> Option<(u16, String)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_key_causes_no_database_call() {
    let authentication_writes = Arc::new(AuthenticationWrites::default());
    let faults: Arc<dyn FaultInjector> = authentication_writes.clone();
    let server = LocalServer::start(ServerOptions { fault_injector: Some(faults), ..options() }).await.unwrap();
    let native = Caller::native(&server);
    native.get("/v2/leads").await.expect(200);
    let before = authentication_writes.0.load(Ordering::SeqCst);
    let last = native.key.pop_last();
    let slipped = format!("{last}{}", if native.key.ends_with('x') { 'y' } else { 'x' });
    for key in [slipped, last, format!("{}0", native.key), "lh_live_".to_owned(), "x".repeat(5_000), String::new()] {
        native.with_key(&key).get("/v2/leads").await.expect(401);
    }
    let (user, bare) = ("Basic bGg6bGg=".to_owned(), native.key.clone());
    for value in [user, bare, format!("Bearer{}", native.key)] {
        native.with_key("").send(http::Method::GET, "/v2/leads", &[("Authorization", &value)], None).await.expect(401);
    }
    assert_eq!(authentication_writes.0.load(Ordering::SeqCst), before);
    let spelled = format!("bearer {}", native.key);
    native.with_key("").send(http::Method::GET, "/v2/leads", &[("Authorization", &spelled)], None).await.expect(200);
    assert!(authentication_writes.0.load(Ordering::SeqCst) > before, "the count counts");
}

/// Removal of the last character of a text.
trait WithoutLastCharacter {
    fn pop_last(&self) -> String;
}

impl WithoutLastCharacter for String {
    fn pop_last(&self) -> String {
        self[..self.len() - 1].to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn last_use_is_shown_to_the_minute() {
    let server = server().await;
    let native = Caller::native(&server);
    let (id, key) = make(&native, json!({ "name": "k", "scopes": ["leads:read"] })).await;
    assert_eq!(native.get(&format!("/v2/keys/{id}")).await.expect(200)["lastUsedAt"], Value::Null);
    key.get("/v2/leads").await.expect(200);
    let shown = native.get(&format!("/v2/keys/{id}")).await.expect(200);
    let used = domain::Timestamp::parse(shown["lastUsedAt"].as_str().unwrap()).unwrap();
    let now = domain::Timestamp::parse(&in_seconds(0)).unwrap();
    assert!(now.minute() - used.minute() <= 1);
    let listed = native.get("/v2/keys").await.expect(200);
    assert_eq!(listed["data"][0]["lastUsedAt"], shown["lastUsedAt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_returns_the_same_key() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "k", "scopes": ["leads:read"] });
    let first = native.post_idempotent("/v2/keys", "order-1", body.clone()).await;
    first.expect(201);
    let again = native.post_idempotent("/v2/keys", "order-1", body.clone()).await;
    assert_eq!((again.status, &again.text), (201, &first.text), "byte for byte, secret included");
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(native.get("/v2/keys").await.expect(200)["data"].as_array().unwrap().len(), 3, "one and the demo keys");
    native
        .post_idempotent("/v2/keys", "order-1", json!({ "name": "other", "scopes": ["leads:read"] }))
        .await
        .expect(422);

    let path = format!("/v2/keys/{}/rotate", first.json()["id"].as_str().unwrap());
    let rotated = native.post_idempotent(&path, "turn-1", json!({})).await;
    rotated.expect(201);
    let again = native.post_idempotent(&path, "turn-1", json!({})).await;
    assert_eq!((again.status, &again.text), (201, &rotated.text), "but it cannot be rotated twice");
    native.with_key(again.json()["key"].as_str().unwrap()).get("/v2/leads").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_newest_first() {
    let server = server().await;
    let native = Caller::native(&server);
    let mut made = Vec::new();
    for number in 0..4 {
        made.insert(0, make(&native, json!({ "name": format!("k{number}"), "scopes": ["leads:read"] })).await.0);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v2/keys?limit=3".to_owned();
    loop {
        let page = native.get(&path).await.expect(200);
        seen.extend(page["data"].as_array().unwrap().iter().map(|key| id(key)));
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
        path = format!("/v2/keys?limit=3&cursor={cursor}");
    }
    assert_eq!(seen[..4], made);
    assert_eq!(seen.len(), 6);

    let other_tenant = Caller::revenue_defenders(&server);
    let path = format!("/v2/keys/{}", made[0]);
    other_tenant.get(&path).await.expect(404);
    other_tenant.delete(&path).await.expect(404);
    other_tenant.post(&format!("{path}/rotate"), json!({})).await.expect(404);
    assert_eq!(invalid_field(&native.get("/v2/keys/nonsense").await), "keyId");
    // A test key cannot see the keys of the live environment.
    let test = Caller::native_test(&server);
    test.get(&path).await.expect(404);
    let listed = test.get("/v2/keys").await.expect(200);
    assert!(listed["data"].as_array().unwrap().iter().all(|key| key["mode"] == "test"));
}
