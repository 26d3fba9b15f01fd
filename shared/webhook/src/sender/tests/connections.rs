//! Connection reuse, DNS rebinding and TLS.

use super::receiver::{Receiver, read_request};
use super::{SHORT_TIMEOUT, impatient_sender, ok, post, sender, settings, target};
use crate::resolve::{Resolve, ResolveFuture};
use crate::sender::{Sender, SenderSettings};
use crate::ssrf::TargetPolicy;
use crate::target::Target;
use domain::webhooks::attempt::Outcome;
use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashSet;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

#[tokio::test]
async fn a_connection_is_reused() {
    let receiver = Receiver::responding(ok(&"x".repeat(10_000))).await;
    let (sender, target) = (sender(), receiver.target());
    for _ in 0..5 {
        assert_eq!(post(&sender, &target).await.outcome, Outcome::Delivered);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 5));
}

#[tokio::test]
async fn a_prompt_receiver_has_few_connections() {
    let receiver = Receiver::responding(ok("")).await;
    let (sender, target) = (sender(), receiver.target());
    for _ in 0..20 {
        let results = futures_util::future::join_all((0..8).map(|_| post(&sender, &target))).await;
        assert!(results.iter().all(|result| result.outcome == Outcome::Delivered));
    }
    assert_eq!(receiver.requests().len(), 160);
    // Four, and some that were opened because a turn took long on a busy machine.
    assert!(receiver.connections() <= 40, "{} connections", receiver.connections());
}

#[tokio::test]
async fn a_slow_receiver_makes_no_attempt_wait_long() {
    let receiver = Receiver::start(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Some(stream)
    })
    .await;
    let (sender, target) = (impatient_sender(), receiver.target());
    let results = futures_util::future::join_all((0..10).map(|_| post(&sender, &target))).await;
    assert!(results.iter().all(|result| result.outcome == Outcome::Timeout));
    assert_eq!(receiver.connections(), 10, "four, and the others after a moment");
}

#[tokio::test]
async fn a_closed_idle_connection_costs_no_attempt() {
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

/// Starts a receiver that responds to the first request of a connection, and to the second with `second` before it
/// closes the connection.
async fn closing_on_the_second_request(second: &'static [u8]) -> Receiver {
    let ports = Arc::new(Mutex::new(HashSet::new()));
    Receiver::start(move |mut stream| {
        let ports = ports.clone();
        async move {
            let port = stream.peer_addr().ok()?.port();
            if ports.lock().expect("no panic").insert(port) {
                stream.write_all(ok("").as_bytes()).await.ok()?;
                return Some(stream);
            }
            stream.write_all(second).await.ok()?;
            None
        }
    })
    .await
}

#[tokio::test]
async fn an_unanswered_kept_connection_is_replaced_once() {
    let receiver = closing_on_the_second_request(b"").await;
    let (sender, target) = (sender(), receiver.target());
    for _ in 0..3 {
        let result = post(&sender, &target).await;
        assert_eq!((result.outcome, result.status), (Outcome::Delivered, Some(200)));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The second and the third attempt each sent their request on the kept connection and on a new one.
    assert_eq!((receiver.connections(), receiver.requests().len()), (3, 5));
}

#[tokio::test]
async fn a_response_that_breaks_off_is_not_repeated() {
    let receiver = closing_on_the_second_request(b"HTTP/1.1 2").await;
    let (sender, target) = (sender(), receiver.target());
    assert_eq!(post(&sender, &target).await.outcome, Outcome::Delivered);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(post(&sender, &target).await.outcome, Outcome::Unreachable);
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_new_connection_that_closes_is_not_repeated() {
    let receiver = Receiver::start(|_| async { None }).await;
    assert_eq!(post(&sender(), &receiver.target()).await.outcome, Outcome::Unreachable);
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 1));
}

/// Resolves to one list of addresses after another, and repeats the last one.
struct Rebinding(Mutex<Vec<Vec<IpAddr>>>);

impl Rebinding {
    fn new(lookups: &[&[&str]]) -> Arc<Self> {
        let parsed = |lookup: &&[&str]| lookup.iter().map(|text| text.parse().expect("an address")).collect();
        Arc::new(Self(Mutex::new(lookups.iter().map(parsed).collect())))
    }
}

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _: &'a str) -> ResolveFuture<'a> {
        let mut lookups = self.0.lock().expect("no panic");
        let lookup = if lookups.len() > 1 { lookups.remove(0) } else { lookups[0].clone() };
        Box::pin(async { Ok(lookup) })
    }
}

#[tokio::test]
async fn dns_rebinding_is_blocked() {
    for private in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"] {
        let receiver = Receiver::responding(ok("")).await;
        for policy in [TargetPolicy::PublicOnly, TargetPolicy::AllowLoopback] {
            let resolver = Rebinding::new(&[&["8.8.8.8"], &["8.8.4.4", private]]);
            let target =
                Target::parse(&format!("https://hooks.example.com:{}/", receiver.port), policy).expect("a target");
            target.vet(&*resolver).await.expect("public at registration");
            let sender = Sender::new(SenderSettings { policy, resolver, ..settings() }).expect("a sender");
            let result = post(&sender, &target).await;
            assert_eq!((result.outcome, result.status), (Outcome::Blocked, None), "{private}");
        }
        assert_eq!(receiver.connections(), 0);
    }
}

#[tokio::test]
async fn public_only_blocks_loopback_targets() {
    let receiver = Receiver::responding(ok("")).await;
    let strict = Sender::new(SenderSettings { policy: TargetPolicy::PublicOnly, ..settings() }).expect("a sender");
    assert_eq!(post(&strict, &receiver.target()).await.outcome, Outcome::Blocked);
    let secure = target(&format!("https://127.0.0.1:{}/", receiver.port));
    assert_eq!(post(&strict, &secure).await.outcome, Outcome::Blocked);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn the_next_address_is_tried_after_a_failure() {
    let receiver = Receiver::responding(ok("")).await;
    let resolver = Rebinding::new(&[&["127.0.0.99", "127.0.0.1"]]);
    let sender = Sender::new(SenderSettings { resolver, ..settings() }).expect("a sender");
    let result = post(&sender, &target(&format!("http://localhost:{}/", receiver.port))).await;
    assert_eq!(result.outcome, Outcome::Delivered);
}

/// Never finishes a lookup.
struct Stuck;

impl Resolve for Stuck {
    fn resolve<'a>(&'a self, _: &'a str) -> ResolveFuture<'a> {
        Box::pin(std::future::pending::<io::Result<Vec<IpAddr>>>())
    }
}

#[tokio::test]
async fn dns_counts_towards_the_timeout() {
    let stuck = SenderSettings { resolver: Arc::new(Stuck), attempt_timeout: SHORT_TIMEOUT, ..settings() };
    let result = post(&Sender::new(stuck).expect("a sender"), &target("http://localhost:8080/")).await;
    assert_eq!(result.outcome, Outcome::Timeout);
    let empty = SenderSettings { resolver: Rebinding::new(&[&[]]), ..settings() };
    let result = post(&Sender::new(empty).expect("a sender"), &target("http://localhost:8080/")).await;
    assert_eq!(result.outcome, Outcome::Unreachable);
}

/// Starts a TLS receiver with a self-signed certificate for `name`. Returns its port and the certificate.
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
                respond_over_tls(&mut stream).await
            });
        }
    });
    (port, cert.der().clone())
}

async fn respond_over_tls(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Option<()> {
    read_request(stream).await?;
    stream.write_all(ok("secret").as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

#[tokio::test]
async fn tls_certificates_are_verified() {
    let resolver = || Rebinding::new(&[&["127.0.0.1"]]);
    let (port, root) = tls_receiver("localhost").await;
    let localhost = target(&format!("https://localhost:{port}/"));
    let trusting = SenderSettings { resolver: resolver(), extra_roots: vec![root.clone()], ..settings() };
    let trusting = Sender::new(trusting).expect("a sender");
    let result = post(&trusting, &localhost).await;
    assert_eq!((result.outcome, result.response.as_str()), (Outcome::Delivered, "secret"));

    let wary = Sender::new(SenderSettings { resolver: resolver(), ..settings() }).expect("a sender");
    assert_eq!(post(&wary, &localhost).await.outcome, Outcome::Unreachable, "an unknown root");
    let by_address = target(&format!("https://127.0.0.1:{port}/"));
    assert_eq!(post(&trusting, &by_address).await.outcome, Outcome::Unreachable, "another name");

    let (port, root) = tls_receiver("other.example.com").await;
    let trusting = SenderSettings { resolver: resolver(), extra_roots: vec![root], ..settings() };
    let localhost = target(&format!("https://localhost:{port}/"));
    let result = post(&Sender::new(trusting).expect("a sender"), &localhost).await;
    assert_eq!(result.outcome, Outcome::Unreachable, "another name");

    let plain = Receiver::responding(ok("")).await;
    let localhost = target(&format!("https://localhost:{}/", plain.port));
    assert_eq!(post(&impatient_sender(), &localhost).await.outcome, Outcome::Timeout, "no TLS server");
}

#[test]
fn an_extra_root_must_be_a_certificate() {
    let bad = SenderSettings { extra_roots: vec![CertificateDer::from(vec![1, 2, 3])], ..settings() };
    assert!(Sender::new(bad).is_err());
}
