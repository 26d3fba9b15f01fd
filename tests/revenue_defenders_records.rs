//! Revenue Defenders document: disputes, evidence, customers and transactions, line by line.

use crate::harness::signature::hmac_hex;
use crate::harness::{
    Caller, DELIVERY_TIMEOUT, Receiver, error_text, id, ids, leads, run_concurrently, server, unlimited_server,
};
use http::Method;
use local::LocalServer;
use serde_json::{Value, json};
use std::time::Duration;

#[track_caller]
/// Returns the document's request body; only ids are replaced.
fn documents_dispute(business: &str, customer: &str) -> Vec<u8> {
    format!(
        r#"{{
  "businessId": "{business}",
  "reason": "NOT_AS_DESCRIBED",
  "amountCents": 15000,
  "customerId": "{customer}",
  "customerClaim": "Service was not completed as agreed"
}}"#
    )
    .into_bytes()
}

/// Lists of the document, with records created through the native contract: the document itself creates only
/// disputes.
const LISTS: [(&str, &str); 4] = [
    ("disputes", "/v2/disputes"),
    ("evidence", "/v2/evidence"),
    ("customers", "/v2/customers"),
    ("transactions", "/v2/transactions"),
];

fn something(list: &str) -> Value {
    match list {
        "disputes" => json!({ "reason": "GENERAL", "amountCents": 100 }),
        "evidence" => json!({ "category": "MESSAGE", "title": "What was written" }),
        "customers" => json!({ "name": "Jane Smith" }),
        _ => json!({ "amountCents": 100 }),
    }
}

fn business(server: &LocalServer) -> String {
    server.credentials.revenue_defenders.business_id.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn post_disputes_creates_a_dispute() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let customer = id(&caller.post("/v2/customers", json!({ "name": "Jane Smith" })).await.expect(201));
    let body = documents_dispute(&business(&server), &customer);
    let headers = [("Content-Type", "application/json")];
    let made = caller.send(Method::POST, "/api/v1/disputes", &headers, Some(body)).await.expect(201);
    let expected = json!({
        "id": made["id"], "businessId": business(&server), "reason": "NOT_AS_DESCRIBED", "amountCents": 15000,
        "currency": made["currency"], "status": "OPEN", "customerId": customer, "transactionId": null, "leadId": null,
        "customerClaim": "Service was not completed as agreed", "evidenceDueBy": made["evidenceDueBy"],
        "createdAt": made["createdAt"],
    });
    assert_eq!(made, expected);
    let businesses = caller.get("/v2/businesses").await.expect(200);
    assert_eq!(made["currency"], businesses["data"][0]["currency"], "defaults to that of the business");
    let [created, due] = ["createdAt", "evidenceDueBy"].map(|name| made[name].as_str().unwrap().to_owned());
    assert!(created < due && created.ends_with('Z') && created.len() == "2026-05-25T12:00:00.000Z".len());
}

#[tokio::test(flavor = "multi_thread")]
async fn disputes_are_listed_and_read() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let mut made = Vec::new();
    for reason in [
        "NOT_AS_DESCRIBED",
        "NOT_RECEIVED",
        "FRAUDULENT",
        "DUPLICATE",
        "CREDIT_NOT_PROCESSED",
        "CANCELLED",
        "PRODUCT_UNACCEPTABLE",
        "GENERAL",
    ] {
        let body = json!({ "reason": reason, "amountCents": 1, "currency": "SEK" });
        made.insert(0, caller.post("/api/v1/disputes", body).await.expect(201));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let page = caller.get("/api/v1/disputes").await.expect(200);
    assert_eq!(page, json!({ "items": made, "nextCursor": null }), "newest first");
    for dispute in &made {
        assert_eq!(caller.get(&format!("/api/v1/disputes/{}", id(dispute))).await.expect(200), *dispute);
    }
    caller.patch(&format!("/v2/disputes/{}", id(&made[0])), json!({ "status": "WON" })).await.expect(200);
    let won = caller.get("/api/v1/disputes?status=WON").await.expect(200);
    assert_eq!((ids(&won), &won["items"][0]["status"]), (vec![id(&made[0])], &json!("WON")));
    assert_eq!(ids(&caller.get("/api/v1/disputes?status=OPEN").await.expect(200)).len(), 7);
    assert!(error_text(&caller.get("/api/v1/disputes?status=opened").await, 400).contains("UNDER_REVIEW"));
    for unknown in ["018f0000-0000-7000-8000-000000000000", "clx123", "%FF"] {
        error_text(&caller.get(&format!("/api/v1/disputes/{unknown}")).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_listed_for_a_business() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let lead = caller.post("/api/v1/leads", leads::with_phone()).await.expect(201);
    let body = json!({
        "name": "Jane Smith", "email": "jane@example.com", "phone": "+15559876543", "leadId": lead["id"],
    });
    let made = caller.post("/v2/customers", body).await.expect(201);
    let expected = json!({
        "id": made["id"], "businessId": business(&server), "leadId": lead["id"], "name": "Jane Smith",
        "email": "jane@example.com", "phone": "+15559876543", "createdAt": made["createdAt"],
    });
    let page = caller.get("/api/v1/customers").await.expect(200);
    assert_eq!(page, json!({ "items": [expected], "nextCursor": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_listed_for_a_business() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let customer = id(&caller.post("/v2/customers", json!({ "name": "Jane Smith" })).await.expect(201));
    let body = json!({
        "customerId": customer, "amountCents": 15000, "currency": "USD", "status": "PAID",
        "description": "Roof repair", "occurredAt": "2026-05-20T10:00:00+02:00",
    });
    let made = caller.post("/v2/transactions", body).await.expect(201);
    let expected = json!({
        "id": made["id"], "businessId": business(&server), "customerId": customer, "amountCents": 15000,
        "currency": "USD", "status": "PAID", "description": "Roof repair", "occurredAt": "2026-05-20T08:00:00.000Z",
        "createdAt": made["createdAt"],
    });
    let page = caller.get("/api/v1/transactions").await.expect(200);
    assert_eq!(page, json!({ "items": [expected], "nextCursor": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_listed_and_filtered_by_category() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let dispute = id(&caller.post("/api/v1/disputes", something("disputes")).await.expect(201));
    let body = json!({
        "category": "CONTRACT", "disputeId": dispute, "title": "The order", "description": "Signed in May",
    });
    let made = caller.post("/v2/evidence", body).await.expect(201);
    tokio::time::sleep(Duration::from_millis(2)).await;
    let photo = id(&caller.post("/v2/evidence", json!({ "category": "PHOTO" })).await.expect(201));
    let expected = json!({
        "id": made["id"], "businessId": business(&server), "category": "CONTRACT", "disputeId": dispute,
        "leadId": null, "title": "The order", "description": "Signed in May", "status": "NONE", "file": null,
        "fileUrl": null, "sha256": null, "createdAt": made["createdAt"],
    });
    let page = caller.get("/api/v1/evidence?category=CONTRACT").await.expect(200);
    assert_eq!(page, json!({ "items": [expected], "nextCursor": null }));
    assert_eq!(ids(&caller.get("/api/v1/evidence").await.expect(200)), [photo, id(&made)], "newest first");
    assert_eq!(ids(&caller.get("/api/v1/evidence?category=RECEIPT").await.expect(200)), [""; 0]);
    let text = error_text(&caller.get("/api/v1/evidence?category=photos").await, 400);
    assert!(text.contains("category") && text.contains("DELIVERY"), "it names the accepted values: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_has_the_documented_parameters() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let caller = Caller::revenue_defenders(&server);
    let second = id(&caller.post("/v2/businesses", json!({ "name": "Second", "country": "US" })).await.expect(201));
    let foreign = server.credentials.native.business_id.clone();
    for (list, make) in LISTS {
        let path = format!("/api/v1/{list}");
        let mut made = Vec::new();
        for _ in 0..3 {
            made.insert(0, id(&caller.post(make, something(list)).await.expect(201)));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let mut elsewhere = something(list);
        elsewhere["businessId"] = second.clone().into();
        let elsewhere = id(&caller.post(make, elsewhere).await.expect(201));
        assert_eq!(ids(&caller.get(&path).await.expect(200)), made, "{list}: of the first business");
        let named = caller.get(&format!("{path}?businessId={second}")).await.expect(200);
        assert_eq!(ids(&named), [elsewhere], "{list}");
        error_text(&caller.get(&format!("{path}?businessId={foreign}")).await, 403);

        let first = caller.get(&format!("{path}?limit=2")).await.expect(200);
        assert_eq!(ids(&first), made[..2], "{list}");
        let cursor = first["nextCursor"].as_str().unwrap().to_owned();
        caller.post(make, something(list)).await.expect(201);
        let rest = caller.get(&format!("{path}?limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!(
            (ids(&rest), &rest["nextCursor"]),
            (made[2..].to_vec(), &Value::Null),
            "{list}: received deliveries are not listed"
        );
        caller.get(&format!("{path}?limit=200")).await.expect(200);
        for limit in ["0", "201", "-1", "ten"] {
            let text = error_text(&caller.get(&format!("{path}?limit={limit}")).await, 400);
            assert!(text.contains("limit") && text.contains("200"), "{text}");
        }
        error_text(&caller.get(&format!("{path}?cursor=rubbish")).await, 400);
        error_text(&native.get(&format!("{path}?cursor={cursor}")).await, 400);
        let other = if list == "disputes" { "customers" } else { "disputes" };
        error_text(&caller.get(&format!("/api/v1/{other}?cursor={cursor}")).await, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_page_size_is_50() {
    let server = unlimited_server().await;
    let caller = Caller::revenue_defenders(&server);
    let make = || caller.post("/v2/customers", something("customers"));
    run_concurrently((0..51).map(|_| make())).await;
    let page = caller.get("/api/v1/customers").await.expect(200);
    assert_eq!(ids(&page).len(), 50);
    assert!(page["nextCursor"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_needs_the_documented_scope() {
    let server = unlimited_server().await;
    let caller = Caller::revenue_defenders(&server);
    let dispute = id(&caller.post("/api/v1/disputes", something("disputes")).await.expect(201));
    let one = format!("/api/v1/disputes/{dispute}");
    let calls = [
        (Method::GET, "/api/v1/evidence", "evidence:read", 200),
        (Method::GET, "/api/v1/disputes", "disputes:read", 200),
        (Method::GET, &one, "disputes:read", 200),
        (Method::POST, "/api/v1/disputes", "disputes:write", 201),
        (Method::GET, "/api/v1/customers", "customers:read", 200),
        (Method::GET, "/api/v1/transactions", "transactions:read", 200),
    ];
    let scopes = ["evidence:read", "disputes:read", "disputes:write", "customers:read", "transactions:read"];
    for scope in scopes {
        let key = caller.post("/v2/keys", json!({ "name": scope, "scopes": [scope] })).await.expect(201);
        let bearer = caller.with_key(key["key"].as_str().unwrap());
        for (method, path, needed, status) in &calls {
            let body = (method == Method::POST).then(|| something("disputes").to_string().into_bytes());
            let reply = bearer.send(method.clone(), path, &[], body).await;
            if *needed == scope {
                reply.expect(*status);
            } else {
                assert!(error_text(&reply, 403).contains(needed), "{method} {path} with {scope}");
            }
        }
    }
    for path in ["/api/v1/customers", "/api/v1/transactions", "/api/v1/evidence"] {
        assert_eq!(caller.post(path, json!({})).await.status, 405, "the document only lists them");
        error_text(&caller.get(&format!("{path}/{dispute}")).await, 404);
    }
    error_text(&caller.with_key("rd_nonsense").get("/api/v1/disputes").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_dispute_fields_are_named() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let bad = [
        ("reason", Value::Null),
        ("reason", json!("BECAUSE")),
        ("reason", json!("not as described")),
        ("amountCents", Value::Null),
        ("amountCents", json!(0)),
        ("amountCents", json!(-1)),
        ("amountCents", json!(1.5)),
        ("amountCents", json!("150.00 USD")),
        ("amountCents", json!(9_007_199_254_740_992_i64)),
        ("currency", json!("euro")),
        ("currency", json!("ZZZ")),
        ("customerId", json!("clx")),
        ("transactionId", json!(7)),
        ("leadId", json!("l_1")),
        ("businessId", json!("first")),
        ("customerClaim", json!("x".repeat(10_001))),
        ("evidenceDueBy", json!("2026-02-30")),
        ("evidenceDueBy", json!("2026-06-31T00:00:00Z")),
        ("evidenceDueBy", json!("soon")),
    ];
    for (name, value) in bad {
        let mut body = something("disputes");
        body[name] = value.clone();
        let text = error_text(&caller.post("/api/v1/disputes", body).await, 400);
        assert!(text.starts_with(name), "{value}: {text}");
    }
    assert_eq!(caller.get("/api/v1/disputes").await.expect(200)["items"], json!([]), "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_references_are_rejected() {
    let server = server().await;
    let (caller, native) = (Caller::revenue_defenders(&server), Caller::native(&server));
    let lead = leads::with_phone();
    let foreign = [
        ("customerId", id(&native.post("/v2/customers", something("customers")).await.expect(201)), 404),
        ("transactionId", id(&native.post("/v2/transactions", something("transactions")).await.expect(201)), 404),
        ("leadId", id(&native.post("/v2/leads", lead).await.expect(201)), 404),
        ("businessId", server.credentials.native.business_id.clone(), 403),
    ];
    for (name, foreign, status) in foreign {
        for id in [foreign.as_str(), "018f0000-0000-7000-8000-000000000000"] {
            let mut body = something("disputes");
            body[name] = id.into();
            let text = error_text(&caller.post("/api/v1/disputes", body).await, status);
            assert!(!text.contains(id), "whether it exists or not: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dispute_created_is_delivered_as_documented() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let receiver = Receiver::new().await;
    let body = json!({
        "url": receiver.url, "events": ["dispute.created", "dispute.status_changed"], "contract": "revenueDefenders",
    });
    let subscription = caller.post("/v2/webhooks", body).await.expect(201);
    let secret = subscription["secret"].as_str().unwrap();
    let customer = id(&caller.post("/v2/customers", json!({ "name": "Jane Smith" })).await.expect(201));
    let body = documents_dispute(&business(&server), &customer);
    let made = caller.send(Method::POST, "/api/v1/disputes", &[], Some(body)).await.expect(201);
    let created = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("x-revenuedefenders-event"), "dispute.created");
    assert_eq!(created.header("x-revenuedefenders-signature"), format!("sha256={}", hmac_hex(secret, &created.body)));
    assert_eq!(created.json(), made, "the bare resource");
    assert!(!created.header("x-revenuedefenders-delivery").is_empty());

    let path = format!("/v2/disputes/{}", id(&made));
    caller.patch(&path, json!({ "status": "UNDER_REVIEW" })).await.expect(200);
    let changed = receiver.wait_for(2, DELIVERY_TIMEOUT).await.remove(1);
    assert_eq!(changed.header("x-revenuedefenders-event"), "dispute.status_changed");
    assert_eq!(changed.json()["status"], "UNDER_REVIEW");
}
