//! The end of keys: rotation, revocation and expiry.

use super::{in_seconds, make};
use crate::harness::{Caller, eventually, invalid_field, options, server};
use local::{LocalServer, ServerOptions};
use serde_json::json;
use std::time::Duration;

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
