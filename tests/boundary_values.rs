//! Boundary values: distant dates, equal numbers in different notation, cursors of another list, and the order in
//! which errors are reported.

use crate::harness::{Caller, Receiver, leads, server};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn time_ranges_accept_extreme_dates() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", leads::with_email()).await.expect(201);
    for (query, shown) in [
        ("createdTo=2300-01-01", 1),
        ("createdFrom=2026-01-01&createdTo=2300-01-01", 1),
        ("createdFrom=1970-01-01", 1),
        ("createdFrom=2300-01-01", 0),
        ("createdFrom=2300-01-01&createdTo=2400-01-01", 0),
    ] {
        let page = native.get(&format!("/v2/leads?{query}")).await.expect(200);
        assert_eq!(page["data"].as_array().unwrap().len(), shown, "{query}");
    }
    let receiver = Receiver::new().await;
    let subscription = native.subscribe(&receiver.url).await;
    let recover = format!("/v2/webhooks/{}/recover", subscription["id"].as_str().unwrap());
    let long_past = json!({ "since": "2020-01-01", "until": "2020-02-01" });
    assert_eq!(native.post(&recover, long_past).await.expect(202), json!({ "recovered": 0, "hasMore": false }));
    assert_eq!(lead["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_come_back_as_they_were_sent() {
    let server = server().await;
    let native = Caller::native(&server);
    let numbers = r#"{"a":1.0,"b":2e10,"c":-0.0,"d":12.5,"e":117.63331139400017,"f":18446744073709551615,"g":1.50}"#;
    let body = format!(r#"{{"name": "Jane", "email": "jane@example.com", "attributes": {numbers}}}"#).into_bytes();
    let headers = [("Idempotency-Key", "numbers")];
    let first = native.send(reqwest::Method::POST, "/v2/leads", &headers, Some(body.clone())).await;
    let made = first.expect(201);
    assert!(first.text.contains(&format!(r#""attributes":{numbers}"#)), "{}", first.text);
    let path = format!("/v2/leads/{}", made["id"].as_str().unwrap());
    assert_eq!(native.get(&path).await.text, first.text, "as it was stored");
    native.patch(&path, json!({ "attributes": { "a": 2 } })).await.expect(200);
    let again = native.send(reqwest::Method::POST, "/v2/leads", &headers, Some(body)).await;
    assert_eq!(again.text, first.text, "byte for byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_bound_to_its_contract() {
    let server = server().await;
    let native = Caller::native(&server);
    for _ in 0..3 {
        native.post("/v2/leads", leads::with_email()).await.expect(201);
    }
    let cursor = native.get("/v2/leads?limit=1").await.expect(200)["pagination"]["nextCursor"].clone();
    let cursor = cursor.as_str().unwrap();
    native.get(&format!("/v2/leads?limit=1&cursor={cursor}")).await.expect(200);
    let rejected = native.get(&format!("/api/v1/leads?limit=1&cursor={cursor}")).await.expect(400);
    assert!(rejected["error"].as_str().unwrap().starts_with("cursor "), "{rejected}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_one_line_messages_are_not() {
    let server = server().await;
    let native = Caller::native(&server);
    let two_lines = json!({ "name": "Jane\r\nBcc: all@example.com", "email": "jane@example.com" });
    assert_eq!(native.post("/v2/leads", two_lines).await.expect(201)["name"], "Jane Bcc: all@example.com");
    let mut lead = leads::with_email();
    lead["message"] = json!("The roof leaks.\nPlease call.");
    assert_eq!(native.post("/v2/leads", lead).await.expect(201)["message"], "The roof leaks.\nPlease call.");
}

#[tokio::test(flavor = "multi_thread")]
async fn field_errors_come_before_404() {
    let server = server().await;
    let native = Caller::native(&server);
    let unknown_lead = "/v2/leads/3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let rejected = native.patch(unknown_lead, json!({ "status": "ASLEEP" })).await.expect(400);
    assert_eq!(rejected["error"]["details"][0]["field"], "status");
    native.patch(unknown_lead, json!({ "status": "WON" })).await.expect(404);
}
