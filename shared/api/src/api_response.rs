//! Responses of handlers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use contract::Json;
use domain::KeyRights;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;
use store::StoredResponse;

/// Header that marks a response as a replay.
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A status and a JSON body, or no body.
#[derive(Clone, Debug)]
pub struct ApiResponse {
    status: StatusCode,
    body: Vec<u8>,
    headers: HeaderMap,
    key_rights: Option<KeyRights>,
}

impl ApiResponse {
    fn new(status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), headers: HeaderMap::new(), key_rights: None }
    }

    /// Returns 200 with this body.
    pub fn ok(body: Json) -> Self {
        Self::new(StatusCode::OK, body.into_string())
    }

    /// Returns 201 with this body.
    pub fn created(body: Json) -> Self {
        Self::new(StatusCode::CREATED, body.into_string())
    }

    /// Returns 202 with this body: the rest of the work follows.
    pub fn accepted(body: Json) -> Self {
        Self::new(StatusCode::ACCEPTED, body.into_string())
    }

    /// Returns 204.
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Vec::new())
    }

    /// Returns 302 to `url`, which the body shows too.
    pub fn found(url: &str, body: Json) -> Self {
        let mut response = Self::new(StatusCode::FOUND, body.into_string());
        if let Ok(url) = HeaderValue::from_str(url) {
            response.headers.insert(LOCATION, url);
        }
        response
    }

    /// Adds an `ETag` with a version, which a replay has too.
    pub fn with_version(mut self, version: u64) -> Self {
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
            self.headers.insert(ETAG, tag);
        }
        self
    }

    /// Returns the version in the `ETag`, if there is one.
    fn version(&self) -> Option<u64> {
        let tag = self.headers.get(ETAG)?.to_str().ok()?;
        tag.trim_matches('"').parse().ok()
    }

    /// States that the body holds an API key with these rights: a replay is shown only to a caller that has them.
    pub fn with_key_rights(mut self, rights: KeyRights) -> Self {
        self.key_rights = Some(rights);
        self
    }

    /// Marks the response as a replay.
    pub fn replayed(mut self) -> Self {
        self.headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        self
    }

    /// Returns whether the response is a replay: its request had no effect of its own.
    pub fn is_replayed(&self) -> bool {
        self.headers.contains_key(IDEMPOTENT_REPLAYED)
    }

    /// Returns the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Replaces the values of fields of the body by texts; its other bytes stay as they are.
    pub fn with_fields(mut self, fields: &[(&str, impl AsRef<str>)]) -> Self {
        if let Some(mut object) = serde_json::from_slice::<RawObject>(&self.body).ok()
            && fields.iter().all(|(name, text)| object.set(name, text.as_ref()))
            && let Ok(body) = serde_json::to_vec(&object)
        {
            self.body = body;
        }
        self
    }

    /// Returns the response as it is kept for a replay.
    pub(crate) fn stored(&self) -> StoredResponse {
        StoredResponse {
            status: self.status.as_u16(),
            body: self.body.clone(),
            version: self.version(),
            key_rights: self.key_rights.clone(),
        }
    }

    /// Returns a response that was kept, marked as a replay.
    pub(crate) fn from_stored(stored: StoredResponse) -> Self {
        let response = Self::new(StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK), stored.body).replayed();
        match stored.version {
            Some(version) => response.with_version(version),
            None => response,
        }
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

/// A JSON object whose values are not parsed: written again, its fields have the same order and the same bytes.
struct RawObject(Vec<(String, Box<RawValue>)>);

impl RawObject {
    /// Sets a field that is there. Returns whether it is.
    fn set(&mut self, name: &str, text: &str) -> bool {
        let field = self.0.iter_mut().find(|(field, _)| field == name);
        match (field, serde_json::value::to_raw_value(text)) {
            (Some((_, value)), Ok(text)) => {
                *value = text;
                true
            }
            _ => false,
        }
    }
}

impl Serialize for RawObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = RawObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(RawObject(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &str) -> ApiResponse {
        ApiResponse::new(StatusCode::OK, body)
    }

    #[test]
    fn a_replay_has_the_version_of_the_first_response() {
        let etag = |response: &ApiResponse| response.headers.get(ETAG).cloned();
        let first = response("{}").with_version(7);
        let replay = ApiResponse::from_stored(first.stored());
        assert_eq!(etag(&replay), etag(&first));
        assert!(replay.is_replayed());
        // The release before did not keep the version.
        let old = StoredResponse { version: None, ..first.stored() };
        assert_eq!(etag(&ApiResponse::from_stored(old)), None);
        assert_eq!(response("{}").stored().version, None);
    }

    #[test]
    fn replaced_fields_leave_other_bytes_unchanged() {
        let body = r#"{"z":1.50,"url":"https://a/?x=1","a":{"b":[1e3,"\u00e9"]},"at":"1"}"#;
        let changed = response(body).with_fields(&[("url", "https://b/?y=\"2\""), ("at", "2")]);
        let expected = r#"{"z":1.50,"url":"https://b/?y=\"2\"","a":{"b":[1e3,"\u00e9"]},"at":"2"}"#;
        assert_eq!(String::from_utf8(changed.body).as_deref(), Ok(expected));
    }

    #[test]
    fn bodies_without_the_field_stay_as_they_are() {
        for body in [r#"{"a": 1}"#, "[1]", ""] {
            assert_eq!(response(body).with_fields(&[("url", "x")]).body, body.as_bytes());
        }
    }
}
