#![doc = include_str!("../README.md")]

mod aws;
mod log_sender;
mod sender;

pub use aws::{AwsConfig, AwsSender, SenderError, WhatsappTemplate};
pub use log_sender::{LogSender, SentLog};
pub use sender::{MessageSender, MessageSenders, OutgoingMessage, ProviderResult, SendFuture};
