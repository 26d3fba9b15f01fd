//! What a call brings: body, path and query.

use crate::api_error::ApiError;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query as AxumQuery, Request};
use bytes::Bytes;
use contract::{ErrorKind, Query, parse_body};
use domain::Contract;
use http::header::CONTENT_ENCODING;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Bytes of a body at most.
const LARGEST_BODY: usize = 1024 * 1024;

/// Bytes of LeadRescue's new leads, which carry a photo, at most.
const LARGEST_BODY_WITH_PHOTO: usize = 5_900_000;

/// A body that is a JSON object.
#[derive(Clone, Debug)]
pub struct JsonBody {
    /// Its fields.
    pub fields: Map<String, Value>,
    bytes: Bytes,
}

impl JsonBody {
    /// SHA-256 of the body as it was sent.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }
}

/// A body that is not read yet: the call proves it as it was sent, before anything is made of it.
#[derive(Clone, Debug)]
pub struct RawBody(Bytes);

impl RawBody {
    /// The body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The JSON object that it is.
    pub fn read(self) -> Result<JsonBody, ApiError> {
        Ok(JsonBody { fields: parse_body(&self.0)?, bytes: self.0 })
    }
}

/// A body that may be absent, which is as good as an empty object.
#[derive(Clone, Debug)]
pub struct OptionalJsonBody(pub JsonBody);

async fn read(request: Request<Body>) -> Result<Bytes, ApiError> {
    let encoding = request.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(ErrorKind::UnsupportedEncoding.into());
    }
    let path = request.uri().path();
    let with_photo = Contract::of_path(path) == Contract::LeadRescue && path == "/v1/leads";
    let largest = if with_photo { LARGEST_BODY_WITH_PHOTO } else { LARGEST_BODY };
    match Limited::new(request.into_body(), largest).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ErrorKind::TooLarge(largest).into()),
        Err(_) => Err(ErrorKind::field("body", "must arrive whole").into()),
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        let bytes = read(request).await?;
        Ok(Self { fields: parse_body(&bytes)?, bytes })
    }
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        read(request).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        let bytes = read(request).await?;
        let empty = bytes.iter().all(u8::is_ascii_whitespace);
        Ok(Self(JsonBody { fields: if empty { Map::new() } else { parse_body(&bytes)? }, bytes }))
    }
}

/// The id in a path, still text: what kind of id it is, and what a malformed one means, the handler says.
#[derive(Clone, Debug)]
pub struct PathId {
    text: String,
    contract: Contract,
}

impl PathId {
    /// The id that `parse` finds in it. A malformed one is 400 in the native contract, 404 in the others.
    pub fn parse<T>(&self, field: &str, what: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, ApiError> {
        parse(&self.text).ok_or_else(|| match self.contract {
            Contract::Native => ErrorKind::field(field, "must be a valid UUID").into(),
            _ => ErrorKind::NotFound(what).into(),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let contract = Contract::of_path(parts.uri.path());
        // A segment that is not UTF-8 is as malformed as any.
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        Ok(Self { text, contract })
    }
}

/// The parameters of a query string.
#[derive(Debug)]
pub struct QueryParams(pub Query);

impl<S: Send + Sync> FromRequestParts<S> for QueryParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let AxumQuery(pairs) = AxumQuery::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ErrorKind::field("query", "must be form-encoded pairs"))?;
        Ok(Self(Query::new(pairs)))
    }
}
