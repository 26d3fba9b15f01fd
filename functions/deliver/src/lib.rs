//! Makes one attempt of each delivery that the queue hands over, and decides what follows.

mod circuit_breaker;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use bytes::Bytes;
use domain::webhooks::delivery::{Outcome, RetryDecision};
use domain::webhooks::retry;
use domain::{Attempt, Clock, Delivery, DeliveryStatus, Environment, Subscription, Timestamp};
use runtime::{DeliveryMessage, Queue, Timing, parse_batch};
use std::sync::Arc;
use std::time::Duration;
use store::{DataKey, DeliveryToSend, Store, StoreError};
use webhook::master_keys::{MasterKeys, UnknownMasterKeyError};
use webhook::sender::{AttemptResult, Sender};
use webhook::signature::{self, SigningSecrets};
use webhook::target::Target;

/// What a [`Deliver`] is made of.
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// Takes the next attempt where it is near.
    pub queue: Arc<dyn Queue>,
    /// What signing secrets derive from.
    pub master_keys: MasterKeys,
    /// Makes attempts.
    pub sender: Sender,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// When the sweep is to look.
    pub timing: Timing,
}

/// The queue's reader.
#[derive(Clone)]
pub struct Deliver(Arc<Dependencies>);

impl Deliver {
    /// A reader made of `dependencies`.
    pub fn new(dependencies: Dependencies) -> Self {
        Self(Arc::new(dependencies))
    }

    /// Handles a batch of messages, all at once. Names those that are to be handed out again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut failed = Vec::new();
        let queued: Vec<(_, DeliveryMessage)> = parse_batch(&batch);
        let wanted: Vec<_> = queued.iter().map(|(_, message)| (message.environment(), message.name)).collect();
        match self.0.store.deliveries_to_send(&wanted).await {
            Ok(deliveries) => {
                let attempts = queued.iter().map(|(id, message)| {
                    let read = deliveries.iter().find(|found| {
                        found.stored.environment == message.environment()
                            && found.stored.delivery.id == message.name.delivery
                    });
                    async move { Box::pin(self.deliver(message, read?)).await.err().map(|error| (id.clone(), error)) }
                });
                for (id, error) in futures_util::future::join_all(attempts).await.into_iter().flatten() {
                    tracing::warn!(message_id = id, %error, "an attempt was not recorded");
                    failed.extend(id);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a batch of deliveries was not read");
                failed.extend(queued.into_iter().filter_map(|(id, _)| id));
            }
        }
        let mut response = SqsBatchResponse::default();
        response.set_failures(failed);
        response
    }

    /// Makes the attempt that `message` asks for, unless it was made or is not to be made, or not yet.
    async fn deliver(&self, message: &DeliveryMessage, found: &DeliveryToSend) -> Result<(), DeliverError> {
        let DeliveryToSend { stored: read, health, body, data_key } = found;
        let delivery = &read.delivery;
        if delivery.status != DeliveryStatus::Pending || delivery.next_attempt() != message.attempt {
            return Ok(());
        }
        // Without a subscription nobody is to be told; without a body the person has been erased.
        let (Some(subscription), Some(body), DeliveryStatus::Pending) = (&read.subscription, body, read.status())
        else {
            return Ok(self.0.store.cancel_delivery(read.environment, delivery).await?);
        };
        if let Some(due_at) = self.wait_for_circuit(read.environment, subscription, health).await? {
            return self.postpone(read.environment, delivery, due_at).await;
        }
        let started_at = self.0.clock.now();
        let result = self.attempt(read.environment, delivery, body, subscription, started_at).await?;
        let (outcome, status) = (result.outcome, result.status);
        // First what it says of the receiver: once the outcome is recorded, nobody comes back to say it.
        self.update_health(read.environment, subscription, health, outcome, status).await?;
        self.record(read.environment, delivery, data_key.as_ref(), started_at, result).await
    }

    async fn attempt(
        &self,
        environment: Environment,
        delivery: &Delivery,
        body: &str,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<AttemptResult, DeliverError> {
        let secret = |secret| self.0.master_keys.signing_secret(&environment, subscription.id, secret);
        let signers = SigningSecrets {
            current: secret(subscription.secret)?,
            previous: subscription.previous_secret_at(now).map(secret).transpose()?,
        };
        let body = Bytes::copy_from_slice(body.as_bytes());
        let headers = signature::headers(
            delivery.contract,
            delivery.event_type.name(),
            &delivery.id.to_string(),
            now.seconds(),
            &body,
            &signers,
        );
        let Ok(target) = Target::parse(&subscription.url, self.0.sender.policy()) else {
            return Ok(blocked());
        };
        let result = self.0.sender.send(&target, &headers, body).await;
        tracing::info!(
            delivery = %delivery.id,
            event = delivery.event_type.name(),
            to = target.host(),
            attempt = delivery.next_attempt(),
            outcome = result.outcome.name(),
            status = result.status,
            latency_ms = u64::try_from(result.latency.as_millis()).unwrap_or(u64::MAX),
            "attempted"
        );
        Ok(result)
    }

    /// Records the attempt with what follows; the next one is enqueued where the queue can hold it that long.
    async fn record(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        started_at: Timestamp,
        result: AttemptResult,
    ) -> Result<(), DeliverError> {
        let Dependencies { clock, timing, store, .. } = &*self.0;
        let now = clock.now();
        let attempt = Attempt {
            number: delivery.next_attempt(),
            started_at,
            outcome: result.outcome,
            status: result.status,
            latency_ms: u64::try_from(result.latency.as_millis()).unwrap_or(u64::MAX),
            response: result.response.into(),
        };
        let asked = result.retry_after.and_then(|header| retry::parse_retry_after(&header, now));
        let next =
            delivery.after_attempt(attempt.number, attempt.outcome, asked, random_fraction(), timing.speedup, now);
        let RetryDecision::RetryAt(due_at) = next else {
            store.record_attempt(environment, delivery, data_key, &attempt, next, None).await?;
            return Ok(());
        };
        let check_at = timing.check_at_when_scheduled(due_at, now);
        let counted = store.record_attempt(environment, delivery, data_key, &attempt, next, Some(check_at)).await?;
        if counted && timing.fits_queue_delay(due_at, now) {
            self.enqueue(DeliveryMessage::new(environment, delivery.reference(), attempt.number + 1), due_at).await;
        }
        Ok(())
    }

    /// Hands `message` to the queue for `due_at`. The delivery is in the due index already: what the queue does not
    /// take, the sweep finds.
    async fn enqueue(&self, message: DeliveryMessage, due_at: Timestamp) {
        let delay = due_at.since(self.0.clock.now());
        if let Err(error) = self.0.queue.send(vec![(message, delay)]).await {
            tracing::warn!(%error, "a retry was not enqueued; the sweep will find it");
        }
    }
}

/// Why an attempt is to be made or recorded again.
#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Master(#[from] UnknownMasterKeyError),
}

/// The target's rules have changed since it was registered.
fn blocked() -> AttemptResult {
    AttemptResult {
        outcome: Outcome::Blocked,
        status: None,
        latency: Duration::ZERO,
        response: String::new(),
        retry_after: None,
    }
}

/// A number in `0.0..1.0` for the jitter of a wait.
fn random_fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness there is merely no jitter.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}
