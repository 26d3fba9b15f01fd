//! Webhook subscriptions: their fields, targets, secrets and limits, and the event types.

use crate::harness::signature::{hmac_hex, standard_signature};
use crate::harness::{
    Caller, DELIVERY_TIMEOUT, FakeResolver, Found, Receiver, ids, invalid_fields, leads, options, run_concurrently,
    server, text, unlimited_server,
};
use domain::accounts::rate_limit::Limits;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use webhook::resolve::{Resolve, ResolveFuture};
use webhook::ssrf::TargetPolicy;

/// Allowed target without a listener.
const UNUSED_URL: &str = "http://127.0.0.1:9000/hook";

const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_created_changed_and_deleted() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/webhooks", json!({ "url": UNUSED_URL, "events": ["lead.created", "lead.won"] })).await;
    let made = made.expect(201);
    assert_eq!(text(&made, "url"), UNUSED_URL);
    assert_eq!(made["events"], json!(["lead.created", "lead.won"]));
    assert_eq!((text(&made, "contract"), text(&made, "status")), ("native", "ENABLED"));
    assert!(text(&made, "secret").starts_with("whsec_"));
    assert!(made["createdAt"].is_string());
    let path = format!("/v2/webhooks/{}", text(&made, "id"));

    let shown = native.get(&path).await.expect(200);
    let mut without = made.clone();
    without.as_object_mut().unwrap().remove("secret");
    assert_eq!(shown, without, "the secret is shown once");
    let other = native.post("/v2/webhooks", json!({ "url": UNUSED_URL, "events": ["*"] })).await.expect(201);
    let listed = native.get("/v2/webhooks").await;
    assert_eq!(ids(&listed.expect(200)), [text(&other, "id"), text(&made, "id")], "newest first");
    assert!(!listed.text.contains("whsec_"));

    let elsewhere = "http://127.0.0.1:9001/other";
    let changed = native.patch(&path, json!({ "url": elsewhere, "events": ["*"] })).await.expect(200);
    assert_eq!((text(&changed, "url"), &changed["events"]), (elsewhere, &json!(["*"])));
    assert_eq!(changed.get("secret"), None);
    let disabled = native.patch(&path, json!({ "status": "DISABLED" })).await.expect(200);
    assert_eq!((text(&disabled, "status"), text(&disabled, "url")), ("DISABLED", elsewhere));

    native.delete(&path).await.expect(204);
    for reply in
        [native.get(&path).await, native.delete(&path).await, native.patch(&path, json!({ "events": ["*"] })).await]
    {
        reply.expect(404);
    }
    assert_eq!(ids(&native.get("/v2/webhooks").await.expect(200)), [text(&other, "id")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_fields_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    assert_eq!(invalid_fields(&native.post("/v2/webhooks", json!({})).await), ["url", "events"]);
    let bad = [
        ("url", json!(7)),
        ("url", json!("")),
        ("events", json!([])),
        ("events", json!("lead.created")),
        ("events", json!(["lead.exploded"])),
        ("events", json!(["*", "lead.created"])),
        ("events", json!([7])),
        ("contract", json!("nobody")),
        ("businessId", json!("first")),
    ];
    for (name, value) in bad {
        let mut body = json!({ "url": UNUSED_URL, "events": ["*"] });
        body[name] = value.clone();
        assert_eq!(invalid_fields(&native.post("/v2/webhooks", body).await), [name], "{value}");
    }
    let foreign = server.credentials.revenue_defenders.business_id.as_str();
    for business in [foreign, UNKNOWN] {
        let body = json!({ "url": UNUSED_URL, "events": ["*"], "businessId": business });
        native.post("/v2/webhooks", body).await.expect(404);
    }
    let made = native.subscribe(UNUSED_URL).await;
    let path = format!("/v2/webhooks/{}", text(&made, "id"));
    let bad = [
        (json!({}), "body"),
        (json!({ "status": "PAUSED" }), "status"),
        (json!({ "events": [] }), "events"),
        (json!({ "url": "ftp://example.com/" }), "url"),
        (json!({ "contract": "vendorPad", "status": "ENABLED" }), "contract"),
        (json!({ "secret": "whsec_mine", "status": "ENABLED" }), "secret"),
    ];
    for (body, name) in bad {
        assert_eq!(invalid_fields(&native.patch(&path, body.clone()).await), [name], "{body}");
    }
    for overlap in [json!(-1), json!(7 * 24 * 3_600 + 1), json!("soon")] {
        let reply = native.post(&format!("{path}/rotate-secret"), json!({ "overlapSeconds": overlap })).await;
        assert_eq!(invalid_fields(&reply), ["overlapSeconds"]);
    }
    for body in [json!({}), json!({ "since": "yesterday" }), json!({ "since": "9999-01-01T00:00:00Z" })] {
        assert_eq!(invalid_fields(&native.post(&format!("{path}/recover"), body).await), ["since"]);
    }
    assert_eq!(invalid_fields(&native.get("/v2/webhooks/nonsense").await), ["webhookId"]);
    assert_eq!(invalid_fields(&native.get("/v2/deliveries/nonsense").await), ["deliveryId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unsafe_urls_are_rejected_by_name() {
    let strict =
        LocalServer::start(ServerOptions { target_policy: TargetPolicy::PublicOnly, ..options() }).await.unwrap();
    let lax = server().await;
    let targets = [
        "http://example.com/hook",
        "ftp://example.com/hook",
        "https://user:secret@example.com/hook",
        "https://example.com/hook#part",
        "https://example.com:22/hook",
        "https://10.0.0.1/hook",
        "https://192.168.1.1/hook",
        "https://172.16.0.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/hook",
        "https://0.0.0.0/hook",
        "https://2130706433/hook",
        "https://0x7f.1/hook",
        "https://[fd00::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://router.local/hook",
        "https://metadata.google.internal/hook",
        "https://example/hook",
        "https://exa mple.com/hook",
        "example.com/hook",
    ];
    let loopback =
        ["http://127.0.0.1:9000/hook", "https://127.0.0.1/hook", "https://localhost/hook", "https://[::1]/hook"];
    for (server, targets) in [(&lax, targets.as_slice()), (&strict, &targets), (&strict, &loopback)] {
        let native = Caller::native(server);
        for url in targets {
            let reply = native.post("/v2/webhooks", json!({ "url": url, "events": ["*"] })).await;
            assert_eq!(invalid_fields(&reply), ["url"], "{url}");
        }
    }
    strict.stop().await;
    lax.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_is_shown_once_and_replayed() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let body = json!({ "url": receiver.url, "events": ["*"] });
    let first = native.post_idempotent("/v2/webhooks", "hook-1", body.clone()).await;
    let again = native.post_idempotent("/v2/webhooks", "hook-1", body).await;
    assert_eq!((again.status, &again.text), (201, &first.text), "byte for byte, secret included");
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(ids(&native.get("/v2/webhooks").await.expect(200)).len(), 1);
    let made = first.expect(201);
    let path = format!("/v2/webhooks/{}/rotate-secret", text(&made, "id"));

    let rotated = native.post_idempotent(&path, "turn-1", json!({})).await;
    let fresh = rotated.expect(200);
    assert_ne!(fresh["secret"], made["secret"]);
    assert!(fresh["previousSecretUntil"].is_string(), "an overlap by default: {fresh}");
    let again = native.post_idempotent(&path, "turn-1", json!({})).await;
    assert_eq!((again.status, &again.text), (200, &rotated.text));
    native.post_idempotent(&path, "turn-1", json!({ "overlapSeconds": 0 })).await.expect(422);

    native.post("/v2/leads", leads::with_email()).await.expect(201);
    let received = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
    let (old, new) = (text(&made, "secret"), text(&fresh, "secret"));
    let both = format!("{} {}", standard_signature(new, &received), standard_signature(old, &received));
    assert_eq!(received.header("webhook-signature"), both, "it was rotated once");
    assert_eq!(received.header("x-signature"), hmac_hex(old, &received.body));

    let newest = native.post(&path, json!({ "overlapSeconds": 0 })).await.expect(200);
    assert_eq!(newest["previousSecretUntil"], Value::Null);
    native.post("/v2/leads", leads::with_email()).await.expect(201);
    let received = receiver.wait_for(2, DELIVERY_TIMEOUT).await.remove(1);
    let newest = text(&newest, "secret");
    assert_eq!(received.header("x-signature"), hmac_hex(newest, &received.body), "no overlap, no old secret");
    assert_eq!(received.header("webhook-signature"), standard_signature(newest, &received));
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_limited_to_50_per_mode() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let body = json!({ "url": UNUSED_URL, "events": ["*"] });
    let racing = (0..60).map(|_| native.post("/v2/webhooks", body.clone()));
    let replies = run_concurrently(racing).await;
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 50, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 10, "{statuses:?}");
    let listed = native.get("/v2/webhooks?limit=100").await.expect(200);
    assert_eq!(ids(&listed).len(), 50);
    native.post("/v2/webhooks", body.clone()).await.expect(409);
    Caller::native_test(&server).post("/v2/webhooks", body.clone()).await.expect(201);
    native.delete(&format!("/v2/webhooks/{}", ids(&listed)[7])).await.expect(204);
    native.post("/v2/webhooks", body.clone()).await.expect(201);
    native.post("/v2/webhooks", body).await.expect(409);

    let mut seen = Vec::new();
    let mut path = "/v2/webhooks".to_owned();
    loop {
        let page = native.get(&path).await.expect(200);
        assert!(ids(&page).len() <= 20);
        seen.extend(ids(&page));
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
        path = format!("/v2/webhooks?cursor={cursor}");
    }
    assert_eq!(seen.len(), 50);
    assert_eq!(seen.iter().collect::<std::collections::HashSet<_>>().len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_types_are_listed() {
    let server = server().await;
    let listed = Caller::native(&server).get("/v2/event-types").await.expect(200);
    let names: Vec<_> = listed["data"].as_array().unwrap().iter().map(|event| text(event, "name")).collect();
    let expected = [
        "lead.created",
        "lead.status_changed",
        "lead.won",
        "lead.lost",
        "lead.opted_out",
        "dispute.created",
        "dispute.status_changed",
        "package.generated",
        "customer.reply",
        "webhook.disabled",
        "ping",
    ];
    assert_eq!(names, expected);
    assert!(listed["data"].as_array().unwrap().iter().all(|event| !text(event, "description").is_empty()));
}

/// Returns a server whose name service is `names`.
async fn server_with(names: &Arc<FakeResolver>) -> LocalServer {
    let resolver: Arc<dyn Resolve> = Arc::<FakeResolver>::clone(names);
    let options = ServerOptions { resolver, demo_limits: Some(Limits::UNLIMITED), ..options() };
    LocalServer::start(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_at_its_limit_costs_no_dns() {
    let names = FakeResolver::new();
    names.set("hooks.example.com", [Found::addresses(&["8.8.8.8"])]);
    let server = server_with(&names).await;
    let native = Caller::native(&server);
    let body = json!({ "url": "https://hooks.example.com/hook", "events": ["*"] });
    for _ in 0..50 {
        native.post("/v2/webhooks", body.clone()).await.expect(201);
    }
    assert_eq!(names.resolutions("hooks.example.com"), 50);
    native.post("/v2/webhooks", body.clone()).await.expect(409);
    native.post_idempotent("/v2/webhooks", "one more", body).await.expect(409);
    let change = json!({ "url": "https://hooks.example.com/hook" });
    native.patch(&format!("/v2/webhooks/{UNKNOWN}"), change).await.expect(404);
    assert_eq!(names.resolutions("hooks.example.com"), 50, "nothing was resolved");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_resolved_for_two_seconds_at_most() {
    let names = FakeResolver::new();
    names.set("hooks.example.com", [Found::Never]);
    let server = server_with(&names).await;
    let native = Caller::native(&server);
    let started = Instant::now();
    let url = json!("https://hooks.example.com/hook");
    let reply = native.post("/v2/webhooks", json!({ "url": url, "events": ["*"] })).await;
    assert_eq!(invalid_fields(&reply), ["url"]);
    assert!(reply.text.contains("in 2 s"), "{}", reply.text);
    let made = native.subscribe(UNUSED_URL).await;
    let path = format!("/v2/webhooks/{}", text(&made, "id"));
    assert_eq!(invalid_fields(&native.patch(&path, json!({ "url": url })).await), ["url"]);
    // Two seconds each, and what a busy machine adds.
    assert!((4..8).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert_eq!(native.get(&path).await.expect(200)["url"], UNUSED_URL);
    server.stop().await;
}

/// Name service that fails from its second query on.
#[derive(Default)]
struct FailsAfterFirst(AtomicUsize);

impl Resolve for FailsAfterFirst {
    fn resolve<'a>(&'a self, _host: &'a str) -> ResolveFuture<'a> {
        let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
        let found =
            if first { Ok(vec!["93.184.215.14".parse().unwrap()]) } else { Err(io::ErrorKind::TimedOut.into()) };
        Box::pin(async move { found })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_needs_no_dns() {
    let server = LocalServer::start(ServerOptions { resolver: Arc::new(FailsAfterFirst::default()), ..options() })
        .await
        .unwrap();
    let native = Caller::native(&server);
    let body = json!({ "url": "https://example.com/hook", "events": ["*"] });
    let first = native.post_idempotent("/v2/webhooks", "hook-1", body.clone()).await;
    first.expect(201);
    let again = native.post_idempotent("/v2/webhooks", "hook-1", body.clone()).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(invalid_fields(&native.post("/v2/webhooks", body).await), ["url"], "a new call is rejected");
}
