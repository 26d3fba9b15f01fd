//! API keys: created, listed, rotated and revoked by callers, with no more rights than the creating key has.

use crate::harness::{ApiResponse, Caller, eventually, id, invalid_field, options, server};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_key_grants_nothing_beyond_its_own_rights() {
    let server = server().await;
    let native = Caller::native(&server);
    let second = native.post("/v2/businesses", json!({ "name": "Second", "country": "SE" })).await.expect(201);
    let all = json!(["keys:write", "keys:read", "leads:read"]);
    let grant = |extra: Value| {
        let mut body = json!({ "name": "k", "scopes": ["leads:read"] });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };

    let (_, narrow) = make(&native, json!({ "name": "narrow", "scopes": all })).await;
    let rejected = narrow.post("/v2/keys", grant(json!({ "scopes": ["leads:read", "leads:write"] }))).await;
    assert!(message(&rejected, 403).contains("leads:write"));
    make(&narrow, grant(json!({}))).await;

    let (_, test) = make(&native, json!({ "name": "test", "scopes": all, "mode": "test" })).await;
    assert!(message(&test.post("/v2/keys", grant(json!({ "mode": "live" }))).await, 403).contains("test"));
    let made = test.post("/v2/keys", grant(json!({}))).await.expect(201);
    assert_eq!(made["mode"], "test", "defaults to that of the creating key");

    let (_, free) = make(&native, json!({ "name": "free", "scopes": all, "tier": "free" })).await;
    for tier in ["premium", "pro", "enterprise"] {
        assert!(message(&free.post("/v2/keys", grant(json!({ "tier": tier }))).await, 403).contains(tier));
    }
    for contract in ["native", "revenueDefenders", "vendorPad"] {
        let (_, made) = make(&free, grant(json!({ "contract": contract }))).await;
        let policy = made.get("/v2/leads").await;
        assert_eq!(policy.header("ratelimit-policy"), "\"minute\";q=60;w=60, \"day\";q=5000;w=86400", "{contract}");
    }

    let (_, short) = make(&native, json!({ "name": "short", "scopes": all, "expiresAt": in_seconds(3_600) })).await;
    short.post("/v2/keys", grant(json!({ "expiresAt": in_seconds(7_200) }))).await.expect(403);
    let made = short.post("/v2/keys", grant(json!({}))).await.expect(201);
    assert!(made["expiresAt"].is_string(), "it expires with the creating key: {made}");
    let (lasting, _) = make(&native, json!({ "name": "lasting", "scopes": ["leads:read"] })).await;
    let rejected = short.post(&format!("/v2/keys/{lasting}/rotate"), json!({})).await;
    rejected.expect(403);

    let first = server.credentials.native.business_id.clone();
    let (_, bound) = make(&native, json!({ "name": "bound", "scopes": all, "businessId": first })).await;
    let unknown = "018f0000-0000-7000-8000-000000000000";
    for other in [second["id"].as_str().unwrap(), unknown] {
        bound.post("/v2/keys", grant(json!({ "businessId": other }))).await.expect(403);
    }
    for body in [grant(json!({})), grant(json!({ "businessId": first }))] {
        assert_eq!(bound.post("/v2/keys", body).await.expect(201)["businessId"], first);
    }

    // Such a key gets sixty calls a minute; the daily limit of the creating key remains.
    let (_, defender) = make(&native, grant(json!({ "contract": "revenueDefenders" }))).await;
    let policy = defender.get("/api/v1/leads").await;
    assert_eq!(policy.header("ratelimit-policy"), "\"minute\";q=60;w=60, \"day\";q=1000000;w=86400");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cannot_rotate_a_stronger_one() {
    let server = server().await;
    let native = Caller::native(&server);
    let scopes = json!(["keys:write", "leads:read"]);
    let (_, maker) = make(&native, json!({ "name": "maker", "scopes": scopes, "tier": "free" })).await;
    let more = [
        json!({ "name": "k", "scopes": ["leads:write"], "tier": "free" }),
        json!({ "name": "k", "scopes": ["leads:read"], "tier": "enterprise" }),
    ];
    for body in more {
        let (id, _) = make(&native, body).await;
        maker.post(&format!("/v2/keys/{id}/rotate"), json!({})).await.expect(403);
    }
    let (id, _) = make(&native, json!({ "name": "k", "scopes": ["leads:read"], "tier": "free" })).await;
    maker.post(&format!("/v2/keys/{id}/rotate"), json!({})).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_works_until_its_grace_ends() {
    let server = server().await;
    let native = Caller::native(&server);
    let (id, old) = make(&native, json!({ "name": "k", "scopes": ["leads:read"] })).await;
    let path = format!("/v2/keys/{id}/rotate");
    for grace in [json!(-1), json!(30 * 24 * 3_600 + 1), json!("1h")] {
        assert_eq!(invalid_field(&native.post(&path, json!({ "graceSeconds": grace })).await), "graceSeconds");
    }
    let rotated = native.post(&path, json!({ "graceSeconds": 2 })).await.expect(201);
    let new = native.with_key(rotated["key"].as_str().unwrap());
    assert_ne!(new.key, old.key);
    assert_eq!(rotated["scopes"], json!(["leads:read"]));
    old.get("/v2/leads").await.expect(200);
    new.get("/v2/leads").await.expect(200);
    let shown = native.get(&format!("/v2/keys/{id}")).await.expect(200);
    assert_eq!(shown["rotatedTo"], rotated["id"]);
    native.post(&path, json!({})).await.expect(409);
    eventually(Duration::from_secs(5), "the grace ends", || async {
        (old.get("/v2/leads").await.status == 401).then_some(())
    })
    .await;
    assert_eq!(native.get(&format!("/v2/keys/{id}")).await.expect(200)["status"], "EXPIRED");
    new.get("/v2/leads").await.expect(200);

    let path = format!("/v2/keys/{}/rotate", rotated["id"].as_str().unwrap());
    let newest = native.post(&path, json!({ "graceSeconds": 0 })).await.expect(201);
    new.get("/v2/leads").await.expect(401);
    native.with_key(newest["key"].as_str().unwrap()).get("/v2/leads").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_ends_a_grace_period() {
    let server = server().await;
    let native = Caller::native(&server);
    let (id, key) = make(&native, json!({ "name": "k", "scopes": ["leads:read"] })).await;
    key.get("/v2/leads").await.expect(200);
    let rotated = native.send(http::Method::POST, &format!("/v2/keys/{id}/rotate"), &[], None).await.expect(201);
    key.get("/v2/leads").await.expect(200);
    for _ in 0..2 {
        let reply = native.delete(&format!("/v2/keys/{id}")).await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "a repeated revocation succeeds");
        key.get("/v2/leads").await.expect(401);
    }
    let new = native.with_key(rotated["key"].as_str().unwrap());
    new.get("/v2/leads").await.expect(200);
    let shown = native.get(&format!("/v2/keys/{id}")).await.expect(200);
    assert_eq!(shown["status"], "REVOKED");
    assert!(shown["revokedAt"].is_string());
    native.post(&format!("/v2/keys/{id}/rotate"), json!({})).await.expect(409);
    let revoker = make(&native, json!({ "name": "itself", "scopes": ["keys:write"] })).await;
    revoker.1.delete(&format!("/v2/keys/{}", revoker.0)).await.expect(204);
    revoker.1.delete(&format!("/v2/keys/{}", revoker.0)).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_key_is_401() {
    let server = server().await;
    let native = Caller::native(&server);
    let (id, key) = make(&native, json!({ "name": "k", "scopes": ["leads:read"], "expiresAt": in_seconds(2) })).await;
    key.get("/v2/leads").await.expect(200);
    eventually(Duration::from_secs(5), "the key expires", || async {
        (key.get("/v2/leads").await.status == 401).then_some(())
    })
    .await;
    assert_eq!(native.get(&format!("/v2/keys/{id}")).await.expect(200)["status"], "EXPIRED");
    native.post(&format!("/v2/keys/{id}/rotate"), json!({})).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named_and_not_counted() {
    let server = server().await;
    let native = Caller::native(&server);
    let (_, key) = make(&native, json!({ "name": "k", "scopes": ["leads:read"] })).await;
    let calls = [
        ("POST", "/v2/leads", "leads:write"),
        ("GET", "/v2/webhooks", "webhooks:read"),
        ("POST", "/v2/webhooks", "webhooks:write"),
        ("GET", "/v2/deliveries", "webhooks:read"),
        ("GET", "/v2/event-types", "webhooks:read"),
        ("GET", "/v2/event-types/ping/sample", "webhooks:read"),
        ("GET", "/v2/event-log", "webhooks:read"),
        ("POST", "/v2/event-log", "webhooks:write"),
        ("GET", "/v2/keys", "keys:read"),
        ("POST", "/v2/keys", "keys:write"),
        ("GET", "/v2/businesses", "businesses:read"),
        ("POST", "/v2/businesses", "businesses:write"),
    ];
    let before = key.get("/v2/leads").await;
    for (method, path, scope) in calls {
        // The scope is checked before the body.
        let reply = key.send(method.parse().unwrap(), path, &[], Some(b"{".to_vec())).await;
        assert!(message(&reply, 403).contains(scope), "{method} {path}: {}", reply.text);
        assert_eq!(reply.json()["error"]["code"], "FORBIDDEN");
    }
    let after = key.get("/v2/leads").await;
    let left = |reply: &ApiResponse| reply.header("x-ratelimit-remaining").parse::<u64>().unwrap();
    let same_minute = before.header("x-ratelimit-reset") == after.header("x-ratelimit-reset");
    assert!(!same_minute || left(&after) == left(&before) - 1);
    key.get("/v2/me").await.expect(200);
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
async fn a_bound_key_stays_within_its_business() {
    let server = server().await;
    let native = Caller::native(&server);
    let first = server.credentials.native.business_id.clone();
    let second = native.post("/v2/businesses", json!({ "name": "Second", "country": "SE" })).await.expect(201);
    let second = id(&second);
    let scopes: Vec<_> = domain::Scope::ALL.iter().map(|scope| scope.name()).collect();
    let (own_id, bound) = make(&native, json!({ "name": "bound", "scopes": scopes, "businessId": second })).await;
    let lead = |business: &str| json!({ "name": "A", "email": "a@example.com", "businessId": business });
    let outside = native.post("/v2/leads", lead(&first)).await.expect(201);
    let hook = |business: Option<&str>| json!({ "url": "http://127.0.0.1:9000/hook", "events": ["*"], "businessId": business });
    let tenants_hook = native.post("/v2/webhooks", hook(None)).await.expect(201);
    let firsts_hook = native.post("/v2/webhooks", hook(Some(&first))).await.expect(201);
    let (tenants_key, _) = make(&native, json!({ "name": "k", "scopes": ["leads:read"] })).await;

    bound.post("/v2/leads", lead(&first)).await.expect(404);
    bound.post("/api/v1/leads", lead(&first)).await.expect(403);
    bound.post("/v2/webhooks", hook(Some(&first))).await.expect(404);
    bound.post("/v2/businesses", json!({ "name": "Third", "country": "SE" })).await.expect(403);
    let outside_id = outside["id"].as_str().unwrap();
    bound.get(&format!("/v2/leads/{outside_id}")).await.expect(404);
    bound.get(&format!("/api/v1/leads/{outside_id}")).await.expect(404);
    bound.patch(&format!("/v2/leads/{outside_id}"), json!({ "status": "WON" })).await.expect(404);
    bound.get(&format!("/v2/leads?businessId={first}")).await.expect(404);
    bound.get(&format!("/api/v1/leads?businessId={first}")).await.expect(403);
    for hook in [&tenants_hook, &firsts_hook] {
        let path = format!("/v2/webhooks/{}", hook["id"].as_str().unwrap());
        bound.get(&path).await.expect(404);
        bound.patch(&path, json!({ "status": "DISABLED" })).await.expect(404);
        bound.delete(&path).await.expect(404);
        bound.post(&format!("{path}/rotate-secret"), json!({})).await.expect(404);
        bound.post(&format!("{path}/test"), json!({})).await.expect(404);
    }
    bound.get(&format!("/v2/keys/{tenants_key}")).await.expect(404);
    bound.delete(&format!("/v2/keys/{tenants_key}")).await.expect(404);
    bound.post(&format!("/v2/keys/{tenants_key}/rotate"), json!({})).await.expect(404);
    bound.get(&format!("/v2/businesses/{first}")).await.expect(404);
    bound.patch(&format!("/v2/businesses/{first}"), json!({ "name": "Mine" })).await.expect(404);

    let made = bound.post("/v2/leads", json!({ "name": "B", "email": "b@example.com" })).await.expect(201);
    assert_eq!(made["businessId"], second, "defaults to that of the creating key");
    let rows =
        |page: Value| -> Vec<Value> { page["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect() };
    assert_eq!(rows(bound.get("/v2/leads").await.expect(200)), [made["id"].clone()]);
    assert_eq!(rows(bound.get("/v2/webhooks").await.expect(200)), Vec::<Value>::new());
    assert_eq!(rows(bound.get("/v2/keys").await.expect(200)), [json!(own_id)]);
    assert_eq!(rows(bound.get("/v2/businesses").await.expect(200)), [json!(second)]);
    let own = bound.post("/v2/webhooks", hook(None)).await.expect(201);
    assert_eq!(own["businessId"], second);

    // Deliveries of its own subscription stay visible to the key, even after the subscription is deleted.
    let path = format!("/v2/webhooks/{}", own["id"].as_str().unwrap());
    let pinged = bound.post(&format!("{path}/test"), json!({})).await.expect(202);
    let delivery = format!("/v2/deliveries/{}", pinged["deliveryId"].as_str().unwrap());
    bound.get(&delivery).await.expect(200);
    bound.delete(&path).await.expect(204);
    assert_eq!(rows(bound.get("/v2/deliveries").await.expect(200)), [pinged["deliveryId"].clone()]);
    bound.get(&delivery).await.expect(200);
    let path = format!("/v2/webhooks/{}", firsts_hook["id"].as_str().unwrap());
    let pinged = native.post(&format!("{path}/test"), json!({})).await.expect(202);
    let delivery = format!("/v2/deliveries/{}", pinged["deliveryId"].as_str().unwrap());
    bound.get(&delivery).await.expect(404);
    bound.post(&format!("{delivery}/retry"), json!({})).await.expect(404);
    native.delete(&path).await.expect(204);
    bound.get(&delivery).await.expect(404);
    native.get(&delivery).await.expect(200);
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
async fn a_weaker_key_gets_no_replay_of_a_key() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = json!({ "name": "k", "scopes": ["leads:read", "keys:write"], "expiresAt": in_seconds(7_200) });
    let first = native.post_idempotent("/v2/keys", "order", made.clone()).await;
    let rotate = format!("/v2/keys/{}/rotate", first.expect(201)["id"].as_str().unwrap());
    let rotated = native.post_idempotent(&rotate, "turn", json!({})).await;
    rotated.expect(201);
    let weaker = [
        json!({ "name": "fewer scopes", "scopes": ["keys:write"] }),
        json!({ "name": "lower limits", "scopes": ["leads:read", "keys:write"], "tier": "free" }),
        json!({ "name": "shorter", "scopes": ["leads:read", "keys:write"], "expiresAt": in_seconds(3_600) }),
    ];
    for weaker in weaker {
        let (_, caller) = make(&native, weaker.clone()).await;
        for (path, key, body) in [("/v2/keys", "order", made.clone()), (rotate.as_str(), "turn", json!({}))] {
            let reply = caller.post_idempotent(path, key, body).await;
            reply.expect(403);
            assert!(!reply.text.contains("lh_live_") && !reply.is_replayed(), "{path} by {weaker}: {}", reply.text);
        }
    }
    let (_, equal) = make(&native, json!({ "name": "equal", "scopes": ["leads:read", "keys:write"] })).await;
    assert_eq!(equal.post_idempotent("/v2/keys", "order", made).await.text, first.text);
    assert_eq!(equal.post_idempotent(&rotate, "turn", json!({})).await.text, rotated.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_manages_only_keys_with_its_own_scopes() {
    let server = server().await;
    let native = Caller::native(&server);
    let scopes = json!(["keys:read", "keys:write", "leads:read"]);
    let (own, manager) = make(&native, json!({ "name": "manager", "scopes": scopes, "tier": "free" })).await;
    let (stronger, admin) = make(&native, json!({ "name": "stronger", "scopes": ["leads:read", "leads:write"] })).await;
    let (faster, _) = make(&native, json!({ "name": "faster", "scopes": ["leads:read"], "tier": "enterprise" })).await;
    let listed = manager.get("/v2/keys").await.expect(200);
    let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [faster.as_str(), own.as_str()], "only keys without further scopes");
    let path = format!("/v2/keys/{stronger}");
    message(&manager.get(&path).await, 403);
    message(&manager.delete(&path).await, 403);
    message(&manager.post(&format!("{path}/rotate"), json!({})).await, 403);
    admin.get("/v2/leads").await.expect(200);
    manager.post(&format!("/v2/keys/{faster}/rotate"), json!({})).await.expect(403);
    manager.delete(&format!("/v2/keys/{faster}")).await.expect(204);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_demo_key_stays_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || LocalServer::start(ServerOptions { data: Some(folder.path().to_owned()), ..options() });
    let server = kept().await.unwrap();
    let (native, test) = (Caller::native(&server), Caller::native_test(&server));
    let id = test.get("/v2/me").await.expect(200)["key"]["id"].as_str().unwrap().to_owned();
    native.delete(&format!("/v2/keys/{id}")).await.expect(204);
    server.stop().await;
    let server = kept().await.unwrap();
    let (native, again) = (Caller::native(&server), Caller::native_test(&server));
    assert_eq!(again.key, test.key, "every start has the same demo keys");
    again.get("/v2/me").await.expect(401);
    assert_eq!(native.get(&format!("/v2/keys/{id}")).await.expect(200)["status"], "REVOKED");
}
