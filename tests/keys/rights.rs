//! Rights of keys: none grants or manages more than it has itself.

use super::{in_seconds, make, message};
use crate::harness::{ApiResponse, Caller, id, server};
use serde_json::{Value, json};

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
