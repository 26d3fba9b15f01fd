//! The HTTP client of the AWS SDK: one pool of connections for the clients of all services.
//!
//! The SDK's own client parses every certificate of the system at each start, and builds a connector for each combination
//! of timeouts. This one has its root certificates compiled in and one connector. It speaks HTTP/1.1, as DynamoDB does.

use crate::{HttpsClientError, aws_tls_config};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{self, CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error;
use std::time::Duration;

/// Maximum time to connect to one address of a host. The SDK's timeouts of an attempt are shorter or bound it further.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Time after which an idle connection is closed. AWS closes its side after some minutes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The client. Clones share its connections.
#[derive(Clone, Debug)]
struct SdkClient(Client<HttpsConnector<connect::HttpConnector>, SdkBody>);

/// Returns the HTTP client that the clients of all AWS services share.
///
/// # Errors
///
/// Fails if TLS cannot be configured.
pub fn sdk_client() -> Result<SharedHttpClient, HttpsClientError> {
    Ok(SharedHttpClient::new(SdkClient::new()?))
}

impl SdkClient {
    fn new() -> Result<Self, HttpsClientError> {
        let mut tcp = connect::HttpConnector::new();
        tcp.enforce_http(false);
        // With Nagle's algorithm the body of a request would wait until its head is acknowledged.
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let tls = aws_tls_config()?;
        // Without TLS only where an emulator's endpoint says so.
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE_TIMEOUT);
        Ok(Self(builder.build(connector)))
    }
}

impl HttpClient for SdkClient {
    /// Returns the one connector, whatever the settings: each client bounds its attempts and calls itself.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || metadata(&connection));
        }
        let sent = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let response = sent.await.map_err(connector_error)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Returns the handle by which the SDK gives up a connection whose server fails, so that a retry meets another server.
fn metadata(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let connection = connection.clone();
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

/// Returns the error as the SDK classifies it for its retries.
fn connector_error(error: ClientError) -> ConnectorError {
    let create = classify(&error);
    create(error.into())
}

fn classify(error: &ClientError) -> fn(BoxError) -> ConnectorError {
    let is_broken = causes(error).any(<dyn Error>::is::<std::io::Error>);
    if error.is_connect() {
        return ConnectorError::io;
    }
    let cause = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match cause {
        Some(cause) if cause.is_timeout() => ConnectorError::timeout,
        Some(cause) if cause.is_user() => ConnectorError::user,
        Some(cause) if cause.is_closed() || cause.is_canceled() => ConnectorError::io,
        // The server closed the connection before the response was complete.
        Some(cause) if cause.is_incomplete_message() => {
            |error| ConnectorError::other(error, Some(ErrorKind::TransientError))
        }
        _ if is_broken => ConnectorError::io,
        _ => |error| ConnectorError::other(error, None),
    }
}

/// Returns an error and all its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn client() -> SdkClient {
        SdkClient::new().expect("a client")
    }

    /// Calls a server that reads a request, writes `response` and closes the connection.
    async fn call(response: &'static str) -> Result<u16, ConnectorError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let server = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(response.as_bytes()).await;
        };
        let request = HttpRequest::get(url).expect("a URL");
        let (response, ()) = tokio::join!(client().call(request), server);
        response.map(|response| response.status().as_u16())
    }

    #[tokio::test]
    async fn a_response_is_passed_on() {
        let status = call("HTTP/1.1 503 S\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(status.expect("a response"), 503);
    }

    #[tokio::test]
    async fn failed_connections_are_retried() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        drop(listener);
        let refused = client().call(HttpRequest::get(url).expect("a URL")).await;
        assert!(refused.expect_err("nobody listens").is_io());
        let closed = call("").await.expect_err("no response");
        assert!(closed.is_io() || closed.as_other() == Some(ErrorKind::TransientError), "{closed:?}");
        let garbled = call("no HTTP\r\n\r\n").await.expect_err("no response");
        assert!(!garbled.is_io() && garbled.as_other().is_none(), "{garbled:?}");
    }
}
