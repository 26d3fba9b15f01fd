//! The `Location` of what a request created (RFC 9110, section 10.2.2).

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Collected};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A path with one field of the response in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocationTemplate {
    pub(crate) base_path: &'static str,
    /// The path below the base path, with `{field}` for a field of the response.
    pub(crate) template: &'static str,
}

impl LocationTemplate {
    /// Adds the header to a 201 response. Any other stays as it is.
    pub(crate) async fn add_to(self, response: Response) -> Response {
        if response.status() != StatusCode::CREATED {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        // The body of a handler's response is complete, so nothing is waited for.
        let body = body.collect().await.map_or_else(|_| Bytes::new(), Collected::to_bytes);
        if let Some(location) = self.location(&body) {
            parts.headers.insert(LOCATION, location);
        }
        Response::from_parts(parts, Body::from(body))
    }

    fn location(self, body: &[u8]) -> Option<HeaderValue> {
        let (before, rest) = self.template.split_once('{')?;
        let (field, after) = rest.split_once('}')?;
        let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
        let id: String = serde_json::from_str(fields.get(field)?.get()).ok()?;
        HeaderValue::from_str(&format!("{}{before}{id}{after}", self.base_path)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_names_the_field() {
        let location = |template, body: &str| {
            let template = LocationTemplate { base_path: "/v2", template };
            template.location(body.as_bytes()).and_then(|value| value.to_str().map(str::to_owned).ok())
        };
        assert_eq!(location("/leads/{id}", r#"{"a": [1], "id": "x-1"}"#).as_deref(), Some("/v2/leads/x-1"));
        let sequence = location("/leads/{leadId}/sequence", r#"{"leadId":"x-1"}"#);
        assert_eq!(sequence.as_deref(), Some("/v2/leads/x-1/sequence"));
        for body in ["", "[]", "{}", r#"{"id": 1}"#, r#"{"id": "\n"}"#] {
            assert_eq!(location("/leads/{id}", body), None, "{body}");
        }
    }
}
