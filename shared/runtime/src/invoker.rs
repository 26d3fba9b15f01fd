//! Invoking a Lambda function asynchronously: the function that runs itself, to divide its work.

use crate::settings::SettingsError;
use aws_credential_types::Credentials;
use https_client::aws;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Timeout of an invocation, which Lambda only accepts.
const INVOKE_TIMEOUT: Duration = Duration::from_secs(3);

/// An invocation was not accepted.
#[derive(Debug, thiserror::Error)]
#[error("the invocation was not accepted: {0}")]
pub struct InvokeError(pub String);

/// The future that [`Invoker::invoke`] returns.
pub type InvokeFuture<'a> = Pin<Box<dyn Future<Output = Result<(), InvokeError>> + Send + 'a>>;

/// Invokes one function, without waiting for its result.
pub trait Invoker: Send + Sync + 'static {
    /// Invokes the function with this event. After an error it may have been invoked all the same.
    fn invoke(&self, event: Vec<u8>) -> InvokeFuture<'_>;
}

/// An [`Invoker`] that calls Lambda.
pub struct LambdaInvoker {
    region: String,
    endpoint: String,
    credentials: Credentials,
    function: String,
}

impl LambdaInvoker {
    /// Creates an invoker of the function with this name.
    pub(crate) fn new(region: String, endpoint: Option<&str>, credentials: Credentials, function: String) -> Self {
        let endpoint =
            endpoint.map_or_else(|| aws::endpoint("lambda", &region), |url| url.trim_end_matches('/').into());
        Self { region, endpoint, credentials, function }
    }

    async fn invoke_once(&self, event: Vec<u8>) -> Result<(), InvokeError> {
        let failed = |error: &dyn std::fmt::Display| InvokeError(error.to_string());
        let uri = format!("{}/2015-03-31/functions/{}/invocations", self.endpoint, self.function);
        let request = http::Request::post(uri)
            .header("content-type", "application/json")
            .header("x-amz-invocation-type", "Event")
            .body(event);
        let mut request = request.map_err(|error| failed(&error))?;
        aws::sign_request(&mut request, "lambda", &self.region, self.credentials.clone())
            .map_err(|error| failed(&error))?;
        let request = reqwest::Request::try_from(request).map_err(|_| failed(&"the request is invalid"))?;
        // Built when it is needed, which is rarely: TLS has to be configured.
        let http = https_client::builder(INVOKE_TIMEOUT).map_err(|error| failed(&error))?.timeout(INVOKE_TIMEOUT);
        let http = http.build().map_err(|_| failed(&"no HTTP client"))?;
        let response = http.execute(request).await.map_err(|_| failed(&"no response"))?;
        if response.status().is_success() { Ok(()) } else { Err(failed(&response.status())) }
    }
}

impl Invoker for LambdaInvoker {
    fn invoke(&self, event: Vec<u8>) -> InvokeFuture<'_> {
        Box::pin(self.invoke_once(event))
    }
}

/// Returns the name of the function that runs, which Lambda sets.
pub(crate) fn running_function() -> Result<String, SettingsError> {
    const NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
    std::env::var(NAME).ok().filter(|name| !name.is_empty()).ok_or(SettingsError::Missing(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Invokes a function of a stub that responds with this status line. Returns the result and what the stub received.
    async fn invoke(status_line: &'static str) -> (Result<(), InvokeError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let stub = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut received = String::new();
            while !received.ends_with("{\"shards\":[]}") {
                let mut some = [0; 4_096];
                let count = stream.read(&mut some).await.expect("a request");
                received.push_str(&String::from_utf8_lossy(&some[..count]));
            }
            let response = format!("HTTP/1.1 {status_line}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(response.as_bytes()).await.expect("a response");
            received
        });
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "tests");
        let invoker =
            LambdaInvoker::new("eu-north-1".to_owned(), Some(&url), credentials, "leadhouse-sweep".to_owned());
        let result = invoker.invoke(b"{\"shards\":[]}".to_vec()).await;
        (result, stub.await.expect("a request"))
    }

    #[tokio::test]
    async fn functions_are_invoked_as_events() {
        let (result, received) = invoke("202 Accepted").await;
        assert!(result.is_ok());
        let received = received.to_lowercase();
        assert!(received.starts_with("post /2015-03-31/functions/leadhouse-sweep/invocations http/1.1"), "{received}");
        assert!(received.contains("x-amz-invocation-type: event"), "nobody waits: {received}");
        assert!(received.contains("/eu-north-1/lambda/aws4_request"), "{received}");
    }

    #[tokio::test]
    async fn a_throttled_invocation_is_an_error() {
        let (result, _) = invoke("429 Too Many Requests").await;
        assert!(result.expect_err("an error").to_string().contains("429"));
    }
}
