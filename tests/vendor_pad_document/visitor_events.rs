//! Events of visitors.

use super::{DOCUMENT, EVENTS, LEADS, documents_body, documents_lead, keys};
use crate::harness::{Caller, error_with_fields, programs, server};
use serde_json::{Value, json};
use std::collections::HashSet;

// "Record an event. Scope required: events:write."

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_event_is_recorded() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let expected = json!({
        "visitor_id": "uuid-v4-string", "event_type": "conversion", "event_name": "booking_confirmed",
        "event_props": { "value_pence": 50_000 },
    });
    let body = match programs::document(DOCUMENT) {
        Some(document) => documents_body(&document, "POST /api/v1/developer/events"),
        None => expected.to_string(),
    };
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    let made = caller.send(http::Method::POST, EVENTS, &[], Some(body.into_bytes())).await.expect(201);
    assert_eq!((keys(&made), &made["visitor_id"]), (vec!["event_id", "visitor_id"], &json!("uuid-v4-string")));
    let page = caller.get("/v2/events?visitorId=uuid-v4-string").await.expect(200);
    let event = &page["data"][0];
    assert_eq!((&event["id"], &event["eventType"]), (&made["event_id"], &json!("conversion")));
    assert_eq!((&event["eventName"], &event["eventProps"]), (&expected["event_name"], &expected["event_props"]));
}

// "Used for pageviews, conversions, or custom telemetry."

#[tokio::test(flavor = "multi_thread")]
async fn event_types_and_visitor_ids_are_accepted() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let visitor = caller.post(LEADS, documents_lead()).await.expect(201)["visitor_id"].clone();
    for event_type in ["pageview", "conversion", "custom"] {
        let body = json!({ "visitor_id": visitor, "event_type": event_type, "event_name": event_type });
        caller.post(EVENTS, body).await.expect(201);
    }
    let page = caller.get(&format!("/v2/events?visitorId={}", visitor.as_str().unwrap())).await.expect(200);
    let types: HashSet<_> =
        page["data"].as_array().unwrap().iter().map(|event| event["eventType"].as_str().unwrap()).collect();
    assert_eq!(types, HashSet::from(["pageview", "conversion", "custom"]));
    for (field, value) in [
        ("event_type", json!("click")),
        ("event_type", json!(null)),
        ("event_name", json!(1)),
        ("event_props", json!([1])),
        ("event_props", json!("text")),
        ("event_props", json!({ "a": "x".repeat(8 * 1024) })),
        ("visitor_id", json!(1)),
        ("visitor_id", json!("x".repeat(101))),
        ("brand_id", json!("one")),
    ] {
        let mut body = json!({ "visitor_id": "v", "event_type": "custom", "event_name": "n" });
        body[field] = value;
        assert_eq!(error_with_fields(&caller.post(EVENTS, body).await, 400).1, [field]);
    }
}
