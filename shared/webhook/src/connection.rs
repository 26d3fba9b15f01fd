//! Connections to receivers: opened only to addresses that were found harmless, kept for a moment, bounded in what
//! they take in.

use crate::read_budget::{BudgetedStream, ReadBudget};
use crate::resolve::Resolve;
use crate::ssrf::{TargetError, TargetPolicy};
use crate::target::{Host, Target};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

/// The most that the status line and the headers of an answer may take, in bytes; hyper itself stops at 100 headers.
const MAX_RESPONSE_HEAD_BYTES: usize = 32 * 1024;

/// The most interim (1xx) answers before the final one. Receivers that send any send one or two; without a bound
/// one could keep a connection busy until the deadline.
const MAX_INTERIM_RESPONSES: usize = 8;

/// The most that is taken in for one answer, and for TLS before it, in bytes: every interim head and the final one at
/// their longest, and as much again for a body and what frames it. No honest answer comes near it.
const MAX_READ_BYTES: usize = 2 * MAX_RESPONSE_HEAD_BYTES * (MAX_INTERIM_RESPONSES + 1);

/// How long a connection waits for the next delivery: shorter than the five seconds after which the commonest
/// servers hang up, so that a delivery is not written into a connection that is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// How long a connection rests before it serves again: many a small receiver hangs up right behind its answer without
/// having said so, and by then that has been noticed.
const MIN_IDLE_TIME: Duration = Duration::from_millis(10);

/// Connections that wait for one target, and for all of them.
const MAX_IDLE_PER_ORIGIN: usize = 32;
const MAX_IDLE_CONNECTIONS: usize = 256;

/// How long one address may take to answer while there is another to try: a SYN is sent again after one and after
/// three seconds. The last address has whatever is left of the attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// Addresses of a name that are tried.
const MAX_ADDRESSES: usize = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttemptError {
    /// The guard refused the target.
    #[error(transparent)]
    Blocked(TargetError),
    /// The name has no address.
    #[error("the host does not resolve")]
    Unresolved,
    /// No TCP connection.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// No TLS, or a certificate that does not prove who answers.
    #[error("no TLS: {0}")]
    Tls(io::Error),
    /// Not HTTP, too much of it, or no more of it.
    #[error("no HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// Interim answers without end.
    #[error("more than {MAX_INTERIM_RESPONSES} interim answers")]
    Interim,
    /// A waiting connection was closed before anything was written to it.
    #[error("the connection was closed before the request was written")]
    Unsent,
    /// The request cannot be written as HTTP.
    #[error("no request: {0}")]
    Request(#[from] http::Error),
}

impl From<TargetError> for AttemptError {
    fn from(refused: TargetError) -> Self {
        match refused {
            TargetError::Unresolved => Self::Unresolved,
            refused => Self::Blocked(refused),
        }
    }
}

/// An open connection; dropping it closes the socket at once, whatever it was doing.
pub(crate) struct Connection {
    requests: http1::SendRequest<Full<Bytes>>,
    read_budget: ReadBudget,
    task: AbortHandle,
    idle_since: Instant,
    reused: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Speaks HTTP/1.1 over `io`, which takes in what `read_budget` allows.
    async fn over<I>(io: I, read_budget: ReadBudget) -> Result<Self, AttemptError>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (requests, driver) = http1::Builder::new()
            .max_header_size(MAX_RESPONSE_HEAD_BYTES)
            .max_buf_size(MAX_RESPONSE_HEAD_BYTES)
            .handshake(TokioIo::new(io))
            .await?;
        let task = tokio::spawn(async move {
            // Whoever waits for the answer is told the error too.
            let _ = driver.await;
        });
        Ok(Self { requests, read_budget, task: task.abort_handle(), idle_since: Instant::now(), reused: false })
    }

    /// Whether it has carried an answer before.
    pub(crate) fn is_reused(&self) -> bool {
        self.reused
    }

    /// Sends `request` and waits for the head of the final answer.
    pub(crate) async fn ask(&mut self, mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>, AttemptError> {
        self.read_budget.renew(MAX_READ_BYTES);
        let flooded = Arc::new(Notify::new());
        let (flood, interim) = (flooded.clone(), AtomicUsize::new(0));
        hyper::ext::on_informational(&mut request, move |_| {
            if interim.fetch_add(1, Ordering::Relaxed) >= MAX_INTERIM_RESPONSES {
                flood.notify_one();
            }
        });
        tokio::select! {
            biased;
            () = flooded.notified() => Err(AttemptError::Interim),
            answer = self.requests.try_send_request(request) => answer.map_err(|mut error| {
                if error.take_message().is_some() { AttemptError::Unsent } else { AttemptError::Http(error.into_error()) }
            }),
        }
    }
}

/// What a connection may be used for again: TLS or not, host, port.
type Origin = (bool, String, u16);

fn origin(target: &Target) -> Origin {
    (target.secure(), target.host().to_owned(), target.port())
}

/// Opens connections and keeps those that may serve again.
pub(crate) struct ConnectionPool {
    policy: TargetPolicy,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
    idle: Mutex<HashMap<Origin, Vec<Connection>>>,
}

impl ConnectionPool {
    /// Certificates are verified against the roots that Mozilla trusts and `extra_roots`.
    pub(crate) fn new(
        policy: TargetPolicy,
        resolver: Arc<dyn Resolve>,
        extra_roots: Vec<CertificateDer<'static>>,
    ) -> Result<Self, rustls::Error> {
        let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for root in extra_roots {
            roots.add(root)?;
        }
        let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { policy, resolver, tls: TlsConnector::from(Arc::new(tls)), idle: Mutex::default() })
    }

    /// A connection to `target`: one that waits, or a new one to an address that may be called.
    pub(crate) async fn get(&self, target: &Target) -> Result<Connection, AttemptError> {
        if let Some(waiting) = self.take(target) {
            return Ok(waiting);
        }
        let addresses = target.vet_with_policy(self.policy, &*self.resolver).await?;
        let stream = connect(&addresses).await?;
        // Without it, a body written behind its head waits for the head's acknowledgement.
        stream.set_nodelay(true).map_err(AttemptError::Connect)?;
        // Below TLS, which can be as wordy as HTTP about nothing.
        let read_budget = ReadBudget::of(MAX_READ_BYTES);
        let stream = BudgetedStream::new(stream, read_budget.clone());
        if !target.secure() {
            return Connection::over(stream, read_budget).await;
        }
        let name = match target.parsed_host() {
            Host::Address(ip) => ServerName::from(*ip),
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| AttemptError::Unresolved)?,
        };
        let stream = self.tls.connect(name, stream).await.map_err(AttemptError::Tls)?;
        Connection::over(stream, read_budget).await
    }

    /// Keeps `connection`, whose last answer was read to its end, for the next delivery to `target`.
    pub(crate) fn keep(&self, target: &Target, mut connection: Connection) {
        connection.idle_since = Instant::now();
        connection.reused = true;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|_, waiting| {
            waiting.retain(|connection| connection.idle_since.elapsed() < IDLE_TIMEOUT);
            !waiting.is_empty()
        });
        let all: usize = idle.values().map(Vec::len).sum();
        let waiting = idle.entry(origin(target)).or_default();
        if all < MAX_IDLE_CONNECTIONS && waiting.len() < MAX_IDLE_PER_ORIGIN {
            waiting.push(connection);
        }
    }

    /// The connection to `target` that has waited the shortest, if any is still good.
    fn take(&self, target: &Target) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.get_mut(&origin(target))?;
        waiting.retain(|connection| connection.idle_since.elapsed() < IDLE_TIMEOUT && !connection.requests.is_closed());
        let good = |connection: &Connection| {
            connection.idle_since.elapsed() >= MIN_IDLE_TIME && connection.requests.is_ready()
        };
        waiting.iter().rposition(good).map(|place| waiting.remove(place))
    }
}

/// Connects to the first of `addresses` that answers.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, AttemptError> {
    let tried = &addresses[..addresses.len().min(MAX_ADDRESSES)];
    let Some((last, others)) = tried.split_last() else {
        return Err(AttemptError::Unresolved);
    };
    for address in others {
        if let Ok(Ok(stream)) = timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    TcpStream::connect(last).await.map_err(AttemptError::Connect)
}
