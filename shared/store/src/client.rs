//! How the tables are reached.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use std::time::Duration;

/// A single write that meets a transaction on its item is refused though it may succeed a moment later. The SDK
/// retries throttling, not this.
#[derive(Debug)]
struct Conflicts;

impl ClassifyRetry for Conflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let code = context.output_or_error().and_then(Result::err).and_then(|error| {
            let error = error.as_operation_error()?;
            error
                .downcast_ref::<PutItemError>()
                .map(ProvideErrorMetadata::code)
                .or_else(|| error.downcast_ref::<UpdateItemError>().map(ProvideErrorMetadata::code))
                .or_else(|| error.downcast_ref::<DeleteItemError>().map(ProvideErrorMetadata::code))?
        });
        if code == Some("TransactionConflictException") {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "writes that met a transaction"
    }
}

/// What vouches for the caller of AWS.
pub type CredentialsProvider = SharedCredentialsProvider;

/// Where DynamoDB is and who asks.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The AWS region.
    pub region: String,
    /// Who asks.
    pub credentials: CredentialsProvider,
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
        // A caller waits at most as long as a gateway's patience: four tries of a second and a half, then 503.
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
            .retry_classifier(Conflicts)
            .timeout_config(timeouts);
        if let Some(endpoint) = self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Client::from_conf(config.build())
    }
}
