//! Visitor events: recorded under any id that a site assigns, visible only to the tenant, and erased with the
//! visitor.

use crate::harness::{ApiResponse, Caller, run_concurrently, server, unlimited_server};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

fn faults(reply: &ApiResponse) -> Vec<String> {
    let body = reply.expect(400);
    assert_eq!(body["error"]["code"], "INVALID_REQUEST");
    let details = body["error"]["details"].as_array().unwrap();
    details.iter().map(|detail| detail["field"].as_str().unwrap().to_owned()).collect()
}

fn names(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|event| event["eventName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_returned_and_listed_by_visitor() {
    let server = server().await;
    let native = Caller::native(&server);
    let props = json!({ "value_pence": 50_000, "nested": { "list": [1, 2.5, null, "ü"] } });
    let body = json!({
        "visitorId": "a visitor / with ü & #", "eventType": "conversion", "eventName": "booked", "eventProps": props,
    });
    let made = native.post("/v2/events", body).await.expect(201);
    for (name, value) in [
        ("visitorId", json!("a visitor / with ü & #")),
        ("businessId", json!(server.credentials.native.business_id)),
        ("eventType", json!("conversion")),
        ("eventName", json!("booked")),
        ("eventProps", props),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert!(made["createdAt"].as_str().unwrap().ends_with('Z'));
    let page = native.get("/v2/events?visitorId=a%20visitor%20/%20with%20%C3%BC%20%26%20%23").await.expect(200);
    assert_eq!(page, json!({ "data": [made], "pagination": { "nextCursor": null, "hasMore": false } }));
    for other in ["a%20visitor", "A%20visitor%20/%20with%20%C3%BC%20%26%20%23", "x"] {
        assert_eq!(native.get(&format!("/v2/events?visitorId={other}")).await.expect(200)["data"], json!([]));
    }
    let bare = native.post("/v2/events", json!({ "eventType": "pageview" })).await.expect(201);
    assert_eq!((&bare["eventName"], &bare["eventProps"]), (&Value::Null, &Value::Null));
    assert!(!bare["visitorId"].as_str().unwrap().is_empty(), "a missing id is generated");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_span_businesses_and_pages() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let second = native.post("/v2/businesses", json!({ "name": "Second", "country": "SE" })).await.expect(201);
    let mut made = Vec::new();
    for number in 0..7 {
        let mut body = json!({ "visitorId": "v", "eventType": "custom", "eventName": format!("event {number}") });
        if number % 2 == 1 {
            body["businessId"] = second["id"].clone();
        }
        native.post("/v2/events", body).await.expect(201);
        made.insert(0, format!("event {number}"));
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(names(&native.get("/v2/events?visitorId=v").await.expect(200)), made);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = native.get(&format!("/v2/events?visitorId=v&limit=3{cursor}")).await.expect(200);
        seen.extend(names(&page));
        let Some(next) = page["pagination"]["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, made);
    let in_second = format!("/v2/events?visitorId=v&businessId={}", second["id"].as_str().unwrap());
    assert_eq!(names(&native.get(&in_second).await.expect(200)), ["event 5", "event 3", "event 1"]);
    let other = native.get(&format!("/v2/events?visitorId=w{cursor}")).await;
    assert_eq!(faults(&other), ["cursor"], "a cursor of another visitor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_event_is_recorded_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "visitorId": "v", "eventType": "pageview", "eventName": "prices" });
    let in_snake_case = json!({ "visitor_id": "w", "event_type": "pageview", "event_name": "prices" });
    for (path, body, name) in
        [("/v2/events", body, "eventName"), ("/api/v1/developer/events", in_snake_case, "event_name")]
    {
        let replies = join_all((0..20).map(|_| native.post_idempotent(path, "e", body.clone()))).await;
        for reply in &replies {
            assert_eq!((reply.status, &reply.text), (201, &replies[0].text));
        }
        let first = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_empty()).count();
        assert_eq!(first, 1);
        let mut other = body.clone();
        other[name] = json!("x");
        native.post_idempotent(path, "e", other).await.expect(422);
    }
    for visitor in ["v", "w"] {
        let page = native.get(&format!("/v2/events?visitorId={visitor}")).await.expect(200);
        assert_eq!(names(&page), ["prices"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_event_fields_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let large = "x".repeat(8 * 1024 - 7);
    for (field, value) in [
        ("visitorId", json!(1)),
        ("visitorId", json!("x".repeat(101))),
        ("eventType", json!(null)),
        ("eventType", json!("click")),
        ("eventType", json!("page view")),
        ("eventType", json!(["pageview"])),
        ("eventName", json!({})),
        ("eventName", json!("x".repeat(201))),
        ("eventProps", json!("{}")),
        ("eventProps", json!([1])),
        ("eventProps", json!({ "a": large })),
        ("businessId", json!("first")),
        ("event_props", json!({})),
    ] {
        let mut body = json!({ "visitorId": "v", "eventType": "pageview" });
        body[field] = value;
        assert_eq!(faults(&native.post("/v2/events", body).await), [field]);
    }
    let fits = json!({ "visitorId": "v", "eventType": "custom", "eventProps": { "a": large[1..] } });
    assert_eq!(fits["eventProps"].to_string().len(), 8 * 1024);
    native.post("/v2/events", fits).await.expect(201);
    native.post("/v2/events", json!({ "eventType": "custom", "visitorId": "ü".repeat(100) })).await.expect(201);
    for (query, field) in [
        ("", "visitorId"),
        ("?visitorId=", "visitorId"),
        ("?visitorId=v&limit=101", "limit"),
        ("?visitorId=v&businessId=1", "businessId"),
        ("?visitorId=v&cursor=x", "cursor"),
    ] {
        assert_eq!(faults(&native.get(&format!("/v2/events{query}")).await), [field], "{query}");
    }
    let foreign = &Caller::revenue_defenders(&server).get("/v2/businesses").await.expect(200)["data"][0]["id"];
    let body = json!({ "visitorId": "v", "eventType": "pageview", "businessId": foreign });
    native.post("/v2/events", body).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_needs_its_scope() {
    let server = server().await;
    let native = Caller::native(&server);
    for (scope, record, list) in [("events:write", 201, 403), ("events:read", 403, 200), ("leads:write", 403, 403)] {
        let made = native.post("/v2/keys", json!({ "name": "k", "scopes": [scope] })).await.expect(201);
        let key = native.with_key(made["key"].as_str().unwrap());
        key.post("/v2/events", json!({ "eventType": "pageview" })).await.expect(record);
        key.post("/api/v1/developer/events", json!({ "event_type": "pageview" })).await.expect(record);
        key.get("/v2/events?visitorId=v").await.expect(list);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_deletes_only_that_visitors_events() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let record = |number: usize| {
        let native = native.clone();
        let visitor = if number.is_multiple_of(5) { "w" } else { "v" };
        let body = json!({ "visitorId": visitor, "eventType": "pageview", "eventName": number.to_string() });
        async move { native.post("/v2/events", body).await.expect(201) }
    };
    run_concurrently((0..150).map(record)).await;
    let lead = json!({ "name": "Jane Smith", "email": "jane@example.com", "visitorId": "v" });
    let lead = native.post("/v2/leads", lead).await.expect(201);
    assert_eq!(native.get("/v2/events?visitorId=v&limit=100").await.expect(200)["data"].as_array().unwrap().len(), 100);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    assert_eq!(native.send(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(native.get("/v2/events?visitorId=v").await.expect(200)["data"], json!([]));
    assert_eq!(native.get("/v2/events?visitorId=w&limit=100").await.expect(200)["data"].as_array().unwrap().len(), 30);
}
