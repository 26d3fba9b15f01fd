//! The HTTP adapter: converts between a gateway's requests and a function's router, in Lambda and locally alike.
//!
//! It gives each request its [`RequestContext`] and each response the headers that every response has. An error
//! response gets its body here, in the shape of the contract whose path was called: handlers and the router only say
//! which [`ErrorKind`] it is.

use crate::call_log::CallRecord;
use crate::cors;
use api::{ApiError, PublicCache, RequestContext};
use auth::rate_limit_headers;
use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use bytes::Bytes;
use contract::{ErrorKind, contract_of_path, meant_path, profile};
use domain::Clock;
use futures_util::FutureExt;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tower::ServiceExt;
use tracing::Instrument;

/// The header that carries the gateway's request id in every response.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The gateway's information about a request, besides the request itself.
#[derive(Clone, Debug)]
pub struct GatewayContext {
    /// The request id that the gateway assigned.
    pub request_id: String,
    /// The caller's IP address.
    pub source_ip: Option<IpAddr>,
}

/// A function's router behind the adapter. Cheap to clone.
#[derive(Clone)]
pub struct HttpAdapter {
    router: Router,
    clock: Arc<dyn Clock>,
}

impl HttpAdapter {
    /// Wraps `router`.
    pub fn new(router: Router, clock: Arc<dyn Clock>) -> Self {
        Self { router, clock }
    }

    /// Handles one request, and writes its line of the log.
    pub async fn handle(&self, request: Request<Body>, gateway: GatewayContext) -> Response<Bytes> {
        let started = Instant::now();
        let method = request.method().clone();
        let context = RequestContext::new(gateway.request_id, gateway.source_ip);
        // Of the highest level, so that no filter hides the request id.
        let span = tracing::error_span!("call", request_id = %context.request_id);
        let response = self.respond(request, &context).instrument(span).await;
        CallRecord {
            method: Some(&method),
            route: context.route.get().map(String::as_str),
            status: response.status().as_u16(),
            duration: started.elapsed(),
            key_prefix: context.key_prefix.get().map(String::as_str),
            tenant: context.tenant.get().copied(),
            request_id: &context.request_id,
        }
        .write();
        response
    }

    async fn respond(&self, request: Request<Body>, context: &RequestContext) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let response =
            if cors::is_preflight(&request) { cors::preflight_response() } else { self.route(request, context).await };
        let mut response = with_error_body(response, &path, &context.request_id).await;
        let cache = response.extensions().get::<PublicCache>().copied();
        let headers = response.headers_mut();
        if let Some(quota) = context.quota.get() {
            headers.extend(rate_limit_headers(quota, self.clock.now()));
        }
        add_common_headers(headers, &context.request_id);
        if let Some(PublicCache(policy)) = cache {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(policy));
        }
        cors::add_headers(headers);
        response
    }

    /// Passes the request to the router. A panic in a handler becomes a 500 and does not end the process. Not in a task
    /// of its own: whoever drops this future cancels the work.
    async fn route(&self, mut request: Request<Body>, context: &RequestContext) -> Response<Body> {
        // Locally an outer router has run before and left its path parameters; they must not reach this one.
        request.extensions_mut().clear();
        request.extensions_mut().insert(context.clone());
        // A request that ended in a panic leaves nothing behind that a later one could find broken: state is shared
        // through the database, and locks are taken whether or not they are poisoned.
        match AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Err(_) => ApiError::internal("a handler panicked").into_response(),
        }
    }
}

/// Returns the response to a request for `path` that reaches no function, in the shape of the path's contract and with
/// the headers that every response has.
pub fn error_response(kind: &ErrorKind, path: &str, request_id: &str) -> Response<Bytes> {
    let body = profile(contract_of_path(path)).error_json(kind, request_id).into_string();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    add_common_headers(headers, request_id);
    cors::add_headers(headers);
    response
}

/// Gives an error response the body of the path's contract, and collects the body of any other response.
async fn with_error_body(response: Response<Body>, path: &str, request_id: &str) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let kind = parts.extensions.remove::<ErrorKind>().or_else(|| match parts.status {
        // The router's own 404 has no body. A handler's 404 has a body or an `ErrorKind`.
        StatusCode::NOT_FOUND if !parts.headers.contains_key(CONTENT_TYPE) => {
            Some(ErrorKind::NoSuchPath(meant_path(path)))
        }
        StatusCode::METHOD_NOT_ALLOWED => Some(ErrorKind::MethodNotAllowed),
        _ => None,
    });
    if let Some(kind) = kind {
        let body = profile(contract_of_path(path)).error_json(&kind, request_id).into_string();
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, Bytes::from(body));
    }
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, body.to_bytes()),
        // Handlers return complete bodies, so collecting one cannot fail halfway.
        Err(_) => Response::from_parts(parts, Bytes::new()),
    }
}

/// Adds the headers that every response has, apart from those of CORS.
fn add_common_headers(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;
    use axum::Extension;
    use axum::routing::get;

    async fn cache_control(path: &str) -> String {
        let own_header = || async { ([(CACHE_CONTROL, "public, max-age=60")], "a tenant's data") };
        let public = || async { (Extension(PublicCache("public, max-age=60")), "documentation") };
        let router = Router::new().route("/own-header", get(own_header)).route("/public", get(public));
        let adapter = HttpAdapter::new(router, Arc::new(SystemClock));
        let gateway = GatewayContext { request_id: "test".to_owned(), source_ip: None };
        let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
        let response = adapter.handle(request, gateway).await;
        response.headers()[CACHE_CONTROL].to_str().expect("text").to_owned()
    }

    #[tokio::test]
    async fn only_what_is_public_is_kept() {
        assert_eq!(cache_control("/public").await, "public, max-age=60");
        assert_eq!(cache_control("/own-header").await, "no-store");
        assert_eq!(cache_control("/nowhere").await, "no-store");
    }
}
