//! The message sender of the local server, which logs messages and sends nothing.

use crate::sender::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use domain::accounts::business::Channel;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum number of messages in a [`SentLog`]. Older ones are dropped.
const MAX_KEPT_MESSAGES: usize = 4_000;

/// A message sender that accepts every message, logs its id and channel (never its address or text) and keeps it in a
/// [`SentLog`].
#[derive(Clone, Debug, Default)]
pub struct LogSender(SentLog);

/// The last messages that a [`LogSender`] has accepted.
#[derive(Clone, Debug, Default)]
pub struct SentLog(Arc<Mutex<VecDeque<OutgoingMessage>>>);

impl LogSender {
    /// Creates a sender with an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a handle to the log.
    pub fn sent(&self) -> SentLog {
        self.0.clone()
    }
}

impl SentLog {
    /// Returns the messages, the oldest first.
    pub fn messages(&self) -> Vec<OutgoingMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn keep(&self, message: OutgoingMessage) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MAX_KEPT_MESSAGES {
            kept.pop_front();
        }
        kept.push_back(message);
    }
}

impl MessageSender for LogSender {
    fn supports(&self, _channel: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        tracing::info!(id = message.id, channel = message.channel.name(), "message logged, not sent (local server)");
        self.0.keep(message.clone());
        let provider_id = Some(format!("log-{}", message.id));
        Box::pin(async { ProviderResult::Accepted { provider_id } })
    }
}
