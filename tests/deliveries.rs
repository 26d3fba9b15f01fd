//! Webhook deliveries: event filters, payloads, attempts, retries and their final states.

use crate::harness::signature::{hmac_hex, is_signed_with};
use crate::harness::{
    Caller, CannedResponse, DELIVERY_TIMEOUT, Received, Receiver, eventually, ids, invalid_fields, leads, options,
    server, server_at, text,
};
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::time::Duration;

/// Id that no delivery and no subscription has.
const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

async fn lead(caller: &Caller) -> Value {
    caller.post("/v2/leads", leads::with_email()).await.expect(201)
}

/// Waits until a delivery satisfies `fits`, and returns it.
async fn delivery_when(caller: &Caller, id: &str, expectation: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/v2/deliveries/{id}");
    eventually(DELIVERY_TIMEOUT, expectation, || async {
        let shown = caller.get(&path).await.expect(200);
        fits(&shown).then_some(shown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_subscribed_events_are_delivered() {
    let server = server().await;
    let native = Caller::native(&server);
    let (won, changes, all) = (Receiver::new().await, Receiver::new().await, Receiver::new().await);
    native.post("/v2/webhooks", json!({ "url": won.url, "events": ["lead.won"] })).await.expect(201);
    let body = json!({ "url": changes.url, "events": ["lead.status_changed", "lead.lost"] });
    native.post("/v2/webhooks", body).await.expect(201);
    native.subscribe(&all.url).await;
    // Subscribers of the test environment get no events of the live one.
    let test = Receiver::new().await;
    Caller::native_test(&server).subscribe(&test.url).await;

    let made = lead(&native).await;
    let path = format!("/v2/leads/{}", text(&made, "id"));
    for status in ["CONTACTED", "CONTACTED", "WON"] {
        native.patch(&path, json!({ "status": status })).await.expect(200);
    }
    native.patch(&path, json!({ "message": "Call me" })).await.expect(200);
    let events = |receiver: &Receiver| {
        let mut events: Vec<_> =
            receiver.received().iter().map(|received| received.header("x-event").to_owned()).collect();
        events.sort();
        events
    };
    all.wait_for(4, DELIVERY_TIMEOUT).await;
    changes.wait_for(2, DELIVERY_TIMEOUT).await;
    won.wait_for(1, DELIVERY_TIMEOUT).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(events(&won), ["lead.won"]);
    assert_eq!(events(&changes), ["lead.status_changed", "lead.status_changed"]);
    assert_eq!(events(&all), ["lead.created", "lead.status_changed", "lead.status_changed", "lead.won"]);
    assert_eq!(test.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_subscription_gets_only_its_business() {
    let server = server().await;
    let native = Caller::native(&server);
    let second = native.post("/v2/businesses", json!({ "name": "Second", "country": "SE" })).await.expect(201);
    let (of_second, of_all) = (Receiver::new().await, Receiver::new().await);
    let body = json!({ "url": of_second.url, "events": ["*"], "businessId": second["id"] });
    assert_eq!(native.post("/v2/webhooks", body).await.expect(201)["businessId"], second["id"]);
    native.subscribe(&of_all.url).await;
    lead(&native).await;
    let body = json!({ "name": "A", "email": "a@example.com", "businessId": second["id"] });
    let in_second = native.post("/v2/leads", body).await.expect(201);
    of_all.wait_for(2, DELIVERY_TIMEOUT).await;
    of_second.wait_for(1, DELIVERY_TIMEOUT).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let heard: Vec<_> = of_second.received().iter().map(|received| received.json()["data"]["id"].clone()).collect();
    assert_eq!(heard, [in_second["id"].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contract_has_its_own_payload() {
    let server = server().await;
    let native = Caller::native(&server);
    let mut receivers = Vec::new();
    for contract in ["native", "revenueDefenders", "leadRescue", "vendorPad"] {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["lead.won"], "contract": contract });
        let secret = text(&native.post("/v2/webhooks", body).await.expect(201), "secret").to_owned();
        receivers.push((contract, receiver, secret));
    }
    let body = json!({ "name": "Sam Taylor", "email": "sam@example.com", "phone": "07700 900000" });
    let made = native.post("/v2/leads", body).await.expect(201);
    let id = text(&made, "id");
    let won = native.patch(&format!("/v2/leads/{id}"), json!({ "status": "WON" })).await.expect(200);
    for (contract, receiver, secret) in &receivers {
        let received = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
        assert!(is_signed_with(contract, secret, &received), "{contract}");
        assert_eq!(received.header("content-type"), "application/json");
        let body = received.json();
        match *contract {
            "native" => {
                assert_eq!(received.header("x-event"), "lead.won");
                assert_eq!((text(&body, "type"), &body["data"]), ("lead.won", &won));
                assert_eq!((&body["version"], &body["timestamp"]), (&won["version"], &won["updatedAt"]));
                assert!(body["id"].is_string());
            }
            "revenueDefenders" => {
                assert_eq!(received.header("x-revenuedefenders-event"), "lead.won");
                assert_eq!(body, native.get(&format!("/api/v1/leads/{id}")).await.expect(200), "the bare resource");
            }
            "leadRescue" => {
                assert_eq!(received.header("x-leadrescue-event"), "lead.won");
                let rescue_id = format!("l_{}", id.replace('-', ""));
                assert_eq!((text(&body, "event"), text(&body, "lead_id")), ("lead.won", rescue_id.as_str()));
                assert_eq!(body["occurred_at"], won["updatedAt"]);
                assert_eq!(text(&body["lead"], "status"), "converted");
                assert_eq!(text(&body["lead"], "customer_name"), "Sam Taylor");
            }
            _ => {
                assert_eq!(received.header("x-vendorpad-event"), "lead.won");
                assert_eq!(received.header("x-vendorpad-timestamp"), received.header("webhook-timestamp"));
                assert_eq!((text(&body, "event"), &body["created_at"]), ("lead.won", &won["updatedAt"]));
                assert!(body["id"].is_string());
                let data = &body["data"];
                assert_eq!((text(data, "first_name"), text(data, "last_name")), ("Sam", "Taylor"));
                assert_eq!((text(data, "id"), text(data, "status")), (id, "won"));
            }
        }
        let delivery = received.header("webhook-id");
        assert_eq!(native.get(&format!("/v2/deliveries/{delivery}")).await.expect(200)["event"], "lead.won");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_cancels_pending_until_recovery() {
    // At this speed the first retry comes after two seconds.
    let server = server_at(150.0).await;
    let native = Caller::native(&server);
    let fails_after_first = |number| CannedResponse::status(if number == 1 { 503 } else { 200 });
    let (disabled, deleted) =
        (Receiver::responding(fails_after_first).await, Receiver::responding(fails_after_first).await);
    let (first, second) = (native.subscribe(&disabled.url).await, native.subscribe(&deleted.url).await);
    let (first, second) = (text(&first, "id").to_owned(), text(&second, "id").to_owned());
    let made = lead(&native).await;
    let mut deliveries = Vec::new();
    for receiver in [&disabled, &deleted] {
        let id = receiver.wait_for(1, DELIVERY_TIMEOUT).await[0].header("x-delivery").to_owned();
        let failed = |shown: &Value| shown["status"] == "PENDING" && shown["attempts"].as_array().unwrap().len() == 1;
        let pending = delivery_when(&native, &id, "the failure is recorded", failed).await;
        assert!(pending["nextAttemptAt"].is_string());
        deliveries.push(id);
    }
    native.patch(&format!("/v2/webhooks/{first}"), json!({ "status": "DISABLED" })).await.expect(200);
    native.delete(&format!("/v2/webhooks/{second}")).await.expect(204);
    for id in &deliveries {
        let shown = native.get(&format!("/v2/deliveries/{id}")).await.expect(200);
        assert_eq!((text(&shown, "status"), &shown["nextAttemptAt"]), ("CANCELLED", &Value::Null), "immediately");
    }
    let listed = native.get("/v2/deliveries?status=CANCELLED").await.expect(200);
    assert_eq!(ids(&listed).len(), 2);
    native.post(&format!("/v2/webhooks/{first}/recover"), json!({ "since": made["createdAt"] })).await.expect(409);
    native.post(&format!("/v2/deliveries/{}/retry", deliveries[1]), json!({})).await.expect(409);

    native.patch(&format!("/v2/webhooks/{first}"), json!({ "status": "ENABLED" })).await.expect(200);
    tokio::time::sleep(Duration::from_millis(2_800)).await;
    assert_eq!((disabled.received().len(), deleted.received().len()), (1, 1), "nothing more went out");
    let shown = native.get(&format!("/v2/deliveries/{}", deliveries[0])).await.expect(200);
    assert_eq!(text(&shown, "status"), "CANCELLED", "enabling does not revive it");

    let recovered = native.post(&format!("/v2/webhooks/{first}/recover"), json!({ "since": made["createdAt"] })).await;
    assert!((200..300).contains(&recovered.status), "{}", recovered.text);
    assert_eq!(recovered.json()["recovered"], 1);
    let received = disabled.wait_for(2, DELIVERY_TIMEOUT).await;
    assert_eq!(received[1].header("x-delivery"), deliveries[0], "the same delivery");
    assert_eq!(received[1].body, received[0].body);
    delivery_when(&native, &deliveries[0], "the recovery is recorded", |shown| shown["status"] == "DELIVERED").await;
    let again = native.post(&format!("/v2/webhooks/{first}/recover"), json!({ "since": made["createdAt"] })).await;
    assert_eq!(again.json()["recovered"], 0, "what arrived is not sent again");

    // New events reach the subscription that was enabled again.
    lead(&native).await;
    disabled.wait_for(3, DELIVERY_TIMEOUT).await;
    assert_eq!(deleted.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_show_the_first_kb_of_the_response() {
    let server = LocalServer::start(ServerOptions {
        speedup: 3_600.0,
        attempt_timeout: Duration::from_millis(700),
        ..options()
    })
    .await
    .unwrap();
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| match number {
        1 => CannedResponse { body: "é".repeat(3_000), ..CannedResponse::status(500) },
        2 => CannedResponse { delay: Duration::from_secs(3), ..CannedResponse::status(200) },
        _ => CannedResponse { body: "thanks".to_owned(), ..CannedResponse::status(202) },
    })
    .await;
    let subscription = native.subscribe(&receiver.url).await;
    lead(&native).await;
    let id = receiver.wait_for(1, DELIVERY_TIMEOUT).await[0].header("x-delivery").to_owned();
    let shown = delivery_when(&native, &id, "it arrives", |shown| shown["status"] == "DELIVERED").await;
    assert_eq!(shown["webhookId"], subscription["id"]);
    assert_eq!((text(&shown, "id"), text(&shown, "event")), (id.as_str(), "lead.created"));
    assert_eq!(shown["nextAttemptAt"], Value::Null);
    let attempts = shown["attempts"].as_array().unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| (text(attempt, "outcome"), &attempt["status"])).collect();
    assert_eq!(outcomes, [("REFUSED", &json!(500)), ("TIMEOUT", &Value::Null), ("DELIVERED", &json!(202))]);
    for (number, attempt) in (1..).zip(attempts) {
        assert_eq!(attempt["number"], number);
        assert!(attempt["latencyMs"].is_u64() && attempt["startedAt"].is_string(), "{attempt}");
    }
    assert_eq!(text(&attempts[0], "response"), "é".repeat(512));
    assert_eq!(text(&attempts[2], "response"), "thanks");
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_failures() {
    let server = server().await;
    let native = Caller::native(&server);
    let elsewhere = Receiver::new().await;
    let location = elsewhere.url.clone();
    let receiver = Receiver::responding(move |_| CannedResponse {
        headers: vec![("Location".to_owned(), location.clone())],
        ..CannedResponse::status(307)
    })
    .await;
    native.subscribe(&receiver.url).await;
    lead(&native).await;
    let id = receiver.wait_for(1, DELIVERY_TIMEOUT).await[0].header("x-delivery").to_owned();
    let recorded = |shown: &Value| !shown["attempts"].as_array().unwrap().is_empty();
    let shown = delivery_when(&native, &id, "the attempt is recorded", recorded).await;
    assert_eq!(text(&shown, "status"), "PENDING");
    assert_eq!((text(&shown["attempts"][0], "outcome"), &shown["attempts"][0]["status"]), ("REFUSED", &json!(307)));
    assert_eq!(elsewhere.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_may_only_delay() {
    // At this speed five minutes take half a second, and twenty take two seconds.
    let server = server_at(600.0).await;
    let native = Caller::native(&server);
    let asking = |seconds: &'static str| {
        Receiver::responding(move |number| match number {
            1 => CannedResponse {
                headers: vec![("Retry-After".to_owned(), seconds.to_owned())],
                ..CannedResponse::status(429)
            },
            _ => CannedResponse::status(200),
        })
    };
    let (later, sooner) = (asking("1200").await, asking("1").await);
    native.subscribe(&later.url).await;
    native.subscribe(&sooner.url).await;
    lead(&native).await;
    let waited = |received: &[Received]| (received[1].at - received[0].at).as_secs_f64();
    let sooner = waited(&sooner.wait_for(2, DELIVERY_TIMEOUT).await);
    let later = waited(&later.wait_for(2, DELIVERY_TIMEOUT).await);
    assert!((0.45..1.9).contains(&sooner), "{sooner} s");
    assert!((1.95..4.0).contains(&later), "{later} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_retried_on_request() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number == 1 { 500 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    lead(&native).await;
    let id = receiver.wait_for(1, DELIVERY_TIMEOUT).await[0].header("x-delivery").to_owned();
    let attempts = |count: usize| move |shown: &Value| shown["attempts"].as_array().unwrap().len() == count;
    delivery_when(&native, &id, "the failure is recorded", attempts(1)).await;
    let path = format!("/v2/deliveries/{id}/retry");
    for count in [2, 3] {
        let retried = native.send(http::Method::POST, &path, &[], None).await;
        assert!((200..300).contains(&retried.status), "{}", retried.text);
        assert_eq!(retried.json()["id"], json!(id));
        receiver.wait_for(count, DELIVERY_TIMEOUT).await;
        let shown = delivery_when(&native, &id, "it arrives", attempts(count)).await;
        assert_eq!(text(&shown, "status"), "DELIVERED", "pending or delivered before, it is sent");
    }
    let first = native.post_idempotent(&path, "again-1", json!({})).await;
    let again = native.post_idempotent(&path, "again-1", json!({})).await;
    assert_eq!(first.text, again.text);
    let received = receiver.wait_for(4, DELIVERY_TIMEOUT).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.received().len(), 4, "one send for one call");
    assert!(received.iter().all(|one| one.header("x-delivery") == id && one.body == received[0].body));
    native.post(&format!("/v2/deliveries/{UNKNOWN}/retry"), json!({})).await.expect(404);
    Caller::revenue_defenders(&server).post(&path, json!({})).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_and_filtered() {
    let server = server().await;
    let native = Caller::native(&server);
    let good = Receiver::new().await;
    let bad = Receiver::responding(|_| CannedResponse::status(500)).await;
    let (good_hook, bad_hook) = (native.subscribe(&good.url).await, native.subscribe(&bad.url).await);
    let mut times = Vec::new();
    for _ in 0..3 {
        times.push(text(&lead(&native).await, "createdAt").to_owned());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    native.post(&format!("/v2/webhooks/{}/test", text(&good_hook, "id")), json!({})).await.expect(202);
    good.wait_for(4, DELIVERY_TIMEOUT).await;
    bad.wait_for(3, DELIVERY_TIMEOUT).await;
    let all = eventually(DELIVERY_TIMEOUT, "all is recorded", || async {
        let page = native.get("/v2/deliveries").await.expect(200);
        let settled = page["data"].as_array().unwrap().iter().all(|row| row["attemptCount"] == 1);
        settled.then_some(page)
    })
    .await;
    let created: Vec<_> = all["data"].as_array().unwrap().iter().map(|row| text(row, "createdAt")).collect();
    assert_eq!(created.len(), 7);
    assert!(created.is_sorted_by(|newer, older| newer >= older), "{created:?}");
    assert_eq!(text(&all["data"][0], "event"), "ping");

    let count = |query: String| {
        let native = native.clone();
        async move { ids(&native.get(&format!("/v2/deliveries?{query}")).await.expect(200)).len() }
    };
    assert_eq!(count(format!("webhookId={}", text(&good_hook, "id"))).await, 4);
    assert_eq!(count(format!("webhookId={}", text(&bad_hook, "id"))).await, 3);
    assert_eq!(count("status=DELIVERED".to_owned()).await, 4);
    assert_eq!(count("status=PENDING".to_owned()).await, 3);
    assert_eq!(count("status=FAILED".to_owned()).await, 0);
    assert_eq!(count("event=ping".to_owned()).await, 1);
    assert_eq!(count(format!("event=lead.created&status=PENDING&webhookId={}", text(&good_hook, "id"))).await, 0);
    assert_eq!(count(format!("createdFrom={0}&createdTo={0}", times[1])).await, 2, "both ends included");
    assert_eq!(count(format!("createdTo={}", times[0])).await, 2);
    assert_eq!(count(format!("createdFrom={}&event=lead.created", times[1])).await, 4);

    let mut seen = Vec::new();
    let mut path = "/v2/deliveries?limit=2".to_owned();
    loop {
        let page = native.get(&path).await.expect(200);
        assert!(ids(&page).len() <= 2);
        seen.extend(ids(&page));
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
        path = format!("/v2/deliveries?limit=2&cursor={cursor}");
        let other = native.get(&format!("{path}&event=ping")).await;
        assert_eq!(invalid_fields(&other), ["cursor"], "a cursor of another filter");
    }
    assert_eq!(seen, ids(&all));

    let bad = [
        ("webhookId=first", "webhookId"),
        ("status=LOST", "status"),
        ("event=lead.exploded", "event"),
        ("createdFrom=yesterday", "createdFrom"),
        ("createdFrom=2026-02-30", "createdFrom"),
        ("createdFrom=2026-02-02&createdTo=2026-02-01", "createdFrom"),
        ("limit=101", "limit"),
        ("limit=0", "limit"),
        ("cursor=rubbish", "cursor"),
    ];
    for (query, field) in bad {
        assert_eq!(invalid_fields(&native.get(&format!("/v2/deliveries?{query}")).await), [field], "{query}");
    }
    native.get(&format!("/v2/deliveries?webhookId={UNKNOWN}")).await.expect(404);
    for other in [Caller::revenue_defenders(&server), Caller::native_test(&server)] {
        assert_eq!(ids(&other.get("/v2/deliveries").await.expect(200)).len(), 0);
        other.get(&format!("/v2/deliveries/{}", seen[0])).await.expect(404);
        other.get(&format!("/v2/webhooks/{}", text(&good_hook, "id"))).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_ignores_the_event_filter() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let made = native.post("/v2/webhooks", json!({ "url": receiver.url, "events": ["lead.won"] })).await.expect(201);
    let path = format!("/v2/webhooks/{}", text(&made, "id"));
    let pinged = native.send(http::Method::POST, &format!("{path}/test"), &[], None).await;
    assert!((200..300).contains(&pinged.status), "{}", pinged.text);
    let received = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
    assert_eq!(received.header("x-event"), "ping");
    assert_eq!(received.json()["type"], "ping");
    assert_eq!(received.header("x-signature"), hmac_hex(text(&made, "secret"), &received.body));
    assert!(!String::from_utf8_lossy(&received.body).contains("whsec_"));
    let id = text(&pinged.json(), "deliveryId").to_owned();
    assert_eq!(received.header("x-delivery"), id);
    delivery_when(&native, &id, "the ping is recorded", |shown| shown["status"] == "DELIVERED").await;

    let first = native.post_idempotent(&format!("{path}/test"), "ping-1", json!({})).await;
    let again = native.post_idempotent(&format!("{path}/test"), "ping-1", json!({})).await;
    assert_eq!(first.text, again.text);
    receiver.wait_for(2, DELIVERY_TIMEOUT).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.received().len(), 2, "one ping for one call");
    native.patch(&path, json!({ "status": "DISABLED" })).await.expect(200);
    native.post(&format!("{path}/test"), json!({})).await.expect(409);
    native.post(&format!("/v2/webhooks/{UNKNOWN}/test"), json!({})).await.expect(404);
}
