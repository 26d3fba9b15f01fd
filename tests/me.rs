//! The caller's own key (`/v2/me`) and the health check.

use crate::harness::{Caller, server};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn any_key_reads_its_own_identity() {
    let server = server().await;
    let native = Caller::native(&server);
    let me = native.get("/v2/me").await.expect(200);
    assert_eq!(
        (&me["tenantName"], &me["tier"], &me["mode"]),
        (&json!("Harbour Homes"), &json!("enterprise"), &json!("live"))
    );
    assert!(native.key.starts_with(me["key"]["prefix"].as_str().unwrap()));
    assert!(!me.to_string().contains(&native.key));
    let test = Caller::native_test(&server).get("/v2/me").await.expect(200);
    assert_eq!((&test["mode"], &test["tenantId"]), (&json!("test"), &me["tenantId"]));
    let other = Caller::revenue_defenders(&server).get("/v2/me").await.expect(200);
    assert_eq!(other["tier"], "premium");
    assert_ne!(other["tenantId"], me["tenantId"]);

    let made = native.post("/v2/keys", json!({ "name": "narrow", "scopes": ["audit:read"] })).await.expect(201);
    let narrow = native.with_key(made["key"].as_str().unwrap()).get("/v2/me").await.expect(200);
    assert_eq!(narrow["key"]["scopes"], json!(["audit:read"]));
    assert_eq!(narrow["key"]["id"], made["id"]);
    native.with_key("").get("/v2/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_needs_no_key_and_no_table() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    let before = server.database.operations();
    for key in ["", "nonsense"] {
        let reply = anonymous.with_key(key).get("/v2/health").await;
        assert_eq!(reply.expect(200)["status"], "ok");
        assert_eq!(reply.header("ratelimit"), "");
    }
    // Background loops read now and then; a read within the calls would occur in each of them.
    for _ in 0..200 {
        anonymous.get("/v2/health").await.expect(200);
    }
    assert!(server.database.operations() - before < 100);
}
