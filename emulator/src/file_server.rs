//! S3 for one process: files are uploaded and downloaded under `/files/`, by signed, expiring links.

use crate::upload_slots::{MAX_UPLOADS_PER_LINK, UploadSlots};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::any;
use blob::{BlobError, BlobKey, Blobs, DeclaredUpload, LinkError, LocalLinks, ReceiveError, StoredFile};
use contract::ErrorKind;
use domain::{Clock, Environment, EvidenceId};
use futures_util::future::BoxFuture;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use runtime::{CallRecord, GatewayContext};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Path prefix of every file link.
const PATH_PREFIX: &str = "/files/";

/// Route of every file link, with the key of the file.
const ROUTE: &str = "/files/{*key}";

/// Methods that file links serve.
const METHODS: &str = "GET, HEAD, PUT";

/// The header that carries the request id in every response.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One uploaded file: its key, and the evidence that the key names.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Key of the file.
    pub key: BlobKey,
    /// Environment of the evidence.
    pub environment: Environment,
    /// Evidence that declared the file.
    pub evidence: EvidenceId,
}

/// State of the record that an upload belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadState {
    /// The record accepts this file.
    Accepted,
    /// The record already has its file.
    AlreadyUploaded,
    /// No record expects the file (any longer).
    NotExpected,
}

/// Failure of an [`UploadHandler`]; the caller may try again.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct UploadError(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// Receiver of upload notifications: what an S3 event notification invokes in a deployment.
pub trait UploadHandler: Send + Sync + 'static {
    /// Returns whether the file is expected, before any byte of it is read.
    fn before_upload<'a>(&'a self, upload: &'a Upload) -> BoxFuture<'a, Result<UploadState, UploadError>>;

    /// Handles the stored file `found`.
    fn after_upload<'a>(
        &'a self,
        upload: &'a Upload,
        found: &'a StoredFile,
    ) -> BoxFuture<'a, Result<UploadState, UploadError>>;
}

/// Upload and download of files by signed links.
#[derive(Clone)]
pub struct FileServer {
    /// Storage of the files.
    pub blobs: Blobs,
    /// Signs and verifies the links.
    pub links: LocalLinks,
    /// Receiver of upload notifications.
    pub uploads: Arc<dyn UploadHandler>,
    /// Clock that decides whether a link has expired.
    pub clock: Arc<dyn Clock>,
    /// Uploads in progress.
    pub slots: UploadSlots,
}

impl FileServer {
    /// Returns the router that serves `/files/{key}`.
    pub fn into_router(self) -> Router {
        Router::new().route(ROUTE, any(respond)).with_state(self)
    }

    async fn respond(self, request: Request, request_id: &str) -> Response<Body> {
        let result = match *request.method() {
            Method::PUT => self.put(request).await,
            Method::GET | Method::HEAD => {
                let (key, query) = key_and_query(&request);
                self.get(&key, &query).await
            }
            Method::OPTIONS => Ok(empty(StatusCode::NO_CONTENT)),
            _ => Err(ErrorKind::MethodNotAllowed),
        };
        match result {
            Ok(mut response) => {
                add_headers(response.headers_mut(), request_id);
                response
            }
            Err(kind) => error_response(&kind, request_id),
        }
    }

    async fn put(&self, request: Request) -> Result<Response<Body>, ErrorKind> {
        let (key, query) = key_and_query(&request);
        let declared = self.links.verify_upload(&key, &query, self.clock.now()).map_err(link_error)?;
        let (key, environment, evidence) = BlobKey::parse_evidence(&key).ok_or(ErrorKind::NotFound("file"))?;
        check_headers(request.headers(), &declared)?;
        let upload = Upload { key, environment, evidence };
        let _slot = self.slots.take(&upload.key).ok_or_else(too_many_uploads)?;
        accepted(self.uploads.before_upload(&upload).await)?;
        let received = self.blobs.receive(&upload.key, &declared, request.into_body().into_data_stream()).await;
        let (found, repeated) = match received {
            Ok(found) => (found, false),
            // The file was stored, and the process ended before the handler was notified. Notify it now.
            Err(ReceiveError::AlreadyUploaded) => {
                let found = self.blobs.find(&upload.key).await.map_err(storage_error)?;
                (found.ok_or_else(already_uploaded)?, true)
            }
            Err(error) => return Err(receive_error(error, &declared)),
        };
        accepted(self.uploads.after_upload(&upload, &found).await)?;
        if repeated { Err(already_uploaded()) } else { Ok(empty(StatusCode::OK)) }
    }

    async fn get(&self, key: &str, query: &str) -> Result<Response<Body>, ErrorKind> {
        let (key, content_type) = self.links.verify_download(key, query, self.clock.now()).map_err(link_error)?;
        let reading = self.blobs.read(&key).await.map_err(storage_error)?.ok_or(ErrorKind::NotFound("file"))?;
        let mut response = Response::new(Body::from_stream(reading.bytes));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type.name()));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(reading.size));
        // The content is a caller's: a browser must save it, and run nothing of it under this origin.
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
        Ok(response)
    }
}

async fn respond(State(server): State<FileServer>, request: Request) -> Response<Body> {
    let started = Instant::now();
    let method = request.method().clone();
    let request_id = request.extensions().get::<GatewayContext>().map_or("", |gateway| &gateway.request_id).to_owned();
    let span = tracing::error_span!("call", %request_id);
    let response = server.respond(request, &request_id).instrument(span).await;
    CallRecord {
        method: Some(&method),
        route: Some(ROUTE),
        status: response.status().as_u16(),
        duration: started.elapsed(),
        key_prefix: None,
        tenant: None,
        request_id: &request_id,
    }
    .write();
    response
}
fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Returns an error response in the native contract's shape, as for every path outside the contracts.
fn error_response(kind: &ErrorKind, request_id: &str) -> Response<Body> {
    let mut response = runtime::error_response(kind, ROUTE, request_id).map(Body::from);
    add_headers(response.headers_mut(), request_id);
    if *kind == ErrorKind::MethodNotAllowed {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
    }
    response
}

/// Adds the headers that every response has. Scripts of other origins may send any header, as the bucket's rules allow.
fn add_headers(headers: &mut HeaderMap, request_id: &str) {
    let common_headers = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (ACCESS_CONTROL_EXPOSE_HEADERS, "X-Request-Id"),
    ];
    for (name, value) in common_headers {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
}

fn key_and_query(request: &Request) -> (String, String) {
    let uri = request.uri();
    (uri.path().strip_prefix(PATH_PREFIX).unwrap_or_default().to_owned(), uri.query().unwrap_or_default().to_owned())
}

/// Verifies that the headers match what the link declares, before any byte of the body is read.
fn check_headers(headers: &HeaderMap, declared: &DeclaredUpload) -> Result<(), ErrorKind> {
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = declared.content_type.name();
    if !header(CONTENT_TYPE).is_some_and(|sent| sent.eq_ignore_ascii_case(content_type)) {
        return Err(ErrorKind::field("Content-Type", format!("must be {content_type}, as declared")));
    }
    match header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length == declared.size => Ok(()),
        Some(length) if length > declared.size => Err(too_large(declared)),
        _ => Err(ErrorKind::field("Content-Length", format!("must be {}, as declared", declared.size))),
    }
}

fn accepted(outcome: Result<UploadState, UploadError>) -> Result<(), ErrorKind> {
    match outcome {
        Ok(UploadState::Accepted) => Ok(()),
        Ok(UploadState::AlreadyUploaded) => Err(already_uploaded()),
        Ok(UploadState::NotExpected) => Err(ErrorKind::NotFound("evidence")),
        Err(error) => {
            tracing::error!(%error, "upload handler failed");
            Err(ErrorKind::Unavailable)
        }
    }
}

fn receive_error(error: ReceiveError, declared: &DeclaredUpload) -> ErrorKind {
    match error {
        ReceiveError::TooLarge => too_large(declared),
        ReceiveError::Incomplete => ErrorKind::field("body", format!("must have {} bytes, as declared", declared.size)),
        ReceiveError::HashMismatch => ErrorKind::field("body", "must have the declared SHA-256"),
        ReceiveError::AlreadyUploaded => already_uploaded(),
        ReceiveError::Blob(error) => storage_error(error),
    }
}

fn link_error(error: LinkError) -> ErrorKind {
    ErrorKind::Forbidden(match error {
        LinkError::Invalid => "The link's signature is invalid.".to_owned(),
        LinkError::Expired => "The link has expired. Request a new one.".to_owned(),
    })
}

fn too_large(declared: &DeclaredUpload) -> ErrorKind {
    ErrorKind::TooLarge(usize::try_from(declared.size).unwrap_or(usize::MAX))
}

fn too_many_uploads() -> ErrorKind {
    ErrorKind::Conflict(format!(
        "{MAX_UPLOADS_PER_LINK} uploads of this file are in progress. Wait until one of them has ended."
    ))
}

fn already_uploaded() -> ErrorKind {
    ErrorKind::Conflict("The file has already been uploaded and cannot be replaced.".to_owned())
}

fn storage_error(error: BlobError) -> ErrorKind {
    tracing::error!(%error, "file storage is unavailable");
    ErrorKind::Unavailable
}
