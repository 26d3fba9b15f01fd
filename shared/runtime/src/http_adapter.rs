//! The HTTP adapter: what stands between a gateway and a function's router, the same in Lambda and locally.
//!
//! Here a call gets its meta, and an answer the headers that every answer has and, where it is a refusal, the shape
//! of the contract whose path was called.

use api::{ApiError, RequestContext};
use auth::rate_limit_headers;
use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use bytes::Bytes;
use contract::{ErrorKind, profile};
use domain::{Clock, Contract};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use std::net::IpAddr;
use std::sync::Arc;
use tower::ServiceExt;

/// The gateway's request id, told in every answer.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers that scripts of other origins may read.
const EXPOSED_HEADERS: &str = "X-Request-Id, RateLimit-Policy, RateLimit, X-RateLimit-Limit, X-RateLimit-Remaining, \
                       X-RateLimit-Reset, Retry-After, ETag, Idempotent-Replayed, Allow";

/// What a gateway says of a call besides the request itself.
#[derive(Clone, Debug)]
pub struct GatewayContext {
    /// The gateway's id of the request.
    pub request_id: String,
    /// Where it came from.
    pub source_ip: Option<IpAddr>,
}

/// A function's router behind the adapter. Cheap to clone.
#[derive(Clone)]
pub struct HttpAdapter {
    router: Router,
    clock: Arc<dyn Clock>,
}

impl HttpAdapter {
    /// The adapter before `router`.
    pub fn new(router: Router, clock: Arc<dyn Clock>) -> Self {
        Self { router, clock }
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request<Body>, gateway: GatewayContext) -> Response<Bytes> {
        let contract = Contract::of_path(request.uri().path());
        let method = request.method().clone();
        let context = RequestContext::new(gateway.request_id, gateway.source_ip);
        let response = if is_preflight(&request) { preflight() } else { self.route(request, &context).await };
        let mut response = shape(response, contract, &context.request_id).await;
        let headers = response.headers_mut();
        if let Some(quota) = context.quota.get() {
            headers.extend(rate_limit_headers(quota, self.clock.now()));
        }
        common_headers(headers, &context.request_id);
        let status = response.status().as_u16();
        tracing::info!(request_id = context.request_id, %method, contract = contract.name(), status, "answered");
        response
    }

    /// Routes the request; a panic is an answer too, so that one bad call costs no process.
    async fn route(&self, mut request: Request<Body>, context: &RequestContext) -> Response<Body> {
        // What a router before this one noted of the path is not this one's.
        request.extensions_mut().clear();
        request.extensions_mut().insert(context.clone());
        let routed = tokio::spawn(self.router.clone().oneshot(request));
        match routed.await {
            Ok(Ok(response)) => response,
            Err(_) => ApiError::internal("a handler panicked").into_response(),
        }
    }
}

/// Gives a refusal the shape of the contract whose path was called.
async fn shape(response: Response<Body>, contract: Contract, request_id: &str) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let kind = parts.extensions.remove::<ErrorKind>().or_else(|| match parts.status {
        // What the router itself answers has no body yet.
        StatusCode::NOT_FOUND if !parts.headers.contains_key(CONTENT_TYPE) => Some(ErrorKind::NotFound("path")),
        StatusCode::METHOD_NOT_ALLOWED => Some(ErrorKind::MethodNotAllowed),
        _ => None,
    });
    if let Some(kind) = kind {
        let body = profile(contract).error_body(&kind, request_id).into_string();
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        parts.headers.remove(http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Bytes::from(body));
    }
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, body.to_bytes()),
        // Bodies are written before they are answered: there is nothing that could break off.
        Err(_) => Response::from_parts(parts, Bytes::new()),
    }
}

fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key("access-control-request-method")
}

fn preflight() -> Response<Body> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let allowed = [
        ("access-control-allow-methods", "GET, HEAD, POST, PATCH, DELETE"),
        (
            "access-control-allow-headers",
            "Authorization, Content-Type, Idempotency-Key, X-Idempotency-Key, If-Match, X-Signature",
        ),
        ("access-control-max-age", "86400"),
    ];
    for (name, value) in allowed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn common_headers(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(http::header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
}
