//! The queue that makes deliveries prompt. What it loses, the sweep finds.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::delivery::DeliveryName;
use domain::{Mode, TenantId, World};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A delivery handed to the queue: the message's body is this as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// Whose.
    pub tenant: TenantId,
    /// Whose.
    pub mode: Mode,
    /// Which.
    #[serde(flatten)]
    pub name: DeliveryName,
    /// The number of the attempt that it asks for: a message that comes late or twice asks for one that was made.
    pub attempt: u32,
}

impl Queued {
    /// Attempt `attempt` of a delivery.
    pub fn new(world: World, name: DeliveryName, attempt: u32) -> Self {
        Self { tenant: world.tenant, mode: world.mode, name, attempt }
    }

    /// The world it belongs to.
    pub fn world(&self) -> World {
        World { tenant: self.tenant, mode: self.mode }
    }
}

/// The queue did not take everything.
#[derive(Debug, thiserror::Error)]
#[error("the queue is out of reach: {0}")]
pub struct QueueError(pub String);

/// What [`Queue::send`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), QueueError>> + Send + 'a>>;

/// Takes deliveries and hands each to the deliver function after its delay.
pub trait Queue: Send + Sync + 'static {
    /// Enqueues every message, each with its delay of at most fifteen minutes.
    fn send(&self, messages: Vec<(Queued, Duration)>) -> Sending<'_>;
}

/// SQS.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

/// Messages that SQS takes in one call.
const BATCH: usize = 10;

impl SqsQueue {
    /// The queue of this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    async fn send_batch(&self, messages: &[(Queued, Duration)]) -> Result<(), QueueError> {
        let entries = messages.iter().enumerate().map(|(place, (message, delay))| {
            let body = serde_json::to_string(message).map_err(|error| QueueError(error.to_string()))?;
            // Rounded up: a message must not come before its time.
            let seconds = delay.as_millis().div_ceil(1_000).min(900);
            SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_body(body)
                .delay_seconds(i32::try_from(seconds).unwrap_or(900))
                // Fair queues: a subscription with a long backlog does not hold up the others.
                .message_group_id(message.name.subscription.simple())
                .build()
                .map_err(|error| QueueError(error.to_string()))
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let sent = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
        match sent {
            Ok(sent) if sent.failed.is_empty() => Ok(()),
            Ok(sent) => Err(QueueError(format!("{} of {} messages were not taken", sent.failed.len(), messages.len()))),
            Err(error) => {
                use aws_sdk_sqs::error::ProvideErrorMetadata;
                Err(QueueError(error.code().unwrap_or("no answer").to_owned()))
            }
        }
    }
}

impl Queue for SqsQueue {
    fn send(&self, messages: Vec<(Queued, Duration)>) -> Sending<'_> {
        Box::pin(async move {
            let mut refused = None;
            for batch in messages.chunks(BATCH) {
                // Once more for what was not taken; a message that is sent twice asks for the same attempt.
                if self.send_batch(batch).await.is_err() {
                    refused = self.send_batch(batch).await.err().or(refused);
                }
            }
            refused.map_or(Ok(()), Err)
        })
    }
}
