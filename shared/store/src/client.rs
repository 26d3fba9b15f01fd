//! How the tables are reached.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::time::Duration;

/// What vouches for the caller of AWS.
pub type Credentials = SharedCredentialsProvider;

/// Where DynamoDB is and who asks.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The AWS region.
    pub region: String,
    /// Who asks.
    pub credentials: Credentials,
    /// Another endpoint than the region's own.
    pub endpoint: Option<String>,
    /// What carries requests: rustls with ring when deployed, the embedded database itself in the local house.
    pub http: SharedHttpClient,
}

impl Connection {
    /// The HTTP client that deployed functions use: rustls with ring, whose first call costs a few milliseconds of
    /// CPU where the SDK's default provider costs fifty.
    pub fn https() -> SharedHttpClient {
        use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
        aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    }

    pub(crate) fn client(self) -> Client {
        // A caller waits at most as long as a gateway's patience: three tries of a second and a half, then 503.
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_millis(1_500))
            .operation_timeout(Duration::from_secs(6))
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region))
            .credentials_provider(self.credentials)
            .http_client(self.http)
            .retry_config(RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(50)))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(timeouts);
        if let Some(endpoint) = self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Client::from_conf(config.build())
    }
}
