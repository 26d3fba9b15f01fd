//! One HTTP/1.1 connection to a receiver, limited in what it reads.

use crate::read_budget::{BudgetedStream, ReadBudget};
use crate::ssrf::TargetError;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Maximum size of a response's status line and headers, in bytes. hyper itself limits the number of headers to 100.
const MAX_RESPONSE_HEAD_BYTES: usize = 32 * 1024;

/// Maximum number of interim (1xx) responses before the final one. Receivers that send any send one or two; without a
/// limit a receiver could keep a connection busy until the attempt times out.
const MAX_INTERIM_RESPONSES: usize = 8;

/// Maximum number of bytes that are read for one response, TLS included: every interim head and the final one at their
/// maximum size, and as much again for the body and its framing. No well-behaved receiver comes near it.
pub(crate) const MAX_READ_BYTES: usize = 2 * MAX_RESPONSE_HEAD_BYTES * (MAX_INTERIM_RESPONSES + 1);

/// The reason why an attempt received no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttemptError {
    /// The SSRF filter blocked the target.
    #[error(transparent)]
    Blocked(TargetError),
    /// The host has no address.
    #[error("the host does not resolve")]
    Unresolved,
    /// The TCP connection failed.
    #[error("the TCP connection failed: {0}")]
    Connect(io::Error),
    /// The TLS handshake failed, or the certificate does not match the host.
    #[error("the TLS handshake failed: {0}")]
    Tls(io::Error),
    /// The response is not valid HTTP, exceeds a limit, or ended early.
    #[error("the HTTP exchange failed: {0}")]
    Http(#[from] hyper::Error),
    /// The receiver sent too many interim (1xx) responses.
    #[error("the receiver sent more than {MAX_INTERIM_RESPONSES} interim responses")]
    TooManyInterimResponses,
    /// The receiver closed an idle connection before anything was written to it.
    #[error("the connection was closed before the request was written")]
    Unsent,
    /// The receiver closed a reused connection before the first byte of a response.
    #[error("the connection was closed before a response")]
    Unanswered,
    /// The request cannot be written as HTTP, because a header value is invalid.
    #[error("the request is invalid: {0}")]
    Request(#[from] http::Error),
}

impl From<TargetError> for AttemptError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Unresolved => Self::Unresolved,
            blocked => Self::Blocked(blocked),
        }
    }
}

/// An open connection. Dropping it closes the socket immediately, even in the middle of a response.
pub(crate) struct Connection {
    requests: http1::SendRequest<Full<Bytes>>,
    read_budget: ReadBudget,
    /// Budget above TLS. It limits nothing more, but shows whether a byte of a response has arrived.
    response_budget: ReadBudget,
    task: AbortHandle,
    idle_since: Instant,
    /// Number of responses that were read to their end.
    responses: u32,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Performs the HTTP/1.1 handshake on `io`, whose reads are limited by `read_budget`.
    pub(crate) async fn handshake<I>(io: I, read_budget: ReadBudget) -> Result<Self, AttemptError>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let response_budget = ReadBudget::new(MAX_READ_BYTES);
        let io = BudgetedStream::new(io, response_budget.clone());
        let (requests, driver) = http1::Builder::new()
            .max_header_size(MAX_RESPONSE_HEAD_BYTES)
            .max_buf_size(MAX_RESPONSE_HEAD_BYTES)
            .handshake(TokioIo::new(io))
            .await?;
        let task = tokio::spawn(async move {
            // The task that awaits the response receives the same error.
            let _ = driver.await;
        });
        let task = task.abort_handle();
        Ok(Self { requests, read_budget, response_budget, task, idle_since: Instant::now(), responses: 0 })
    }

    /// Marks the connection as idle from now on, after a response that was read to its end.
    pub(crate) fn mark_idle(&mut self) {
        self.idle_since = Instant::now();
        self.responses = self.responses.saturating_add(1);
    }

    /// Returns whether the receiver has answered twice on the connection, so that it keeps it open after a response.
    pub(crate) fn is_kept_open(&self) -> bool {
        self.responses >= 2
    }

    /// Returns for how long the connection has been idle.
    pub(crate) fn idle_time(&self) -> Duration {
        self.idle_since.elapsed()
    }

    /// Returns whether the receiver has closed the connection.
    pub(crate) fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }

    /// Returns whether a request can be sent without waiting.
    pub(crate) fn is_ready(&self) -> bool {
        self.requests.is_ready()
    }

    /// Sends `request` and waits for the head of the final response.
    ///
    /// Fails with [`AttemptError::Unsent`] or [`AttemptError::Unanswered`] if an earlier attempt has used the connection
    /// and the receiver closed it meanwhile.
    pub(crate) async fn send_request(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, AttemptError> {
        self.read_budget.reset(MAX_READ_BYTES);
        self.response_budget.reset(MAX_READ_BYTES);
        let flooded = Arc::new(Notify::new());
        let (flood, interim) = (flooded.clone(), AtomicUsize::new(0));
        hyper::ext::on_informational(&mut request, move |_| {
            if interim.fetch_add(1, Ordering::Relaxed) >= MAX_INTERIM_RESPONSES {
                flood.notify_one();
            }
        });
        let is_reused = self.responses > 0;
        tokio::select! {
            biased;
            () = flooded.notified() => Err(AttemptError::TooManyInterimResponses),
            response = self.requests.try_send_request(request) => response.map_err(|mut error| {
                let unanswered = self.response_budget.left() == MAX_READ_BYTES;
                match error.take_message() {
                    Some(_) if is_reused => AttemptError::Unsent,
                    None if is_reused && unanswered => AttemptError::Unanswered,
                    _ => AttemptError::Http(error.into_error()),
                }
            }),
        }
    }
}
