//! Against real sockets: receivers that answer, and receivers that would rather not.

use super::*;
use crate::resolve::ResolveFuture;
use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use std::io;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const SHORT: Duration = Duration::from_millis(400);

/// A receiver on loopback. Dropped with the test's runtime.
struct Receiver {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    /// Reads each request, then lets `answer` do what it wants with the connection; as long as that gives the
    /// connection back, the next request is read from it.
    async fn start<F, A>(answer: F) -> Self
    where
        F: Fn(TcpStream) -> A + Send + Sync + 'static,
        A: Future<Output = Option<TcpStream>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let receiver = Self {
            port: listener.local_addr().expect("a bound address").port(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests, answer) =
            (receiver.connections.clone(), receiver.requests.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (requests, answer) = (requests.clone(), answer.clone());
                tokio::spawn(async move {
                    while let Some(request) = read_request(&mut stream).await {
                        requests.lock().expect("no panic").push(request);
                        match answer(stream).await {
                            Some(again) => stream = again,
                            None => return,
                        }
                    }
                });
            }
        });
        receiver
    }

    /// A receiver that always answers with these bytes.
    async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Self::start(move |mut stream| {
            let bytes = bytes.clone();
            async move { stream.write_all(&bytes).await.is_ok().then_some(stream) }
        })
        .await
    }

    fn target(&self) -> Target {
        target(&format!("http://127.0.0.1:{}/hooks?x=1", self.port))
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The head and the body of one request; `None` when there is no more.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let mut byte = [0];
        if stream.read(&mut byte).await.ok()? == 0 {
            return None;
        }
        read.push(byte[0]);
        if read.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(read).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8(body).ok()?)
}

fn target(url: &str) -> Target {
    Target::parse(url, TargetPolicy::AllowLoopback).expect("a target")
}

fn settings() -> SenderSettings {
    SenderSettings { attempt_timeout: Duration::from_secs(10), ..SenderSettings::new(TargetPolicy::AllowLoopback) }
}

fn sender() -> Sender {
    Sender::new(settings()).expect("a sender")
}

fn hurried() -> Sender {
    Sender::new(SenderSettings { attempt_timeout: SHORT, ..settings() }).expect("a sender")
}

async fn post(sender: &Sender, target: &Target) -> AttemptResult {
    sender.send(target, &[("X-Event", "ping".to_owned())], Bytes::from_static(b"{}")).await
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_2xx_is_delivered_and_the_request_is_what_was_asked_for() {
    let receiver = Receiver::answering(ok("thanks")).await;
    let attempted = post(&sender(), &receiver.target()).await;
    assert_eq!((attempted.outcome, attempted.status), (Outcome::Delivered, Some(200)));
    assert_eq!(attempted.response, "thanks");
    let expected = format!(
        "POST /hooks?x=1 HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-event: ping\r\ncontent-length: 2\r\n\r\n{{}}",
        receiver.port
    );
    assert_eq!(receiver.requests(), [expected]);
}

#[tokio::test]
async fn any_other_status_is_refused_and_a_redirect_is_not_followed() {
    let elsewhere = Receiver::answering(ok("")).await;
    for status in [300, 301, 302, 303, 304, 307, 308, 400, 401, 404, 410, 429, 500, 502, 503, 599, 600, 999] {
        let answer = format!(
            "HTTP/1.1 {status} So\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\n\r\n",
            elsewhere.port
        );
        let receiver = Receiver::answering(answer).await;
        let attempted = post(&sender(), &receiver.target()).await;
        assert_eq!((attempted.outcome, attempted.status), (Outcome::Refused, Some(status)));
        assert_eq!(receiver.requests().len(), 1, "{status}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn what_a_receiver_asks_for_after_a_refusal_is_told() {
    for (value, told) in [("120", Some("120")), (&"1".repeat(65), None), ("\u{fffd}", None)] {
        let answer = format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 4\r\n\r\nbusy");
        let receiver = Receiver::answering(answer).await;
        let attempted = post(&sender(), &receiver.target()).await;
        assert_eq!((attempted.outcome, attempted.response.as_str()), (Outcome::Refused, "busy"));
        assert_eq!(attempted.retry_after.as_deref(), told, "{value}");
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_a_timeout_at_the_deadline() {
    let receiver = Receiver::start(|stream| async move {
        std::future::pending::<()>().await;
        Some(stream)
    })
    .await;
    let attempted = post(&hurried(), &receiver.target()).await;
    assert_eq!((attempted.outcome, attempted.status), (Outcome::Timeout, None));
    assert!(attempted.latency >= SHORT && attempted.latency < SHORT * 3, "{:?}", attempted.latency);
}

#[tokio::test]
async fn dripping_a_head_or_a_body_does_not_put_the_deadline_off() {
    for (beginning, status) in [("HTTP/1.1 200 OK\r\nX-Slow: ", None), (ok("").as_str(), Some(200))] {
        let beginning = beginning.replace("Content-Length: 0", "Content-Length: 900");
        let receiver = Receiver::start(move |mut stream| {
            let beginning = beginning.clone();
            async move {
                stream.write_all(beginning.as_bytes()).await.ok()?;
                while stream.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                None
            }
        })
        .await;
        let attempted = post(&hurried(), &receiver.target()).await;
        assert_eq!((attempted.outcome, attempted.status), (Outcome::Timeout, status));
        assert!(attempted.latency < SHORT * 3, "{:?}", attempted.latency);
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_and_its_connection_closed() {
    let closed = Arc::new(tokio::sync::Notify::new());
    let noticed = closed.clone();
    let receiver = Receiver::start(move |mut stream| {
        let closed = closed.clone();
        async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.ok()?;
            while stream.write_all(b"4\r\nabcd\r\n").await.is_ok() {}
            closed.notify_one();
            None
        }
    })
    .await;
    let attempted = post(&sender(), &receiver.target()).await;
    assert_eq!(attempted.outcome, Outcome::Delivered);
    assert_eq!(attempted.response, "abcd".repeat(256));
    timeout(Duration::from_secs(5), noticed.notified()).await.expect("the connection is closed");
}

#[tokio::test]
async fn only_the_first_kilobyte_is_kept_and_no_character_is_cut() {
    let receiver = Receiver::answering(ok(&format!("x{}", "ö".repeat(1000)))).await;
    let attempted = post(&sender(), &receiver.target()).await;
    assert_eq!(attempted.response, format!("x{}", "ö".repeat(511)));
    let receiver = Receiver::answering(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\xffb".as_slice()).await;
    assert_eq!(post(&sender(), &receiver.target()).await.response, "a\u{fffd}b");
}

#[tokio::test]
async fn a_compressed_body_is_kept_as_it_came() {
    // A kilobyte of zeros: `gzip.compress(bytes(1024), 9, mtime=0)` of Python.
    let packed = hex::decode("1f8b080000000000020363601805a360148c5400002eafb5ef00040000").expect("hexadecimal");
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len()).into_bytes();
    answer.extend_from_slice(&packed);
    let attempted = post(&sender(), &Receiver::answering(answer).await.target()).await;
    assert_eq!(attempted.outcome, Outcome::Delivered);
    assert_eq!(attempted.response, String::from_utf8_lossy(&packed));
}

#[tokio::test]
async fn no_answer_or_one_that_is_not_http_is_unreachable() {
    let answers = [
        "",
        "HTTP/1.1 200 OK\r\nContent-Len",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 99999 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ];
    for answer in answers {
        let receiver = Receiver::start(move |mut stream| async move {
            let _ = stream.write_all(answer.as_bytes()).await;
            None
        })
        .await;
        let attempted = post(&sender(), &receiver.target()).await;
        assert_eq!((attempted.outcome, attempted.status), (Outcome::Unreachable, None), "{answer:?}");
        assert_eq!(receiver.requests().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_2xx_whose_body_breaks_off_has_arrived() {
    let receiver = Receiver::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nhalf").await.ok()?;
        None
    })
    .await;
    let attempted = post(&sender(), &receiver.target()).await;
    assert_eq!(
        (attempted.outcome, attempted.status, attempted.response.as_str()),
        (Outcome::Delivered, Some(202), "half")
    );
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address").port();
    let attempted = post(&sender(), &target(&format!("http://127.0.0.1:{port}/"))).await;
    assert_eq!(attempted.outcome, Outcome::Unreachable);
}

#[tokio::test]
async fn a_huge_head_is_not_read_to_its_end() {
    let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: x\r\n".repeat(101));
    for answer in [long, many] {
        let attempted = post(&sender(), &Receiver::answering(answer).await.target()).await;
        assert_eq!((attempted.outcome, attempted.status), (Outcome::Unreachable, None));
        assert!(attempted.latency < Duration::from_secs(5), "{:?}", attempted.latency);
    }
}

#[tokio::test]
async fn framing_without_end_is_not_read_to_the_deadline() {
    let receiver = Receiver::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n").await.ok()?;
        while stream.write_all(&[b'0'; 4096]).await.is_ok() {}
        None
    })
    .await;
    let attempted = post(&sender(), &receiver.target()).await;
    assert_eq!((attempted.outcome, attempted.response.as_str()), (Outcome::Delivered, "a"));
    assert!(attempted.latency < Duration::from_secs(5), "{:?}", attempted.latency);
}

#[tokio::test]
async fn each_answer_on_a_connection_may_be_as_long_as_the_first() {
    // More in all than any one answer may take.
    let receiver = Receiver::answering(ok(&"x".repeat(15 * 1024))).await;
    let (sender, target) = (sender(), receiver.target());
    for _ in 0..60 {
        assert_eq!(post(&sender, &target).await.outcome, Outcome::Delivered);
        tokio::time::sleep(Duration::from_millis(12)).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 60));
}

#[tokio::test]
async fn a_few_interim_answers_are_passed_over_and_endless_ones_are_not() {
    let few = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(3) + &ok("done");
    let attempted = post(&sender(), &Receiver::answering(few).await.target()).await;
    assert_eq!((attempted.outcome, attempted.response.as_str()), (Outcome::Delivered, "done"));

    let receiver = Receiver::start(|mut stream| async move {
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {}
        None
    })
    .await;
    let attempted = post(&sender(), &receiver.target()).await;
    assert_eq!((attempted.outcome, attempted.status), (Outcome::Unreachable, None));
    assert!(attempted.latency < Duration::from_secs(5), "{:?}", attempted.latency);
}

#[tokio::test]
async fn a_connection_serves_again_once_its_answer_was_read() {
    let receiver = Receiver::answering(ok(&"x".repeat(10_000))).await;
    let (sender, target) = (sender(), receiver.target());
    for _ in 0..5 {
        assert_eq!(post(&sender, &target).await.outcome, Outcome::Delivered);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 5));
}

#[tokio::test]
async fn a_connection_that_the_receiver_closed_meanwhile_costs_no_attempt() {
    let receiver = Receiver::start(|mut stream| async move {
        stream.write_all(ok("").as_bytes()).await.ok()?;
        tokio::time::sleep(Duration::from_millis(2)).await;
        None
    })
    .await;
    let (sender, target) = (sender(), receiver.target());
    for pause in [0, 0, 0, 0, 20, 20, 0] {
        assert_eq!(post(&sender, &target).await.outcome, Outcome::Delivered);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (7, 7));
}

#[tokio::test]
async fn what_cannot_be_written_as_a_header_is_not_sent() {
    let receiver = Receiver::answering(ok("")).await;
    let attempted = sender().send(&receiver.target(), &[("X-Event", "a\r\nb".to_owned())], Bytes::new()).await;
    assert_eq!(attempted.outcome, Outcome::Unreachable);
    assert!(receiver.requests().is_empty());
}

/// Gives one answer after another, the last one for ever.
struct Rebinding(Mutex<Vec<Vec<IpAddr>>>);

impl Rebinding {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |answer: &&[&str]| answer.iter().map(|text| text.parse().expect("an address")).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(parsed).collect())))
    }
}

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _: &'a str) -> ResolveFuture<'a> {
        let mut answers = self.0.lock().expect("no panic");
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async { Ok(answer) })
    }
}

#[tokio::test]
async fn a_name_that_turns_to_a_private_address_after_registration_is_blocked() {
    for private in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"] {
        let receiver = Receiver::answering(ok("")).await;
        for policy in [TargetPolicy::PublicOnly, TargetPolicy::AllowLoopback] {
            let resolver = Rebinding::new(&[&["8.8.8.8"], &["8.8.4.4", private]]);
            let target =
                Target::parse(&format!("https://hooks.example.com:{}/", receiver.port), policy).expect("a target");
            target.vet(&*resolver).await.expect("public at registration");
            let sender = Sender::new(SenderSettings { policy, resolver, ..settings() }).expect("a sender");
            let attempted = post(&sender, &target).await;
            assert_eq!((attempted.outcome, attempted.status), (Outcome::Blocked, None), "{private}");
        }
        assert_eq!(receiver.connections(), 0);
    }
}

#[tokio::test]
async fn a_deployed_house_blocks_what_a_local_one_had_registered() {
    let receiver = Receiver::answering(ok("")).await;
    let strict = Sender::new(SenderSettings { policy: TargetPolicy::PublicOnly, ..settings() }).expect("a sender");
    assert_eq!(post(&strict, &receiver.target()).await.outcome, Outcome::Blocked);
    let secure = target(&format!("https://127.0.0.1:{}/", receiver.port));
    assert_eq!(post(&strict, &secure).await.outcome, Outcome::Blocked);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn the_next_address_is_tried_when_the_first_does_not_answer() {
    let receiver = Receiver::answering(ok("")).await;
    let resolver = Rebinding::new(&[&["127.0.0.99", "127.0.0.1"]]);
    let sender = Sender::new(SenderSettings { resolver, ..settings() }).expect("a sender");
    let attempted = post(&sender, &target(&format!("http://localhost:{}/", receiver.port))).await;
    assert_eq!(attempted.outcome, Outcome::Delivered);
}

/// Resolves nothing, ever.
struct Stuck;

impl Resolve for Stuck {
    fn resolve<'a>(&'a self, _: &'a str) -> ResolveFuture<'a> {
        Box::pin(std::future::pending::<io::Result<Vec<IpAddr>>>())
    }
}

#[tokio::test]
async fn resolving_lies_inside_the_deadline() {
    let stuck = SenderSettings { resolver: Arc::new(Stuck), attempt_timeout: SHORT, ..settings() };
    let attempted = post(&Sender::new(stuck).expect("a sender"), &target("http://localhost:8080/")).await;
    assert_eq!(attempted.outcome, Outcome::Timeout);
    let empty = SenderSettings { resolver: Rebinding::new(&[&[]]), ..settings() };
    let attempted = post(&Sender::new(empty).expect("a sender"), &target("http://localhost:8080/")).await;
    assert_eq!(attempted.outcome, Outcome::Unreachable);
}

/// A self-signed certificate for `localhost` or another name, and a receiver on TLS that has it.
async fn tls_receiver(name: &str) -> (u16, CertificateDer<'static>) {
    let signing_key = KeyPair::generate().expect("a key");
    let cert = CertificateParams::new(vec![name.to_owned()]).expect("a name").self_signed(&signing_key);
    let CertifiedKey { cert, signing_key } = CertifiedKey { cert: cert.expect("a certificate"), signing_key };
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate and its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.ok()?;
                answer_over_tls(&mut stream).await
            });
        }
    });
    (port, cert.der().clone())
}

async fn answer_over_tls(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Option<()> {
    read_request(stream).await?;
    stream.write_all(ok("secret").as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

#[tokio::test]
async fn who_answers_over_tls_must_prove_its_name() {
    let resolver = || Rebinding::new(&[&["127.0.0.1"]]);
    let (port, root) = tls_receiver("localhost").await;
    let localhost = target(&format!("https://localhost:{port}/"));
    let trusting = SenderSettings { resolver: resolver(), extra_roots: vec![root.clone()], ..settings() };
    let trusting = Sender::new(trusting).expect("a sender");
    let attempted = post(&trusting, &localhost).await;
    assert_eq!((attempted.outcome, attempted.response.as_str()), (Outcome::Delivered, "secret"));

    let wary = Sender::new(SenderSettings { resolver: resolver(), ..settings() }).expect("a sender");
    assert_eq!(post(&wary, &localhost).await.outcome, Outcome::Unreachable, "an unknown root");
    let by_address = target(&format!("https://127.0.0.1:{port}/"));
    assert_eq!(post(&trusting, &by_address).await.outcome, Outcome::Unreachable, "another name");

    let (port, root) = tls_receiver("other.example.com").await;
    let trusting = SenderSettings { resolver: resolver(), extra_roots: vec![root], ..settings() };
    let localhost = target(&format!("https://localhost:{port}/"));
    let attempted = post(&Sender::new(trusting).expect("a sender"), &localhost).await;
    assert_eq!(attempted.outcome, Outcome::Unreachable, "another name");

    let plain = Receiver::answering(ok("")).await;
    let localhost = target(&format!("https://localhost:{}/", plain.port));
    assert_eq!(post(&hurried(), &localhost).await.outcome, Outcome::Timeout, "waits for a whole hello");
}

#[test]
fn an_extra_root_must_be_a_certificate() {
    let bad = SenderSettings { extra_roots: vec![CertificateDer::from(vec![1, 2, 3])], ..settings() };
    assert!(Sender::new(bad).is_err());
}
