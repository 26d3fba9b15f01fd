//! Cross-origin resource sharing (CORS): any origin may call the API, without credentials.
//!
//! API keys are sent in headers and never by the browser on its own, so there is nothing that another origin could
//! abuse. See the Fetch standard, section 3.2 (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use axum::body::Body;
use axum::response::IntoResponse;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};

/// Methods that scripts of other origins may use.
const ALLOWED_METHODS: &str = "GET, HEAD, POST, PATCH, DELETE";

/// Request headers that scripts of other origins may send: those that the API reads, and those that tracing libraries
/// add to every call (W3C Trace Context and Baggage, Sentry).
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, X-Idempotency-Key, If-Match, X-Signature, \
                               baggage, sentry-trace, traceparent, tracestate";

/// Response headers that scripts of other origins may read.
const EXPOSED_HEADERS: &str = "X-Request-Id, RateLimit-Policy, RateLimit, X-RateLimit-Limit, X-RateLimit-Remaining, \
                               X-RateLimit-Reset, Retry-After, ETag, Location, Idempotent-Replayed, Allow, \
                               Deprecation, Sunset";

/// Time for which browsers may cache the response to a preflight request, in seconds: one day.
const MAX_AGE_SECONDS: &str = "86400";

/// Returns whether `request` is a CORS preflight request.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Returns the response to a preflight request, whatever its path.
pub(crate) fn preflight_response() -> Response<Body> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOWED_METHODS));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECONDS));
    response
}

/// Adds the CORS headers that every response has.
pub(crate) fn add_headers(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
}
