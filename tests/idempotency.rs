//! Idempotency: repeated calls with the same key and body return the first response byte for byte, and have one
//! effect.

use crate::harness::{ApiResponse, Caller, IssuedKey, Receiver, assert_one_result, id, server};
use domain::{BusinessId, Mode};
use futures_util::future::join_all;
use local::LocalServer;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

async fn patch_idempotent(caller: &Caller, path: &str, key: &str, body: Value) -> ApiResponse {
    caller.send(Method::PATCH, path, &[("Idempotency-Key", key)], Some(body.to_string().into_bytes())).await
}

async fn lead_ids(caller: &Caller, path: &str) -> Vec<String> {
    let page = caller.get(path).await.expect(200);
    let items = page.get("data").or_else(|| page.get("items")).unwrap().as_array().unwrap().clone();
    items.iter().map(|lead| id(lead)).collect()
}

fn full_lead() -> Value {
    json!({
        "name": "Jane Smith", "email": "jane@example.com", "phone": "+44 20 7946 0958", "message": "Call me",
        "serviceInterest": "Valuation", "source": "LANDING_PAGE", "category": "AGENCY",
        "utm": { "source": "google", "campaign": "spring" }, "consent": { "given": true, "text": "I agree" },
        "attributes": { "rooms": 3, "garden": true, "budget": 12.5, "area": "N1" },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_calls_create_one_lead_and_agree() {
    let server = server().await;
    for (caller, path, body) in [
        (Caller::native(&server), "/v2/leads", full_lead()),
        (Caller::revenue_defenders(&server), "/api/v1/leads", json!({ "name": "Jane", "phone": "(555) 123-4567" })),
    ] {
        let replies = join_all((0..50).map(|_| caller.post_idempotent(path, "form-1", body.clone()))).await;
        let lead = assert_one_result(&replies, 201);
        assert_eq!(lead_ids(&caller, path).await, [lead["id"].as_str().unwrap()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_byte_identical_after_changes() {
    let server = server().await;
    let native = Caller::native(&server);
    for (number, body) in [
        full_lead(),
        json!({ "name": "Jane", "phone": "+44 20 7946 0958" }),
        json!({ "name": "J", "email": "j@e.org" }),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("form-{number}");
        let first = native.post_idempotent("/v2/leads", &key, body.clone()).await;
        assert!(!first.is_replayed());
        let path = format!("/v2/leads/{}", first.expect(201)["id"].as_str().unwrap());
        for change in [
            json!({ "status": "CONTACTED" }),
            json!({ "email": "other@example.com", "message": null }),
            json!({ "phone": null, "name": "Another Name" }),
            json!({ "message": "Back again", "utm": null, "attributes": null }),
            json!({ "attributes": { "rooms": 4 }, "consent": null, "serviceInterest": null }),
            json!({ "consent": { "given": false }, "category": "EVENT", "source": "PHONE" }),
            json!({ "status": "NEW", "utm": { "term": "x" } }),
            json!({ "status": "OPTED_OUT" }),
            json!({ "status": "CLOSED", "email": "jane@example.com" }),
        ] {
            native.patch(&path, change.clone()).await.expect(200);
            let again = native.post_idempotent("/v2/leads", &key, body.clone()).await;
            assert_eq!((again.status, &again.text), (201, &first.text), "after {change}");
            assert!(again.is_replayed());
            assert_eq!(again.header("etag"), first.header("etag"));
        }
        assert_eq!(native.get(&path).await.expect(200)["version"], 10, "a replay changes nothing");
    }
}

/// A change shows its version, and so does its replay, whatever the version is by then.
#[tokio::test(flavor = "multi_thread")]
async fn replays_have_the_entity_tag_of_the_first_response() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", full_lead()).await.expect(201);
    let dispute = json!({ "reason": "FRAUDULENT", "amountCents": 100 });
    let dispute = native.post_idempotent("/v2/disputes", "d", dispute).await.expect(201);
    let of = |what: &str, made: &Value| format!("/v2/{what}/{}", made["id"].as_str().unwrap());
    for (path, first, second) in [
        (of("leads", &lead), json!({ "status": "CONTACTED" }), json!({ "status": "WON" })),
        (of("disputes", &dispute), json!({ "status": "UNDER_REVIEW" }), json!({ "status": "WON" })),
    ] {
        let changed = patch_idempotent(&native, &path, "k", first.clone()).await;
        assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{path}");
        native.patch(&path, second).await.expect(200);
        let again = patch_idempotent(&native, &path, "k", first).await;
        assert!(again.is_replayed(), "{path}");
        assert_eq!((again.header("etag"), &again.text), ("\"2\"", &changed.text), "{path}");
        assert_eq!(native.get(&path).await.header("etag"), "\"3\"", "{path}");
    }
    let dispute = json!({ "reason": "FRAUDULENT", "amountCents": 100 });
    let again = native.post_idempotent("/v2/disputes", "d", dispute).await;
    assert_eq!((again.is_replayed(), again.header("etag")), (true, "\"1\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_under_the_same_key_is_422() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "Jane", "email": "jane@example.com" });
    native.post_idempotent("/v2/leads", "k", body.clone()).await.expect(201);
    let rejected =
        native.post_idempotent("/v2/leads", "k", json!({ "name": "Joan", "email": "joan@example.com" })).await;
    assert_eq!(rejected.expect(422)["error"]["code"], "IDEMPOTENCY_MISMATCH");
    let id = native.post_idempotent("/v2/leads", "k", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/v2/leads/{id}");
    patch_idempotent(&native, &path, "k", json!({ "status": "WON" })).await.expect(200);
    patch_idempotent(&native, &path, "k", json!({ "status": "LOST" })).await.expect(422);
    assert_eq!(native.get(&path).await.expect(200)["status"], "WON");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_headers_and_quoting_are_equivalent() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = || Some(json!({ "name": "Jane", "email": "jane@example.com" }).to_string().into_bytes());
    let first = native.send(Method::POST, "/v2/leads", &[("Idempotency-Key", "a b-1")], body()).await;
    first.expect(201);
    for headers in [
        vec![("Idempotency-Key", "\"a b-1\"")],
        vec![("X-Idempotency-Key", "a b-1")],
        vec![("x-idempotency-key", "\"a b-1\"")],
        vec![("Idempotency-Key", "a b-1"), ("X-Idempotency-Key", "\"a b-1\"")],
    ] {
        let again = native.send(Method::POST, "/v2/leads", &headers, body()).await;
        assert_eq!((again.status, &again.text, again.is_replayed()), (201, &first.text, true), "{headers:?}");
    }
    let max_key = "k".repeat(255);
    native.send(Method::POST, "/v2/leads", &[("Idempotency-Key", &max_key)], body()).await.expect(201);
    let quoted = format!("\"{max_key}\"");
    assert!(native.send(Method::POST, "/v2/leads", &[("Idempotency-Key", &quoted)], body()).await.is_replayed());
    let too_long = "k".repeat(256);
    for (field, headers) in [
        ("idempotency-key", vec![("Idempotency-Key", too_long.as_str())]),
        ("x-idempotency-key", vec![("X-Idempotency-Key", too_long.as_str())]),
        ("x-idempotency-key", vec![("Idempotency-Key", "a"), ("X-Idempotency-Key", "b")]),
        ("idempotency-key", vec![("Idempotency-Key", "a"), ("Idempotency-Key", "b")]),
        ("idempotency-key", vec![("Idempotency-Key", "")]),
        ("idempotency-key", vec![("Idempotency-Key", "\"\"")]),
    ] {
        let rejected = native.send(Method::POST, "/v2/leads", &headers, body()).await.expect(400);
        assert_eq!(rejected["error"]["details"][0]["field"], field, "{headers:?}");
    }
    assert_eq!(lead_ids(&native, "/v2/leads").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_scoped_to_caller_and_operation() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "Jane", "email": "jane@example.com" });
    let other = native.post("/v2/businesses", json!({ "name": "Other", "country": "GB" })).await.expect(201);
    let other: BusinessId = BusinessId::parse(other["id"].as_str().unwrap()).unwrap();
    let bound = IssuedKey::new(&server, |record| record.business = Some(other)).await.caller(&server);
    let mut ids = BTreeSet::new();
    for (caller, path) in [
        (native.clone(), "/v2/leads"),
        (Caller::native_test(&server), "/v2/leads"),
        (Caller::revenue_defenders(&server), "/v2/leads"),
        (native.clone(), "/api/v1/leads"),
        (bound, "/v2/leads"),
    ] {
        let first = caller.post_idempotent(path, "same", body.clone()).await;
        assert!(!first.is_replayed(), "{path}");
        assert!(ids.insert(first.expect(201)["id"].as_str().unwrap().to_owned()), "{path}");
        assert!(caller.post_idempotent(path, "same", body.clone()).await.is_replayed());
    }
    // The key is bound to the concrete path and to the method.
    let change = json!({ "status": "CONTACTED" });
    for id in lead_ids(&native, "/v2/leads").await {
        let changed = patch_idempotent(&native, &format!("/v2/leads/{id}"), "same", change.clone()).await;
        assert_eq!(changed.expect(200)["id"], id);
        assert!(!changed.is_replayed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn error_responses_are_not_kept() {
    let server = server().await;
    let native = Caller::native(&server);
    native.post_idempotent("/v2/leads", "k", json!({ "name": "Jane" })).await.expect(400);
    native.post_idempotent("/v2/leads", "k", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    native.post_idempotent("/v2/webhooks", "k", json!({ "url": "ftp://x", "events": ["*"] })).await.expect(400);
    let made = native
        .post_idempotent("/v2/webhooks", "k", json!({ "url": "http://127.0.0.1:9999/hook", "events": ["*"] }))
        .await;
    made.expect(201);
    // A 404 is not stored: the same call with the same key runs again once the lead exists.
    let opted_out = native.post("/v2/leads", json!({ "name": "J", "email": "j@example.com" })).await.expect(201);
    let path = format!("/v2/leads/{}", opted_out["id"].as_str().unwrap());
    native.patch(&path, json!({ "status": "OPTED_OUT" })).await.expect(200);
    for _ in 0..2 {
        let rejected = patch_idempotent(&native, &path, "again", json!({ "status": "NEW" })).await;
        rejected.expect(409);
        assert!(!rejected.is_replayed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_replay_is_byte_identical() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", full_lead()).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    let change = json!({ "status": "QUALIFIED", "message": null });
    let first = patch_idempotent(&native, &path, "p", change.clone()).await;
    first.expect(200);
    native.patch(&path, json!({ "status": "WON", "name": "Jane Jones" })).await.expect(200);
    let again = patch_idempotent(&native, &path, "p", change.clone()).await;
    assert_eq!((again.status, &again.text, again.is_replayed()), (200, &first.text, true));
    // The response to an update without effect is stored as well.
    let unchanged = patch_idempotent(&native, &path, "n", json!({ "status": "WON" })).await;
    assert_eq!(unchanged.expect(200)["version"], 3);
    native.patch(&path, json!({ "status": "LOST" })).await.expect(200);
    let again = patch_idempotent(&native, &path, "n", json!({ "status": "WON" })).await;
    assert_eq!((&again.text, again.is_replayed()), (&unchanged.text, true));
    let now = native.get(&path).await.expect(200);
    assert_eq!((&now["status"], &now["version"]), (&json!("LOST"), &json!(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_patches_take_effect_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    for (key, status, version) in [("a", "CONTACTED", 2), ("b", "WON", 3)] {
        let body = json!({ "status": status });
        let replies = join_all((0..20).map(|_| patch_idempotent(&native, &path, key, body.clone()))).await;
        let changed = assert_one_result(&replies, 200);
        assert_eq!((&changed["status"], &changed["version"]), (&json!(status), &json!(version)));
        assert_eq!(native.get(&path).await.expect(200), changed);
    }
    // lead.created, lead.status_changed twice, lead.won.
    receiver.wait_for(4, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_if_match_patches_share_the_response() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    let body = json!({ "status": "WON" }).to_string().into_bytes();
    let change = async |key: &str| {
        let headers = [("If-Match", "\"1\""), ("Idempotency-Key", key)];
        native.send(Method::PATCH, &path, &headers, Some(body.clone())).await
    };
    assert_one_result(&join_all((0..20).map(|_| change("w"))).await, 200);
    assert_eq!(change("another").await.status, 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_patches_with_distinct_keys_all_apply() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    let fields = ["message", "serviceInterest", "phone"];
    let values = ["Call me", "Roof", "+442079460958"];
    let changes = fields.iter().zip(values).map(|(field, value)| {
        let (native, path) = (&native, &path);
        async move { patch_idempotent(native, path, field, json!({ *field: value })).await }
    });
    for reply in join_all(changes).await {
        reply.expect(200);
    }
    let now = native.get(&path).await.expect(200);
    assert_eq!(now["version"], 4);
    for (field, value) in fields.iter().zip(values) {
        assert_eq!(now[field], value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_replayed() {
    let server = server().await;
    let native = Caller::native(&server);
    let subscription = json!({ "url": "http://127.0.0.1:9999/hook", "events": ["lead.created"] });
    let key = json!({ "name": "ci", "scopes": ["leads:read"] });
    for (path, body, secret) in [
        ("/v2/webhooks", subscription, "secret"),
        ("/v2/keys", key, "key"),
        ("/v2/businesses", json!({ "name": "B", "country": "SE", "brandId": 7 }), "id"),
    ] {
        let before = native.get(&format!("{path}?limit=100")).await.expect(200)["data"].as_array().unwrap().len();
        let replies = join_all((0..20).map(|_| native.post_idempotent(path, "k", body.clone()))).await;
        let made = assert_one_result(&replies, 201);
        assert!(made[secret].as_str().is_some_and(|secret| secret.len() > 30), "{made}");
        let listed = native.get(&format!("{path}?limit=100")).await.expect(200)["data"].as_array().unwrap().len();
        assert_eq!(listed, before + 1, "{path}");
        let id = made["id"].as_str().unwrap();
        // The resource has been changed or deleted since: the first response is replayed nevertheless.
        match path {
            "/v2/webhooks" => {
                native.post(&format!("{path}/{id}/rotate-secret"), json!({})).await.expect(200);
                assert_eq!(native.delete(&format!("{path}/{id}")).await.status, 204);
            }
            "/v2/keys" => assert_eq!(native.delete(&format!("{path}/{id}")).await.status, 204),
            _ => {
                native.patch(&format!("{path}/{id}"), json!({ "name": "C" })).await.expect(200);
            }
        }
        let again = native.post_idempotent(path, "k", body).await;
        assert_eq!((again.status, &again.text, again.is_replayed()), (201, &replies[0].text, true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_rotation_rotates_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let subscription = native.subscribe("http://127.0.0.1:9999/hook").await;
    let path = format!("/v2/webhooks/{}/rotate-secret", subscription["id"].as_str().unwrap());
    let replies = join_all((0..10).map(|_| native.post_idempotent(&path, "r", json!({})))).await;
    let rotated: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert!(rotated.iter().all(|reply| reply.text == rotated[0].text));
    assert_eq!(rotated.len(), replies.len(), "{:?}", replies.iter().map(|reply| &reply.text).collect::<Vec<_>>());
    assert_ne!(rotated[0].json()["secret"], subscription["secret"]);

    let made = native.post("/v2/keys", json!({ "name": "ci", "scopes": ["leads:read"] })).await.expect(201);
    let path = format!("/v2/keys/{}/rotate", made["id"].as_str().unwrap());
    let replies = join_all((0..10).map(|_| native.post_idempotent(&path, "r", json!({})))).await;
    assert_one_result(&replies, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_pings_and_retries_send_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let subscription = native.subscribe(&receiver.url).await;
    let path = format!("/v2/webhooks/{}/test", subscription["id"].as_str().unwrap());
    let replies = join_all((0..10).map(|_| native.post_idempotent(&path, "t", json!({})))).await;
    let pinged = assert_one_result(&replies, 202);
    receiver.wait_for(1, Duration::from_secs(10)).await;
    let delivery = pinged["deliveryId"].as_str().unwrap();
    let path = format!("/v2/deliveries/{delivery}");
    crate::harness::eventually(Duration::from_secs(10), "the ping is recorded", || async {
        (native.get(&path).await.expect(200)["status"] == "DELIVERED").then_some(())
    })
    .await;
    let retry = format!("{path}/retry");
    let replies = join_all((0..10).map(|_| native.post_idempotent(&retry, "t", json!({})))).await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (202, &replies[0].text));
    }
    receiver.wait_for(2, Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_key_replays_nothing_of_live_mode() {
    let server: LocalServer = server().await;
    let body = json!({ "name": "ci", "scopes": ["leads:read"] });
    let live = Caller::native(&server).post_idempotent("/v2/keys", "k", body.clone()).await.expect(201);
    let test = Caller::native_test(&server).post_idempotent("/v2/keys", "k", body).await.expect(201);
    assert_ne!(live["key"], test["key"]);
    assert_eq!((&live["mode"], &test["mode"]), (&json!(Mode::Live.name()), &json!(Mode::Test.name())));
}
