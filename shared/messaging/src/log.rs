//! The sender of the local house: nobody is written to.

use crate::{OutgoingMessage, ProviderResult, SendFuture, Sender};
use domain::accounts::business::Channel;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Messages that are kept; older ones are forgotten.
const MAX_KEPT_MESSAGES: usize = 4_000;

/// Takes every message on every channel, notes in the log that it did and keeps the last few thousand for
/// [`SentLog`]. The log has a message's id and channel, never its address or text.
#[derive(Clone, Debug, Default)]
pub struct LogSender(SentLog);

/// What a [`LogSender`] has sent.
#[derive(Clone, Debug, Default)]
pub struct SentLog(Arc<Mutex<VecDeque<OutgoingMessage>>>);

impl LogSender {
    /// One that has sent nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle to what it sends.
    pub fn sent(&self) -> SentLog {
        self.0.clone()
    }
}

impl SentLog {
    /// The messages sent, the oldest that is kept first.
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

impl Sender for LogSender {
    fn supports(&self, _channel: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        tracing::info!(id = message.id, channel = message.channel.name(), "a message was sent");
        self.0.keep(message.clone());
        let provider_id = Some(format!("log-{}", message.id));
        Box::pin(async { ProviderResult::Accepted { provider_id } })
    }
}
