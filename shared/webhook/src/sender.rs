//! One attempt to bring a delivery to its receiver.

use crate::connection::{AttemptError, ConnectionPool};
use crate::resolve::{Resolve, SystemResolver};
use crate::ssrf::TargetPolicy;
use crate::target::Target;
use bytes::Bytes;
use domain::webhooks::delivery::Outcome;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use rustls::pki_types::CertificateDer;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long an attempt may take from resolving to the last byte read, as the contracts promise receivers.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// What is kept of an answer's body, in bytes.
pub const MAX_STORED_RESPONSE_BYTES: usize = 1024;

/// What is read of an answer's body at most, in bytes: a connection serves again only when an answer was read to
/// its end, and few receivers answer with more.
const MAX_RESPONSE_BODY_BYTES: usize = 16 * 1024;

/// How long is waited for what is not kept: longer than a new connection takes is not worth it.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(250);

/// The longest `Retry-After` that is looked at: an HTTP date has 29 characters.
const MAX_RETRY_AFTER_LENGTH: usize = 64;

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptResult {
    /// How it ended.
    pub outcome: Outcome,
    /// The receiver's status code, if it answered.
    pub status: Option<u16>,
    /// From resolving to the last byte read.
    pub latency: Duration,
    /// The first [`MAX_STORED_RESPONSE_BYTES`] bytes of the answer's body as they came, never inflated; what is not UTF-8 is replaced.
    pub response: String,
    /// The answer's `Retry-After` header, for [`domain::webhooks::retry::retry_after`] to read.
    pub retry_after: Option<String>,
}

/// What a [`Sender`] is made with.
#[derive(Clone)]
pub struct SenderSettings {
    /// What may be called; a target that was read under a laxer policy is blocked.
    pub policy: TargetPolicy,
    /// How long an attempt may take.
    pub attempt_timeout: Duration,
    /// What finds a name's addresses.
    pub resolver: Arc<dyn Resolve>,
    /// Root certificates (DER) that are trusted besides Mozilla's.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl SenderSettings {
    /// The contracts' deadline, the system's resolver, Mozilla's roots.
    pub fn new(policy: TargetPolicy) -> Self {
        Self { policy, attempt_timeout: ATTEMPT_TIMEOUT, resolver: Arc::new(SystemResolver), extra_roots: Vec::new() }
    }
}

/// Sends deliveries. Made once for a process: it keeps connections.
pub struct Sender {
    connections: ConnectionPool,
    policy: TargetPolicy,
    attempt_timeout: Duration,
}

/// What has been read of an answer so far; it outlives the deadline.
#[derive(Default)]
struct ReceivedResponse {
    status: Option<u16>,
    retry_after: Option<String>,
    body: Vec<u8>,
    /// Whether everything that is kept of it has been read.
    read: bool,
}

impl Sender {
    /// A sender with these settings; an error if an extra root is not a certificate.
    pub fn new(settings: SenderSettings) -> Result<Self, rustls::Error> {
        let connections = ConnectionPool::new(settings.policy, settings.resolver, settings.extra_roots)?;
        Ok(Self { connections, policy: settings.policy, attempt_timeout: settings.attempt_timeout })
    }

    /// What may be called.
    pub fn policy(&self) -> TargetPolicy {
        self.policy
    }

    /// Makes one attempt: posts `body` to `target`, once, and follows no redirect.
    ///
    /// The status decides: a 2xx has arrived even when the rest of the answer breaks off. An answer that is still
    /// coming at the deadline is a timeout.
    pub async fn send(&self, target: &Target, headers: &[(&str, String)], body: Bytes) -> AttemptResult {
        let began = Instant::now();
        let mut answer = ReceivedResponse::default();
        let ended = timeout(self.attempt_timeout, self.exchange(target, headers, body, &mut answer)).await;
        let outcome = match (ended, answer.status) {
            (Ok(Err(AttemptError::Blocked(refused))), _) => {
                tracing::warn!(host = target.host(), ?refused, "a delivery was blocked");
                Outcome::Blocked
            }
            (Ok(Err(failure)), _) => {
                tracing::debug!(host = target.host(), %failure, "a receiver was not reached");
                Outcome::Unreachable
            }
            (Err(_), _) if !answer.read => Outcome::Timeout,
            (_, Some(200..=299)) => Outcome::Delivered,
            (_, Some(_)) => Outcome::Refused,
            (_, None) => Outcome::Unreachable,
        };
        AttemptResult {
            outcome,
            status: answer.status,
            latency: began.elapsed(),
            response: text(&answer.body),
            retry_after: answer.retry_after,
        }
    }

    /// Sends the request and reads the answer into `answer` as it comes.
    async fn exchange(
        &self,
        target: &Target,
        headers: &[(&str, String)],
        body: Bytes,
        answer: &mut ReceivedResponse,
    ) -> Result<(), AttemptError> {
        let (connection, response) = loop {
            let mut connection = self.connections.get(target).await?;
            match connection.ask(request(target, headers, body.clone())?).await {
                Ok(response) => break (connection, response),
                // Nothing was written: the receiver had closed the waiting connection. The next one may be new.
                Err(AttemptError::Unsent) if connection.is_reused() => {}
                Err(failure) => return Err(failure),
            }
        };
        answer.status = Some(response.status().as_u16());
        answer.retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .filter(|value| value.len() <= MAX_RETRY_AFTER_LENGTH)
            .map(str::to_owned);
        let mut body = response.into_body();
        let mut complete = read_stored_part(&mut body, answer).await;
        answer.read = true;
        if !complete && answer.body.len() == MAX_STORED_RESPONSE_BYTES {
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

/// Reads what is kept of `body`; whether that was all of it.
async fn read_stored_part(body: &mut Incoming, answer: &mut ReceivedResponse) -> bool {
    while answer.body.len() < MAX_STORED_RESPONSE_BYTES {
        match body.frame().await {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let room = MAX_STORED_RESPONSE_BYTES - answer.body.len();
                    answer.body.extend_from_slice(&data[..data.len().min(room)]);
                }
            }
        }
    }
    false
}

/// Reads on to the end of `body`, if it is near; whether it was.
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

/// `bytes` as text; a character that the cut went through is left away.
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
