//! Senders of messages to people.
//!
//! A message is handed to a provider once. What comes of it is one of four things, and the difference between
//! [`ProviderResult::RetryLater`] (certainly not sent) and [`ProviderResult::Unknown`] (perhaps sent) is kept with care: what is certainly not
//! sent may be tried again, what was perhaps sent may not, for nobody is to be written to twice.

mod aws;
mod log;

pub use aws::{AwsConfig, AwsSender, SenderError, WhatsappTemplate};
pub use log::{LogSender, SentLog};

use domain::accounts::business::Channel;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// A message on its way to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// How it goes.
    pub channel: Channel,
    /// Whom it goes to: a number in the form of E.164, or an e-mail address.
    pub to: String,
    /// What an e-mail is about; other channels have none.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The message's own id, which a provider keeps with it where it can.
    pub id: String,
}

impl fmt::Debug for OutgoingMessage {
    /// Says neither whom it goes to nor what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("channel", &self.channel).field("id", &self.id).finish_non_exhaustive()
    }
}

/// What came of handing a message to a provider. Reasons are of [`reason`]: never a provider's own words, which may
/// repeat an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderResult {
    /// The provider took it.
    Accepted {
        /// The provider's id of it; none where its answer broke off after it had said yes.
        provider_id: Option<String>,
    },
    /// The provider will not send it, now or later.
    Rejected {
        /// Why.
        reason: &'static str,
    },
    /// It was certainly not sent; it may be tried again.
    RetryLater {
        /// Why.
        reason: &'static str,
    },
    /// It may have been sent: it must not be sent again.
    Unknown {
        /// Why nothing is known.
        reason: &'static str,
    },
}

/// Why a message was not sent, or why that is not known, in words that a tenant may read.
pub mod reason {
    /// The provider takes no more for the moment.
    pub const THROTTLED: &str = "throttled";
    /// A quota or a spending limit of the account is used up.
    pub const QUOTA: &str = "quota used up";
    /// The provider could not be connected to.
    pub const NO_CONNECTION: &str = "no connection";
    /// The account may not send at present.
    pub const PAUSED: &str = "sending paused";
    /// The channel lacks a setting, an identity that is verified, or a permission.
    pub const NOT_CONFIGURED: &str = "not configured";
    /// The provider refuses the message or its address.
    pub const REJECTED: &str = "rejected";
    /// The provider knows that this person does not want to be written to.
    pub const OPTED_OUT: &str = "opted out";
    /// The provider does not send to this number or its country.
    pub const BLOCKED: &str = "blocked";
    /// The provider took the request and did not answer in time.
    pub const TIMEOUT: &str = "timeout";
    /// The connection broke after the request had gone out.
    pub const CONNECTION_LOST: &str = "connection broken";
    /// The provider failed with the request in its hands.
    pub const FAILED: &str = "provider failed";
}

/// What a [`Sender`] answers with, some time later.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = ProviderResult> + Send + 'a>>;

/// Something that brings messages to people.
pub trait Sender: Send + Sync {
    /// Whether it sends on this channel.
    fn supports(&self, channel: Channel) -> bool;

    /// Hands a message over, once.
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a>;
}

/// The senders of a house; the first that offers a channel has it.
#[derive(Clone, Default)]
pub struct Senders(Vec<Arc<dyn Sender>>);

impl Senders {
    /// These senders.
    pub fn new(senders: Vec<Arc<dyn Sender>>) -> Self {
        Self(senders)
    }
}

impl Sender for Senders {
    fn supports(&self, channel: Channel) -> bool {
        self.0.iter().any(|sender| sender.supports(channel))
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        match self.0.iter().find(|sender| sender.supports(message.channel)) {
            Some(sender) => sender.send(message),
            None => Box::pin(async { ProviderResult::RetryLater { reason: reason::NOT_CONFIGURED } }),
        }
    }
}
