//! A table that throttles, fails or loses its answer delays a call or refuses it whole, and never half does it.

use crate::harness::{Caller, Receiver, eventually, options};
use emulator::FaultInjector;
use local::{LocalServer, ServerOptions};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// When a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// One fault: the operations it strikes, by name and by what their body holds, and how often.
struct Fault {
    when: When,
    operation: &'static str,
    holds: &'static str,
    answers: VecDeque<(u16, String)>,
    always: Option<(u16, String)>,
    struck: usize,
}

/// Faults that a test sets while the house runs.
#[derive(Default)]
struct Set(Mutex<Vec<Fault>>);

fn answer(status: u16, code: &str) -> (u16, String) {
    (status, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "a fault" }).to_string())
}

impl Set {
    /// The next `times` such operations are answered with `answer`.
    fn some(&self, when: When, operation: &'static str, holds: &'static str, times: usize, answer: (u16, String)) {
        let answers = std::iter::repeat_n(answer, times).collect();
        let fault = Fault { when, operation, holds, answers, always: None, struck: 0 };
        self.0.lock().unwrap().push(fault);
    }

    /// Every such operation is answered with `answer` until the faults are lifted.
    fn all(&self, operation: &'static str, holds: &'static str, answer: (u16, String)) {
        let fault =
            Fault { when: When::Before, operation, holds, answers: VecDeque::new(), always: Some(answer), struck: 0 };
        self.0.lock().unwrap().push(fault);
    }

    /// Ends every fault and tells how often they struck.
    fn lift(&self) -> usize {
        self.0.lock().unwrap().drain(..).map(|fault| fault.struck).sum()
    }

    fn strike(&self, when: When, operation: &str, body: &str) -> Option<(u16, String)> {
        let mut faults = self.0.lock().unwrap();
        faults.iter_mut().find_map(|fault| {
            let meant = fault.when == when
                && (fault.operation.is_empty() || fault.operation == operation)
                && body.contains(fault.holds);
            let answer = meant.then(|| fault.answers.pop_front().or_else(|| fault.always.clone())).flatten()?;
            fault.struck += 1;
            Some(answer)
        })
    }
}

impl FaultInjector for Set {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.strike(When::Before, operation, body)
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.strike(When::After, operation, body)
    }
}

async fn faulty() -> (LocalServer, Arc<Set>) {
    let faults = Arc::<Set>::default();
    let server = LocalServer::start(ServerOptions { fault_injector: Some(Arc::<Set>::clone(&faults)), ..options() })
        .await
        .unwrap();
    (server, faults)
}

/// Stored by a write of its own.
fn jane() -> Value {
    json!({ "name": "Jane Smith", "phone": "+15551234567" })
}

/// Stored in one transaction with the mark of her address.
fn jane_with_email() -> Value {
    json!({ "name": "Jane Smith", "email": "jane@example.com" })
}

async fn leads(caller: &Caller) -> usize {
    caller.get("/v2/leads").await.expect(200)["data"].as_array().unwrap().len()
}

/// The table's own item of a lead.
const LEAD: &str = "\"L#";

#[tokio::test(flavor = "multi_thread")]
async fn brief_throttling_is_retried() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    for (made, code) in ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
        .into_iter()
        .enumerate()
    {
        faults.some(When::Before, "UpdateItem", "leadhouse-access", 2, answer(400, code));
        faults.some(When::Before, "PutItem", LEAD, 2, answer(400, code));
        let lead = native.post("/v2/leads", jane()).await.expect(201);
        assert_eq!(faults.lift(), 4, "{code}");
        faults.some(When::Before, "GetItem", "", 2, answer(400, code));
        let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
        assert_eq!(native.get(&path).await.expect(200), lead);
        faults.some(When::Before, "PutItem", LEAD, 2, answer(400, code));
        native.patch(&path, json!({ "status": "WON" })).await.expect(200);
        assert_eq!(faults.lift(), 4, "{code}");
        faults.some(When::Before, "TransactWriteItems", LEAD, 2, answer(400, code));
        native.post("/v2/leads", jane_with_email()).await.expect(201);
        assert_eq!(faults.lift(), 2, "{code}");
        faults.some(When::Before, "Query", "", 2, answer(400, code));
        assert_eq!(leads(&native).await, 2 * (made + 1));
        faults.lift();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_503_and_writes_nothing() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let revenue_defenders = Caller::revenue_defenders(&server);
    let known = native.post("/v2/leads", jane()).await.expect(201);
    let known = format!("/v2/leads/{}", known["id"].as_str().unwrap());
    let before = native.get(&known).await.text;
    let body = |body: Value| Some(body.to_string().into_bytes());
    // Everything is down at first, then only what comes behind the admission: reads of the one, writes of the other.
    for (operation, holds) in [("", ""), ("PutItem", LEAD), ("TransactWriteItems", "")] {
        faults.all(operation, holds, answer(500, "InternalServerError"));
        let once = [("Idempotency-Key", "k")];
        let mut calls = vec![(&native, Method::PATCH, known.as_str(), &once[..], body(json!({ "status": "WON" })))];
        if operation != "PutItem" {
            calls.push((&native, Method::POST, "/v2/leads", &[][..], body(jane_with_email())));
        }
        if operation != "TransactWriteItems" {
            calls.push((&native, Method::POST, "/v2/leads", &once[..], body(jane())));
            calls.push((&revenue_defenders, Method::POST, "/api/v1/leads", &[][..], body(jane())));
        }
        if operation.is_empty() {
            calls.push((&native, Method::GET, "/v2/leads", &[][..], None));
        }
        if operation == "PutItem" {
            // With a key the change is a transaction.
            calls.remove(0);
            calls.push((&native, Method::PATCH, known.as_str(), &[][..], body(json!({ "status": "WON" }))));
        }
        for (caller, method, path, headers, body) in calls {
            let refused = caller.send(method.clone(), path, headers, body).await;
            let id = refused.header("x-request-id").to_owned();
            let wait: u64 = refused.header("retry-after").parse().unwrap();
            assert!(wait >= 1);
            let error = refused.expect(503);
            if path.starts_with("/api") {
                let text = format!("The service is temporarily unavailable. Try again later. Request id: {id}");
                assert_eq!(error, json!({ "error": text }));
            } else {
                let text = "The service is temporarily unavailable. Try again later.";
                let expected = json!({ "error": { "code": "UNAVAILABLE", "message": text, "requestId": id } });
                assert_eq!(error, expected, "{method} {path}");
            }
        }
        assert!(faults.lift() > 0);
        assert_eq!(leads(&native).await, 1, "nothing was written");
        assert_eq!(revenue_defenders.get("/api/v1/leads").await.expect(200)["items"], json!([]));
        assert_eq!(native.get(&known).await.text, before);
    }
    // What was refused under an idempotency key can be tried again under it.
    let once = [("Idempotency-Key", "k")];
    native.send(Method::POST, "/v2/leads", &once, body(jane())).await.expect(201);
    native.send(Method::PATCH, &known, &once, body(json!({ "status": "WON" }))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_with_a_lost_response_takes_effect_once() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let lost = || answer(500, "InternalServerError");

    faults.some(When::After, "PutItem", LEAD, 1, lost());
    let made = native.post("/v2/leads", jane()).await.expect(201);
    assert_eq!(faults.lift(), 1);
    assert_eq!(leads(&native).await, 1);

    faults.some(When::After, "PutItem", LEAD, 1, lost());
    let once = native.post_idempotent("/v2/leads", "k", jane()).await;
    once.expect(201);
    assert_eq!((faults.lift(), once.header("idempotent-replayed")), (1, ""), "its own write is no other's");
    assert_eq!(leads(&native).await, 2);

    for (headers, expected) in [(&[][..], 3), (&[("Idempotency-Key", "e")][..], 4)] {
        faults.some(When::After, "TransactWriteItems", LEAD, 1, lost());
        let body = Some(jane_with_email().to_string().into_bytes());
        let made = native.send(Method::POST, "/v2/leads", headers, body).await;
        made.expect(201);
        assert_eq!((faults.lift(), made.header("idempotent-replayed")), (1, ""), "its own write is no other's");
        assert_eq!(leads(&native).await, expected);
    }

    let path = format!("/v2/leads/{}", made["id"].as_str().unwrap());
    faults.some(When::After, "PutItem", LEAD, 1, lost());
    let changed = native.patch(&path, json!({ "status": "WON" })).await.expect(200);
    assert_eq!((faults.lift(), &changed["version"]), (1, &json!(2)));
    assert_eq!(native.get(&path).await.expect(200), changed);

    faults.some(When::After, "TransactWriteItems", "", 1, lost());
    let body = Some(json!({ "status": "LOST" }).to_string().into_bytes());
    let changed = native.send(Method::PATCH, &path, &[("Idempotency-Key", "k")], body).await.expect(200);
    assert_eq!((faults.lift(), &changed["version"]), (1, &json!(3)));
    assert_eq!(native.get(&path).await.expect(200), changed);

    for path in ["/v2/webhooks", "/v2/keys", "/v2/businesses"] {
        faults.some(When::After, "TransactWriteItems", "", 1, lost());
        let count = || async { native.get(path).await.expect(200)["data"].as_array().unwrap().len() };
        let before = count().await;
        let body = json!({ "url": "http://127.0.0.1:9999/", "events": ["ping"], "name": "n", "scopes": ["leads:read"],
            "country": "SE" });
        native.post(path, body).await.expect(201);
        assert_eq!((faults.lift(), count().await), (1, before + 1), "{path}");
    }

    // Four of lead.created, two changes of status, lead.won and lead.lost: each once.
    receiver.wait_for(8, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_conflict_is_retried() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", jane()).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    let conflict = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict, None]",
        "CancellationReasons": [{ "Code": "TransactionConflict", "Message": "conflict" }, { "Code": "None" }],
    })
    .to_string();
    // Two leads of one address meet at its mark: whoever comes second is told what the first has made of it.
    for (path, status) in [("/v2/leads", 201), ("/v2/leads", 201), ("/api/v1/developer/leads", 200)] {
        let body = json!({ "name": "Jane", "first_name": "Jane", "email": "jane@example.com" });
        faults.some(When::Before, "TransactWriteItems", LEAD, 3, (400, conflict.clone()));
        native.post(path, body).await.expect(status);
        assert_eq!(faults.lift(), 3);
    }
    let body = json!({ "first_name": "Jane", "email": "jane.smith@example.com" });
    faults.some(When::Before, "TransactWriteItems", LEAD, 3, (400, conflict.clone()));
    let first = native.post_idempotent("/api/v1/developer/leads", "c", body.clone()).await;
    assert_eq!((faults.lift(), first.expect(201)["duplicate"].as_bool()), (3, Some(false)));
    faults.some(When::Before, "TransactWriteItems", LEAD, 3, (400, conflict.clone()));
    assert_eq!(native.post_idempotent("/api/v1/developer/leads", "c", body).await.text, first.text);
    assert_eq!(faults.lift(), 3);
    faults.some(When::Before, "TransactWriteItems", "", 3, (400, conflict.clone()));
    let body = Some(json!({ "status": "WON" }).to_string().into_bytes());
    native.send(Method::PATCH, &path, &[("Idempotency-Key", "k")], body).await.expect(200);
    assert_eq!(faults.lift(), 3);
    // One that never ends is the house's own fault, and passes.
    faults.all("TransactWriteItems", "", (400, conflict));
    let body = json!({ "name": "ci", "scopes": ["leads:read"] });
    let refused = native.post("/v2/keys", body.clone()).await;
    refused.expect(503);
    assert!(!refused.header("retry-after").is_empty());
    faults.lift();
    native.post("/v2/keys", body).await.expect(201);
    // A single write that meets a transaction is refused with a code of its own.
    faults.some(When::Before, "PutItem", LEAD, 2, answer(400, "TransactionConflictException"));
    faults.some(When::Before, "UpdateItem", "leadhouse-access", 1, answer(400, "TransactionConflictException"));
    native.post("/v2/leads", jane()).await.expect(201);
    assert_eq!(faults.lift(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_leads_are_delivered_despite_outages() {
    let (server, faults) = faulty().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    // The reader of the stream can neither read subscriptions nor write deliveries for a while.
    faults.some(When::Before, "Query", "\"S#", 9, answer(500, "InternalServerError"));
    faults.some(When::Before, "PutItem", "\"D#", 9, answer(400, "ThrottlingException"));
    for number in 0..5 {
        native
            .post("/v2/leads", json!({ "name": format!("Jane {number}"), "phone": "+15551234567" }))
            .await
            .expect(201);
    }
    receiver.wait_for(5, Duration::from_mins(1)).await;
    // The outcome of an attempt cannot be recorded at first: it is made again, under the same id, and recorded then.
    faults.lift();
    faults.all("BatchGetItem", "", answer(500, "InternalServerError"));
    native.post("/v2/leads", jane()).await.expect(201);
    tokio::time::sleep(Duration::from_millis(500)).await;
    faults.lift();
    let received = receiver.wait_for(6, Duration::from_mins(1)).await;
    let delivery = received.last().unwrap().header("x-delivery").to_owned();
    eventually(Duration::from_secs(20), "the delivery is recorded", || async {
        let shown = native.get(&format!("/v2/deliveries/{delivery}")).await.expect(200);
        (shown["status"] == "DELIVERED").then_some(())
    })
    .await;
}
