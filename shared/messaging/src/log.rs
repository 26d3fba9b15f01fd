//! The sender of the local house: nobody is written to.

use crate::{Outgoing, Sender, Sending, Sent};
use domain::accounts::business::Channel;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Messages that are kept; older ones are forgotten.
const KEPT: usize = 4_000;

/// Takes every message on every channel, notes in the log that it did and keeps the last few thousand for
/// [`SentLog`]. The log has a message's id and channel, never its address or text.
#[derive(Clone, Debug, Default)]
pub struct LogSender(SentLog);

/// What a [`LogSender`] has sent.
#[derive(Clone, Debug, Default)]
pub struct SentLog(Arc<Mutex<VecDeque<Outgoing>>>);

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
    pub fn messages(&self) -> Vec<Outgoing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn keep(&self, message: Outgoing) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(message);
    }
}

impl Sender for LogSender {
    fn offers(&self, _channel: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> Sending<'a> {
        tracing::info!(id = message.id, channel = message.channel.name(), "a message was sent");
        self.0.keep(message.clone());
        let provider_id = Some(format!("log-{}", message.id));
        Box::pin(async { Sent::Sent { provider_id } })
    }
}
