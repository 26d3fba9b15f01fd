//! The interface of message senders.

use domain::accounts::business::Channel;
use domain::follow_up::sequence::SendFailure;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// A message to be sent to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// Channel of the message.
    pub channel: Channel,
    /// Telephone number in E.164 form, or e-mail address.
    pub to: String,
    /// Subject, for e-mail only.
    pub subject: Option<String>,
    /// Text of the message.
    pub body: String,
    /// Id of the message, which the provider stores with it where possible.
    pub id: String,
}

impl fmt::Debug for OutgoingMessage {
    /// Formats channel and id only, because address and text are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMessage").field("channel", &self.channel).field("id", &self.id).finish_non_exhaustive()
    }
}

/// The result of handing a message to a provider. Reasons are ours, never the provider's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderResult {
    /// The provider accepted the message.
    Accepted {
        /// Id assigned by the provider. `None` if the response broke off after its status.
        provider_id: Option<String>,
    },
    /// The provider rejected the message, and will reject it again.
    Rejected {
        /// Reason of the rejection.
        failure: SendFailure,
    },
    /// The message was certainly not sent. It may be sent again.
    RetryLater {
        /// Reason why the message was not sent.
        failure: SendFailure,
    },
    /// The message may have been sent. It must not be sent again.
    Unknown {
        /// Reason why the result is unknown.
        failure: SendFailure,
    },
}

/// The future of a [`ProviderResult`].
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = ProviderResult> + Send + 'a>>;

/// A sender of messages to people.
pub trait MessageSender: Send + Sync {
    /// Returns whether the sender supports this channel.
    fn supports(&self, channel: Channel) -> bool;

    /// Hands a message to the provider, once.
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a>;
}

/// Several senders. A message is sent by the first one that supports its channel.
#[derive(Clone, Default)]
pub struct MessageSenders(Vec<Arc<dyn MessageSender>>);

impl MessageSenders {
    /// Combines several senders.
    pub fn new(senders: Vec<Arc<dyn MessageSender>>) -> Self {
        Self(senders)
    }
}

impl MessageSender for MessageSenders {
    fn supports(&self, channel: Channel) -> bool {
        self.0.iter().any(|sender| sender.supports(channel))
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        match self.0.iter().find(|sender| sender.supports(message.channel)) {
            Some(sender) => sender.send(message),
            None => Box::pin(async { ProviderResult::RetryLater { failure: SendFailure::NotConfigured } }),
        }
    }
}
