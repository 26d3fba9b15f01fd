//! The sample events of the functions behind the API, as calls of a running server.

use crate::harness::{Caller, FakeResolver, Found, SundayClock, database_client, leads, options};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

fn sample(function: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{function}.json"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// Sends a sample event as a call, with a key of the demo tenant and `body` instead of its own.
async fn call(caller: &Caller, event: &Value, body: &str) -> u16 {
    let http = &event["requestContext"]["http"];
    let method: Method = http["method"].as_str().unwrap().parse().unwrap();
    let query = event["rawQueryString"].as_str().unwrap();
    let path = format!("{}?{query}", event["rawPath"].as_str().unwrap());
    let headers = event["headers"].as_object().unwrap().iter();
    let sent: Vec<_> = headers
        .filter(|(name, _)| ["accept", "content-type", "idempotency-key", "x-signature"].contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let body = (!body.is_empty()).then(|| body.as_bytes().to_vec());
    let reply = caller.send(method, path.trim_end_matches('?'), &sent, body).await;
    assert!(reply.status < 300 || event["rawPath"] == "/v2/webhooks/inbound", "{path}: {}", reply.text);
    reply.status
}

#[tokio::test(flavor = "multi_thread")]
async fn sample_events_of_the_api_are_accepted() {
    let resolver = FakeResolver::new();
    resolver.set("hooks.example.com", [Found::addresses(&["93.184.215.14"])]);
    let server = LocalServer::start(ServerOptions { resolver, ..options() }).await.unwrap();
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", leads::with_phone()).await.expect(201)["id"].as_str().unwrap().to_owned();
    for function in [
        "account",
        "analytics",
        "customers",
        "disputes",
        "evidence",
        "inbound",
        "leads",
        "sequences",
        "transactions",
        "webhooks",
    ] {
        let event = sample(function);
        // What a sample refers to does not exist here.
        let body = event["body"].as_str().unwrap_or_default().replace("019e8284-c5c0-7a12-8b22-c32d42e52f62", &lead);
        let status = call(&native, &event, &body).await;
        // The signature is not of a secret of this server.
        assert!(status < 300 || (function, status) == ("inbound", 401), "{function}: {status}");
    }
    let vendor_pad = Caller::vendor_pad(&server);
    let event = sample("visitor_events");
    call(&vendor_pad, &event, event["body"].as_str().unwrap()).await;
}

/// The item of the stream's sample event has the attributes that are stored today, and the same values where these are
/// not of one tenant or time.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_lead_is_stored_like_this() {
    let clock = Arc::new(SundayClock::new());
    let server = LocalServer::start(ServerOptions { clock, ..options() }).await.unwrap();
    // As bytes: their fingerprint is stored.
    let body = sample("leads")["body"].as_str().unwrap().as_bytes().to_vec();
    let caller = Caller::native_test(&server);
    let made = caller.send(Method::POST, "/v2/leads", &[("Idempotency-Key", "sample")], Some(body)).await.expect(201);
    let id = AttributeValue::S(made["id"].as_str().unwrap().to_owned());
    let items = database_client(&server.database).scan().table_name("leadhouse").send().await.unwrap().items.unwrap();
    let stored = items.iter().find(|item| item.get("id") == Some(&id)).unwrap();
    let image = sample("dispatch")["Records"][0]["dynamodb"]["NewImage"].clone();
    let names: BTreeSet<_> = image.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(stored.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
    for name in ["sk", "name", "email", "message", "serviceInterest", "source", "category", "contract", "status"] {
        assert_eq!(image[name]["S"], **stored[name].as_s().unwrap(), "{name}");
    }
    for name in ["score", "version"] {
        assert_eq!(image[name]["N"], **stored[name].as_n().unwrap(), "{name}");
    }
    for name in ["pk", "bp", "sp"] {
        let kind = |key: &str| key.split('#').next().map(str::to_owned);
        assert_eq!(kind(image[name]["S"].as_str().unwrap()), kind(stored[name].as_s().unwrap()), "{name}");
    }
    for name in ["fp", "fv", "seal"] {
        let expected = STANDARD.decode(image[name]["B"].as_str().unwrap()).unwrap();
        let found = stored[name].as_b().unwrap().as_ref();
        assert!(name == "seal" && found.len() == expected.len() || found == expected, "{name}");
    }
}
