//! Customers and transactions of the native contract.

use crate::harness::{Caller, id, ids, invalid_field, server};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_created_read_and_listed() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let body =
        json!({ "name": " Jane Smith ", "email": "jane@example.com", "phone": "020 7946 0958", "leadId": lead["id"] });
    let made = native.post("/v2/customers", body).await.expect(201);
    assert_eq!((&made["name"], &made["phone"]), (&json!("Jane Smith"), &json!("020 7946 0958")));
    assert_eq!((&made["leadId"], &made["businessId"]), (&lead["id"], &lead["businessId"]));
    let path = format!("/v2/customers/{}", made["id"].as_str().unwrap());
    assert_eq!(native.get(&path).await.expect(200), made);
    let plain = native.post("/v2/customers", json!({ "name": "Anna" })).await.expect(201);
    assert_eq!((&plain["email"], &plain["phone"], &plain["leadId"]), (&Value::Null, &Value::Null, &Value::Null));
    let page = native.get("/v2/customers").await.expect(200);
    let both = [id(&plain), id(&made)];
    assert!(ids(&page).iter().all(|id| both.contains(id)) && ids(&page).len() == 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_created_read_and_listed() {
    let server = server().await;
    let native = Caller::native(&server);
    let customer = native.post("/v2/customers", json!({ "name": "Jane" })).await.expect(201);
    let body = json!({
        "customerId": customer["id"], "amountCents": 12_345, "currency": "SEK", "status": "REFUNDED",
        "description": "Roof repair", "occurredAt": "2024-02-29",
    });
    let made = native.post("/v2/transactions", body.clone()).await.expect(201);
    for name in ["customerId", "amountCents", "currency", "status", "description"] {
        assert_eq!(made[name], body[name], "{name}");
    }
    assert_eq!(made["occurredAt"], "2024-02-29T00:00:00.000Z");
    let path = format!("/v2/transactions/{}", made["id"].as_str().unwrap());
    assert_eq!(native.get(&path).await.expect(200), made);
    tokio::time::sleep(Duration::from_millis(2)).await;
    let plain = native.post("/v2/transactions", json!({ "amountCents": 1 })).await.expect(201);
    assert_eq!((&plain["status"], &plain["customerId"]), (&json!("PENDING"), &Value::Null));
    assert_eq!(plain["occurredAt"], plain["createdAt"], "defaults to now");
    let businesses = native.get("/v2/businesses").await.expect(200);
    assert_eq!(plain["currency"], businesses["data"][0]["currency"]);
    let both = [id(&plain), id(&made)];
    assert_eq!(ids(&native.get("/v2/transactions").await.expect(200)), both);
    assert_eq!(ids(&native.get("/v2/transactions?status=PENDING").await.expect(200)), both[..1]);
    let first = native.get("/v2/transactions?limit=1").await.expect(200);
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let second = native.get(&format!("/v2/transactions?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((ids(&second), &second["pagination"]["hasMore"]), (both[1..].to_vec(), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_fields_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    let bad = [
        ("customers", "name", Value::Null),
        ("customers", "name", json!("")),
        ("customers", "name", json!("x".repeat(201))),
        ("customers", "email", json!("jane")),
        ("customers", "phone", json!("call me")),
        ("customers", "leadId", json!("clx")),
        ("customers", "businessId", json!(1)),
        ("transactions", "amountCents", Value::Null),
        ("transactions", "amountCents", json!(0)),
        ("transactions", "amountCents", json!(0.5)),
        ("transactions", "amountCents", json!("0.5")),
        ("transactions", "currency", json!("sek")),
        ("transactions", "currency", json!("ZZZ")),
        ("transactions", "status", json!("LOST")),
        ("transactions", "occurredAt", json!("2026-02-29")),
        ("transactions", "occurredAt", json!("2026-05-25T25:00:00Z")),
        ("transactions", "customerId", json!("none")),
        ("transactions", "description", json!(["Roof"])),
    ];
    for (list, name, value) in bad {
        let mut body = if list == "customers" { json!({ "name": "Jane" }) } else { json!({ "amountCents": 1 }) };
        body[name] = value.clone();
        assert_eq!(invalid_field(&native.post(&format!("/v2/{list}"), body).await), name, "{value}");
    }
    for (list, id) in [("customers", "customerId"), ("transactions", "transactionId")] {
        assert_eq!(native.get(&format!("/v2/{list}")).await.expect(200)["data"], json!([]), "nothing of it was kept");
        assert_eq!(invalid_field(&native.get(&format!("/v2/{list}/first")).await), id);
        native.get(&format!("/v2/{list}/018f0000-0000-7000-8000-000000000000")).await.expect(404);
        let reversed = native.get(&format!("/v2/{list}?createdFrom=2026-03-02&createdTo=2026-03-01")).await;
        assert_eq!(invalid_field(&reversed), "createdFrom");
    }
    let unknown_id = json!("018f0000-0000-7000-8000-000000000000");
    native.post("/v2/customers", json!({ "name": "Jane", "leadId": unknown_id })).await.expect(404);
    native.post("/v2/transactions", json!({ "amountCents": 1, "customerId": unknown_id })).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_creates_nothing() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    for (path, body, other) in [
        ("/v2/customers", json!({ "name": "Jane" }), json!({ "name": "Anna" })),
        ("/v2/customers", json!({ "name": "Jane", "leadId": lead["id"] }), json!({ "name": "Anna" })),
        ("/v2/transactions", json!({ "amountCents": 1 }), json!({ "amountCents": 2 })),
    ] {
        let key = format!("created once: {body}").replace('"', "");
        let before = ids(&native.get(path).await.expect(200)).len();
        let first = native.post_idempotent(path, &key, body.clone()).await;
        first.expect(201);
        let again = native.post_idempotent(path, &key, body).await;
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(ids(&native.get(path).await.expect(200)).len(), before + 1);
        native.post_idempotent(path, &key, other).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_survives_a_deleted_customer() {
    let server = server().await;
    let native = Caller::native(&server);
    let mut made = Vec::new();
    for number in 0..4 {
        let one = native.post("/v2/customers", json!({ "name": format!("Jane {number}") })).await.expect(201);
        made.insert(0, id(&one));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let first = native.get("/v2/customers?limit=2").await.expect(200);
    assert_eq!(ids(&first), made[..2]);
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().unwrap().replace('-', "");
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("local"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test"))
        .endpoint_url("http://database.invalid")
        .http_client(server.database.http_client())
        .build();
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    // Places the item at the end of the page.
    aws_sdk_dynamodb::Client::from_conf(config)
        .delete_item()
        .table_name("leadhouse")
        .key("pk", text(format!("CU#{tenant}#L#{}", made[1].replace('-', ""))))
        .key("sk", text("CU".to_owned()))
        .send()
        .await
        .unwrap();
    native.get(&format!("/v2/customers/{}", made[1])).await.expect(404);
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let rest = native.get(&format!("/v2/customers?cursor={cursor}")).await.expect(200);
    assert_eq!(ids(&rest), made[2..]);
}
