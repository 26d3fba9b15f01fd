//! The catalogue of events: schemas and examples of payloads, samples, and test events.

use crate::harness::{Caller, DELIVERY_TIMEOUT, Receiver, invalid_fields, server, text};
use serde_json::{Value, json};

const CONTRACTS: [(&str, &str); 4] = [
    ("native", "x-event"),
    ("revenueDefenders", "x-revenuedefenders-event"),
    ("leadRescue", "x-leadrescue-event"),
    ("vendorPad", "x-vendorpad-event"),
];

async fn catalogue(caller: &Caller) -> Vec<Value> {
    caller.get("/v2/event-types").await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_schemas_and_examples() {
    let server = server().await;
    for event in catalogue(&Caller::native(&server)).await {
        let name = text(&event, "name");
        assert_eq!(text(&event, "since").split('.').count(), 3, "{event}");
        assert_eq!(event["payloads"].as_object().unwrap().len(), CONTRACTS.len(), "{name}");
        for (contract, _) in CONTRACTS {
            let payload = &event["payloads"][contract];
            let (schema, example) = (&payload["schema"], payload["example"].as_object().unwrap());
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name} in {contract}");
            assert!(!example.is_empty(), "{name} in {contract}");
        }
        assert_eq!(event["payloads"]["native"]["example"]["type"], name);
        assert_eq!(event["payloads"]["vendorPad"]["example"]["event"], name);
        assert_eq!(event["payloads"]["leadRescue"]["example"]["event"], name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_the_examples_of_the_catalogue() {
    let server = server().await;
    let native = Caller::native(&server);
    for event in catalogue(&native).await {
        let path = format!("/v2/event-types/{}/sample", text(&event, "name"));
        assert_eq!(native.get(&path).await.expect(200), event["payloads"]["native"]["example"]);
        for (contract, _) in CONTRACTS {
            let sample = native.get(&format!("{path}?contract={contract}")).await.expect(200);
            assert_eq!(sample, event["payloads"][contract]["example"], "{contract}");
        }
    }
    for unknown in ["lead.deleted", "lead", "%20", "00000000-0000-7000-8000-000000000000"] {
        native.get(&format!("/v2/event-types/{unknown}/sample")).await.expect(404);
    }
    let reply = native.get("/v2/event-types/ping/sample?contract=svix").await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(reply.json()["error"]["details"][0]["field"], "contract");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_sends_the_example_of_an_event() {
    let server = server().await;
    let native = Caller::native(&server);
    let all = catalogue(&native).await;
    for (contract, header) in CONTRACTS {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["lead.lost"], "contract": contract });
        let made = native.post("/v2/webhooks", body).await.expect(201);
        let path = format!("/v2/webhooks/{}/test", text(&made, "id"));
        for (number, event) in all.iter().filter(|event| event["name"] != "ping").enumerate() {
            let sent = native.post(&path, json!({ "event": event["name"] })).await.expect(202);
            let received = receiver.wait_for(number + 1, DELIVERY_TIMEOUT).await.pop().unwrap();
            assert_eq!(received.json(), event["payloads"][contract]["example"], "{contract}");
            assert_eq!(received.header(header), text(event, "name"));
            assert_eq!(received.header("webhook-id"), text(&sent, "deliveryId"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_names_an_event_that_exists() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let made = native.post("/v2/webhooks", json!({ "url": receiver.url, "events": ["*"] })).await.expect(201);
    let path = format!("/v2/webhooks/{}/test", text(&made, "id"));
    for event in [json!("lead.deleted"), json!("*"), json!(1), json!(["lead.won"])] {
        let reply = native.post(&path, json!({ "event": event })).await;
        assert_eq!(invalid_fields(&reply), ["event"], "{event}");
    }
    native.post(&path, json!({ "event": "ping" })).await.expect(202);
    assert_eq!(receiver.wait_for(1, DELIVERY_TIMEOUT).await[0].json()["data"]["id"], made["id"]);
}
