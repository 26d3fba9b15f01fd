//! Database faults: a table that throttles, fails or loses responses delays a call or fails it completely, and never
//! applies half of it.

use crate::harness::{
    Caller, FaultSet, Receiver, When, dynamodb_error, error_response, error_text, error_with_fields, eventually, leads,
    options,
};
use local::{LocalServer, ServerOptions};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

async fn faulty() -> (LocalServer, Arc<FaultSet>) {
    let faults = Arc::<FaultSet>::default();
    let server =
        LocalServer::start(ServerOptions { fault_injector: Some(Arc::<FaultSet>::clone(&faults)), ..options() })
            .await
            .unwrap();
    (server, faults)
}

async fn leads(caller: &Caller) -> usize {
    caller.get("/v2/leads").await.expect(200)["data"].as_array().unwrap().len()
}

/// Key of a lead's own item in the table.
const LEAD: &str = "\"L#";

#[tokio::test(flavor = "multi_thread")]
async fn brief_throttling_is_retried() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    for (made, code) in ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
        .into_iter()
        .enumerate()
    {
        faults.fail_next(When::Before, "UpdateItem", "leadhouse-access", 2, error_response(400, code));
        faults.fail_next(When::Before, "PutItem", LEAD, 2, error_response(400, code));
        let lead = native.post("/v2/leads", leads::with_phone()).await.expect(201);
        assert_eq!(faults.clear(), 4, "{code}");
        faults.fail_next(When::Before, "GetItem", "", 2, error_response(400, code));
        let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
        assert_eq!(native.get(&path).await.expect(200), lead);
        faults.fail_next(When::Before, "PutItem", LEAD, 2, error_response(400, code));
        native.patch(&path, json!({ "status": "WON" })).await.expect(200);
        assert_eq!(faults.clear(), 4, "{code}");
        faults.fail_next(When::Before, "TransactWriteItems", LEAD, 2, error_response(400, code));
        native.post("/v2/leads", leads::with_email()).await.expect(201);
        assert_eq!(faults.clear(), 2, "{code}");
        faults.fail_next(When::Before, "Query", "", 2, error_response(400, code));
        assert_eq!(leads(&native).await, 2 * (made + 1));
        faults.clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_503_and_writes_nothing() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let revenue_defenders = Caller::revenue_defenders(&server);
    let lead_path = native.post("/v2/leads", leads::with_phone()).await.expect(201);
    let lead_path = format!("/v2/leads/{}", lead_path["id"].as_str().unwrap());
    let before = native.get(&lead_path).await.text;
    let body = |body: Value| Some(body.to_string().into_bytes());
    // First everything fails, then only operations behind authentication: reads for the first call, writes for the
    // others.
    for (operation, holds) in [("", ""), ("PutItem", LEAD), ("TransactWriteItems", "")] {
        faults.fail_all(operation, holds, error_response(500, "InternalServerError"));
        let idempotency_header = [("Idempotency-Key", "k")];
        let mut calls = vec![(
            &native,
            Method::PATCH,
            lead_path.as_str(),
            &idempotency_header[..],
            body(json!({ "status": "WON" })),
        )];
        if operation != "PutItem" {
            calls.push((&native, Method::POST, "/v2/leads", &[][..], body(leads::with_email())));
        }
        if operation != "TransactWriteItems" {
            calls.push((&native, Method::POST, "/v2/leads", &idempotency_header[..], body(leads::with_phone())));
            calls.push((&revenue_defenders, Method::POST, "/api/v1/leads", &[][..], body(leads::with_phone())));
        }
        if operation.is_empty() {
            calls.push((&native, Method::GET, "/v2/leads", &[][..], None));
        }
        if operation == "PutItem" {
            // With an idempotency key the change is a transaction.
            calls.remove(0);
            calls.push((&native, Method::PATCH, lead_path.as_str(), &[][..], body(json!({ "status": "WON" }))));
        }
        for (caller, method, path, headers, body) in calls {
            let rejected = caller.send(method.clone(), path, headers, body).await;
            let id = rejected.header("x-request-id").to_owned();
            let wait: u64 = rejected.header("retry-after").parse().unwrap();
            assert!(wait >= 1);
            let error = rejected.expect(503);
            if path.starts_with("/api") {
                let text = format!("The service is temporarily unavailable. Try again later. Request id: {id}");
                assert_eq!(error, json!({ "error": text }));
            } else {
                let text = "The service is temporarily unavailable. Try again later.";
                let expected = json!({ "error": { "code": "UNAVAILABLE", "message": text, "requestId": id } });
                assert_eq!(error, expected, "{method} {path}");
            }
        }
        assert!(faults.clear() > 0);
        assert_eq!(leads(&native).await, 1, "nothing was written");
        assert_eq!(revenue_defenders.get("/api/v1/leads").await.expect(200)["items"], json!([]));
        assert_eq!(native.get(&lead_path).await.text, before);
    }
    // A call that failed under an idempotency key can be repeated under it.
    let idempotency_header = [("Idempotency-Key", "k")];
    native.send(Method::POST, "/v2/leads", &idempotency_header, body(leads::with_phone())).await.expect(201);
    native.send(Method::PATCH, &lead_path, &idempotency_header, body(json!({ "status": "WON" }))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_with_a_lost_response_takes_effect_once() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let lost = || error_response(500, "InternalServerError");

    faults.fail_next(When::After, "PutItem", LEAD, 1, lost());
    let made = native.post("/v2/leads", leads::with_phone()).await.expect(201);
    assert_eq!(faults.clear(), 1);
    assert_eq!(leads(&native).await, 1);

    faults.fail_next(When::After, "PutItem", LEAD, 1, lost());
    let idempotency_header = native.post_idempotent("/v2/leads", "k", leads::with_phone()).await;
    idempotency_header.expect(201);
    assert_eq!(
        (faults.clear(), idempotency_header.header("idempotent-replayed")),
        (1, ""),
        "its own write is no other's"
    );
    assert_eq!(leads(&native).await, 2);

    for (headers, expected) in [(&[][..], 3), (&[("Idempotency-Key", "e")][..], 4)] {
        faults.fail_next(When::After, "TransactWriteItems", LEAD, 1, lost());
        let body = Some(leads::with_email().to_string().into_bytes());
        let made = native.send(Method::POST, "/v2/leads", headers, body).await;
        made.expect(201);
        assert_eq!((faults.clear(), made.header("idempotent-replayed")), (1, ""), "its own write is no other's");
        assert_eq!(leads(&native).await, expected);
    }

    let path = format!("/v2/leads/{}", made["id"].as_str().unwrap());
    faults.fail_next(When::After, "PutItem", LEAD, 1, lost());
    let changed = native.patch(&path, json!({ "status": "WON" })).await.expect(200);
    assert_eq!((faults.clear(), &changed["version"]), (1, &json!(2)));
    assert_eq!(native.get(&path).await.expect(200), changed);

    faults.fail_next(When::After, "TransactWriteItems", "", 1, lost());
    let body = Some(json!({ "status": "LOST" }).to_string().into_bytes());
    let changed = native.send(Method::PATCH, &path, &[("Idempotency-Key", "k")], body).await.expect(200);
    assert_eq!((faults.clear(), &changed["version"]), (1, &json!(3)));
    assert_eq!(native.get(&path).await.expect(200), changed);

    for (path, body) in [
        ("/v2/webhooks", json!({ "url": "http://127.0.0.1:9999/", "events": ["ping"] })),
        ("/v2/keys", json!({ "name": "n", "scopes": ["leads:read"] })),
        ("/v2/businesses", json!({ "name": "n", "country": "SE" })),
    ] {
        faults.fail_next(When::After, "TransactWriteItems", "", 1, lost());
        let count = || async { native.get(path).await.expect(200)["data"].as_array().unwrap().len() };
        let before = count().await;
        native.post(path, body).await.expect(201);
        assert_eq!((faults.clear(), count().await), (1, before + 1), "{path}");
    }

    // Four lead.created, two lead.status_changed, lead.won and lead.lost, each once.
    receiver.wait_for(8, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_conflict_is_retried() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", leads::with_phone()).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    let conflict = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict, None]",
        "CancellationReasons": [{ "Code": "TransactionConflict", "Message": "conflict" }, { "Code": "None" }],
    })
    .to_string();
    // Two leads with the same address conflict in the unique e-mail index: the later request sees the state left by
    // the earlier one.
    for (path, status) in [("/v2/leads", 201), ("/v2/leads", 201), ("/api/v1/developer/leads", 200)] {
        let body = json!({ "name": "Jane", "first_name": "Jane", "email": "jane@example.com" });
        faults.fail_next(When::Before, "TransactWriteItems", LEAD, 3, (400, conflict.clone()));
        native.post(path, body).await.expect(status);
        assert_eq!(faults.clear(), 3);
    }
    let body = json!({ "first_name": "Jane", "email": "jane.smith@example.com" });
    faults.fail_next(When::Before, "TransactWriteItems", LEAD, 3, (400, conflict.clone()));
    let first = native.post_idempotent("/api/v1/developer/leads", "c", body.clone()).await;
    assert_eq!((faults.clear(), first.expect(201)["duplicate"].as_bool()), (3, Some(false)));
    faults.fail_next(When::Before, "TransactWriteItems", LEAD, 3, (400, conflict.clone()));
    assert_eq!(native.post_idempotent("/api/v1/developer/leads", "c", body).await.text, first.text);
    assert_eq!(faults.clear(), 3);
    faults.fail_next(When::Before, "TransactWriteItems", "", 3, (400, conflict.clone()));
    let body = Some(json!({ "status": "WON" }).to_string().into_bytes());
    native.send(Method::PATCH, &path, &[("Idempotency-Key", "k")], body).await.expect(200);
    assert_eq!(faults.clear(), 3);
    // A conflict that never ends is a server error, and temporary.
    faults.fail_all("TransactWriteItems", "", (400, conflict));
    let body = json!({ "name": "ci", "scopes": ["leads:read"] });
    let rejected = native.post("/v2/keys", body.clone()).await;
    rejected.expect(503);
    assert!(!rejected.header("retry-after").is_empty());
    faults.clear();
    native.post("/v2/keys", body).await.expect(201);
    // A single write that meets a transaction fails with an error code of its own.
    faults.fail_next(When::Before, "PutItem", LEAD, 2, error_response(400, "TransactionConflictException"));
    faults.fail_next(
        When::Before,
        "UpdateItem",
        "leadhouse-access",
        1,
        error_response(400, "TransactionConflictException"),
    );
    native.post("/v2/leads", leads::with_phone()).await.expect(201);
    assert_eq!(faults.clear(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_leads_are_delivered_despite_outages() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    // For a while the stream reader can neither read subscriptions nor write deliveries.
    faults.fail_next(When::Before, "Query", "\"S#", 9, error_response(500, "InternalServerError"));
    faults.fail_next(When::Before, "PutItem", "\"D#", 9, error_response(400, "ThrottlingException"));
    for number in 0..5 {
        native
            .post("/v2/leads", json!({ "name": format!("Jane {number}"), "phone": "+15551234567" }))
            .await
            .expect(201);
    }
    receiver.wait_for(5, Duration::from_mins(1)).await;
    // The outcome of an attempt cannot be recorded at first: the attempt is repeated under the same id, and recorded
    // then.
    faults.clear();
    faults.fail_all("BatchGetItem", "", error_response(500, "InternalServerError"));
    native.post("/v2/leads", leads::with_phone()).await.expect(201);
    tokio::time::sleep(Duration::from_millis(500)).await;
    faults.clear();
    let received = receiver.wait_for(6, Duration::from_mins(1)).await;
    let delivery = received.last().unwrap().header("x-delivery").to_owned();
    eventually(Duration::from_secs(20), "the delivery is recorded", || async {
        let shown = native.get(&format!("/v2/deliveries/{delivery}")).await.expect(200);
        (shown["status"] == "DELIVERED").then_some(())
    })
    .await;
}

/// DynamoDB has no code for it: the message tells an item that is too large from any other invalid request.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_too_large_is_400() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let with_message = |message: &str| {
        let mut error = dynamodb_error("ValidationException");
        error["message"] = json!(message);
        (400, error.to_string())
    };
    let too_large = "is too large: the lead may take at most 400 KB in storage";
    let by_item = with_message("Item size has exceeded the maximum allowed size");
    faults.fail_all("PutItem", LEAD, by_item.clone());
    let rejected = native.post("/v2/leads", leads::with_phone()).await.expect(400);
    assert_eq!(rejected["error"]["code"], "INVALID_REQUEST");
    assert_eq!(rejected["error"]["details"], json!([{ "field": "body", "message": format!("body {too_large}") }]));
    let revenue_defenders = Caller::revenue_defenders(&server);
    let text = error_text(&revenue_defenders.post("/api/v1/leads", leads::with_phone()).await, 400);
    assert!(text.contains(too_large), "{text}");
    faults.clear();

    // In a transaction, before its execution and as the reason of a cancellation.
    let mut cancelled = dynamodb_error("TransactionCanceledException");
    cancelled["CancellationReasons"] = json!([
        { "Code": "ValidationError", "Message": "Item size to update has exceeded the maximum allowed size" },
        { "Code": "None" },
    ]);
    let by_transaction = with_message("Collection size of items exceeded, which can also be caused by the 4MB limit");
    for response in [by_item, by_transaction, (400, cancelled.to_string())] {
        faults.fail_all("TransactWriteItems", LEAD, response);
        let rejected = native.post("/v2/leads", leads::with_email()).await.expect(400);
        assert_eq!(rejected["error"]["details"][0]["message"], format!("body {too_large}"));
        let vendor_pad = Caller::vendor_pad(&server);
        let lead = json!({ "first_name": "Jane", "email": "jane@example.com" });
        let (_, fields) = error_with_fields(&vendor_pad.post("/api/v1/developer/leads", lead).await, 400);
        assert_eq!(fields, ["body"]);
        faults.clear();
    }

    // Any other invalid request is a fault of ours.
    faults.fail_all("PutItem", LEAD, with_message("One or more parameter values were invalid"));
    native.post("/v2/leads", leads::with_phone()).await.expect(500);
    faults.clear();
    native.post("/v2/leads", leads::with_phone()).await.expect(201);
}
