//! `Location` of what a call created: it can be read there, in the same contract.

use crate::harness::{ApiResponse, Caller, server, text};
use serde_json::{Value, json};

/// Asserts that a 201 response names the path of what it created, and that it can be read there.
async fn readable(caller: &Caller, created: &ApiResponse, field: &str) {
    let body = created.expect(201);
    let location = created.header("location");
    assert!(location.starts_with('/') && location.contains(text(&body, field)), "{location:?}: {body}");
    let read = caller.get(location).await.expect(200);
    assert!(read.to_string().contains(text(&body, field)), "{location}: {read}");
    let exposed = created.header("access-control-expose-headers").to_lowercase();
    assert!(exposed.split(',').any(|name| name.trim() == "location"), "{exposed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn created_resources_are_read_at_their_location() {
    let server = server().await;
    let native = Caller::native(&server);
    let person = json!({ "name": "A", "email": "a@example.com" });
    let mut lead = Value::Null;
    for (path, body) in [
        ("/v2/leads", person.clone()),
        ("/v2/businesses", json!({ "name": "Second", "country": "SE" })),
        ("/v2/customers", json!({ "name": "A" })),
        ("/v2/transactions", json!({ "amountCents": 1 })),
        ("/v2/disputes", json!({ "reason": "GENERAL", "amountCents": 1 })),
        ("/v2/evidence", json!({ "category": "OTHER" })),
        ("/v2/webhooks", json!({ "url": "http://127.0.0.1:9000/", "events": ["*"] })),
        ("/v2/keys", json!({ "name": "k", "scopes": ["leads:read"] })),
        ("/v2/sequence-templates", json!({ "name": "One", "steps": [{ "day": 0, "text": "Hi" }] })),
        ("/api/v1/leads", person.clone()),
        ("/api/v1/disputes", json!({ "reason": "GENERAL", "amountCents": 1 })),
    ] {
        let created = native.post(path, body).await;
        readable(&native, &created, "id").await;
        if path == "/v2/leads" {
            lead = created.json();
        }
    }
    let sequence = native.post("/v2/sequences", json!({ "leadId": lead["id"] })).await;
    assert_eq!(sequence.header("location"), format!("/v2/leads/{}/sequence", text(&lead, "id")));
    readable(&native, &sequence, "leadId").await;

    let key = native.post("/v2/keys", json!({ "name": "k", "scopes": ["leads:read"] })).await.expect(201);
    let rotated = native.post(&format!("/v2/keys/{}/rotate", text(&key, "id")), json!({})).await;
    assert_ne!(rotated.json()["id"], key["id"]);
    readable(&native, &rotated, "id").await;

    let rescue = Caller::lead_rescue(&server);
    let driver = json!({ "customer_name": "Eva", "phone": "+46701740605" });
    readable(&rescue, &rescue.post("/v1/leads", driver).await, "id").await;
    let vendor = Caller::vendor_pad(&server);
    let couple = json!({ "first_name": "Sam", "email": "sam@example.com", "brand_id": 1 });
    readable(&vendor, &vendor.post("/api/v1/developer/leads", couple.clone()).await, "lead_id").await;
    let duplicate = vendor.post("/api/v1/developer/leads", couple).await;
    assert_eq!((duplicate.status, duplicate.header("location")), (200, ""), "nothing was created");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_has_the_same_location() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "A", "email": "a@example.com" });
    let first = native.post_idempotent("/v2/leads", "l-1", body.clone()).await;
    let again = native.post_idempotent("/v2/leads", "l-1", body).await;
    assert!(again.is_replayed() && !first.is_replayed());
    assert_eq!(again.header("location"), first.header("location"));
    assert!(first.header("location").starts_with("/v2/leads/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_has_a_location() {
    let server = server().await;
    let native = Caller::native(&server);
    for reply in [
        native.post("/v2/events", json!({ "visitorId": "v", "eventType": "pageview" })).await,
        native.post("/v2/webhooks/inbound-secret", json!({})).await,
        native.post("/v2/leads", json!({})).await,
        native.post("/v2/leads/batch", json!({ "leads": [{ "name": "A", "email": "a@example.com" }] })).await,
        native.get("/v2/leads").await,
    ] {
        assert_eq!(reply.header("location"), "", "{}: {}", reply.status, reply.text);
    }
}
