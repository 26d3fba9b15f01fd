//! Message sending through AWS: e-mail by SES (API version 2), SMS by AWS End User Messaging SMS, `WhatsApp` by AWS End
//! User Messaging Social.
//!
//! The three requests are built and signed here instead of by the SDK's crates, for two reasons: these crates have
//! 400,000 lines between them, three times those of `DynamoDB`; and their errors do not show whether a request had been
//! sent when the connection broke, which decides whether a message may be sent again.

mod config;
mod request;
mod response;
mod sender;
#[cfg(test)]
mod tests;

pub use config::{AwsConfig, WhatsappTemplate};
pub use sender::{AwsSender, SenderError};
