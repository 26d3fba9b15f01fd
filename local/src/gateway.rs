//! The gateway: HTTP on a socket, handed to the function whose path is called with what a gateway would say.

use crate::local_server::Served;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;
use base64::Engine;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use runtime::{GatewayContext, HttpAdapter};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// How long a caller may take to send its headers, and a call may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long calls under way are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// One function: its endpoint and what it serves.
pub(crate) struct Function {
    pub(crate) endpoint: HttpAdapter,
    pub(crate) served: Vec<Served>,
}

/// Where a call came from, known to the listener only.
#[derive(Clone, Copy)]
struct Peer(IpAddr);

/// Every function under its paths; `default` answers for the rest.
pub(crate) fn route(functions: Vec<Function>, default: HttpAdapter) -> Router {
    let mut router = Router::new();
    for Function { endpoint, served } in functions {
        for path in served.into_iter().map(|served| served.route.path).collect::<BTreeSet<_>>() {
            let endpoint = endpoint.clone();
            router = router.route(&path, any(move |request: Request| answer(endpoint.clone(), request)));
        }
    }
    router.fallback(move |request: Request| answer(default.clone(), request))
}

async fn answer(endpoint: HttpAdapter, request: Request) -> http::Response<Body> {
    let peer = request.extensions().get::<Peer>().map(|Peer(ip)| *ip);
    let context = GatewayContext { request_id: request_id(), source_ip: peer };
    endpoint.handle(request, context).await.map(Body::from)
}

/// An id as a gateway gives: unique, and nothing more.
fn request_id() -> String {
    let mut bytes = [0; 12];
    // Without randomness requests cannot be told apart, which is no reason not to answer.
    let _ = getrandom::fill(&mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Serves `router` until `stop`, then waits a little for calls under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((socket, peer)) = accepted else {
            // Out of file descriptors, most likely: others will be closed.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = socket.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |request| serve_one(router.clone(), request, peer));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(socket), service));
        tokio::spawn(async move {
            // A caller that hangs up is no news.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
}

async fn serve_one(
    router: Router,
    request: http::Request<hyper::body::Incoming>,
    peer: SocketAddr,
) -> Result<http::Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer.ip()));
    match tokio::time::timeout(PATIENCE, router.oneshot(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(never)) => match never {},
        Err(_) => {
            // The gateway's own shape, as when deployed.
            let mut response = http::Response::new(Body::new(Full::from(r#"{"message":"Request Timeout"}"#)));
            *response.status_mut() = http::StatusCode::REQUEST_TIMEOUT;
            response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
            Ok(response)
        }
    }
}
