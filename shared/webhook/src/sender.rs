//! Makes one attempt of a delivery: a POST to the subscription's URL, and a bounded read of the response.
//!
//! The receiver is not trusted, so everything that it can influence has a limit. The whole attempt, DNS included, has
//! [`ATTEMPT_TIMEOUT`]. The first [`MAX_STORED_RESPONSE_BYTES`] of the response's body are stored. The rest is read
//! only to make the connection reusable, up to `MAX_RESPONSE_BODY_BYTES` and `DRAIN_TIMEOUT`; after that the connection
//! is closed. Below that, the module `read_budget` limits the raw bytes. Redirects are not followed, because their
//! target has not been vetted, and compressed bodies are not decompressed.

use crate::connection::AttemptError;
use crate::connection_pool::ConnectionPool;
use crate::resolve::{Resolve, SystemResolver};
use crate::ssrf::TargetPolicy;
use crate::target::Target;
use bytes::Bytes;
use domain::webhooks::attempt::Outcome;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use rustls::pki_types::CertificateDer;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Maximum duration of an attempt, from DNS resolution to the last byte read, as the contracts document it.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// Maximum number of bytes of a response's body that are stored, as the contracts document it.
pub const MAX_STORED_RESPONSE_BYTES: usize = 1024;

/// Maximum number of bytes of a response's body that are read. A connection can be reused only after the body has been
/// read to its end, and few receivers send more.
const MAX_RESPONSE_BODY_BYTES: usize = 16 * 1024;

/// Maximum time spent on reading the part of a body that is not stored. Opening a new connection takes less than a
/// longer wait would.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(250);

/// Maximum length of a `Retry-After` value that is considered. An HTTP date has 29 characters.
const MAX_RETRY_AFTER_LENGTH: usize = 64;

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptResult {
    /// Outcome of the attempt.
    pub outcome: Outcome,
    /// The response's status code, if there was a response.
    pub status: Option<u16>,
    /// The time from DNS resolution to the last byte read.
    pub latency: Duration,
    /// The first [`MAX_STORED_RESPONSE_BYTES`] bytes of the response's body, never decompressed. Bytes that are not
    /// UTF-8 are replaced by U+FFFD.
    pub response: String,
    /// The response's `Retry-After` header, to be parsed by [`domain::webhooks::retry::parse_retry_after`].
    pub retry_after: Option<String>,
}

/// The settings of a [`Sender`].
#[derive(Clone)]
pub struct SenderSettings {
    /// The addresses that may be called. A target that was parsed under a more permissive policy is blocked.
    pub policy: TargetPolicy,
    /// Maximum duration of an attempt.
    pub attempt_timeout: Duration,
    /// Resolves host names.
    pub resolver: Arc<dyn Resolve>,
    /// Root certificates (DER) that are trusted in addition to Mozilla's.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl SenderSettings {
    /// Returns settings with [`ATTEMPT_TIMEOUT`], the system's resolver and Mozilla's roots.
    pub fn new(policy: TargetPolicy) -> Self {
        Self { policy, attempt_timeout: ATTEMPT_TIMEOUT, resolver: Arc::new(SystemResolver), extra_roots: Vec::new() }
    }
}

/// Sends deliveries. Create one per process, because it pools connections.
pub struct Sender {
    connections: ConnectionPool,
    policy: TargetPolicy,
    attempt_timeout: Duration,
}

/// The part of a response that has been read so far. It lives outside of the timed exchange, so that it is still known
/// after a timeout.
#[derive(Default)]
struct ReceivedResponse {
    status: Option<u16>,
    retry_after: Option<String>,
    body: Vec<u8>,
    /// True once everything that is stored has been read.
    stored_part_read: bool,
}

impl Sender {
    /// Creates a sender. Returns an error if an extra root is not a certificate.
    pub fn new(settings: SenderSettings) -> Result<Self, rustls::Error> {
        let connections = ConnectionPool::new(settings.policy, settings.resolver, settings.extra_roots)?;
        Ok(Self { connections, policy: settings.policy, attempt_timeout: settings.attempt_timeout })
    }

    /// Returns the policy for the addresses that may be called.
    pub fn policy(&self) -> TargetPolicy {
        self.policy
    }

    /// Makes one attempt: posts `body` to `target`. Redirects are not followed. The request is sent twice only if the
    /// receiver closed a kept connection before it responded.
    ///
    /// The status decides the outcome: a 2xx counts as delivered even if the rest of the body breaks off. A response
    /// that is still arriving when the time is up counts as a timeout.
    pub async fn send(&self, target: &Target, headers: &[(&str, String)], body: Bytes) -> AttemptResult {
        let started = Instant::now();
        let mut received = ReceivedResponse::default();
        let exchange = async {
            let _turn = self.connections.turn(target).await;
            self.exchange(target, headers, body, &mut received).await
        };
        let ended = timeout(self.attempt_timeout, exchange).await;
        let outcome = match (ended, received.status) {
            (Ok(Err(AttemptError::Blocked(reason))), _) => {
                tracing::warn!(host = target.host(), ?reason, "delivery blocked by the SSRF filter");
                Outcome::Blocked
            }
            (Ok(Err(error)), _) => {
                tracing::debug!(host = target.host(), %error, "endpoint unreachable");
                Outcome::Unreachable
            }
            (Err(_), _) if !received.stored_part_read => Outcome::Timeout,
            (_, Some(200..=299)) => Outcome::Delivered,
            (_, Some(_)) => Outcome::ErrorStatus,
            (_, None) => Outcome::Unreachable,
        };
        AttemptResult {
            outcome,
            status: received.status,
            latency: started.elapsed(),
            response: text(&received.body),
            retry_after: received.retry_after,
        }
    }

    /// Sends the request and records the response in `received` as it arrives.
    async fn exchange(
        &self,
        target: &Target,
        headers: &[(&str, String)],
        body: Bytes,
        received: &mut ReceivedResponse,
    ) -> Result<(), AttemptError> {
        let mut connection = self.connections.get(target).await?;
        let response = loop {
            match connection.send_request(request(target, headers, body.clone())?).await {
                Ok(response) => break response,
                // The receiver had closed the idle connection and nothing was written, so another one may be used.
                Err(AttemptError::Unsent) => connection = self.connections.get(target).await?,
                // It closed the connection while the request was on its way. A new one is not reused, so this happens
                // once in an attempt.
                Err(AttemptError::Unanswered) => connection = self.connections.open(target).await?,
                Err(error) => return Err(error),
            }
        };
        received.status = Some(response.status().as_u16());
        received.retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .filter(|value| value.len() <= MAX_RETRY_AFTER_LENGTH)
            .map(str::to_owned);
        let mut body = response.into_body();
        let mut complete = read_stored_part(&mut body, &mut received.body).await;
        received.stored_part_read = true;
        if !complete && received.body.len() == MAX_STORED_RESPONSE_BYTES {
            complete = timeout(DRAIN_TIMEOUT, drain(&mut body)).await.unwrap_or(false);
        }
        if complete {
            self.connections.keep(target, connection);
        }
        Ok(())
    }
}

fn request(target: &Target, headers: &[(&str, String)], body: Bytes) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::post(target.path().as_str()).header(header::HOST, target.authority());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.body(Full::new(body))
}

/// Reads the part of `body` that is stored into `stored`. Returns whether that was the whole body.
async fn read_stored_part(body: &mut Incoming, stored: &mut Vec<u8>) -> bool {
    while stored.len() < MAX_STORED_RESPONSE_BYTES {
        match body.frame().await {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let room = MAX_STORED_RESPONSE_BYTES - stored.len();
                    stored.extend_from_slice(&data[..data.len().min(room)]);
                }
            }
        }
    }
    false
}

/// Reads and discards the rest of `body`. Returns whether its end was reached within the limit.
async fn drain(body: &mut Incoming) -> bool {
    let mut left = MAX_RESPONSE_BODY_BYTES - MAX_STORED_RESPONSE_BYTES;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(less) => left = less,
            None => return false,
        }
    }
    true
}

/// Returns `bytes` as text. A character that the size limit cut in half is dropped.
fn text(bytes: &[u8]) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if bytes.len() == MAX_STORED_RESPONSE_BYTES && error.error_len().is_none() => {
            &bytes[..error.valid_up_to()]
        }
        _ => bytes,
    };
    String::from_utf8_lossy(whole).into_owned()
}

#[cfg(test)]
mod tests;
