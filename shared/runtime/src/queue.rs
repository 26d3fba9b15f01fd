//! The queues that make deliveries and follow-up prompt. What they lose, the sweep finds.

use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::webhooks::delivery::DeliveryRef;
use domain::{Environment, LeadId, Mode, TenantId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use uuid::Uuid;

/// What a queue carries: the message's body is this as JSON.
pub trait QueueMessage: Serialize + DeserializeOwned + Copy + fmt::Debug + Send + Sync + 'static {
    /// What shares a line: what is long for one does not hold up the others.
    fn fairness_group(&self) -> [u8; 16];

    /// What it asks something to be done to.
    fn subject(&self) -> [u8; 16];
}

/// The messages of a batch with their ids. One that cannot be read will not be readable next time: it is left out, and
/// the sweep has what it asked for.
pub fn parse_batch<M: QueueMessage>(batch: &SqsEvent) -> Vec<(Option<String>, M)> {
    let read = batch.records.iter().map(|message| {
        let carried = serde_json::from_str(message.body.as_deref().unwrap_or_default()).ok();
        if carried.is_none() {
            tracing::error!(message_id = message.message_id, "a message cannot be read");
        }
        Some((message.message_id.clone(), carried?))
    });
    read.flatten().collect()
}

/// A delivery handed to the queue: the message's body is this as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Whose.
    pub mode: Mode,
    /// Which.
    #[serde(flatten)]
    pub name: DeliveryRef,
    /// The number of the attempt that it asks for: a message that comes late or twice asks for one that was made.
    pub attempt: u32,
}

impl DeliveryMessage {
    /// Attempt `attempt` of a delivery.
    pub fn new(environment: Environment, name: DeliveryRef, attempt: u32) -> Self {
        Self { tenant: environment.tenant, mode: environment.mode, name, attempt }
    }

    /// The world it belongs to.
    pub fn environment(&self) -> Environment {
        Environment { tenant: self.tenant, mode: self.mode }
    }
}

impl QueueMessage for DeliveryMessage {
    fn fairness_group(&self) -> [u8; 16] {
        *self.name.subscription.bytes()
    }

    fn subject(&self) -> [u8; 16] {
        *self.name.delivery.bytes()
    }
}

/// A step of a lead's sequence handed to the queue of follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Whose.
    pub mode: Mode,
    /// To whom.
    pub lead: LeadId,
    /// The number of the step: a message that comes late or twice asks for one that is behind.
    pub step: u32,
}

impl FollowUpMessage {
    /// Step `step` of a lead's sequence.
    pub fn new(environment: Environment, lead: LeadId, step: u32) -> Self {
        Self { tenant: environment.tenant, mode: environment.mode, lead, step }
    }

    /// The world it belongs to.
    pub fn environment(&self) -> Environment {
        Environment { tenant: self.tenant, mode: self.mode }
    }
}

impl QueueMessage for FollowUpMessage {
    /// A tenant with many leads does not hold up the others.
    fn fairness_group(&self) -> [u8; 16] {
        *self.tenant.bytes()
    }

    fn subject(&self) -> [u8; 16] {
        *self.lead.bytes()
    }
}

/// The queue did not take everything.
#[derive(Debug, thiserror::Error)]
#[error("the queue is out of reach: {0}")]
pub struct QueueError(pub String);

/// What [`Queue::send`] gives.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<(), QueueError>> + Send + 'a>>;

/// Takes messages and hands each to its function after its delay.
pub trait Queue<M: QueueMessage = DeliveryMessage>: Send + Sync + 'static {
    /// Enqueues every message, each with its delay of at most fifteen minutes.
    fn send(&self, messages: Vec<(M, Duration)>) -> SendFuture<'_>;
}

/// SQS.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

/// Messages that SQS takes in one call.
const MAX_BATCH_SIZE: usize = 10;

impl SqsQueue {
    /// The queue of this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    async fn send_batch<M: QueueMessage>(&self, messages: &[(M, Duration)]) -> Result<(), QueueError> {
        let entries = messages.iter().enumerate().map(|(place, (message, delay))| {
            let body = serde_json::to_string(message).map_err(|error| QueueError(error.to_string()))?;
            // Rounded up: a message must not come before its time.
            let seconds = delay.as_millis().div_ceil(1_000).min(900);
            SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_body(body)
                .delay_seconds(i32::try_from(seconds).unwrap_or(900))
                // Fair queues: a line with a long backlog does not hold up the others.
                .message_group_id(Uuid::from_bytes(message.fairness_group()).simple().to_string())
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

impl<M: QueueMessage> Queue<M> for SqsQueue {
    fn send(&self, messages: Vec<(M, Duration)>) -> SendFuture<'_> {
        Box::pin(async move {
            let mut error = None;
            for batch in messages.chunks(MAX_BATCH_SIZE) {
                // Once more for what was not taken; a message that is sent twice asks for the same attempt.
                if self.send_batch(batch).await.is_err() {
                    error = self.send_batch(batch).await.err().or(error);
                }
            }
            error.map_or(Ok(()), Err)
        })
    }
}
