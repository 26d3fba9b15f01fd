//! Disputes of the native contract, and their events for subscribers of every contract.

use crate::harness::packages::without_case;
use crate::harness::{ApiResponse, Caller, DELIVERY_TIMEOUT, Receiver, eventually, invalid_field, server};
use http::Method;
use serde_json::{Value, json};

fn path_of(dispute: &Value) -> String {
    format!("/v2/disputes/{}", dispute["id"].as_str().unwrap())
}

fn dispute() -> Value {
    json!({ "reason": "NOT_RECEIVED", "amountCents": 4_999 })
}

async fn patch(caller: &Caller, path: &str, headers: &[(&str, &str)], body: Value) -> ApiResponse {
    caller.send(Method::PATCH, path, headers, Some(body.to_string().into_bytes())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_is_created_read_listed_and_decided() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let customer = native.post("/v2/customers", json!({ "name": "Jane", "leadId": lead["id"] })).await.expect(201);
    let paid = json!({ "amountCents": 4_999, "customerId": customer["id"], "status": "PAID" });
    let transaction = native.post("/v2/transactions", paid).await.expect(201);
    let body = json!({
        "reason": "NOT_RECEIVED", "amountCents": 4_999, "currency": "GBP", "customerId": customer["id"],
        "transactionId": transaction["id"], "customerClaim": "It never came", "evidenceDueBy": "2027-01-31",
    });
    let made = native.post("/v2/disputes", body.clone()).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let made = made.expect(201);
    for name in ["reason", "amountCents", "currency", "customerId", "transactionId", "customerClaim"] {
        assert_eq!(made[name], body[name], "{name}");
    }
    assert_eq!((&made["status"], &made["version"]), (&json!("OPEN"), &json!(1)));
    assert_eq!(made["evidenceDueBy"], "2027-01-31T00:00:00.000Z");
    assert_eq!(made["leadId"], lead["id"], "the customer's");
    let one = native.get(&path_of(&made)).await;
    let shown = one.expect(200);
    assert!(shown["evidenceChecklist"].is_object() && shown["packages"].is_array(), "{shown}");
    assert_eq!((one.header("etag"), without_case(shown)), ("\"1\"", made.clone()));
    let page = native.get("/v2/disputes").await.expect(200);
    assert_eq!(page, json!({ "data": [made], "pagination": { "nextCursor": null, "hasMore": false } }));

    for (number, status) in ["UNDER_REVIEW", "WON", "OPEN", "LOST"].into_iter().enumerate() {
        let changed = native.patch(&path_of(&made), json!({ "status": status })).await.expect(200);
        assert_eq!((&changed["status"], &changed["version"]), (&json!(status), &json!(number + 2)));
        let again = native.patch(&path_of(&made), json!({ "status": status })).await.expect(200);
        assert_eq!(again, changed, "the same again changes nothing");
        let listed = native.get(&format!("/v2/disputes?status={status}")).await.expect(200);
        assert_eq!(listed["data"], json!([changed]));
    }
    assert_eq!(native.get("/v2/disputes?status=OPEN").await.expect(200)["data"], json!([]));
    let created = made["createdAt"].as_str().unwrap();
    let from = async |from: &str| native.get(&format!("/v2/disputes?createdFrom={from}")).await_data().await;
    assert_eq!(from(created).await.len(), 1);
    assert_eq!(from("2999-01-01").await.len(), 0);
}

/// Items of a page that is still being requested.
trait AwaitData {
    async fn await_data(self) -> Vec<Value>;
}

impl<F: Future<Output = ApiResponse>> AwaitData for F {
    async fn await_data(self) -> Vec<Value> {
        self.await.expect(200)["data"].as_array().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_guards_a_change() {
    let server = server().await;
    let native = Caller::native(&server);
    let path = path_of(&native.post("/v2/disputes", dispute()).await.expect(201));
    let won = json!({ "status": "WON" });
    let rejected = patch(&native, &path, &[("If-Match", "\"7\"")], won.clone()).await;
    assert_eq!(rejected.expect(412)["error"]["code"], "PRECONDITION_FAILED");
    let malformed = patch(&native, &path, &[("If-Match", "1")], won.clone()).await.expect(400);
    assert_eq!(malformed["error"]["details"][0]["field"], "If-Match");
    let changed = patch(&native, &path, &[("If-Match", "\"1\"")], won.clone()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    patch(&native, &path, &[("If-Match", "\"1\"")], json!({ "status": "LOST" })).await.expect(412);
    patch(&native, &path, &[("If-Match", "*")], json!({ "status": "LOST" })).await.expect(200);

    let headers = [("Idempotency-Key", "decide"), ("If-Match", "\"3\"")];
    let first = patch(&native, &path, &headers, won.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    patch(&native, &path, &[], json!({ "status": "OPEN" })).await.expect(200);
    let again = patch(&native, &path, &headers, won).await;
    assert_eq!((again.status, &again.text), (200, &first.text), "whatever it has become since");
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_changes_all_take_effect() {
    let server = server().await;
    let native = Caller::native(&server);
    let path = path_of(&native.post("/v2/disputes", dispute()).await.expect(201));
    let statuses = ["UNDER_REVIEW", "WON", "LOST"];
    let replies = futures_util::future::join_all(statuses.map(|status| {
        let (native, path) = (native.clone(), path.clone());
        async move { native.patch(&path, json!({ "status": status })).await }
    }))
    .await;
    let mut versions: Vec<_> = replies.iter().map(|reply| reply.expect(200)["version"].as_u64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_change_changes_nothing() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/disputes", dispute()).await.expect(201);
    let bad = [
        (json!({}), "status"),
        (json!({ "status": null }), "status"),
        (json!({ "status": "DECIDED" }), "status"),
        (json!({ "status": 1 }), "status"),
        (json!({ "status": "WON", "amountCents": 1 }), "amountCents"),
        (json!({ "customerClaim": "nothing" }), "customerClaim"),
    ];
    for (body, name) in bad {
        assert_eq!(invalid_field(&native.patch(&path_of(&made), body.clone()).await), name, "{body}");
    }
    assert_eq!(without_case(native.get(&path_of(&made)).await.expect(200)), made);
    for (query, name) in [
        ("status=DECIDED", "status"),
        ("businessId=first", "businessId"),
        ("createdFrom=2026-02-30", "createdFrom"),
        ("createdFrom=2026-03-02&createdTo=2026-03-01", "createdFrom"),
        ("createdTo=x", "createdTo"),
        ("limit=101", "limit"),
        ("cursor=abc", "cursor"),
    ] {
        assert_eq!(invalid_field(&native.get(&format!("/v2/disputes?{query}")).await), name, "{query}");
    }
    assert_eq!(invalid_field(&native.get("/v2/disputes/first").await), "disputeId");
    native.get("/v2/disputes/018f0000-0000-7000-8000-000000000000").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn references_must_be_in_the_same_business() {
    let server = server().await;
    let native = Caller::native(&server);
    let second = native.post("/v2/businesses", json!({ "name": "Second", "country": "SE" })).await.expect(201);
    let in_second = |mut body: Value| {
        body["businessId"] = second["id"].clone();
        body
    };
    let customer = native.post("/v2/customers", in_second(json!({ "name": "Jane" }))).await.expect(201);
    let mut body = dispute();
    body["customerId"] = customer["id"].clone();
    native.post("/v2/disputes", body.clone()).await.expect(404);
    native.post("/v2/disputes", in_second(body)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_creates_no_second_dispute() {
    let server = server().await;
    let native = Caller::native(&server);
    let replies = futures_util::future::join_all((0..8).map(|_| {
        let native = native.clone();
        async move { native.post_idempotent("/v2/disputes", "d-1", dispute()).await }
    }))
    .await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (201, &replies[0].text));
    }
    let replayed = replies.iter().filter(|reply| reply.header("idempotent-replayed") == "true").count();
    assert_eq!(replayed, 7);
    assert_eq!(native.get("/v2/disputes").await_data().await.len(), 1);
    let mut other = dispute();
    other["amountCents"] = 5.into();
    native.post_idempotent("/v2/disputes", "d-1", other).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_sent_in_each_contracts_format() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let events = ["dispute.created", "dispute.status_changed"];
    let mut receivers = Vec::new();
    for contract in ["native", "revenueDefenders", "leadRescue", "vendorPad"] {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": events, "contract": contract });
        native.post("/v2/webhooks", body).await.expect(201);
        receivers.push(receiver);
    }
    let mut body = dispute();
    body["leadId"] = lead["id"].clone();
    let made = native.post("/v2/disputes", body).await.expect(201);
    let won = native.patch(&path_of(&made), json!({ "status": "WON" })).await.expect(200);
    native.patch(&path_of(&made), json!({ "status": "WON" })).await.expect(200);
    let mut bodies_by_receiver = Vec::new();
    for receiver in &receivers {
        let mut received = receiver.wait_for(2, DELIVERY_TIMEOUT).await;
        // The deliveries are sent concurrently and may overtake each other.
        received.sort_by_key(|one| one.json().to_string().contains("dispute.status_changed") || is_won(&one.json()));
        bodies_by_receiver.push(received.into_iter().map(|one| one.json()).collect::<Vec<_>>());
    }
    let [of_native, of_defenders, of_rescue, of_vendor] = bodies_by_receiver.try_into().unwrap();
    for (number, (event, dispute)) in events.iter().zip([&made, &won]).enumerate() {
        assert_eq!(of_native[number]["type"], *event);
        assert_eq!((&of_native[number]["data"], &of_native[number]["version"]), (dispute, &dispute["version"]));
        let mut bare = dispute.clone();
        for name in ["updatedAt", "version"] {
            bare.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(of_defenders[number], bare);
        let plain = lead["id"].as_str().unwrap().replace('-', "");
        let rescue = &of_rescue[number];
        assert_eq!((&rescue["event"], &rescue["occurred_at"]), (&json!(event), &dispute["updatedAt"]));
        assert_eq!(
            (&rescue["lead_id"], &rescue["dispute"]["lead_id"]),
            (&json!(format!("l_{plain}")), &rescue["lead_id"])
        );
        let vendor = &of_vendor[number];
        assert_eq!((&vendor["event"], &vendor["data"]["lead_id"]), (&json!(event), &lead["id"]));
        for snake in [&rescue["dispute"], &vendor["data"]] {
            assert_eq!((&snake["id"], &snake["status"]), (&dispute["id"], &dispute["status"]));
            assert_eq!((&snake["amount_cents"], &snake["business_id"]), (&json!(4_999), &dispute["businessId"]));
        }
    }
    let all = eventually(DELIVERY_TIMEOUT, "no event for the same status again", || async {
        let page = native.get("/v2/deliveries?limit=100").await.expect(200);
        let all = page["data"].as_array().unwrap().clone();
        all.iter().all(|one| one["status"] == "DELIVERED").then_some(all)
    })
    .await;
    assert_eq!(all.len(), 8);
}

fn is_won(body: &Value) -> bool {
    body["status"] == "WON"
}
