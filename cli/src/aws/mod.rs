//! The AWS account that a command works on, with the region and credentials that the AWS CLI would use.

#[cfg(test)]
pub(crate) mod fake_aws;
mod lambda;

pub(crate) use lambda::LambdaClient;
pub use lambda::LambdaError;

use crate::CommandError;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use blob::Bucket;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::{Connection, Store};
use tokio::sync::Mutex;

/// Timeout of one attempt to obtain credentials, from STS or IAM Identity Center.
const CREDENTIALS_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// Timeout of obtaining credentials with all attempts.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(15);

/// Timeout of one attempt of a call to SQS. Receiving does not wait for messages.
const SQS_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// Timeout of a call to SQS with all attempts.
const SQS_TIMEOUT: Duration = Duration::from_secs(15);

/// Time before the expiry of credentials at which new ones are obtained: longer than any call takes.
const RENEWAL_MARGIN: Duration = Duration::from_mins(5);

/// An AWS account in one region.
pub(crate) struct AwsAccount {
    region: String,
    endpoint: Option<String>,
    credentials: Arc<CachedCredentials>,
    http: SharedHttpClient,
}

impl AwsAccount {
    /// Reads the AWS configuration: environment variables, profile, IAM Identity Center.
    pub(crate) async fn from_configuration() -> Result<Self, CommandError> {
        let http = https_client::sdk_client()?;
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http.clone());
        let timeouts = timeouts(CREDENTIALS_ATTEMPT_TIMEOUT, CREDENTIALS_TIMEOUT);
        let config = config.timeout_config(timeouts).load().await;
        let provider = config.credentials_provider().ok_or(CommandError::NoCredentials)?;
        Ok(Self {
            region: config.region().ok_or(CommandError::NoRegion)?.to_string(),
            endpoint: config.endpoint_url().map(str::to_owned),
            credentials: Arc::new(CachedCredentials::new(provider)),
            http,
        })
    }

    /// Returns a client of the tables with these names.
    pub(crate) fn store(&self, table: &str, access_table: &str) -> Store {
        let connection = Connection {
            region: self.region.clone(),
            credentials: Some(self.credentials.provider.clone()),
            endpoint: self.endpoint.clone(),
            http: self.http.clone(),
        };
        Store::new(connection, table, access_table)
    }

    /// Returns a client of SQS.
    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        let mut config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new(self.region.clone()))
            .credentials_provider(self.credentials.provider.clone())
            .http_client(self.http.clone())
            .timeout_config(timeouts(SQS_ATTEMPT_TIMEOUT, SQS_TIMEOUT));
        config.set_endpoint_url(self.endpoint.clone());
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    /// Returns a bucket. Its client keeps the credentials of now.
    pub(crate) async fn bucket(&self, name: String) -> Result<Bucket, CommandError> {
        let credentials = self.credentials.get().await.ok_or(CommandError::NoCredentials)?;
        Ok(Bucket {
            name,
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            key_id: credentials.access_key_id().to_owned(),
            secret_key: credentials.secret_access_key().to_owned(),
            session_token: credentials.session_token().map(str::to_owned),
        })
    }

    /// Returns a client of Lambda.
    pub(crate) fn lambda(&self) -> Result<LambdaClient, LambdaError> {
        LambdaClient::new(self.region.clone(), self.endpoint.clone(), Arc::clone(&self.credentials))
    }
}

fn timeouts(attempt: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(attempt).operation_timeout(call).build()
}

/// Credentials that are obtained once and renewed before they expire. The provider itself may ask STS each time.
pub(crate) struct CachedCredentials {
    provider: SharedCredentialsProvider,
    current: Mutex<Option<Credentials>>,
}

impl CachedCredentials {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, current: Mutex::new(None) }
    }

    /// Returns credentials that are valid for some minutes; `None` if there are none.
    pub(crate) async fn get(&self) -> Option<Credentials> {
        let mut current = self.current.lock().await;
        let lasts = |credentials: &Credentials| {
            credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + RENEWAL_MARGIN)
        };
        if let Some(credentials) = current.as_ref().filter(|credentials| lasts(credentials)) {
            return Some(credentials.clone());
        }
        let obtained = tokio::time::timeout(CREDENTIALS_TIMEOUT, self.provider.provide_credentials()).await;
        let credentials = obtained.ok()?.ok()?;
        *current = Some(credentials.clone());
        Some(credentials)
    }
}
