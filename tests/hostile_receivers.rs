//! Hostile receivers: each costs its own delivery one attempt, and affects no other delivery.

mod misbehaviours;

use self::misbehaviours::{Expected, OK, ends, plain_behaviours};
use crate::harness::{
    Binary, Caller, CannedResponse, FakeResolver, Found, Hostile, Misbehaviour, Receiver, eventually, id, leads,
    options, unlimited_server,
};
use domain::Timestamp;
use domain::accounts::rate_limit::Limits;
use local::{LocalServer, ServerOptions};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_rustls::TlsAcceptor;

/// Delivery timeout of the contracts, plus the time for recording the attempt, in milliseconds.
const MAX_ATTEMPT_MS: u64 = 16_000;

/// Self-signed certificate, and the acceptor that uses it.
struct Certified {
    root: CertificateDer<'static>,
    acceptor: TlsAcceptor,
}

fn certified(name: &str, years: (i32, i32)) -> Certified {
    let mut resolutions = CertificateParams::new(vec![name.to_owned()]).unwrap();
    resolutions.not_before = date_time_ymd(years.0, 1, 1);
    resolutions.not_after = date_time_ymd(years.1, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = resolutions.self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Certified { root: certificate.der().clone(), acceptor: TlsAcceptor::from(Arc::new(config)) }
}

/// One of the receivers under test.
struct TestedReceiver {
    case: &'static str,
    url: String,
    receiver: Option<Hostile>,
    expected: Expected,
}

async fn plain() -> Vec<TestedReceiver> {
    let mut all = Vec::new();
    for (case, behaviour, expected) in plain_behaviours() {
        let receiver = Hostile::new(behaviour).await;
        all.push(TestedReceiver { case, url: receiver.url(), receiver: Some(receiver), expected });
    }
    all
}

/// Returns receivers over TLS, and the roots that the server trusts: every certificate except one that stays
/// untrusted.
async fn over_tls() -> (Vec<TestedReceiver>, Vec<CertificateDer<'static>>) {
    let good = certified("localhost", (2020, 2120));
    let expired = certified("localhost", (2020, 2021));
    let not_yet_valid = certified("localhost", (2120, 2121));
    let elsewhere = certified("other.example.com", (2020, 2120));
    let untrusted = certified("localhost", (2020, 2120));
    let roots = [&good, &expired, &not_yet_valid, &elsewhere].map(|certified| certified.root.clone()).to_vec();
    let unreachable = || ends("UNREACHABLE", None);
    let cases = [
        ("a certificate that is in order", good.acceptor.clone(), Misbehaviour::closes(OK), ends("DELIVERED", 200)),
        ("TLS, then silence", good.acceptor.clone(), Misbehaviour::stalls(""), ends("TIMEOUT", None)),
        ("a certificate that has expired", expired.acceptor, Misbehaviour::closes(OK), unreachable()),
        ("a certificate of the next century", not_yet_valid.acceptor, Misbehaviour::closes(OK), unreachable()),
        ("a certificate for another name", elsewhere.acceptor, Misbehaviour::closes(OK), unreachable()),
        ("a self-signed certificate", untrusted.acceptor, Misbehaviour::closes(OK), unreachable()),
    ];
    let mut all = Vec::new();
    for (case, acceptor, behaviour, expected) in cases {
        let receiver = Hostile::over_tls(acceptor, behaviour).await;
        all.push(TestedReceiver { case, url: receiver.secure_url(), receiver: Some(receiver), expected });
    }
    let garbage = [
        ("plain HTTP where TLS is due", Misbehaviour::closes(OK), unreachable()),
        (
            "empty TLS records without end",
            Misbehaviour::Repeats(Vec::new(), [0x17, 3, 3, 0, 0].repeat(1024), Duration::ZERO),
            unreachable(),
        ),
        (
            "changes of cipher without end",
            Misbehaviour::Repeats(Vec::new(), [0x14, 3, 3, 0, 1, 1].repeat(1024), Duration::ZERO),
            unreachable(),
        ),
        ("garbage where TLS is due", Misbehaviour::floods("", "\u{1}garbage"), unreachable()),
        (
            "a TLS record without end",
            Misbehaviour::Repeats(vec![0x16, 3, 3, 0x40, 0], vec![2, 0xff, 0xff, 0xff], Duration::from_secs(1)),
            ends("TIMEOUT", None),
        ),
        ("no TLS at all", Misbehaviour::stalls(""), ends("TIMEOUT", None)),
    ];
    for (case, behaviour, expected) in garbage {
        let receiver = Hostile::new(behaviour).await;
        all.push(TestedReceiver { case, url: receiver.secure_url(), receiver: Some(receiver), expected });
    }
    (all, roots)
}

/// Returns the only delivery of a subscription after its first attempt.
async fn attempted(caller: &Caller, subscription: &Value) -> Value {
    let list = format!("/v2/deliveries?webhookId={}", subscription["id"].as_str().unwrap());
    let listed = caller.get(&list).await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "{listed}");
    let id = id(&listed["data"][0]);
    caller.get(&format!("/v2/deliveries/{id}")).await.expect(200)
}

#[track_caller]
fn check(tested: &TestedReceiver, shown: &Value) {
    let TestedReceiver { case, expected, receiver, .. } = tested;
    let attempts = shown["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{case}: {shown}");
    let attempt = &attempts[0];
    assert_eq!(attempt["outcome"], expected.outcome, "{case}: {shown}");
    assert_eq!(attempt["status"].as_u64(), expected.status.map(u64::from), "{case}: {shown}");
    if let Some(response) = &expected.response {
        assert_eq!(attempt["response"], *response, "{case}");
    }
    let kept = attempt["response"].as_str().unwrap();
    assert!(kept.chars().count() <= 1024, "{case}: {} characters", kept.chars().count());
    let latency = attempt["latencyMs"].as_u64().unwrap();
    assert!(latency <= MAX_ATTEMPT_MS, "{case}: {latency} ms");
    assert_eq!(expected.outcome == "TIMEOUT", latency >= 15_000, "{case}: {latency} ms");
    if let Some(receiver) = receiver {
        assert_eq!(receiver.connections(), 1, "{case}: one attempt is one connection");
    }
    if expected.outcome == "DELIVERED" {
        assert_eq!((&shown["status"], &shown["nextAttemptAt"]), (&json!("DELIVERED"), &Value::Null), "{case}");
        return;
    }
    assert_eq!(shown["status"], "PENDING", "{case}");
    let time = |value: &Value| Timestamp::parse(value.as_str().unwrap()).unwrap().millis();
    let ended = time(&attempt["startedAt"]) + i64::try_from(latency).unwrap();
    let wait = (time(&shown["nextAttemptAt"]) - ended) / 1_000;
    assert!(expected.next.contains(&u64::try_from(wait).unwrap()), "{case}: again after {wait} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_endpoints_cost_one_bounded_attempt() {
    let mut tested = plain().await;
    let (over_tls, extra_roots) = over_tls().await;
    tested.extend(over_tls);
    let names = FakeResolver::new();
    names.set("nameless.example.com", [Found::addresses(&["8.8.8.8"]), Found::Never]);
    let url = "https://nameless.example.com/".to_owned();
    tested.push(TestedReceiver {
        case: "a name server that never responds",
        url,
        receiver: None,
        expected: ends("TIMEOUT", None),
    });
    let elsewhere = Receiver::new().await;
    let redirect = format!("HTTP/1.1 307 There\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.url);
    let receiver = Hostile::new(Misbehaviour::stalls(&redirect)).await;
    let (url, receiver) = (receiver.url(), Some(receiver));
    tested.push(TestedReceiver {
        case: "redirects to another receiver",
        url,
        receiver,
        expected: ends("REFUSED", 307),
    });
    assert!(tested.len() < 50, "as many as a tenant may have, with the healthy one");

    let server = ServerOptions { demo_limits: Some(Limits::UNLIMITED), resolver: names, extra_roots, ..options() };
    let server = LocalServer::start(server).await.unwrap();
    let native = Caller::native(&server);
    let healthy = Receiver::new().await;
    let mut subscriptions = Vec::new();
    for one in &tested {
        let made = native.post("/v2/webhooks", json!({ "url": one.url, "events": ["lead.created"] })).await;
        subscriptions.push(made.expect(201));
    }
    native.subscribe(&healthy.url).await;

    let posted = Instant::now();
    native.post("/v2/leads", leads::with_email()).await.expect(201);
    healthy.wait_for(1, Duration::from_secs(5)).await;
    for (tested, subscription) in tested.iter().zip(&subscriptions) {
        let shown = eventually(Duration::from_secs(30), tested.case, || async {
            let shown = attempted(&native, subscription).await;
            // The attempt record and the attempt count are written concurrently.
            (shown["attempts"] != json!([]) && shown["attemptCount"] != 0).then_some(shown)
        })
        .await;
        check(tested, &shown);
    }
    assert!(posted.elapsed() < Duration::from_secs(30), "{:?}: side by side", posted.elapsed());
    assert_eq!(elsewhere.received().len(), 0, "no redirect is followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_endpoint_delays_no_other() {
    const LEADS: usize = 60;
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let stalled = Hostile::new(Misbehaviour::stalls("")).await;
    let healthy = Receiver::new().await;
    let subscription = native.subscribe(&stalled.url()).await;
    native.subscribe(&healthy.url).await;
    let lead = leads::numbered;
    for number in 0..LEADS {
        native.post("/v2/leads", lead(number)).await.expect(201);
    }
    healthy.wait_for(LEADS, Duration::from_secs(10)).await;
    assert!(stalled.connections() > 0);
    let waiting = format!("/v2/deliveries?limit=100&webhookId={}", subscription["id"].as_str().unwrap());
    let waiting = native.get(&waiting).await.expect(200);
    let waiting = waiting["data"].as_array().unwrap().iter();
    assert_eq!(waiting.filter(|one| one["attemptCount"] == 0).count(), LEADS, "all of them are in progress or waiting");
    let mut waits = Vec::new();
    for number in LEADS..LEADS + 5 {
        let posted = Instant::now();
        native.post("/v2/leads", lead(number)).await.expect(201);
        let received = healthy.wait_for(number + 1, Duration::from_secs(5)).await;
        waits.push(received[number].at - posted);
    }
    waits.sort();
    assert!(waits[2] < Duration::from_millis(1_200), "{waits:?} beside {} stalled", stalled.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn flooding_endpoints_do_not_fill_memory() {
    const LEADS: usize = 40;
    /// Memory that forty leads with their deliveries and attempts need, plus a margin, in bytes.
    const MAX_MEMORY_GROWTH: u64 = 64 << 20;
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &["--unlimited"]).await;
    let native = server.native();
    let calm = Receiver::responding(|_| CannedResponse::status(200)).await;
    native.subscribe(&calm.url).await;
    let lead = leads::numbered;
    for number in 0..LEADS {
        native.post("/v2/leads", lead(number)).await.expect(201);
    }
    calm.wait_for(LEADS, Duration::from_secs(10)).await;
    let before = server.peak_memory();

    let mut floods = Vec::new();
    for (_, behaviour, _) in plain_behaviours() {
        if matches!(behaviour, Misbehaviour::Repeats(_, _, Duration::ZERO))
            || matches!(&behaviour, Misbehaviour::Stalls(said) if said.len() > 4096)
        {
            let receiver = Hostile::new(behaviour).await;
            native.subscribe(&receiver.url()).await;
            floods.push(receiver);
        }
    }
    assert_eq!(floods.len(), 9);
    for number in LEADS..2 * LEADS {
        native.post("/v2/leads", lead(number)).await.expect(201);
    }
    eventually(Duration::from_secs(30), "every flood is met", || async {
        floods.iter().all(|flood| flood.connections() >= LEADS).then_some(())
    })
    .await;
    calm.wait_for(2 * LEADS, Duration::from_secs(10)).await;
    let after = server.peak_memory();
    // The kernel's count is not exact, and may be lower the second time.
    assert!(after.saturating_sub(before) < MAX_MEMORY_GROWTH, "from {} MB to {} MB", before >> 20, after >> 20);
    server.kill().await;
}
