//! Configuration of message sending through AWS.

use aws_credential_types::Credentials;

/// Region, credentials and sender addresses. A channel without a sender address is not supported.
#[derive(Clone, Debug)]
pub struct AwsConfig {
    /// AWS region.
    pub region: String,
    /// Credentials that requests are signed with.
    pub credentials: Credentials,
    /// Endpoint to use instead of the region's own.
    pub endpoint: Option<String>,
    /// Sender address of e-mail, of an identity verified with SES.
    pub email_from: Option<String>,
    /// Origination identity of SMS: a number, a sender id, a pool, or the ARN of one.
    pub sms_from: Option<String>,
    /// Id of the `WhatsApp` number, `phone-number-id-…`.
    pub whatsapp_from: Option<String>,
    /// Template for messages that a business initiates. Without one, messages are plain text, which `WhatsApp` delivers
    /// only within 24 hours of the person's last message.
    pub whatsapp_template: Option<WhatsappTemplate>,
}

/// A template approved by `WhatsApp`, whose body has a single parameter: the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatsappTemplate {
    /// Name of the template.
    pub name: String,
    /// Language code, such as `en_US`.
    pub language: String,
}
