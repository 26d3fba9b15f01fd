//! Fields that a request does not have: kept in the attributes of a lead that is created, and named; an error everywhere
//! else in the native contract, but for events of other systems and for what a change sends back as it was fetched.

use crate::harness::signature::hmac_hex;
use crate::harness::{Caller, IssuedKey, id, leads, packages, unlimited_server};
use domain::TenantId;
use reqwest::Method;
use serde_json::{Value, json};

fn lead_of_a_form() -> Value {
    json!({
        "name": "Jane", "email": "jane@example.com", "phoneNumber": "+46701234567", "utm_source": "google", "budget": 5,
        "tags": ["a"], "address": { "city": "Umeå" }, "g-recaptcha-response": "03AGdBq", "_token": "x", "password": "p",
        "company": "ACME", "attributes": { "company": "Own" }
    })
}

fn fields(warnings: &Value) -> Vec<&str> {
    warnings.as_array().unwrap().iter().map(|warning| warning["field"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_lead_keeps_and_names_unknown_fields() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let first = native.post_idempotent("/v2/leads", "form", lead_of_a_form()).await;
    let made = first.expect(201);
    let kept = json!({ "budget": 5, "company": "Own", "phoneNumber": "+46701234567", "utm_source": "google" });
    assert_eq!(made["attributes"], kept);
    let expected = [
        "_token",
        "address",
        "budget",
        "company",
        "g-recaptcha-response",
        "password",
        "phoneNumber",
        "tags",
        "utm_source",
    ];
    assert_eq!(fields(&made["warnings"]), expected);
    let suggestions: Vec<_> = made["warnings"].as_array().unwrap().iter().map(|one| &one["suggestion"]).collect();
    assert_eq!((suggestions[6], suggestions[8]), (&json!("phone"), &json!("utm.source")));
    let again = native.post_idempotent("/v2/leads", "form", lead_of_a_form()).await;
    assert_eq!((again.is_replayed(), &again.text), (true, &first.text));
    let shown = native.get(&format!("/v2/leads/{}", id(&made))).await.expect(200);
    assert_eq!((&shown["attributes"], shown.get("warnings")), (&kept, None));
    assert!(!shown.to_string().contains("03AGdBq"));
    let tidy = native.post("/v2/leads", leads::with_email()).await.expect(201);
    assert_eq!(tidy.get("warnings"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lead_of_a_batch_has_its_warnings() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let body = json!({ "leads": [leads::numbered(0), lead_of_a_form()] });
    let results = native.post("/v2/leads/batch", body).await.expect(200)["results"].clone();
    assert_eq!(results[0].get("warnings"), None);
    assert_eq!(fields(&results[1]["warnings"])[8], "leads[1].utm_source");
    assert_eq!(results[1]["lead"]["attributes"]["budget"], 5);
    let rejected =
        native.post("/v2/leads/batch", json!({ "leads": [leads::numbered(0)], "lead": 1 })).await.expect(400);
    assert_eq!(rejected["error"]["details"][0]["field"], "lead");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_contracts_keep_them_without_saying_so() {
    let server = unlimited_server().await;
    let rescue = json!({ "customer_name": "Anna", "phone": "+46701234567", "budget": 1.50, "csrf_token": "t" });
    let defenders = json!({ "name": "Jane", "email": "jane@example.com", "budget": 1.50, "csrf_token": "t" });
    let pad = json!({ "first_name": "Sam", "email": "sam@example.com", "budget": 1.50, "csrf_token": "t" });
    for (caller, tenant, path, body, known) in [
        (Caller::revenue_defenders(&server), &b"revenueDefenders"[..], "/api/v1/leads", defenders, 12),
        (Caller::lead_rescue(&server), b"leadRescue", "/v1/leads", rescue, 11),
        (Caller::vendor_pad(&server), b"vendorPad", "/api/v1/developer/leads", pad, 3),
    ] {
        let made = caller.post(path, body.clone()).await.expect(201);
        assert_eq!(made.as_object().unwrap().len(), known, "the documented fields: {made}");
        let tenant = TenantId::derived(&[b"demo", tenant]);
        let own = IssuedKey::new(&server, |record| record.tenant = tenant).await.caller(&server);
        let shown = own.get("/v2/leads").await.expect(200)["data"][0].clone();
        assert_eq!(shown["attributes"]["budget"].to_string(), "1.5", "{path}");
        assert_eq!(shown["attributes"].get("csrf_token"), None, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_native_requests_reject_them() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let lead = id(&native.post("/v2/leads", leads::with_email()).await.expect(201));
    let webhook = id(&native.subscribe("http://127.0.0.1:9999/").await);
    for (path, body, field, meant) in [
        ("/v2/keys", json!({ "name": "ci", "scopes": ["leads:read"], "perMinute": 5 }), "perMinute", "tier"),
        ("/v2/customers", json!({ "name": "Jane", "phone_number": "1" }), "phone_number", "phone"),
        (
            "/v2/disputes",
            json!({ "reason": "GENERAL", "amountCents": 1, "customer_id": "x" }),
            "customer_id",
            "customerId",
        ),
        ("/v2/transactions", json!({ "amountCents": 1, "curency": "EUR" }), "curency", "currency"),
        (
            "/v2/evidence",
            json!({ "category": "PHOTO", "file": { "contentType": "image/png", "size": 1, "checksum": "x" } }),
            "file.checksum",
            "",
        ),
        ("/v2/events", json!({ "eventType": "custom", "event_name": "x" }), "event_name", "eventName"),
        ("/v2/sequences", json!({ "leadId": lead, "template": "x" }), "template", "templateId"),
        (&format!("/v2/sequences/{lead}/stop"), json!({ "reason": "x" }), "reason", ""),
        (&format!("/v2/webhooks/{webhook}/test"), json!({ "events": "ping" }), "events", "event"),
        (
            &format!("/v2/webhooks/{webhook}/recover"),
            json!({ "since": "2026-01-01", "untill": "2026-02-01" }),
            "untill",
            "until",
        ),
    ] {
        let error = native.post(path, body.clone()).await.expect(400)["error"]["details"].clone();
        assert_eq!(error.as_array().unwrap().len(), 1, "{body}: {error}");
        assert_eq!(error[0]["field"], field, "{body}");
        assert_eq!(error[0]["message"].as_str().unwrap().contains("did you mean"), !meant.is_empty(), "{error}");
        assert!(error[0]["message"].as_str().unwrap().contains(meant), "{error}");
    }
    let defenders = Caller::revenue_defenders(&server);
    defenders.post("/api/v1/disputes", json!({ "reason": "GENERAL", "amountCents": 1, "x": 1 })).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetched_object_may_be_sent_back() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let mut lead = leads::with_field("consent", json!({ "given": true }));
    lead["attributes"] = json!({ "a": 1 });
    let lead = native.post("/v2/leads", lead).await.expect(201);
    let dispute = native.post("/v2/disputes", json!({ "reason": "GENERAL", "amountCents": 1.5e4 })).await.expect(201);
    assert_eq!(dispute["amountCents"], 15_000);
    let steps = json!([{ "day": 0, "text": "Hi" }]);
    let template = native.post("/v2/sequence-templates", json!({ "name": "Mine", "steps": steps })).await.expect(201);
    let webhook = native.subscribe("http://127.0.0.1:9999/").await;
    let business = native.get("/v2/businesses").await.expect(200)["data"][0].clone();
    for (path, of) in [
        ("leads", lead),
        ("disputes", dispute),
        ("sequence-templates", template),
        ("webhooks", webhook),
        ("businesses", business),
    ] {
        let path = format!("/v2/{path}/{}", id(&of));
        let fetched = native.get(&path).await.expect(200);
        let changed = native.patch(&path, fetched.clone()).await.expect(200);
        assert_eq!(changed, packages::without_case(fetched.clone()), "nothing has changed");
        let mut other = fetched.clone();
        other["id"] = json!("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
        other["createdAt"] = json!("2020-01-01T00:00:00Z");
        let details = native.patch(&path, other).await.expect(400)["error"]["details"].clone();
        let mut named: Vec<_> = details.as_array().unwrap().iter().map(|detail| detail["field"].clone()).collect();
        named.sort_by_key(Value::to_string);
        assert_eq!(named, ["createdAt", "id"], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_providers_may_have_more_fields() {
    let server = unlimited_server().await;
    let rescue = Caller::lead_rescue(&server);
    let lead = rescue.post("/v1/leads", json!({ "customer_name": "Anna", "phone": "+46701234567" })).await.expect(201);
    let event =
        json!({ "event": "customer.opt_out", "lead_id": lead["id"], "provider": { "sid": "SM1" }, "price": 0.1 });
    let body = event.to_string().into_bytes();
    let signature = hmac_hex(&server.credentials.lead_rescue.inbound_secret, &body);
    let sent = rescue.send(Method::POST, "/v1/webhooks/inbound", &[("X-Signature", &signature)], Some(body)).await;
    sent.expect(200);
}
