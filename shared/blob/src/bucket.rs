//! An S3 bucket and the credentials to use it.

use crate::error::BlobError;
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{ClientOptions, RetryConfig, StaticCredentialProvider};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Timeout of connecting to S3, including TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Timeout of one attempt of a request to S3, with the transfer of the largest file.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time after the start of a request from which it is not tried again. With the last attempt, a request takes 15 seconds
/// at most, so that the shortest function with files (`leads`, 20 seconds) can still respond.
const RETRY_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum number of retries of a request.
const MAX_RETRIES: usize = 2;

/// An S3 bucket and the credentials to use it.
#[derive(Clone)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// The bucket's region.
    pub region: String,
    /// The endpoint of an emulator, instead of AWS itself.
    pub endpoint: Option<String>,
    /// The id of the access key.
    pub key_id: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token, if the credentials are temporary.
    pub session_token: Option<String>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("region", &self.region).finish_non_exhaustive()
    }
}

/// Creates the HTTP client of a bucket. `object_store`'s own would parse all certificates of the system.
#[derive(Debug)]
struct BucketConnector {
    allow_http: bool,
}

impl HttpConnector for BucketConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let failed = |source| object_store::Error::Generic { store: "S3", source };
        let builder = https_client::builder(CONNECT_TIMEOUT).map_err(|error| failed(error.into()))?;
        let client = builder.https_only(!self.allow_http).timeout(ATTEMPT_TIMEOUT).build();
        Ok(HttpClient::new(client.map_err(|error| failed(error.into()))?))
    }
}

impl Bucket {
    /// Returns a client of the bucket.
    pub(crate) fn store(&self) -> Result<AmazonS3, BlobError> {
        let credential = AwsCredential {
            key_id: self.key_id.clone(),
            secret_key: self.secret_key.clone(),
            token: self.session_token.clone(),
        };
        let allow_http = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_credentials(Arc::new(StaticCredentialProvider::new(credential)))
            .with_virtual_hosted_style_request(self.endpoint.is_none())
            .with_client_options(ClientOptions::new().with_allow_http(allow_http))
            .with_http_connector(BucketConnector { allow_http })
            .with_retry(RetryConfig {
                max_retries: MAX_RETRIES,
                retry_timeout: RETRY_TIMEOUT,
                ..RetryConfig::default()
            });
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        builder.build().map_err(|error| BlobError::Misconfigured(error.to_string()))
    }

    /// Returns the scheme, the host, and the path prefix of all keys.
    pub(crate) fn location(&self) -> (String, String, String) {
        match &self.endpoint {
            None => ("https".to_owned(), format!("{}.s3.{}.amazonaws.com", self.name, self.region), String::new()),
            Some(endpoint) => {
                let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
                (scheme.to_owned(), host.trim_end_matches('/').to_owned(), format!("/{}", self.name))
            }
        }
    }
}
