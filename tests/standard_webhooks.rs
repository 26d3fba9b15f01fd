//! Standard Webhooks: the published libraries accept every delivery of every contract, also during rotation of a
//! secret.

use crate::harness::signature::{is_signed_with, standard_signature};
use crate::harness::{Caller, DELIVERY_TIMEOUT, Received, Receiver, programs, server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CONTRACTS: [&str; 4] = ["native", "revenueDefenders", "leadRescue", "vendorPad"];
/// Subscription of a contract, with its receiver.
struct Subscribed {
    contract: &'static str,
    receiver: Receiver,
    id: String,
    secret: String,
}

async fn subscribe_in_every_contract(native: &Caller) -> Vec<Subscribed> {
    let mut all = Vec::new();
    for contract in CONTRACTS {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["lead.created"], "contract": contract });
        let made = native.post("/v2/webhooks", body).await.expect(201);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        all.push(Subscribed { contract, receiver, id: text("id"), secret: text("secret") });
    }
    all
}

async fn next_deliveries(native: &Caller, all: &[Subscribed], number: usize) -> Vec<Received> {
    native.post("/v2/leads", json!({ "name": "Zoë Åkesson", "email": "zoe@example.com" })).await.expect(201);
    let mut received = Vec::new();
    for one in all {
        received.push(one.receiver.wait_for(number, DELIVERY_TIMEOUT).await.remove(number - 1));
    }
    received
}

fn question(secret: &str, received: &Received) -> Value {
    let mut question = programs::shown_to_programs(received);
    question["secret"] = secret.into();
    question
}

/// Returns the verdicts of both libraries on each question, which must agree; empty if neither is installed.
fn verdicts(questions: &[Value]) -> Vec<Vec<bool>> {
    let node = programs::node().map(|mut node| {
        node.arg("standard_webhooks.mjs");
        node
    });
    let python = programs::python().map(|mut python| {
        python.arg("standard_webhooks.py");
        python
    });
    [node, python]
        .into_iter()
        .flatten()
        .map(|program| {
            let verdicts = programs::ask(program, &questions.into());
            let accepted = |verdict: &Value| verdict["accepted"].as_bool().unwrap();
            for (verdict, question) in verdicts.as_array().unwrap().iter().zip(questions) {
                let body: Value = serde_json::from_str(question["body"].as_str().unwrap()).unwrap();
                assert!(!accepted(verdict) || verdict["payload"] == body);
            }
            verdicts.as_array().unwrap().iter().map(accepted).collect()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn published_libraries_verify_every_contract() {
    let server = server().await;
    let native = Caller::native(&server);
    let all = subscribe_in_every_contract(&native).await;
    let received = next_deliveries(&native, &all, 1).await;
    server.stop().await;
    let mut questions = Vec::new();
    for (one, received) in all.iter().zip(&received) {
        assert!(is_signed_with(one.contract, &one.secret, received), "{}", one.contract);
        assert_eq!(received.header("webhook-signature"), standard_signature(&one.secret, received));
        questions.push(question(&one.secret, received));
    }
    // Deliveries with a forged body, id and secret.
    let mut forged = [questions[0].clone(), questions[0].clone(), questions[0].clone()];
    forged[0]["body"] = questions[0]["body"].as_str().unwrap().replace("Zoë", "Zoe").into();
    forged[1]["headers"]["webhook-id"] = questions[1]["headers"]["webhook-id"].clone();
    forged[2]["secret"] = questions[1]["secret"].clone();
    questions.extend(forged);
    for verdicts in verdicts(&questions) {
        assert_eq!(verdicts, [true, true, true, true, false, false, false]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlap_of_zero_switches_every_header_at_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let all = subscribe_in_every_contract(&native).await;
    let mut secrets = Vec::new();
    for (number, one) in all.iter().enumerate() {
        let path = format!("/v2/webhooks/{}", one.id);
        let rotation = format!("{path}/rotate-secret");
        let rotate = |body| native.post(&rotation, body);
        // Without an overlap from the start, or with one that is ended while it lasts.
        let rotated = if number % 2 == 0 {
            rotate(json!({ "overlapSeconds": 0 })).await.expect(200)
        } else {
            let rotated = rotate(json!({})).await.expect(200);
            assert!(rotated["previousSecretUntil"].is_string(), "{rotated}");
            let ended = native.patch(&path, json!({ "overlapSeconds": 0 })).await.expect(200);
            assert_eq!(ended["previousSecretUntil"], json!(null), "{ended}");
            rotated
        };
        secrets.push(rotated["secret"].as_str().unwrap().to_owned());
    }
    let received = next_deliveries(&native, &all, 1).await;
    for ((one, secret), received) in all.iter().zip(&secrets).zip(&received) {
        assert_eq!(received.header("webhook-signature"), standard_signature(secret, received), "{}", one.contract);
        assert!(is_signed_with(one.contract, secret, received), "{}", one.contract);
    }
    // Without an overlap there is nothing to end or to prolong.
    let path = format!("/v2/webhooks/{}", all[0].id);
    let unchanged = native.patch(&path, json!({ "overlapSeconds": 3600 })).await.expect(200);
    assert_eq!(unchanged["previousSecretUntil"], json!(null));
    native.patch(&path, json!({ "overlapSeconds": -1 })).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_verify_during_an_overlap() {
    const OVERLAP: Duration = Duration::from_secs(4);
    let server = server().await;
    let native = Caller::native(&server);
    let all = subscribe_in_every_contract(&native).await;
    let mut fresh = Vec::new();
    for one in &all {
        let path = format!("/v2/webhooks/{}/rotate-secret", one.id);
        let rotated = native.post(&path, json!({ "overlapSeconds": OVERLAP.as_secs() })).await.expect(200);
        assert_ne!(rotated["secret"], one.secret);
        fresh.push(rotated["secret"].as_str().unwrap().to_owned());
    }
    let rotated_at = Instant::now();
    let during = next_deliveries(&native, &all, 1).await;
    assert!(rotated_at.elapsed() + Duration::from_secs(1) < OVERLAP, "the machine is too busy to judge");
    tokio::time::sleep(OVERLAP.saturating_sub(rotated_at.elapsed()) + Duration::from_millis(50)).await;
    let after = next_deliveries(&native, &all, 2).await;
    server.stop().await;

    let mut questions = Vec::new();
    for (((one, fresh), during), after) in all.iter().zip(&fresh).zip(&during).zip(&after) {
        let carried: Vec<_> = during.header("webhook-signature").split(' ').collect();
        assert_eq!(carried, [standard_signature(fresh, during), standard_signature(&one.secret, during)]);
        assert!(is_signed_with(one.contract, &one.secret, during), "{}: one signature is the old one's", one.contract);
        assert_eq!(after.header("webhook-signature"), standard_signature(fresh, after));
        assert!(is_signed_with(one.contract, fresh, after), "{}", one.contract);
        for (secret, received) in [(&one.secret, during), (fresh, during), (fresh, after), (&one.secret, after)] {
            questions.push(question(secret, received));
        }
    }
    for verdicts in verdicts(&questions) {
        assert_eq!(verdicts, [true, true, true, false].repeat(CONTRACTS.len()));
    }
}
