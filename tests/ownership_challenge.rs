//! Ownership challenges: a subscription that asks for one is stored only if its endpoint returns the challenge.

use crate::harness::signature::{hmac_hex, standard_signature};
use crate::harness::{ApiResponse, Caller, Received, ids, invalid_fields, serve, text, unlimited_server};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use local::LocalServer;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Answer of an endpoint to a challenge.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Text,
    Json,
    /// A JSON string, with white space around it.
    Quoted,
    Another,
    Nothing,
    /// The challenge, with this status.
    Status(u16),
    Never,
}

/// An endpoint that answers challenges, and records what it received.
struct Endpoint {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Endpoint {
    async fn new(answer: Answer) -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let router = Router::new().fallback(respond).with_state((answer, Arc::clone(&received)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, router));
        Self { url, received }
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn respond(
    State((answer, received)): State<(Answer, Arc<Mutex<Vec<Received>>>)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let one = Received { at: Instant::now(), headers, body };
    let challenge = one.json()["challenge"].as_str().unwrap_or_default().to_owned();
    received.lock().unwrap().push(one);
    match answer {
        Answer::Text => (StatusCode::OK, challenge),
        Answer::Json => (StatusCode::CREATED, json!({ "ok": true, "challenge": challenge }).to_string()),
        Answer::Quoted => (StatusCode::OK, format!("\n \"{challenge}\" \n")),
        Answer::Another => (StatusCode::OK, json!({ "challenge": format!("{challenge}0") }).to_string()),
        Answer::Nothing => (StatusCode::NO_CONTENT, String::new()),
        Answer::Status(status) => (StatusCode::from_u16(status).unwrap(), challenge),
        Answer::Never => std::future::pending().await,
    }
}

fn verified(url: &str) -> Value {
    json!({ "url": url, "events": ["lead.created"], "verifyOwnership": true })
}

async fn started() -> (LocalServer, Caller) {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    (server, native)
}

async fn count(native: &Caller) -> usize {
    ids(&native.get("/v2/webhooks?limit=100").await.expect(200)).len()
}

#[track_caller]
fn reason(reply: &ApiResponse) -> String {
    assert_eq!(invalid_fields(reply), ["url"]);
    reply.json()["error"]["details"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_challenge_subscribes() {
    let (server, native) = started().await;
    for answer in [Answer::Text, Answer::Json, Answer::Quoted] {
        let endpoint = Endpoint::new(answer).await;
        let made = native.post("/v2/webhooks", verified(&endpoint.url)).await.expect(201);
        assert_eq!(made["verifyOwnership"], true, "{answer:?}");
        let received = endpoint.received();
        assert_eq!(received.len(), 1, "{answer:?}: asked once");
        let (body, secret) = (received[0].json(), text(&made, "secret"));
        assert_eq!((&body["type"], &body["webhookId"]), (&json!("webhook.verification"), &made["id"]));
        assert!(text(&body, "challenge").len() >= 32, "{body}");
        assert_eq!(received[0].header("x-event"), "webhook.verification");
        assert_eq!(received[0].header("x-signature"), hmac_hex(secret, &received[0].body));
        assert_eq!(received[0].header("webhook-signature"), standard_signature(secret, &received[0]));
        let shown = native.get(&format!("/v2/webhooks/{}", text(&made, "id"))).await.expect(200);
        assert_eq!(shown["verifyOwnership"], true);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contract_signs_the_challenge() {
    let (server, native) = started().await;
    for contract in ["native", "revenueDefenders", "leadRescue", "vendorPad"] {
        let endpoint = Endpoint::new(Answer::Json).await;
        let mut body = verified(&endpoint.url);
        body["contract"] = contract.into();
        let made = native.post("/v2/webhooks", body).await.expect(201);
        let received = endpoint.received().remove(0);
        assert_eq!(received.header("webhook-signature"), standard_signature(text(&made, "secret"), &received));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_answer_stores_nothing() {
    let (server, native) = started().await;
    let cases = [
        (Answer::Another, "no such challenge"),
        (Answer::Nothing, "no such challenge"),
        (Answer::Status(404), "status 404"),
        (Answer::Status(302), "status 302"),
        (Answer::Status(500), "status 500"),
    ];
    for (answer, expected) in cases {
        let endpoint = Endpoint::new(answer).await;
        let rejected = native.post_idempotent("/v2/webhooks", "k", verified(&endpoint.url)).await;
        let reason = reason(&rejected);
        assert!(reason.contains(expected) && reason.contains("2xx"), "{answer:?}: {reason}");
        assert_eq!(endpoint.received().len(), 1, "{answer:?}: never repeated");
    }
    let unreachable = native.post("/v2/webhooks", verified("http://127.0.0.1:9/hook")).await;
    assert_eq!(invalid_fields(&unreachable), ["url"]);
    let unreachable = native.post("/v2/webhooks", verified("http://127.0.0.1:9009/hook")).await;
    assert!(reason(&unreachable).contains("could not be reached"));
    for value in [json!("yes"), json!(1), json!("")] {
        let mut body = verified("http://127.0.0.1:9009/hook");
        body["verifyOwnership"] = value;
        assert_eq!(invalid_fields(&native.post("/v2/webhooks", body).await), ["verifyOwnership"]);
    }
    assert_eq!(count(&native).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_endpoint_is_waited_for_five_seconds() {
    let (server, native) = started().await;
    let endpoint = Endpoint::new(Answer::Never).await;
    let began = Instant::now();
    let rejected = native.post("/v2/webhooks", verified(&endpoint.url)).await;
    assert!(reason(&rejected).contains("in time"));
    assert!((Duration::from_secs(5)..Duration::from_secs(10)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert_eq!((endpoint.received().len(), count(&native).await), (1, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_url_is_asked_again() {
    let (server, native) = started().await;
    let first = Endpoint::new(Answer::Text).await;
    let made = native.post("/v2/webhooks", verified(&first.url)).await.expect(201);
    let path = format!("/v2/webhooks/{}", text(&made, "id"));
    let deaf = Endpoint::new(Answer::Nothing).await;
    let rejected = native.patch(&path, json!({ "url": deaf.url })).await;
    assert!(reason(&rejected).contains("no such challenge"));
    assert_eq!(native.get(&path).await.expect(200)["url"], json!(first.url), "nothing was changed");

    let second = Endpoint::new(Answer::Json).await;
    native.patch(&path, json!({ "url": second.url, "verifyOwnership": true })).await.expect(200);
    let received = second.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].header("x-signature"), hmac_hex(text(&made, "secret"), &received[0].body));
    native.patch(&path, json!({ "url": second.url, "events": ["*"] })).await.expect(200);
    native.patch(&path, json!({ "status": "DISABLED" })).await.expect(200);
    assert_eq!((second.received().len(), first.received().len()), (1, 1), "the URL is the same");
    let change = json!({ "events": ["*"], "verifyOwnership": false });
    assert_eq!(invalid_fields(&native.patch(&path, change).await), ["verifyOwnership"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_asks_nobody() {
    let (server, native) = started().await;
    let endpoint = Endpoint::new(Answer::Text).await;
    let first = native.post_idempotent("/v2/webhooks", "k", verified(&endpoint.url)).await;
    let again = native.post_idempotent("/v2/webhooks", "k", verified(&endpoint.url)).await;
    assert_eq!((again.status, &again.text, again.is_replayed()), (201, &first.text, true));
    assert_eq!(endpoint.received().len(), 1);
    let silent = Endpoint::new(Answer::Never).await;
    let plain = native.post("/v2/webhooks", json!({ "url": silent.url, "events": ["*"] })).await.expect(201);
    assert_eq!(plain.get("verifyOwnership"), None, "not asked for, not shown");
    assert_eq!(silent.received().len(), 0);
    server.stop().await;
}
