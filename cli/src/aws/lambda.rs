//! Calls of Lambda's API: invoking a function, and reading how it is configured.
//!
//! The three requests are built here instead of by the SDK's crate, which has a hundred thousand lines for the other
//! operations.

use super::CachedCredentials;
use http::{Method, StatusCode};
use https_client::aws;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Timeout of connecting, including TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Timeout of reading a function's configuration.
const CONFIGURATION_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout of an invocation: the longest timeout of a function that is invoked here (60 s), and its start.
const INVOCATION_TIMEOUT: Duration = Duration::from_secs(75);

/// Waits before the second and third attempt of a call that was throttled or got no response. What is invoked here may
/// be repeated.
const RETRY_WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Maximum number of characters of an error that are shown.
const MAX_ERROR_CHARS: usize = 300;

/// A call of Lambda's API failed.
#[derive(Debug, thiserror::Error)]
pub enum LambdaError {
    /// The HTTP client could not be created.
    #[error("the HTTP client could not be created")]
    HttpClient,
    /// There are no credentials, or they have expired.
    #[error("no AWS credentials found: configure them as for the AWS CLI")]
    NoCredentials,
    /// Lambda did not respond.
    #[error("Lambda did not respond: {0}")]
    NoResponse(&'static str),
    /// The call took longer than any function may.
    #[error("no response in time")]
    TimedOut,
    /// Lambda rejected the call.
    #[error("Lambda rejected the call for {function}: {error}")]
    Rejected {
        /// Name of the function.
        function: String,
        /// Status and error of the response.
        error: String,
    },
    /// The function itself failed.
    #[error("the function failed: {0}")]
    FunctionFailed(String),
}

/// A client of Lambda's API.
pub(crate) struct LambdaClient {
    region: String,
    endpoint: String,
    credentials: Arc<CachedCredentials>,
    http: reqwest::Client,
}

/// A response of the API.
struct Response {
    status: StatusCode,
    is_function_error: bool,
    body: Value,
}

impl LambdaClient {
    pub(crate) fn new(
        region: String,
        endpoint: Option<String>,
        credentials: Arc<CachedCredentials>,
    ) -> Result<Self, LambdaError> {
        let endpoint = endpoint.unwrap_or_else(|| aws::endpoint("lambda", &region));
        let http = https_client::builder(CONNECT_TIMEOUT).map_err(|_| LambdaError::HttpClient)?;
        let http = http.build().map_err(|_| LambdaError::HttpClient)?;
        Ok(Self { region, endpoint: endpoint.trim_end_matches('/').to_owned(), credentials, http })
    }

    /// Invokes a function and waits for its result.
    pub(crate) async fn invoke(&self, function: &str, payload: &[u8]) -> Result<Value, LambdaError> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let response = self.call(Method::POST, &path, payload, INVOCATION_TIMEOUT).await?;
        if response.is_function_error {
            return Err(LambdaError::FunctionFailed(error_text(&response.body)));
        }
        Self::accepted(function, response)
    }

    /// Returns the environment variables of a function.
    pub(crate) async fn environment_variables(&self, function: &str) -> Result<Value, LambdaError> {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let response = self.call(Method::GET, &path, &[], CONFIGURATION_TIMEOUT).await?;
        Ok(Self::accepted(function, response)?["Environment"]["Variables"].take())
    }

    /// Returns the ARN of the destination of a function's failed events; `None` if it has none.
    pub(crate) async fn failure_destination(&self, function: &str) -> Result<Option<String>, LambdaError> {
        let path = format!("/2019-09-25/functions/{function}/event-invoke-config?Qualifier=%24LATEST");
        let response = self.call(Method::GET, &path, &[], CONFIGURATION_TIMEOUT).await?;
        if response.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let config = Self::accepted(function, response)?;
        Ok(config["DestinationConfig"]["OnFailure"]["Destination"].as_str().map(str::to_owned))
    }

    fn accepted(function: &str, response: Response) -> Result<Value, LambdaError> {
        if response.status.is_success() {
            return Ok(response.body);
        }
        let error = format!("{} {}", response.status.as_u16(), error_text(&response.body));
        Err(LambdaError::Rejected { function: function.to_owned(), error: error.trim_end().to_owned() })
    }

    /// Makes a call, and repeats it if it was throttled or got no response.
    async fn call(&self, method: Method, path: &str, body: &[u8], timeout: Duration) -> Result<Response, LambdaError> {
        for wait in RETRY_WAITS {
            match self.call_once(method.clone(), path, body, timeout).await {
                Ok(response) if is_transient(response.status) => {}
                // An invocation that has taken its whole time would do so again, and is not repeated.
                Err(LambdaError::NoResponse(_)) => {}
                result => return result,
            }
            tokio::time::sleep(wait).await;
        }
        self.call_once(method, path, body, timeout).await
    }

    async fn call_once(
        &self,
        method: Method,
        path: &str,
        body: &[u8],
        timeout: Duration,
    ) -> Result<Response, LambdaError> {
        let request = self.signed(method, path, body).await?;
        let mut request = reqwest::Request::try_from(request).map_err(|_| LambdaError::HttpClient)?;
        *request.timeout_mut() = Some(timeout);
        let response = self.http.execute(request).await.map_err(no_response)?;
        let status = response.status();
        let is_function_error = response.headers().contains_key("x-amz-function-error");
        let body = response.bytes().await.map_err(no_response)?;
        Ok(Response { status, is_function_error, body: serde_json::from_slice(&body).unwrap_or_default() })
    }

    /// Returns a request, signed as of now.
    async fn signed(&self, method: Method, path: &str, body: &[u8]) -> Result<http::Request<Vec<u8>>, LambdaError> {
        let uri = format!("{}{path}", self.endpoint);
        let credentials = self.credentials.get().await.ok_or(LambdaError::NoCredentials)?;
        let unusable = || LambdaError::HttpClient;
        let request = http::Request::builder().method(method).uri(&uri);
        let mut request =
            request.header("content-type", "application/json").body(body.to_owned()).map_err(|_| unusable())?;
        aws::sign_request(&mut request, "lambda", &self.region, credentials).map_err(|_| unusable())?;
        Ok(request)
    }
}

fn no_response(error: reqwest::Error) -> LambdaError {
    if error.is_connect() {
        LambdaError::NoResponse("no connection")
    } else if error.is_timeout() {
        LambdaError::TimedOut
    } else {
        LambdaError::NoResponse("connection lost")
    }
}

fn is_transient(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// Returns the text of an error of the API, or of a function, on one line.
fn error_text(body: &Value) -> String {
    let texts = ["errorType", "errorMessage", "Type", "Message", "message"].into_iter();
    let texts: Vec<_> = texts.filter_map(|name| body[name].as_str()).collect();
    let words = texts.join(": ").split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(MAX_ERROR_CHARS).collect()
}

#[cfg(test)]
mod tests;
