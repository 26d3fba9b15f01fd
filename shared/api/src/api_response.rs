//! What a handler answers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use contract::Json;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use store::StoredResponse;

/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A status and a JSON body, or no body.
#[derive(Clone, Debug)]
pub struct ApiResponse {
    status: StatusCode,
    body: Vec<u8>,
    headers: HeaderMap,
}

impl ApiResponse {
    fn new(status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), headers: HeaderMap::new() }
    }

    /// 200.
    pub fn ok(body: Json) -> Self {
        Self::new(StatusCode::OK, body.into_string())
    }

    /// 201.
    pub fn created(body: Json) -> Self {
        Self::new(StatusCode::CREATED, body.into_string())
    }

    /// 202: it will be done.
    pub fn accepted(body: Json) -> Self {
        Self::new(StatusCode::ACCEPTED, body.into_string())
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Vec::new())
    }

    /// With an entity tag made of a version.
    pub fn with_version(mut self, version: u64) -> Self {
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
            self.headers.insert(ETAG, tag);
        }
        self
    }

    /// Marked as given before.
    pub fn replayed(mut self) -> Self {
        self.headers.insert(REPLAYED, HeaderValue::from_static("true"));
        self
    }

    /// Its body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same with `new` where `old` stands in its body; neither has anything that JSON escapes.
    pub fn with_text_replaced(mut self, old: &str, new: &str) -> Self {
        if let Ok(body) = std::str::from_utf8(&self.body) {
            self.body = body.replace(old, new).into_bytes();
        }
        self
    }

    /// Whether it was given before: the call that it answers had no effect of its own.
    pub fn is_replayed(&self) -> bool {
        self.headers.contains_key(REPLAYED)
    }

    /// As it is kept for the same call to come again.
    pub(crate) fn stored(&self) -> StoredResponse {
        StoredResponse { status: self.status.as_u16(), body: self.body.clone() }
    }

    /// An answer that was kept.
    pub(crate) fn from_stored(stored: StoredResponse) -> Self {
        Self::new(StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK), stored.body).replayed()
    }
}

impl IntoResponse for ApiResponse {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if self.status != StatusCode::NO_CONTENT {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}
