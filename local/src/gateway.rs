//! The local API Gateway: accepts HTTP connections and invokes the function whose route matches.

use crate::connection_count::ConnectionCount;
use crate::connection_io::{self, ConnectionIo};
use crate::request_id::request_id;
use crate::timed_body::TimedBody;
use crate::{HttpLimits, caller_address};
use api::Route;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::routing::any;
use contract::ErrorKind;
use http::HeaderValue;
use http::header::{CONNECTION, RETRY_AFTER as RETRY_AFTER_HEADER};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use runtime::{CallRecord, GatewayContext, HttpAdapter};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// Time for a caller to send its headers. A connection that sends nothing is closed after it.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for requests in progress to finish when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Time after which a caller whose connection is rejected may try again, in seconds.
const RETRY_AFTER: &str = "1";

/// Pause after a connection could not be accepted. The usual cause, too many open files, ends when others close.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Minimum time between two log lines about rejected connections.
const REJECTION_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// A route, and the function that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedRoute {
    /// Name of the function, as its folder is named.
    pub function: &'static str,
    /// Method and path.
    pub route: Route,
}

/// A function with an HTTP interface, and the routes it serves.
pub(crate) struct Function {
    pub(crate) adapter: HttpAdapter,
    pub(crate) routes: Vec<ServedRoute>,
}

/// Returns a router to every function. `fallback` responds to requests that match no route.
pub(crate) fn router(functions: Vec<Function>, fallback: HttpAdapter) -> Router {
    let mut router = Router::new();
    for Function { adapter, routes } in functions {
        for path in routes.into_iter().map(|served| served.route.path).collect::<BTreeSet<_>>() {
            let adapter = adapter.clone();
            router = router.route(&path, any(move |request: Request| invoke(adapter.clone(), request)));
        }
    }
    router.fallback(move |request: Request| invoke(fallback.clone(), request))
}

async fn invoke(adapter: HttpAdapter, request: Request) -> http::Response<Body> {
    let context = request.extensions().get::<GatewayContext>().cloned();
    let context = context.unwrap_or_else(|| GatewayContext { request_id: request_id(), source_ip: None });
    adapter.handle(request, context).await.map(Body::from)
}

/// Serves `router` until `stop` completes, then waits for requests in progress, at most [`SHUTDOWN_TIMEOUT`]. Counts the
/// connections in `count`, and rejects those beyond `limits`.
///
/// `axum::serve` does not suffice: it sets no timer for its connections, so that hyper applies no header timeout and a
/// caller that sends half a header holds a connection for ever. Its graceful shutdown has no time limit either.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: HttpLimits,
    count: ConnectionCount,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    let mut rejections = RejectionLog::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((socket, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            continue;
        };
        let Some(slot) = count.open(peer.ip(), &limits) else {
            reject_connection(&socket);
            rejections.count();
            continue;
        };
        let _ = socket.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |request| serve_request(router.clone(), request, peer, limits));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
        let io = TokioIo::new(ConnectionIo::new(socket, slot, limits.write_stall_timeout));
        let connection = graceful.watch(builder.serve_connection(io, service));
        tokio::spawn(async move {
            // Callers disconnect at any time; that is no error of the server.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
}

/// Responds 503 on a connection beyond the limits, without waiting for its request or for room to write.
fn reject_connection(socket: &TcpStream) {
    let mut response = runtime::error_response(&ErrorKind::Unavailable, "/", &request_id());
    response.headers_mut().insert(RETRY_AFTER_HEADER, HeaderValue::from_static(RETRY_AFTER));
    // If it cannot be written at once, the caller sees its connection closed.
    let _ = socket.try_write(&connection_io::closing_response(&response));
}

/// Logs rejected connections, at most one line per [`REJECTION_LOG_INTERVAL`]: they come in floods, and a line for each would
/// fill the disk.
#[derive(Debug, Default)]
struct RejectionLog {
    /// Number of rejected connections that were not logged yet.
    rejected: u64,
    logged_at: Option<Instant>,
}

impl RejectionLog {
    /// Counts a rejected connection.
    fn count(&mut self) {
        if let Some(rejected) = self.number_to_log(Instant::now()) {
            tracing::warn!(rejected, "too many connections: rejected with 503");
        }
    }

    /// Counts a rejected connection, and returns the number to log if it is time to.
    fn number_to_log(&mut self, now: Instant) -> Option<u64> {
        self.rejected += 1;
        if self.logged_at.is_some_and(|at| now.duration_since(at) < REJECTION_LOG_INTERVAL) {
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.rejected))
    }
}

/// Answers one request, at the latest when the time of `limits` has passed. Its errors have the shape of the called
/// contract.
async fn serve_request<B>(
    router: Router,
    request: http::Request<B>,
    peer: SocketAddr,
    limits: HttpLimits,
) -> Result<http::Response<Body>, Infallible>
where
    B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    let started = Instant::now();
    let context = GatewayContext { request_id: request_id(), source_ip: Some(peer.ip()) };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let reject = |kind: ErrorKind| {
        let response = runtime::error_response(&kind, &path, &context.request_id);
        CallRecord {
            method: Some(&method),
            route: None,
            status: response.status().as_u16(),
            duration: started.elapsed(),
            key_prefix: None,
            tenant: None,
            request_id: &context.request_id,
        }
        .write();
        response.map(Body::from)
    };
    if let Err(reason) = caller_address::check_host(&request) {
        return Ok(reject(ErrorKind::field("Host", reason)));
    }
    let (parts, body) = request.into_parts();
    let (body, stalled) = TimedBody::new(body, limits.body_stall_timeout);
    let mut request = http::Request::from_parts(parts, Body::new(body));
    request.extensions_mut().insert(context.clone());
    // In a task of its own: a caller that disconnects does not cancel the work. What cancels it is this timeout, with
    // everything that the work holds: the body, and so the connection; the temporary file of an upload.
    let work = tokio::spawn(async move {
        tokio::select! {
            response = router.oneshot(request) => Some(response),
            () = stalled => None,
            () = tokio::time::sleep(limits.request_timeout) => None,
        }
    });
    match work.await {
        Ok(Some(Ok(response))) => Ok(response),
        Ok(Some(Err(never))) => match never {},
        Ok(None) => {
            let mut response = reject(ErrorKind::Timeout);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(response)
        }
        Err(_) => Ok(reject(ErrorKind::Internal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[test]
    fn rejected_connections_are_logged_once_a_second() {
        let (mut log, start) = (RejectionLog::default(), Instant::now());
        let mut at = |millis| log.number_to_log(start + Duration::from_millis(millis));
        assert_eq!(
            [at(0), at(1), at(999), at(1_000), at(1_500), at(2_001)],
            [Some(1), None, None, Some(3), None, Some(2)]
        );
    }

    #[tokio::test]
    async fn a_slow_request_is_408_in_the_contracts_shape() {
        let stuck = || Router::new().fallback(std::future::pending::<()>);
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        for (path, expected) in [
            ("/v2/leads", r#"{"error":{"code":"REQUEST_TIMEOUT","message":"The request took too long. Try again."}}"#),
            ("/api/v1/leads", r#"{"error":"The request took too long. Try again."}"#),
        ] {
            let request = http::Request::get(path).body(Body::empty()).expect("a request");
            let limits = HttpLimits { request_timeout: Duration::from_millis(20), ..HttpLimits::default() };
            let Ok(response) = serve_request(stuck(), request, peer, limits).await;
            assert_eq!(response.status(), http::StatusCode::REQUEST_TIMEOUT);
            assert_eq!(response.headers()["connection"], "close");
            assert!(
                !response.headers()["x-request-id"].is_empty() && response.headers()["cache-control"] == "no-store"
            );
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            assert_eq!(std::str::from_utf8(&body), Ok(expected));
        }
    }
}
