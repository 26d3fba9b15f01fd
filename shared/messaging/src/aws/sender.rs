//! The message sender for AWS.

use super::config::AwsConfig;
use super::request::AwsRequest;
use super::response;
use crate::sender::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use domain::accounts::business::Channel;
use domain::follow_up::sequence::SendFailure;
use std::time::Duration;

/// Maximum time for a message, from connecting to the last byte of the response. Connecting, including TLS, may take
/// half of it. Must be shorter than a claim, because a request to stop a sequence waits for the claim to end.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);

/// Maximum number of bytes of a response that are read. Responses of these APIs are below a kilobyte.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// The HTTP client of a sender could not be created.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for message sending could not be created")]
pub struct SenderError;

/// A message sender that uses AWS. Created once per process.
pub struct AwsSender {
    config: AwsConfig,
    pub(super) http: reqwest::Client,
}

impl AwsSender {
    /// Creates a sender with this configuration.
    pub fn new(config: AwsConfig) -> Result<Self, SenderError> {
        Self::with_timeout(config, ATTEMPT_TIMEOUT)
    }

    /// Creates a sender whose messages may take `timeout` each.
    pub(super) fn with_timeout(config: AwsConfig, timeout: Duration) -> Result<Self, SenderError> {
        let http = https_client::builder(timeout / 2)
            .map_err(|_| SenderError)?
            // An idle connection may have been closed unnoticed. A message written into it would count as possibly
            // sent.
            .pool_max_idle_per_host(0)
            .timeout(timeout)
            .build()
            .map_err(|_| SenderError)?;
        Ok(Self { config, http })
    }

    async fn send_to_provider(&self, message: &OutgoingMessage) -> ProviderResult {
        let Some(aws_request) = AwsRequest::new(&self.config, message) else {
            return ProviderResult::RetryLater { failure: SendFailure::NotConfigured };
        };
        let Some(request) =
            aws_request.signed(&self.config).and_then(|request| reqwest::Request::try_from(request).ok())
        else {
            return ProviderResult::RetryLater { failure: SendFailure::NotConfigured };
        };
        let mut response = match self.http.execute(request).await {
            Ok(response) => response,
            // Connecting includes name resolution and TLS: nothing of the request has been sent.
            Err(error) if error.is_connect() || error.is_builder() => {
                return ProviderResult::RetryLater { failure: SendFailure::NoConnection };
            }
            Err(error) if error.is_timeout() => return ProviderResult::Unknown { failure: SendFailure::Timeout },
            Err(_) => return ProviderResult::Unknown { failure: SendFailure::ConnectionLost },
        };
        let (status, error_header) = (response.status(), response::error_in_header(response.headers()));
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_RESPONSE_BYTES {
                break;
            }
        }
        // A truncated body is not JSON: the status alone decides.
        let body = serde_json::from_slice(&body).unwrap_or_default();
        response::result_of(status, error_header.as_deref(), &body)
    }
}

impl MessageSender for AwsSender {
    fn supports(&self, channel: Channel) -> bool {
        let from = match channel {
            Channel::Email => &self.config.email_from,
            Channel::Sms => &self.config.sms_from,
            Channel::Whatsapp => &self.config.whatsapp_from,
        };
        from.is_some()
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        Box::pin(self.send_to_provider(message))
    }
}
