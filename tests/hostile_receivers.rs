//! Hostile receivers: each costs its own delivery one attempt, and affects no other delivery.

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
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_rustls::TlsAcceptor;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Delivery timeout of the contracts, plus the time for recording the attempt, in milliseconds.
const MAX_ATTEMPT_MS: u64 = 16_000;

/// Expected outcome of an attempt at a hostile receiver.
#[derive(Clone)]
struct Expected {
    outcome: &'static str,
    status: Option<u16>,
    /// Stored excerpt of the response, where it is predictable.
    response: Option<String>,
    /// Seconds until the next attempt; empty if there is none.
    next: RangeInclusive<u64>,
}

/// First wait of the retry schedule with its jitter, in seconds.
const SCHEDULED: RangeInclusive<u64> = 300..=331;

fn ends(outcome: &'static str, status: impl Into<Option<u16>>) -> Expected {
    Expected { outcome, status: status.into(), response: None, next: SCHEDULED }
}

impl Expected {
    fn keeping(self, response: &str) -> Self {
        Self { response: Some(response.to_owned()), ..self }
    }

    fn again_after(self, next: RangeInclusive<u64>) -> Self {
        Self { next, ..self }
    }
}

/// Returns a gzip bomb: a gigabyte of zeros in a megabyte, made of 1,024 members of Python's `gzip.compress(bytes(1
/// << 20), 9, mtime=0)`.
fn gzip_bomb() -> Vec<u8> {
    let mut member = hex::decode("1f8b0800000000000203edc13101000000c2a0f54f6d085fa0").unwrap();
    member.extend([0; 1016]);
    member.extend(hex::decode("3e031cea38a700001000").unwrap());
    member.repeat(1024)
}

/// Returns responses that never end, each with its expected outcome.
fn endless_responses() -> Vec<(&'static str, Misbehaviour, Expected)> {
    let bomb = gzip_bomb();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let kept = String::from_utf8_lossy(&bomb[..1024]).into_owned();
    let bomb = Misbehaviour::Stalls([head.into_bytes(), bomb].concat());
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    vec![
        ("accepts and never responds", Misbehaviour::stalls(""), ends("TIMEOUT", None)),
        (
            "one byte of the head a second",
            Misbehaviour::drips("HTTP/1.1 200 OK\r\nX-Slow: ", "x"),
            ends("TIMEOUT", None),
        ),
        (
            "one byte of the body a second",
            Misbehaviour::drips("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "x"),
            ends("TIMEOUT", 200),
        ),
        ("one header a second", Misbehaviour::drips("HTTP/1.1 200 OK\r\n", "X-More: x\r\n"), ends("TIMEOUT", None)),
        ("stops in its head", Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Le"), ends("TIMEOUT", None)),
        (
            "stops in its body",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
            ends("TIMEOUT", 200).keeping("half"),
        ),
        ("a body of no length, never closed", Misbehaviour::stalls("HTTP/1.1 200 OK\r\n\r\nhm"), ends("TIMEOUT", 200)),
        (
            "headers without end",
            Misbehaviour::floods("HTTP/1.1 200 OK\r\n", "X-More: x\r\n"),
            ends("UNREACHABLE", None),
        ),
        ("one header without end", Misbehaviour::floods("HTTP/1.1 200 OK\r\nX-More: ", "x"), ends("UNREACHABLE", None)),
        ("a status line without end", Misbehaviour::floods("HTTP/1.1 200 ", "O"), ends("UNREACHABLE", None)),
        (
            "a body without end",
            Misbehaviour::floods(endless, "4\r\nabcd\r\n"),
            ends("DELIVERED", 200).keeping(&"abcd".repeat(256)),
        ),
        (
            "an endless error response",
            Misbehaviour::floods("HTTP/1.1 500 No\r\n\r\n", "no! "),
            ends("REFUSED", 500).keeping(&"no! ".repeat(256)),
        ),
        ("a chunk header without end", Misbehaviour::floods(endless, "0"), ends("DELIVERED", 200).keeping("")),
        (
            "trailers without end",
            Misbehaviour::floods(&format!("{endless}0\r\n"), "X-More: x\r\n"),
            ends("DELIVERED", 200),
        ),
        ("a gzip bomb", bomb, ends("DELIVERED", 200).keeping(&kept)),
    ]
}

/// Returns responses that violate HTTP, each with its expected outcome.
fn malformed_responses() -> Vec<(&'static str, Misbehaviour, Expected)> {
    vec![
        ("closes immediately", Misbehaviour::ClosesImmediately, ends("UNREACHABLE", None)),
        ("closes without a word", Misbehaviour::closes(""), ends("UNREACHABLE", None)),
        ("closes in its head", Misbehaviour::closes("HTTP/1.1 200 OK\r\nContent-Le"), ends("UNREACHABLE", None)),
        (
            "closes in its body",
            Misbehaviour::closes("HTTP/1.1 202 Fine\r\nContent-Length: 9\r\n\r\nhalf"),
            ends("DELIVERED", 202).keeping("half"),
        ),
        (
            "closes in the body of an error response",
            Misbehaviour::closes("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhalf"),
            ends("REFUSED", 500).keeping("half"),
        ),
        ("speaks something else", Misbehaviour::closes("SSH-2.0-OpenSSH_9.6\r\n"), ends("UNREACHABLE", None)),
        (
            "sends 100 Continue for ever",
            Misbehaviour::floods("", "HTTP/1.1 100 Continue\r\n\r\n"),
            ends("UNREACHABLE", None),
        ),
        (
            "sends 102 Processing each second",
            Misbehaviour::drips("", "HTTP/1.1 102 Processing\r\n\r\n"),
            ends("UNREACHABLE", None),
        ),
        (
            "responds with 101 and another protocol",
            Misbehaviour::stalls("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhm"),
            ends("REFUSED", 101),
        ),
        (
            "a length that no number holds",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\nhm"),
            ends("UNREACHABLE", None),
        ),
        (
            "a length below nothing",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhm"),
            ends("UNREACHABLE", None),
        ),
        (
            "two lengths",
            Misbehaviour::stalls("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhm"),
            ends("UNREACHABLE", None),
        ),
        (
            "an impossible content length",
            Misbehaviour::closes("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhm"),
            ends("DELIVERED", 200).keeping("hm"),
        ),
    ]
}

/// Returns responses with a hostile redirect or retry time, each with its expected outcome.
fn redirects_and_retry_times() -> Vec<(&'static str, Misbehaviour, Expected)> {
    let retry_after = |value: &str| {
        Misbehaviour::stalls(&format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n"))
    };
    let in_an_hour = http_date(3600);
    vec![
        (
            "redirects to a cloud's credentials",
            Misbehaviour::stalls(
                "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n",
            ),
            ends("REFUSED", 302),
        ),
        ("Retry-After of -1", retry_after("-1"), ends("REFUSED", 503)),
        ("Retry-After of ten years", retry_after("315360000"), ends("REFUSED", 503).again_after(86_395..=86_400)),
        ("Retry-After of an hour, as a date", retry_after(&in_an_hour), ends("REFUSED", 503).again_after(3580..=3600)),
        ("Retry-After of long ago", retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), ends("REFUSED", 503)),
        ("Retry-After of rubbish", retry_after("when I say so \u{1f600}"), ends("REFUSED", 503)),
        ("Retry-After beyond numbers", retry_after(&"9".repeat(60)), ends("REFUSED", 503).again_after(86_395..=86_400)),
    ]
}

/// Returns all responses in plain HTTP, each with its expected outcome.
fn plain_behaviours() -> Vec<(&'static str, Misbehaviour, Expected)> {
    [endless_responses(), malformed_responses(), redirects_and_retry_times()].concat()
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Returns the HTTP date this many seconds from now (RFC 9110, section 5.6.7).
fn http_date(seconds: i64) -> String {
    let at = Timestamp::from_millis(now().millis() + seconds * 1_000).to_string();
    let (days, time) = at.split_once('T').unwrap();
    let mut parts = days.split('-').map(|part| part.parse::<usize>().unwrap());
    let (year, month, day) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let weekday = usize::try_from((now().seconds() + seconds) / 86_400 % 7).unwrap();
    format!("{}, {day:02} {} {year} {} GMT", DAYS[weekday], MONTHS[month - 1], &time[..8])
}

fn now() -> Timestamp {
    use domain::Clock;
    runtime::SystemClock.now()
}

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
