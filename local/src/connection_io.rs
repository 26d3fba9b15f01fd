//! The socket of a connection, as hyper sees it, with three things that hyper does not do.
//!
//! - hyper itself responds to what is not HTTP or exceeds its limits, without a body (400, 414, 431). Here that response
//!   gets the body and headers of any other error. hyper closes the connection after it.
//! - hyper closes the socket after a response even if the caller is still sending, for example a body that was rejected
//!   by its declared length. The kernel then resets the connection, and the caller may never see the response. Here the
//!   socket is closed for writing first, and what still arrives is read and dropped for a moment.
//! - hyper waits for ever for a caller that takes no byte of its response. Here the connection fails after a while.

use crate::connection_count::ConnectionSlot;
use crate::request_id::request_id;
use bytes::Bytes;
use contract::ErrorKind;
use http::{Method, Response, StatusCode};
use runtime::CallRecord;
use std::fmt::Write;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// Maximum time in which what a caller still sends is dropped.
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);

/// Maximum number of bytes of it.
const MAX_LINGER_BYTES: u64 = 16 * 1024 * 1024;

/// Number of bytes of a request that are kept: enough for the path of any route.
const MAX_HEAD_BYTES: usize = 1024;

/// Maximum size of a response of hyper itself. The real ones have some 120 bytes.
const MAX_HYPER_RESPONSE_BYTES: usize = 256;

/// The header that every response of the server has, and none of hyper's own.
const REQUEST_ID_HEADER: &[u8] = b"x-request-id:";

/// The socket of one connection.
pub(crate) struct ConnectionIo {
    /// `None` once it has been handed over in `drop`.
    stream: Option<TcpStream>,
    /// The beginning of the request that is being read.
    head: Vec<u8>,
    /// True if something was written since the last read: what is read next begins a request.
    has_response: bool,
    /// True once the caller has closed its side.
    is_ended: bool,
    /// The response that is written instead of hyper's own, and the length of what has been written of it.
    substitute: Option<(Bytes, usize)>,
    /// Counts the connection until its socket is closed.
    slot: Option<ConnectionSlot>,
    write_stall_timeout: Duration,
    /// Runs while the caller takes no byte of a response.
    write_stall: Option<Pin<Box<Sleep>>>,
}

impl ConnectionIo {
    /// Wraps the socket of the connection that `slot` counts.
    pub(crate) fn new(stream: TcpStream, slot: ConnectionSlot, write_stall_timeout: Duration) -> Self {
        Self {
            stream: Some(stream),
            head: Vec::new(),
            has_response: false,
            is_ended: false,
            substitute: None,
            slot: Some(slot),
            write_stall_timeout,
            write_stall: None,
        }
    }

    /// Writes to the socket. Fails if the caller has taken nothing for too long.
    fn poll_socket_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = self.stream()?.poll_write(context, bytes) {
            self.write_stall = None;
            return Poll::Ready(written);
        }
        let timeout = self.write_stall_timeout;
        let stall = self.write_stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for ConnectionIo {
    fn drop(&mut self) {
        let runtime = tokio::runtime::Handle::try_current();
        if let (Some(stream), false, Ok(runtime)) = (self.stream.take(), self.is_ended, runtime) {
            let slot = self.slot.take();
            runtime.spawn(async move {
                let _ = tokio::time::timeout(LINGER_TIMEOUT, linger(stream)).await;
                drop(slot);
            });
        }
    }
}

async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_ok() {
        let _ = tokio::io::copy(&mut stream.take(MAX_LINGER_BYTES), &mut tokio::io::sink()).await;
    }
}

impl AsyncRead for ConnectionIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.stream()?.poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if std::mem::take(&mut self.has_response) {
            self.head.clear();
        }
        self.is_ended |= read.is_empty();
        let room = MAX_HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&read[..read.len().min(room)]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ConnectionIo {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.substitute.is_none() {
            let Some(kind) = error_of_hyper(bytes) else {
                self.has_response = true;
                return self.poll_socket_write(context, bytes);
            };
            self.substitute = Some((full_response(&kind, &self.head), 0));
        }
        while let Some((response, written)) = self.substitute.clone() {
            if written == response.len() {
                self.substitute = None;
                break;
            }
            let more = ready!(self.poll_socket_write(context, &response[written..]))?;
            self.substitute = Some((response, written + more));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}

/// Returns the error of hyper's own response `bytes`, if it is one: a head without a body, and without the request
/// id that every response of the server has.
fn error_of_hyper(bytes: &[u8]) -> Option<ErrorKind> {
    let is_head =
        bytes.starts_with(b"HTTP/1.") && bytes.ends_with(b"\r\n\r\n") && bytes.len() <= MAX_HYPER_RESPONSE_BYTES;
    if !is_head || bytes.windows(REQUEST_ID_HEADER.len()).any(|part| part == REQUEST_ID_HEADER) {
        return None;
    }
    match bytes.get(9..12)? {
        b"400" => Some(ErrorKind::field("request", "must be valid HTTP/1.1")),
        b"414" => Some(ErrorKind::UriTooLong),
        b"431" => Some(ErrorKind::HeadersTooLarge),
        _ => None,
    }
}

/// Returns the whole response to the request that begins with `head`, and writes its line of the log.
fn full_response(kind: &ErrorKind, head: &[u8]) -> Bytes {
    let (method, path) = method_and_path(head);
    let request_id = request_id();
    let response = runtime::error_response(kind, &path, &request_id);
    let record = CallRecord {
        method: method.as_ref(),
        route: None,
        status: response.status().as_u16(),
        duration: Duration::ZERO,
        key_prefix: None,
        tenant: None,
        request_id: &request_id,
    };
    record.write();
    closing_response(&response)
}

/// Returns the bytes of a response after which the connection is closed.
pub(crate) fn closing_response(response: &Response<Bytes>) -> Bytes {
    let status = response.status();
    let mut text = format!("HTTP/1.1 {} {}\r\n", status.as_u16(), reason(status));
    for (name, value) in response.headers() {
        // Every header is one of the server's own.
        let _ = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    let _ = write!(text, "content-length: {}\r\nconnection: close\r\n\r\n", response.body().len());
    [text.as_bytes(), response.body()].concat().into()
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or_default()
}

/// Returns the method and path of a request line. Of anything else: no method, and the root.
fn method_and_path(head: &[u8]) -> (Option<Method>, String) {
    let mut words = head.split(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    let method = words.next().and_then(|method| Method::from_bytes(method).ok());
    let path = words.next().map(String::from_utf8_lossy).filter(|path| path.starts_with('/'));
    let path = path.and_then(|path| path.split(['?', '#']).next().map(str::to_owned));
    (method, path.unwrap_or_else(|| "/".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpLimits;
    use crate::connection_count::ConnectionCount;

    #[test]
    fn only_responses_of_hyper_itself_are_replaced() {
        let own = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(error_of_hyper(own), Some(ErrorKind::HeadersTooLarge));
        for other in [
            &b"HTTP/1.1 400 Bad Request\r\nx-request-id: a\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            b"",
        ] {
            assert_eq!(error_of_hyper(other), None, "{}", String::from_utf8_lossy(other));
        }
    }

    #[tokio::test]
    async fn a_caller_that_reads_nothing_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let _silent = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (socket, peer) = listener.accept().await.expect("a connection");
        let count = ConnectionCount::default();
        let slot = count.open(peer.ip(), &HttpLimits::default()).expect("room");
        let mut connection = ConnectionIo::new(socket, slot, Duration::from_millis(50));
        let part = vec![b'x'; 64 * 1024];
        let writing = async { while connection.write_all(&part).await.is_ok() {} };
        tokio::time::timeout(Duration::from_secs(10), writing).await.expect("writing fails");
        drop(connection);
        let closed = async {
            while count.total() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LINGER_TIMEOUT * 5, closed).await.expect("the socket is closed");
    }

    #[test]
    fn the_path_decides_the_shape() {
        let path = |head: &[u8]| method_and_path(head).1;
        assert_eq!(path(b"POST /api/v1/leads?x=1 HTTP/1.1\r\nHost: a"), "/api/v1/leads");
        for other in [&b""[..], b"GET", b"GET http://a/v1/leads HTTP/1.1", b"\x16\x03\x01", b"nonsense\r\n/v1/x"] {
            assert!(["/", "/v1/x"].contains(&&*path(other)), "{}", String::from_utf8_lossy(other));
        }
        let response = full_response(&ErrorKind::UriTooLong, b"GET /api/v1/leads HTTP/1.1\r\n");
        let text = String::from_utf8_lossy(&response);
        assert!(text.starts_with("HTTP/1.1 414 URI Too Long\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\n{\"error\":\"The path and query are too long.\"}"), "{text}");
    }
}
