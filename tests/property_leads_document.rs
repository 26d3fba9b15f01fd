//! Property-leads document: errors, pages and signatures in the native contract.

use crate::harness::signature::hmac_hex;
use crate::harness::{Caller, Receiver, programs, run_concurrently, server};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_documented_format() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = native.get("/v2/leads/not-a-uuid").await.expect(400);
    let error = &body["error"];
    assert_eq!(error["code"], "INVALID_REQUEST");
    assert!(error["message"].is_string());
    assert_eq!(error["details"], json!([{ "field": "leadId", "message": "leadId must be a valid UUID" }]));
    assert_eq!(body.as_object().unwrap().len(), 1);
    let codes = [
        (native.with_key("").get("/v2/leads").await, 401, "UNAUTHORIZED"),
        (native.get("/v2/leads/018f0000-0000-7000-8000-000000000000").await, 404, "NOT_FOUND"),
        (native.post("/v2/leads", json!({})).await, 400, "INVALID_REQUEST"),
    ];
    for (reply, status, code) in codes {
        let error = &reply.expect(status)["error"];
        assert_eq!(error["code"], code);
        assert!(error["message"].is_string());
    }
    let details = native.post("/v2/leads", json!({ "email": "jane", "category": "BOAT" })).await.expect(400);
    let fields: Vec<_> =
        details["error"]["details"].as_array().unwrap().iter().map(|detail| &detail["field"]).collect();
    assert_eq!(fields, ["name", "email", "category"], "all invalid fields are reported together");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_the_documented_format_and_sizes() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = |number: usize| json!({ "name": format!("Lead {number}"), "email": "jane@example.com" });
    run_concurrently((0..101).map(|number| {
        let native = native.clone();
        async move { native.post("/v2/leads", body(number)).await.expect(201) }
    }))
    .await;
    let rows = |page: &Value| page["data"].as_array().unwrap().len();
    let first = native.get("/v2/leads").await.expect(200);
    assert_eq!(rows(&first), 20);
    assert_eq!(first["pagination"]["hasMore"], true);
    let first_page = native.get("/v2/leads?limit=100").await.expect(200);
    assert_eq!(rows(&first_page), 100);
    let cursor = first_page["pagination"]["nextCursor"].as_str().unwrap();
    let last = native.get(&format!("/v2/leads?limit=100&cursor={cursor}")).await.expect(200);
    assert_eq!(rows(&last), 1);
    assert_eq!(last["pagination"], json!({ "nextCursor": null, "hasMore": false }));
    assert_eq!(last.as_object().unwrap().keys().collect::<Vec<_>>(), ["data", "pagination"]);
    for limit in ["0", "101", "x"] {
        let rejected = native.get(&format!("/v2/leads?limit={limit}")).await.expect(400);
        assert_eq!(rejected["error"]["details"][0]["field"], "limit");
    }
    // The cursor in the document's example is not one of this service.
    let rejected = native.get("/v2/leads?cursor=eyJsYXN0SWQiOiIxMjM0In0=").await.expect(400);
    assert_eq!(rejected["error"]["details"][0]["field"], "cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_example_verifies_deliveries() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let subscription = native.subscribe(&receiver.url).await;
    native.post("/v2/leads", json!({ "name": "Zoë Åkesson", "email": "zoe@example.com" })).await.expect(201);
    let received = receiver.wait_for(1, Duration::from_secs(10)).await.remove(0);
    server.stop().await;
    let secret = subscription["secret"].as_str().unwrap();
    assert_eq!(received.header("x-signature"), hmac_hex(secret, &received.body), "as a receiver of our own checks it");

    let Some(document) = programs::document("property-leads.txt") else { return };
    let Some(mut node) = programs::node() else { return };
    node.arg("property_leads.mjs");
    let example = programs::lines_of(&document, "const crypto = require('crypto');", "}").join("\n");
    let genuine = programs::shown_to_programs(&received);
    let mut forged = genuine.clone();
    forged["body"] = forged["body"].as_str().unwrap().replace("Zoë", "Zoe").into();
    let question = json!({ "example": example, "secret": secret, "deliveries": [genuine, forged] });
    assert_eq!(programs::ask(node, &question), json!([true, false]));
}
