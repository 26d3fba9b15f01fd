//! E-mail by SES (API version 2), SMS by AWS End User Messaging SMS, `WhatsApp` by AWS End User Messaging Social.
//!
//! Three requests, made and signed here: the SDK's crates for them have 400,000 lines between them, three times
//! those of `DynamoDB`, and their answer to a broken connection does not tell whether the request had gone out.
//! Every message has a connection of its own for the same reason: one that was kept may have died unseen, and what
//! was written into it would count as perhaps sent.

mod request;
mod response;

#[cfg(test)]
mod tests;

use crate::{OutgoingMessage, ProviderResult, SendFuture, Sender, reason};
use aws_credential_types::Credentials;
use domain::accounts::business::Channel;
use request::Call;
use std::sync::Arc;
use std::time::Duration;

/// How long a message may take from connecting to the last byte of the answer. Connecting, TLS included, has half of
/// it. Whoever stops a sequence waits for it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);

/// Bytes of an answer that are read: all of these are below a kilobyte.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Where AWS is, who asks, and whom messages come from. A channel without its address is not offered.
#[derive(Clone, Debug)]
pub struct AwsConfig {
    /// The AWS region.
    pub region: String,
    /// Who asks.
    pub credentials: Credentials,
    /// Another endpoint than the region's own.
    pub endpoint: Option<String>,
    /// The address that e-mail comes from, of an identity verified with SES.
    pub email_from: Option<String>,
    /// The origination identity of SMS: a number, a sender id, a pool, or the ARN of one.
    pub sms_from: Option<String>,
    /// The id of the `WhatsApp` number, `phone-number-id-…`.
    pub whatsapp_from: Option<String>,
    /// The template for what a business writes first; without it messages are plain text, which `WhatsApp` delivers
    /// only within a day of the person's own last message.
    pub whatsapp_template: Option<WhatsappTemplate>,
}

/// A template that `WhatsApp` has approved, whose body has one parameter: the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatsappTemplate {
    /// Its name.
    pub name: String,
    /// The code of its language, such as `en_US`.
    pub language: String,
}

/// A sender cannot be made of what it was given.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made for senders")]
pub struct SenderError;

/// Sends by AWS. Made once for a process.
pub struct AwsSender {
    aws: AwsConfig,
    http: reqwest::Client,
}

impl AwsSender {
    /// One that sends as `aws` says.
    pub fn new(aws: AwsConfig) -> Result<Self, SenderError> {
        Self::with_timeout(aws, ATTEMPT_TIMEOUT)
    }

    /// One whose messages may take `attempt` each.
    fn with_timeout(aws: AwsConfig, attempt: Duration) -> Result<Self, SenderError> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| SenderError)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .connect_timeout(attempt / 2)
            .timeout(attempt)
            .build()
            .map_err(|_| SenderError)?;
        Ok(Self { aws, http })
    }

    async fn send_to_provider(&self, message: &OutgoingMessage) -> ProviderResult {
        let Some(call) = Call::of(&self.aws, message) else {
            return ProviderResult::RetryLater { reason: reason::NOT_CONFIGURED };
        };
        let Some(request) = call.signed(&self.aws).and_then(|request| reqwest::Request::try_from(request).ok()) else {
            return ProviderResult::RetryLater { reason: reason::NOT_CONFIGURED };
        };
        let mut response = match self.http.execute(request).await {
            Ok(response) => response,
            // Connecting includes resolving and TLS: nothing of the request has gone out.
            Err(error) if error.is_connect() || error.is_builder() => {
                return ProviderResult::RetryLater { reason: reason::NO_CONNECTION };
            }
            Err(error) if error.is_timeout() => return ProviderResult::Unknown { reason: reason::TIMEOUT },
            Err(_) => return ProviderResult::Unknown { reason: reason::CONNECTION_LOST },
        };
        let (status, error_header) = (response.status(), response::error_of_header(response.headers()));
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_RESPONSE_BYTES {
                break;
            }
        }
        // What broke off is no JSON: then the status decides alone.
        let body = serde_json::from_slice(&body).unwrap_or_default();
        response::result_of(status, error_header.as_deref(), &body)
    }
}

impl Sender for AwsSender {
    fn supports(&self, channel: Channel) -> bool {
        let from = match channel {
            Channel::Email => &self.aws.email_from,
            Channel::Sms => &self.aws.sms_from,
            Channel::Whatsapp => &self.aws.whatsapp_from,
        };
        from.is_some()
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        Box::pin(self.send_to_provider(message))
    }
}
