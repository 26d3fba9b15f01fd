//! Makes one attempt of each webhook delivery that the queue passes to it, and schedules what follows.
//!
//! - **Trigger**: the queues of deliveries, in batches. The messages come from `dispatch` (first attempts), from this
//!   function (retries within the queue's reach), from the sweeper, and from callers who resend a delivery.
//! - **Reads**: the deliveries of a batch with their subscriptions, endpoint health and bodies, in one trip.
//! - **Writes**: the outcome of each attempt with the delivery's next state, and the endpoint's health. Deliveries to
//!   an endpoint whose circuit breaker is open are parked. A subscription that is gone or has failed for too long is
//!   disabled, with an audit entry.
//! - **On failure**: only the messages that failed are redelivered. The delivery stays in the due index until an
//!   outcome is recorded, so the sweeper re-enqueues it even if the queue loses the message.
//!
//! A message names the number of the attempt that it asks for, and a message that arrives late or twice is ignored: its
//! number is compared with the stored delivery before the attempt, and a failed attempt is recorded only under its own
//! number. A process that ends between sending and recording causes the attempt to be made again, so a webhook is
//! delivered at least once, always under the same delivery id.
//!
//! # Two lanes
//!
//! The same code serves two queues, each with its own concurrency. The prompt lane hands deliveries to endpoints that are
//! slow, new or being probed over to the slow lane before anything is sent to them ([`domain::webhooks::delivery_lane`]).
//! An attempt that has begun is never cut off: the endpoint would get the event twice. So a batch of the prompt lane may
//! wait for an endpoint that becomes slow just then, for one attempt; after two seconds of that attempt the endpoint
//! counts as slow, and no other batch begins to wait for it.

mod attempt;
mod automatic_disabling;
mod endpoint_health;
mod parking;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::webhooks::delivery_lane::{DeliveryLane, NextAction};
use domain::{Clock, DeliveryId, DeliveryStatus, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use parking::ParkedEntries;
use runtime::{DeliveryMessage, DeliveryQueues, QueueBatch, Timing};
use std::sync::Arc;
use std::time::Duration;
use store::{DeliveriesToSend, DeliveryToSend, Store, StoreError};
use webhook::master_keys::{MasterKeys, UnknownMasterKeyError};
use webhook::sender::Sender;

/// The dependencies of [`DeliveryHandler`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The queues of deliveries, for messages that are handed over and for retries that are due soon.
    pub queues: DeliveryQueues,
    /// The lane whose queue passes the messages.
    pub lane: DeliveryLane,
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
        let messages: QueueBatch<DeliveryMessage> = QueueBatch::parse(&event);
        let names: Vec<_> = messages.messages().map(|message| (message.environment(), message.name)).collect();
        let deliveries = match self.dependencies.store.deliveries_to_send(&names).await {
            Ok(deliveries) => deliveries,
            Err(error) => return messages.fail(error),
        };
        // One time for the whole batch: it decides twice about a message that is handed over.
        let now = self.dependencies.clock.now();
        let for_slow_lane = messages.messages().filter(|message| self.is_handed_over(message, &deliveries, now));
        let handed_over = self.hand_over(for_slow_lane.copied().collect());
        let batch = MessageBatch { deliveries, now, handed_over, parked_entries: ParkedEntries::default() };
        messages.process(|message| Box::pin(self.deliver(message, &batch))).await
    }

    /// Returns whether the message is for the slow lane and this is the prompt one.
    fn is_handed_over(&self, message: &DeliveryMessage, deliveries: &DeliveriesToSend, now: Timestamp) -> bool {
        find(message, deliveries).is_ok_and(|found| {
            found.is_some_and(|found| {
                found.stored.status() == DeliveryStatus::Pending
                    && found.body.is_some()
                    && found.health.next_action(self.dependencies.lane, now) == NextAction::HandOver
            })
        })
    }

    /// Sends messages to the slow lane, together and once, as soon as somebody waits for it.
    fn hand_over(&self, messages: Vec<DeliveryMessage>) -> HandedOver {
        let dependencies = Arc::clone(&self.dependencies);
        let messages: Vec<_> = messages.into_iter().map(|message| (message, Duration::ZERO)).collect();
        async move { dependencies.queues.slow.send(messages).await.map_err(|error| error.to_string()) }.boxed().shared()
    }

    /// Makes the attempt that `message` asks for, unless it has been made, is not due yet, or is not to be made here.
    async fn deliver(&self, message: &DeliveryMessage, batch: &MessageBatch) -> Result<(), DeliverError> {
        let environment = message.environment();
        let Some(found) = find(message, &batch.deliveries)? else { return Ok(()) };
        let DeliveryToSend { stored, health, body, data_key } = found;
        let delivery = &stored.delivery;
        // The subscription may have been deleted or disabled since, and the person in the body may have been erased.
        let (Some(subscription), Some(body), DeliveryStatus::Pending) = (&stored.subscription, body, stored.status())
        else {
            return Ok(self.dependencies.store.cancel_delivery(environment, delivery).await?);
        };
        match health.next_action(self.dependencies.lane, batch.now) {
            NextAction::HandOver => return batch.handed_over.clone().await.map_err(DeliverError::HandOver),
            NextAction::Park => return self.park(environment, delivery, health, &batch.parked_entries).await,
            NextAction::Probe if !self.claim_probe(environment, subscription.id).await? => {
                return self.park(environment, delivery, health, &batch.parked_entries).await;
            }
            NextAction::Probe | NextAction::Attempt => {}
        }
        let started_at = self.dependencies.clock.now();
        let (result, health) = self.attempt(environment, delivery, body, subscription, health, started_at).await?;
        // The endpoint's health first: once the outcome is recorded, no redelivered message would update it.
        let lane = self.update_health(environment, subscription, &health, &result).await?;
        self.record(environment, delivery, data_key.as_ref(), started_at, lane, result).await
    }
}

/// The result of handing messages over, for each of them.
type HandedOver = Shared<BoxFuture<'static, Result<(), String>>>;

/// The state that the messages of a batch share.
struct MessageBatch {
    deliveries: DeliveriesToSend,
    /// The time at which it is decided what becomes of each message.
    now: Timestamp,
    handed_over: HandedOver,
    parked_entries: ParkedEntries,
}

/// Returns the delivery that `message` asks to attempt; `None` if it does not exist or that attempt has been made.
fn find<'a>(
    message: &DeliveryMessage,
    deliveries: &'a DeliveriesToSend,
) -> Result<Option<&'a DeliveryToSend>, DeliverError> {
    let found = match deliveries.get(&(message.environment(), message.name.delivery)) {
        Some(Ok(found)) => found,
        Some(Err(error)) => return Err(DeliverError::Unreadable(message.name.delivery, error.to_string())),
        None => return Ok(None),
    };
    let delivery = &found.stored.delivery;
    let is_asked_for = delivery.status == DeliveryStatus::Pending && delivery.next_attempt() == message.attempt;
    Ok(is_asked_for.then_some(found))
}

/// The reason why a message is to be redelivered.
#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the delivery {0} cannot be read: {1}")]
    Unreadable(DeliveryId, String),
    #[error("the delivery was not handed over to the slow lane: {0}")]
    HandOver(String),
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
