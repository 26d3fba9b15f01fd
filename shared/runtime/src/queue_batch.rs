//! The batch of messages that a queue passes to its function.

use crate::queue_message::QueueMessage;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::future::join_all;
use std::fmt::Display;

/// The messages of one batch. They are processed concurrently, and only those that fail are redelivered
/// (`ReportBatchItemFailures`).
pub struct QueueBatch<M> {
    messages: Vec<(Option<String>, M)>,
}

impl<M: QueueMessage> QueueBatch<M> {
    /// Parses the messages of `event`.
    ///
    /// A message that cannot be parsed is logged and dropped: it could not be parsed the next time either, and the
    /// sweeper re-enqueues the work that it stood for. Of equal messages one is kept: both would read the same state and
    /// do the same work.
    pub fn parse(event: &SqsEvent) -> Self {
        let parse = |record: &aws_lambda_events::event::sqs::SqsMessage| {
            let message = serde_json::from_str(record.body.as_deref().unwrap_or_default()).ok();
            if message.is_none() {
                tracing::error!(message_id = record.message_id, "invalid queue message dropped");
            }
            Some((record.message_id.clone(), message?))
        };
        let mut messages: Vec<(Option<String>, M)> = Vec::with_capacity(event.records.len());
        for (id, message) in event.records.iter().filter_map(parse) {
            if messages.iter().all(|(_, kept)| *kept != message) {
                messages.push((id, message));
            }
        }
        Self { messages }
    }

    /// Returns the messages.
    pub fn messages(&self) -> impl Iterator<Item = &M> {
        self.messages.iter().map(|(_, message)| message)
    }

    /// Processes all messages concurrently. Returns which of them failed and are to be redelivered.
    pub async fn process<'a, F, E>(&'a self, process: impl Fn(&'a M) -> F) -> SqsBatchResponse
    where
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let results = join_all(self.messages.iter().map(|(_, message)| process(message))).await;
        let failed = self.messages.iter().zip(results).filter_map(|((id, _), result)| {
            let error = result.err()?;
            tracing::warn!(message_id = id, %error, "queue message failed; the queue will redeliver it");
            id.clone()
        });
        response(failed)
    }

    /// Logs `error`, and returns that every message is to be redelivered.
    pub fn fail(&self, error: impl Display) -> SqsBatchResponse {
        tracing::warn!(%error, "batch of queue messages failed; the queue will redeliver it");
        response(self.messages.iter().filter_map(|(id, _)| id.clone()))
    }
}

fn response(failed: impl Iterator<Item = String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.set_failures(failed);
    response
}
