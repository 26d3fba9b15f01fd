//! The queues that make deliveries and follow-up messages prompt.
//!
//! Queues are only an optimisation: all unfinished work is in the due index, and the sweeper re-enqueues whatever a
//! queue has lost. Callers therefore log a failed send and go on.

use crate::queue_message::{DeliveryMessage, QueueMessage};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::webhooks::delivery_lane::DeliveryLane;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Maximum number of messages in one `SendMessageBatch` call, set by SQS.
const MAX_BATCH_SIZE: usize = 10;

/// Maximum delay of a message, in seconds, set by SQS.
const MAX_DELAY_SECONDS: u16 = 900;

/// At least one message was not enqueued.
#[derive(Debug, thiserror::Error)]
#[error("the queue is unavailable: {0}")]
pub struct QueueError(pub String);

/// The future that [`Queue::send`] returns.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<(), QueueError>> + Send + 'a>>;

/// A queue that passes each message to its function after the message's delay.
pub trait Queue<M: QueueMessage = DeliveryMessage>: Send + Sync + 'static {
    /// Enqueues every message with its delay of at most fifteen minutes. After an error some messages may have been
    /// enqueued.
    fn send(&self, messages: Vec<(M, Duration)>) -> SendFuture<'_>;
}

/// The queues of deliveries, one for each lane.
#[derive(Clone)]
pub struct DeliveryQueues {
    /// The queue of endpoints that respond promptly. Messages whose lane is not known are sent to it: its function hands
    /// them over.
    pub prompt: Arc<dyn Queue>,
    /// The queue of endpoints that are slow or new.
    pub slow: Arc<dyn Queue>,
}

impl DeliveryQueues {
    /// Returns the queue of `lane`.
    pub fn of(&self, lane: DeliveryLane) -> &Arc<dyn Queue> {
        match lane {
            DeliveryLane::Prompt => &self.prompt,
            DeliveryLane::Slow => &self.slow,
        }
    }
}

/// A queue of SQS.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// Creates a client of the queue at `url`.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    async fn send_batch<M: QueueMessage>(&self, messages: &[(M, Duration)]) -> Result<(), QueueError> {
        let entries = messages.iter().enumerate().map(|(index, (message, delay))| entry(index, message, *delay));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let sent = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
        match sent {
            Ok(sent) if sent.failed.is_empty() => Ok(()),
            Ok(sent) => Err(QueueError(format!("{} of {} messages were rejected", sent.failed.len(), messages.len()))),
            Err(error) => {
                use aws_sdk_sqs::error::ProvideErrorMetadata;
                Err(QueueError(error.code().unwrap_or("no response").to_owned()))
            }
        }
    }
}

/// Returns the batch entry of one message.
fn entry<M: QueueMessage>(
    index: usize,
    message: &M,
    delay: Duration,
) -> Result<SendMessageBatchRequestEntry, QueueError> {
    let body = serde_json::to_string(message).map_err(|error| QueueError(error.to_string()))?;
    // Rounded up, because a message must not arrive before it is due.
    let seconds = delay.as_millis().div_ceil(1_000).min(MAX_DELAY_SECONDS.into());
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(body)
        .delay_seconds(i32::try_from(seconds).unwrap_or(MAX_DELAY_SECONDS.into()))
        .message_group_id(Uuid::from_bytes(message.fairness_group()).simple().to_string())
        .build()
        .map_err(|error| QueueError(error.to_string()))
}

impl<M: QueueMessage> Queue<M> for SqsQueue {
    fn send(&self, messages: Vec<(M, Duration)>) -> SendFuture<'_> {
        Box::pin(async move {
            let mut error = None;
            for batch in messages.chunks(MAX_BATCH_SIZE) {
                // One retry of the whole batch: a message that is sent twice asks for the same attempt.
                if self.send_batch(batch).await.is_err() {
                    error = self.send_batch(batch).await.err().or(error);
                }
            }
            error.map_or(Ok(()), Err)
        })
    }
}
