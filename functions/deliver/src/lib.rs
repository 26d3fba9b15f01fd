//! Makes one attempt of each webhook delivery that the queue passes to it, and schedules what follows.
//!
//! - **Trigger**: the delivery queue, in batches. The messages come from `dispatch` (first attempts), from this
//!   function (retries within the queue's reach), from the sweeper, and from callers who resend a delivery.
//! - **Reads**: the deliveries of a batch with their subscriptions, endpoint health and bodies, in one trip.
//! - **Writes**: the outcome of each attempt with the delivery's next state, and the endpoint's health. Deliveries to
//!   an endpoint whose circuit breaker is open are postponed. A subscription that is gone or has failed for too long is
//!   disabled, with an audit entry.
//! - **On failure**: only the messages that failed are redelivered. The delivery stays in the due index until an
//!   outcome is recorded, so the sweeper re-enqueues it even if the queue loses the message.
//!
//! A message names the number of the attempt that it asks for, and a message that arrives late or twice is ignored: its
//! number is compared with the stored delivery before the attempt, and a failed attempt is recorded only under its own
//! number. A process that ends between sending and recording causes the attempt to be made again, so a webhook is
//! delivered at least once, always under the same delivery id.

mod attempt;
mod automatic_disabling;
mod circuit_breaker;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{Clock, DeliveryId, DeliveryStatus};
use runtime::{DeliveryMessage, Queue, QueueBatch, Timing};
use std::sync::Arc;
use store::{DeliveriesToSend, DeliveryToSend, Store, StoreError};
use webhook::master_keys::{MasterKeys, UnknownMasterKeyError};
use webhook::sender::Sender;

/// The dependencies of [`DeliveryHandler`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The queue of deliveries, for retries that are due soon.
    pub queue: Arc<dyn Queue>,
    /// The keys that signing secrets are derived from.
    pub master_keys: MasterKeys,
    /// Sends the requests.
    pub sender: Sender,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing.
    pub timing: Timing,
}

/// The handler of delivery messages. Cheap to clone.
#[derive(Clone)]
pub struct DeliveryHandler {
    dependencies: Arc<Dependencies>,
}

impl DeliveryHandler {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies) }
    }

    /// Handles a batch of messages concurrently. Returns which of them are to be redelivered.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let batch: QueueBatch<DeliveryMessage> = QueueBatch::parse(&event);
        let names: Vec<_> = batch.messages().map(|message| (message.environment(), message.name)).collect();
        match self.dependencies.store.deliveries_to_send(&names).await {
            Ok(deliveries) => batch.process(|message| Box::pin(self.deliver(message, &deliveries))).await,
            Err(error) => batch.fail(error),
        }
    }

    /// Makes the attempt that `message` asks for, unless it has been made, is not due yet, or is not to be made.
    async fn deliver(&self, message: &DeliveryMessage, deliveries: &DeliveriesToSend) -> Result<(), DeliverError> {
        let environment = message.environment();
        let DeliveryToSend { stored, health, body, data_key } =
            match deliveries.get(&(environment, message.name.delivery)) {
                Some(Ok(found)) => found,
                Some(Err(error)) => return Err(DeliverError::Unreadable(message.name.delivery, error.to_string())),
                None => return Ok(()),
            };
        let delivery = &stored.delivery;
        if delivery.status != DeliveryStatus::Pending || delivery.next_attempt() != message.attempt {
            return Ok(());
        }
        // The subscription may have been deleted or disabled since, and the person in the body may have been erased.
        let (Some(subscription), Some(body), DeliveryStatus::Pending) = (&stored.subscription, body, stored.status())
        else {
            return Ok(self.dependencies.store.cancel_delivery(environment, delivery).await?);
        };
        if let Some(due_at) = self.wait_for_circuit(environment, subscription, health).await? {
            return self.postpone(environment, delivery, due_at).await;
        }
        let started_at = self.dependencies.clock.now();
        let result = self.attempt(environment, delivery, body, subscription, started_at).await?;
        // The endpoint's health first: once the outcome is recorded, no redelivered message would update it.
        self.update_health(environment, subscription, health, result.outcome, result.status).await?;
        self.record(environment, delivery, data_key.as_ref(), started_at, result).await
    }
}

/// The reason why a message is to be redelivered.
#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the delivery {0} cannot be read: {1}")]
    Unreadable(DeliveryId, String),
    #[error(transparent)]
    MasterKey(#[from] UnknownMasterKeyError),
}

/// Returns a random number in `0.0..1.0` for the jitter of a wait.
fn random_fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness there is no jitter, which is better than no attempt.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}
