//! Request bodies. They are parsed as JSON whatever `Content-Type` says.

use crate::api_error::ApiError;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use contract::{ErrorKind, Fields, JsonObject, UnknownFields, canonical_text, contract_of_path, parse_body, profile};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sha2::{Digest, Sha256};
use store::BodyFingerprint;

/// A body that is a JSON object.
#[derive(Clone, Debug)]
pub struct JsonBody {
    object: JsonObject,
    unknown_fields: UnknownFields,
    bytes: Bytes,
}

impl JsonBody {
    /// Returns the fields of the object, to be read by the rules of the called contract.
    pub fn fields(&self) -> Fields<'_> {
        Fields::new(&self.object, self.unknown_fields)
    }

    /// Returns the object.
    pub fn into_object(self) -> JsonObject {
        self.object
    }

    /// Checks that a request which has no fields has none.
    pub fn expect_no_fields(&self) -> Result<(), ApiError> {
        Ok(self.fields().finish()?)
    }

    /// Returns the fingerprint by which a repetition of the request is recognized.
    pub fn fingerprint(&self) -> BodyFingerprint {
        let value = canonical_text(&self.object);
        BodyFingerprint { bytes: Sha256::digest(&self.bytes).into(), value: Sha256::digest(value).into() }
    }
}

/// A body that is not parsed yet, so that its signature can be verified first.
#[derive(Clone, Debug)]
pub struct RawBody {
    bytes: Bytes,
    unknown_fields: UnknownFields,
}

impl RawBody {
    /// Returns the body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Parses the body as a JSON object.
    pub fn parse(self) -> Result<JsonBody, ApiError> {
        let Self { bytes, unknown_fields } = self;
        Ok(JsonBody { object: parse_body(&bytes)?, unknown_fields, bytes })
    }

    /// Parses the body as a JSON object; an empty one is an object without fields.
    fn parse_optional(self) -> Result<JsonBody, ApiError> {
        if self.bytes.iter().all(u8::is_ascii_whitespace) {
            let Self { bytes, unknown_fields } = self;
            return Ok(JsonBody { object: JsonObject::new(), unknown_fields, bytes });
        }
        self.parse()
    }
}

/// A JSON object that may be left out: an empty body is an empty object.
#[derive(Clone, Debug)]
pub struct OptionalJsonBody(pub JsonBody);

/// Reads the body of a request, up to the size that the called contract allows on the path.
async fn read(request: Request<Body>) -> Result<RawBody, ApiError> {
    let encoding = request.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(ErrorKind::UnsupportedEncoding.into());
    }
    let path = request.uri().path();
    let profile = profile(contract_of_path(path));
    let (max_bytes, unknown_fields) = (profile.max_body_bytes(path), profile.unknown_fields());
    // Before a byte of it is read: a caller that waits for `100 Continue` need not send it.
    if declared_length(request.headers()).is_some_and(|length| length > max_bytes as u64) {
        return Err(ErrorKind::TooLarge(max_bytes).into());
    }
    match Limited::new(request.into_body(), max_bytes).collect().await {
        Ok(body) => Ok(RawBody { bytes: body.to_bytes(), unknown_fields }),
        Err(error) if error.is::<LengthLimitError>() => Err(ErrorKind::TooLarge(max_bytes).into()),
        Err(_) => Err(ErrorKind::field("body", "is incomplete: the connection was closed before the end").into()),
    }
}

/// Returns the length of the body, if it is declared. The HTTP layer has rejected lengths that are not numbers.
fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        read(request).await?.parse()
    }
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        read(request).await
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        read(request).await?.parse_optional().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use std::convert::Infallible;

    fn request(length: &str, body: Body) -> Request<Body> {
        Request::post("/v2/leads").header(CONTENT_LENGTH, length).body(body).expect("a request")
    }

    #[tokio::test]
    async fn a_declared_length_beyond_the_limit_is_rejected_unread() {
        let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let rejected = read(request("1048577", never)).await.expect_err("too large");
        assert_eq!(rejected.kind, ErrorKind::TooLarge(1_048_576));
        let whole = Body::from(vec![b' '; 1_048_576]);
        assert_eq!(read(request("1048576", whole)).await.expect("a body").bytes().len(), 1_048_576);
    }
}
