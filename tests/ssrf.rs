//! SSRF protection: forbidden targets are rejected at registration in any notation, and blocked at the attempt if DNS
//! has changed since.

use crate::harness::{
    ApiResponse, Caller, DELIVERY_TIMEOUT, FakeResolver, Found, Hostile, Misbehaviour, Receiver, eventually, options,
};
use domain::accounts::rate_limit::Limits;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use webhook::ssrf::TargetPolicy;

/// URLs that a deployed server rejects, one a line.
const FORBIDDEN: &str = include_str!("../shared/webhook/src/target/forbidden_urls.txt");

/// Those of them that a local server accepts: its own loopback address in plain notation.
const PLAIN_LOOPBACK: [&str; 8] = [
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://127.1.2.3/",
    "https://[::1]/",
    "https://[::1]:8443/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost:8443/",
];

const PUBLIC: &str = "8.8.8.8";

/// Addresses that must not be called: tried alone, before and after a public address.
const NOT_PUBLIC: [&str; 30] = [
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
];

fn forms() -> impl Iterator<Item = &'static str> {
    FORBIDDEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Returns such URLs with characters that a line of the file cannot hold.
fn forms_with_spaces() -> Vec<String> {
    let characters = [' ', '\t', '\n', '\r', '\0', '\u{7f}', '\u{85}', '\u{a0}', '\u{3000}'];
    let places = ["~https://example.com/", "https://exam~ple.com/", "https://example.com/~a", "https://example.com/~"];
    let of = |character: char| places.iter().map(move |place| place.replace('~', &character.to_string()));
    characters.into_iter().flat_map(of).collect()
}

/// Returns names that resolve to forbidden addresses, or to nothing.
fn unsafe_names(names: &FakeResolver) -> Vec<String> {
    let mut urls = Vec::new();
    let mut add = |found: Found| {
        let name = format!("n{}.hooks.example.com", urls.len());
        names.set(&name, [found]);
        urls.push(format!("https://{name}/"));
    };
    for address in NOT_PUBLIC {
        add(Found::addresses(&[address]));
        add(Found::addresses(&[PUBLIC, address]));
        add(Found::addresses(&[address, PUBLIC]));
        add(Found::addresses(&[PUBLIC, "2606:4700:4700::1111", address]));
    }
    add(Found::Addresses(Vec::new()));
    add(Found::Nothing);
    urls.push("https://unheard.example.com/".to_owned());
    urls
}

async fn server(policy: TargetPolicy, resolver: Arc<FakeResolver>) -> LocalServer {
    let server = ServerOptions { target_policy: policy, resolver, demo_limits: Some(Limits::UNLIMITED), ..options() };
    LocalServer::start(server).await.unwrap()
}

/// Asserts that the error names the URL, and discloses no address that a name server returned.
#[track_caller]
fn assert_url_is_rejected(reply: &ApiResponse, url: &str) {
    assert_eq!(reply.status, 400, "{url:?}: {}", reply.text);
    let details = reply.json()["error"]["details"].clone();
    let fields: Vec<_> = details.as_array().unwrap().iter().map(|detail| detail["field"].clone()).collect();
    assert_eq!(fields, ["url"], "{url:?}: {}", reply.text);
    // None of these is the name of a whole network, such as `10.0.0.0/8`.
    let forbidden_addresses = ["10.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "fd00:ec2::254"];
    if url.ends_with(".hooks.example.com/") {
        assert!(!forbidden_addresses.iter().any(|address| reply.text.contains(address)), "{url}: {}", reply.text);
    }
}

fn subscription_to(url: &str) -> Value {
    json!({ "url": url, "events": ["lead.created"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn ssrf_urls_are_rejected_when_deployed() {
    let names = FakeResolver::new();
    let unsafe_urls = unsafe_names(&names);
    names.set("fine.example.com", [Found::addresses(&[PUBLIC])]);
    let server = server(TargetPolicy::PublicOnly, names).await;
    let native = Caller::native(&server);
    let fine = native.post("/v2/webhooks", subscription_to("https://fine.example.com/hooks")).await.expect(201);
    let path = format!("/v2/webhooks/{}", fine["id"].as_str().unwrap());
    let all: Vec<_> = forms().map(str::to_owned).chain(forms_with_spaces()).chain(unsafe_urls).collect();
    assert!(all.len() >= 400, "{}", all.len());
    for url in &all {
        assert_url_is_rejected(&native.post("/v2/webhooks", subscription_to(url)).await, url);
        assert_url_is_rejected(&native.patch(&path, json!({ "url": url })).await, url);
    }
    let listed = native.get("/v2/webhooks").await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "nothing of it was kept");
    assert_eq!(listed["data"][0]["url"], "https://fine.example.com/hooks");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_server_allows_only_loopback() {
    let names = FakeResolver::new();
    let unsafe_urls = unsafe_names(&names);
    let server = server(TargetPolicy::AllowLoopback, Arc::clone(&names)).await;
    let native = Caller::native(&server);
    let private = NOT_PUBLIC.iter().filter(|address| !["127.0.0.1", "127.255.255.255", "::1"].contains(*address));
    let over_http = private.flat_map(|address| {
        let host = if address.contains(':') { format!("[{address}]") } else { (*address).to_owned() };
        [format!("http://{host}:8080/"), format!("https://{host}:8443/")]
    });
    let forms = forms().filter(|form| !PLAIN_LOOPBACK.contains(form)).map(str::to_owned);
    for url in forms.chain(unsafe_urls).chain(over_http) {
        assert_url_is_rejected(&native.post("/v2/webhooks", subscription_to(&url)).await, &url);
    }
    for address in NOT_PUBLIC.iter().filter(|address| !["127.0.0.1", "127.255.255.255", "::1"].contains(*address)) {
        names.set("localhost", [Found::addresses(&["127.0.0.1", address])]);
        assert_url_is_rejected(
            &native.post("/v2/webhooks", subscription_to("http://localhost:8080/")).await,
            "http://localhost:8080/",
        );
    }
    names.set("localhost", [Found::addresses(&["127.0.0.1"])]);
    assert_eq!(native.get("/v2/webhooks").await.expect(200)["data"], json!([]));
    let accepted = ["http://127.0.0.1:8080/", "http://127.9.9.9:8080/", "http://[::1]:8080/", "http://localhost:8080/"];
    for url in accepted.into_iter().chain(PLAIN_LOOPBACK) {
        native.post("/v2/webhooks", subscription_to(url)).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_receivers_are_allowed_on_request_only() {
    let names = FakeResolver::new();
    names.set("receiver", [Found::addresses(&["172.18.0.3"])]);
    names.set("crm.internal", [Found::addresses(&["10.1.2.3"])]);
    names.set("metadata.internal", [Found::addresses(&["169.254.169.254"])]);
    names.set("mixed.internal", [Found::addresses(&["10.1.2.3", "169.254.169.254"])]);
    names.set("public.example.com", [Found::addresses(&[PUBLIC])]);
    let private = [
        "http://10.1.2.3:8080/",
        "https://192.168.1.20/hook",
        "http://[fd12::1]:8080/",
        "http://receiver:9000/hook",
        "http://receiver/",
        "https://crm.internal/",
        "http://127.0.0.1:8080/",
        "https://public.example.com/",
    ];
    let never = [
        "http://169.254.169.254/latest/meta-data",
        "http://metadata.internal/",
        "http://mixed.internal:8080/",
        "http://[fd00:ec2::254]:8080/",
        "http://100.64.0.1:8080/",
        "http://0.0.0.0:8080/",
        "http://public.example.com:8080/",
    ];
    for policy in [TargetPolicy::AllowPrivate, TargetPolicy::AllowLoopback, TargetPolicy::PublicOnly] {
        let server = server(policy, Arc::clone(&names)).await;
        let native = Caller::native(&server);
        for url in never {
            assert_url_is_rejected(&native.post("/v2/webhooks", subscription_to(url)).await, url);
        }
        for url in private {
            let reply = native.post("/v2/webhooks", subscription_to(url)).await;
            let expected = match policy {
                TargetPolicy::AllowPrivate => 201,
                TargetPolicy::AllowLoopback if url.contains("127.0.0.1") => 201,
                _ if url == "https://public.example.com/" => 201,
                _ => 400,
            };
            assert_eq!(reply.status, expected, "{policy:?} {url}: {}", reply.text);
        }
    }
}

/// Sends a ping, and waits for its first attempt.
async fn pinged(caller: &Caller, subscription: &Value) -> Value {
    let path = format!("/v2/webhooks/{}/test", subscription["id"].as_str().unwrap());
    let pinged = caller.post(&path, json!({})).await.expect(202);
    let path = format!("/v2/deliveries/{}", pinged["deliveryId"].as_str().unwrap());
    eventually(DELIVERY_TIMEOUT, "an attempt", || async {
        let shown = caller.get(&path).await.expect(200);
        // The attempt record and the attempt count are written concurrently.
        (shown["attempts"] != json!([]) && shown["attemptCount"] != 0).then_some(shown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn dns_rebinding_is_blocked_at_each_attempt() {
    let names = FakeResolver::new();
    let server = server(TargetPolicy::PublicOnly, Arc::clone(&names)).await;
    let native = Caller::native(&server);
    // Counts any connection that reaches this machine.
    let receiver = Hostile::new(Misbehaviour::stalls("")).await;
    let mut subscriptions = Vec::new();
    for (number, private) in NOT_PUBLIC.iter().enumerate() {
        let name = format!("n{number}.example.com");
        // Public at registration; then private, alone or among public addresses; then public again.
        let then = match number % 3 {
            0 => Found::addresses(&[private]),
            1 => Found::addresses(&[PUBLIC, private]),
            _ => Found::addresses(&[private, PUBLIC]),
        };
        names.set(&name, [Found::addresses(&[PUBLIC]), then, Found::Never]);
        let url = format!("https://{name}:{}/", receiver.port);
        let made = native.post("/v2/webhooks", subscription_to(&url)).await.expect(201);
        subscriptions.push((name, *private, made));
    }
    for (name, private, subscription) in &subscriptions {
        let shown = pinged(&native, subscription).await;
        let attempts = shown["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{private}: {shown}");
        assert_eq!((&attempts[0]["outcome"], &attempts[0]["status"]), (&json!("BLOCKED"), &Value::Null), "{private}");
        assert!(!shown.to_string().contains(&format!("\"{private}")), "{private}: {shown}");
        assert_eq!(shown["status"], "PENDING", "a name server may have erred; it is tried again");
        assert_eq!(names.resolutions(name), 2, "{private}: one lookup at registration, one at the attempt");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vetted_address_is_the_one_connected_to() {
    let names = FakeResolver::new();
    let server = server(TargetPolicy::AllowLoopback, Arc::clone(&names)).await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let url = receiver.url.replace("127.0.0.1", "localhost");
    // A second query within the attempt would get another address.
    let good = || Found::addresses(&["127.0.0.1"]);
    names.set("localhost", [good(), good(), Found::addresses(&["169.254.169.254"])]);
    let subscription = native.post("/v2/webhooks", subscription_to(&url)).await.expect(201);
    let shown = pinged(&native, &subscription).await;
    assert_eq!(shown["attempts"][0]["outcome"], "DELIVERED");
    assert_eq!((names.resolutions("localhost"), receiver.received().len()), (2, 1));
    // The connection has been closed by then, and the next one is checked again.
    tokio::time::sleep(Duration::from_millis(4_200)).await;
    assert_eq!(pinged(&native, &subscription).await["attempts"][0]["outcome"], "BLOCKED");
    assert_eq!(receiver.received().len(), 1);
    names.set("localhost", [Found::Nothing]);
    assert_eq!(pinged(&native, &subscription).await["attempts"][0]["outcome"], "UNREACHABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_rules_block_earlier_registrations() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::new().await;
    let server_of = |policy| ServerOptions {
        target_policy: policy,
        data: Some(folder.path().to_owned()),
        resolver: FakeResolver::new(),
        demo_limits: Some(Limits::UNLIMITED),
        ..options()
    };
    let server = LocalServer::start(server_of(TargetPolicy::AllowLoopback)).await.unwrap();
    let native = Caller::native(&server);
    let mut subscriptions = Vec::new();
    let port = receiver.url.rsplit_once(':').unwrap().1;
    for host in ["http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost"] {
        subscriptions.push(native.post("/v2/webhooks", subscription_to(&format!("{host}:{port}"))).await.expect(201));
    }
    let delivered = pinged(&native, &subscriptions[0]).await;
    assert_eq!(delivered["attempts"][0]["outcome"], "DELIVERED");
    server.stop().await;

    let server = LocalServer::start(server_of(TargetPolicy::PublicOnly)).await.unwrap();
    let native = Caller::native(&server);
    let before = receiver.received().len();
    for subscription in &subscriptions {
        let shown = pinged(&native, subscription).await;
        assert_eq!(shown["attempts"][0]["outcome"], "BLOCKED", "{}", subscription["url"]);
    }
    let again = format!("/v2/deliveries/{}", delivered["id"].as_str().unwrap());
    native.post(&format!("{again}/retry"), json!({})).await.expect(202);
    eventually(DELIVERY_TIMEOUT, "the retry is blocked too", || async {
        (native.get(&again).await.expect(200)["attempts"][1]["outcome"] == "BLOCKED").then_some(())
    })
    .await;
    assert_eq!(receiver.received().len(), before);
}
