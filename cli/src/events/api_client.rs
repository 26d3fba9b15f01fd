//! Calls of the native contract's API with a key.

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Timeout of connecting, including TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout of a call beyond the time that the server is asked to wait.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Maximum number of characters of a response that is not the API's that are shown.
const MAX_SHOWN_CHARS: usize = 200;

/// A call failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiCallError {
    /// The URL of the server is not one.
    #[error("--url or LEADHOUSE_BASE_URL must be an http or https URL such as https://api.example.com")]
    InvalidUrl,
    /// The HTTP client could not be created.
    #[error("the HTTP client could not be created")]
    HttpClient,
    /// The server did not respond.
    #[error("{server} did not respond: {cause}")]
    NoResponse {
        /// Scheme, host and port of the server.
        server: String,
        /// Cause, as the system names it.
        cause: String,
    },
    /// The API does not know the key.
    #[error(
        "401: the server does not accept this key. Check --key or LEADHOUSE_API_KEY: it must be a key of this server{}",
        request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default()
    )]
    UnknownKey {
        /// Id of the request, to be named to the operator.
        request_id: Option<String>,
    },
    /// The API rejected the call.
    #[error("{status}: {message}{}", request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default())]
    Rejected {
        /// Status of the response.
        status: StatusCode,
        /// Text of the error.
        message: String,
        /// Id of the request, to be named to the operator.
        request_id: Option<String>,
        /// Time after which the call may be repeated.
        retry_after: Option<Duration>,
    },
    /// The response is not one of this API.
    #[error("the response is not one of Leadhouse ({status}): {start}. Is the URL of the server right?")]
    Unexpected {
        /// Status of the response.
        status: StatusCode,
        /// Start of the response.
        start: String,
    },
}

impl ApiCallError {
    /// Returns whether the same call may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::NoResponse { .. } => true,
            Self::Rejected { status, .. } | Self::Unexpected { status, .. } => {
                status.is_server_error()
                    || matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
            }
            Self::InvalidUrl | Self::HttpClient | Self::UnknownKey { .. } => false,
        }
    }

    /// Returns the time after which the API asks to repeat the call.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rejected { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// The body of an error of the native contract, of which only the text is shown.
#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorText,
}

#[derive(Deserialize)]
struct ErrorText {
    message: String,
    #[serde(default)]
    details: Vec<ErrorDetail>,
}

#[derive(Deserialize)]
struct ErrorDetail {
    message: String,
}

impl ErrorText {
    fn into_text(self) -> String {
        let details = self.details.into_iter().map(|detail| detail.message);
        std::iter::once(self.message).chain(details).collect::<Vec<_>>().join("; ")
    }
}

/// A client of a server's API.
pub(crate) struct ApiClient {
    base: reqwest::Url,
    key: String,
    http: reqwest::Client,
}

impl ApiClient {
    pub(crate) fn new(url: &str, key: &str) -> Result<Self, ApiCallError> {
        let base = reqwest::Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let base = base.filter(reqwest::Url::has_host).ok_or(ApiCallError::InvalidUrl)?;
        let http = https_client::builder(CONNECT_TIMEOUT).map_err(|_| ApiCallError::HttpClient)?;
        let http = http.user_agent(concat!("leadhouse-cli/", env!("CARGO_PKG_VERSION"))).build();
        let http = http.map_err(|_| ApiCallError::HttpClient)?;
        Ok(Self { base, key: key.trim().to_owned(), http })
    }

    /// Reads `path` below `/v2`, which the server may take `wait` to answer.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        wait: Duration,
    ) -> Result<T, ApiCallError> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        self.call(self.http.request(Method::GET, url).timeout(wait + CALL_TIMEOUT)).await
    }

    /// Posts `body` to `path` below `/v2`.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &[&str], body: String) -> Result<T, ApiCallError> {
        let request = self.http.request(Method::POST, self.url(path)?).timeout(CALL_TIMEOUT);
        self.call(request.header(http::header::CONTENT_TYPE, "application/json").body(body)).await
    }

    fn url(&self, path: &[&str]) -> Result<reqwest::Url, ApiCallError> {
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| ApiCallError::InvalidUrl)?;
        // The URL may be that of the contract itself, as the documentation shows it.
        segments.pop_if_empty();
        drop(segments);
        let below_contract = url.path().ends_with("/v2");
        let mut segments = url.path_segments_mut().map_err(|()| ApiCallError::InvalidUrl)?;
        segments.extend((!below_contract).then_some("v2")).extend(path);
        drop(segments);
        Ok(url)
    }

    async fn call<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ApiCallError> {
        // The error's own text has no cause.
        let server = self.base.origin().ascii_serialization();
        let no_response =
            |error: reqwest::Error| ApiCallError::NoResponse { server: server.clone(), cause: root_cause(&error) };
        let response = request.bearer_auth(&self.key).send().await.map_err(no_response)?;
        let status = response.status();
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let (request_id, retry_after) = (header("x-request-id"), header("retry-after"));
        let body = response.bytes().await.map_err(no_response)?;
        if status.is_success()
            && let Ok(value) = serde_json::from_slice(&body)
        {
            return Ok(value);
        }
        match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(_) if status == StatusCode::UNAUTHORIZED => Err(ApiCallError::UnknownKey { request_id }),
            Ok(ErrorBody { error }) if !status.is_success() => Err(ApiCallError::Rejected {
                status,
                message: error.into_text(),
                request_id,
                retry_after: retry_after.and_then(|text| text.parse().ok()).map(Duration::from_secs),
            }),
            _ => {
                let text = String::from_utf8_lossy(&body);
                let start = text.chars().filter(|c| !c.is_control()).take(MAX_SHOWN_CHARS).collect();
                Err(ApiCallError::Unexpected { status, start })
            }
        }
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str) -> String {
        let client = ApiClient::new(base, "lh_test_1").expect("a client");
        client.url(&["event-log"]).expect("a URL").to_string()
    }

    #[test]
    fn the_base_url_may_end_as_the_documentation_shows_it() {
        for base in [
            "https://api.example.com",
            "https://api.example.com/",
            "https://api.example.com/v2",
            "https://api.example.com/v2/",
        ] {
            assert_eq!(url(base), "https://api.example.com/v2/event-log", "{base}");
        }
        assert_eq!(url("http://127.0.0.1:8080/stage"), "http://127.0.0.1:8080/stage/v2/event-log");
    }

    #[test]
    fn other_schemes_are_rejected() {
        for base in ["ftp://example.com", "example.com", "", "file:///etc/passwd"] {
            assert!(ApiClient::new(base, "key").is_err(), "{base}");
        }
    }
}
