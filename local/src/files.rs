//! Callers' files, where S3 stands when deployed: put and read behind the house's own links, and nothing else.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::any;
use blob::{BlobError, BlobKey, Blobs, DeclaredUpload, LinkError, LocalLinks, ReceiveError};
use contract::{ErrorKind, profile};
use domain::{Clock, Contract, Evidence};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL,
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use std::sync::Arc;
use store::{Store, StoreError};
use uploaded::{UploadOutcome, Uploaded, UploadedError};

/// What all links of files begin with behind the house's address.
const UNDER: &str = "/files/";

/// What files are served with.
#[derive(Clone)]
pub(crate) struct Files {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) links: LocalLinks,
    pub(crate) uploaded: Uploaded,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Where files are put and read.
pub(crate) fn routes(files: Files) -> Router {
    Router::new().route("/files/{*key}", any(answer)).with_state(files)
}

async fn answer(State(files): State<Files>, request: Request) -> Response<Body> {
    let answered = match *request.method() {
        // To its end, though the caller may hang up once all is sent.
        Method::PUT => match tokio::spawn(async move { files.put(request).await }).await {
            Ok(answered) => answered,
            Err(_) => Err(ErrorKind::Internal),
        },
        Method::GET | Method::HEAD => {
            let (key, query) = key_and_query(&request);
            files.get(&key, &query).await
        }
        Method::OPTIONS => Ok(plain(StatusCode::NO_CONTENT)),
        _ => Err(ErrorKind::MethodNotAllowed),
    };
    let mut response = answered.unwrap_or_else(|kind| refused(&kind));
    let always = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type"),
    ];
    for (name, value) in always {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// In the native contract's shape, as everything outside of the contracts.
fn refused(kind: &ErrorKind) -> Response<Body> {
    let body = profile(Contract::Native).error_body(kind, "").into_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if *kind == ErrorKind::MethodNotAllowed {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, PUT"));
    }
    response
}

fn key_and_query(request: &Request) -> (String, String) {
    let uri = request.uri();
    (uri.path().strip_prefix(UNDER).unwrap_or_default().to_owned(), uri.query().unwrap_or_default().to_owned())
}

fn bad_link(refused: LinkError) -> ErrorKind {
    ErrorKind::Forbidden(match refused {
        LinkError::Invalid => "The link is not one of this house's.".to_owned(),
        LinkError::Expired => "The link has expired; ask for another.".to_owned(),
    })
}

fn unreachable_files(error: BlobError) -> ErrorKind {
    tracing::error!(%error, "files cannot be reached");
    ErrorKind::Unavailable
}

fn unreachable_table(error: StoreError) -> ErrorKind {
    tracing::warn!(%error, "the table is out of reach");
    ErrorKind::Unavailable
}

fn repeated() -> ErrorKind {
    ErrorKind::Conflict("The file was uploaded already; nothing replaces it.".to_owned())
}

/// What was declared is what must be sent, before a byte of it is read.
fn check_headers(headers: &HeaderMap, declared: &DeclaredUpload) -> Result<(), ErrorKind> {
    let one = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let name = declared.content_type.name();
    if !one(CONTENT_TYPE).is_some_and(|sent| sent.eq_ignore_ascii_case(name)) {
        return Err(ErrorKind::field("Content-Type", format!("must be {name}, as declared")));
    }
    match one(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length == declared.size => Ok(()),
        Some(length) if length > declared.size => {
            Err(ErrorKind::TooLarge(usize::try_from(declared.size).unwrap_or(usize::MAX)))
        }
        _ => Err(ErrorKind::field("Content-Length", format!("must be {}, as declared", declared.size))),
    }
}

impl Files {
    async fn put(&self, request: Request) -> Result<Response<Body>, ErrorKind> {
        let (key, query) = key_and_query(&request);
        let declared = self.links.verify_upload(&key, &query, self.clock.now()).map_err(bad_link)?;
        let (key, environment, evidence) = BlobKey::parse_evidence(&key).ok_or(ErrorKind::NotFound("file"))?;
        check_headers(request.headers(), &declared)?;
        let waiting = self.store.record::<Evidence>(environment, &evidence.simple(), self.clock.now()).await;
        let waiting = waiting.map_err(unreachable_table)?.ok_or(ErrorKind::NotFound("evidence"))?;
        if waiting.sha256.is_some() {
            return Err(repeated());
        }
        let received = self.blobs.receive(&key, &declared, request.into_body().into_data_stream()).await;
        let (found, repetition) = match received {
            Ok(found) => (found, false),
            // It arrived before, and the house ended before it was marked: that is made good for.
            Err(ReceiveError::AlreadyUploaded) => {
                (self.blobs.find(&key).await.map_err(unreachable_files)?.ok_or_else(repeated)?, true)
            }
            Err(refused) => return Err(not_received(refused, &declared)),
        };
        match self.uploaded.record_upload(&key, environment, evidence, &found).await {
            Ok(UploadOutcome::Ready) if !repetition => Ok(plain(StatusCode::OK)),
            Ok(UploadOutcome::Ready | UploadOutcome::Repeated) => Err(repeated()),
            Ok(UploadOutcome::Unwanted) => Err(ErrorKind::NotFound("evidence")),
            Err(UploadedError::Store(error)) => Err(unreachable_table(error)),
            Err(UploadedError::Blob(error)) => Err(unreachable_files(error)),
        }
    }

    async fn get(&self, key: &str, query: &str) -> Result<Response<Body>, ErrorKind> {
        let (key, content_type) = self.links.verify_download(key, query, self.clock.now()).map_err(bad_link)?;
        let reading = self.blobs.read(&key).await.map_err(unreachable_files)?.ok_or(ErrorKind::NotFound("file"))?;
        let mut response = Response::new(Body::from_stream(reading.bytes));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type.name()));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(reading.size));
        // Whatever it holds, a browser saves it and runs nothing of it.
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
        Ok(response)
    }
}

fn not_received(refused: ReceiveError, declared: &DeclaredUpload) -> ErrorKind {
    match refused {
        ReceiveError::TooLarge => ErrorKind::TooLarge(usize::try_from(declared.size).unwrap_or(usize::MAX)),
        ReceiveError::Incomplete => ErrorKind::field("body", format!("must have {} bytes, as declared", declared.size)),
        ReceiveError::HashMismatch => ErrorKind::field("body", "must have the declared SHA-256"),
        ReceiveError::AlreadyUploaded => repeated(),
        ReceiveError::Blob(error) => unreachable_files(error),
    }
}
