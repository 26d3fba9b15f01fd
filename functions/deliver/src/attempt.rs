//! One attempt: signing, sending, and recording the outcome with what follows from it.
//!
//! An attempt that is still running after [`SLOW_ATTEMPT`] marks its endpoint as slow at once, so that other batches of the
//! prompt lane do not begin to wait for it as well.
//!
//! The outcome and the delivery's next state are one conditional write. If another attempt follows, the same write puts
//! the delivery into the due index under its check time; only then is the next message sent, if the queue can hold it
//! that long. Whatever the queue does not take is found by the sweeper.

use crate::{DeliverError, DeliveryHandler, Dependencies, random_fraction};
use bytes::Bytes;
use domain::webhooks::attempt::Outcome;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery::RetryDecision;
use domain::webhooks::delivery_lane::{DeliveryLane, SLOW_ATTEMPT};
use domain::webhooks::retry;
use domain::{Attempt, Delivery, Environment, Subscription, Timestamp};
use runtime::{AttemptRecord, DeliveryMessage};
use std::time::Duration;
use store::DataKey;
use tokio::time::timeout;
use webhook::sender::AttemptResult;
use webhook::signature::{self, SigningSecrets};
use webhook::target::Target;

impl DeliveryHandler {
    /// Signs `body` and sends it to the subscription's URL. Returns the result, and the endpoint's health as it is known
    /// after it, without its outcome.
    pub(crate) async fn attempt(
        &self,
        environment: Environment,
        delivery: &Delivery,
        body: &str,
        subscription: &Subscription,
        health: &EndpointHealth,
        now: Timestamp,
    ) -> Result<(AttemptResult, EndpointHealth), DeliverError> {
        let secret = |secret| self.dependencies.master_keys.signing_secret(&environment, subscription.id, secret);
        let secrets = SigningSecrets {
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
            &secrets,
        );
        let Ok(target) = Target::parse(&subscription.url, self.dependencies.sender.policy()) else {
            return Ok((blocked(), health.clone()));
        };
        let sending = self.dependencies.sender.send(&target, &headers, body);
        let (result, health) = self.mark_if_slow(environment, subscription, health, sending).await;
        let record = AttemptRecord {
            delivery: delivery.id,
            event_type: delivery.event_type,
            host: target.host(),
            attempt: delivery.next_attempt(),
            outcome: result.outcome,
            status: result.status,
            latency_ms: milliseconds(result.latency),
        };
        record.write();
        Ok((result, health))
    }

    /// Awaits an attempt, and marks the endpoint as slow once it takes too long. Returns the health with that mark.
    async fn mark_if_slow(
        &self,
        environment: Environment,
        subscription: &Subscription,
        health: &EndpointHealth,
        sending: impl Future<Output = AttemptResult>,
    ) -> (AttemptResult, EndpointHealth) {
        let mut sending = std::pin::pin!(sending);
        if let Ok(result) = timeout(SLOW_ATTEMPT, &mut sending).await {
            return (result, health.clone());
        }
        let Dependencies { clock, timing, store, .. } = &*self.dependencies;
        let slow = health.after_latency(SLOW_ATTEMPT, clock.now(), timing.speedup);
        let Some(slow_until) = slow.slow_until.filter(|_| slow != *health) else {
            return (sending.await, slow);
        };
        let (result, marked) =
            tokio::join!(sending, store.mark_slow_endpoint(environment, subscription.id, slow_until));
        match marked {
            Ok(()) => (result, slow),
            Err(error) => {
                tracing::warn!(%error, subscription = %subscription.id, "a slow endpoint was not marked; its outcome will");
                (result, health.clone())
            }
        }
    }

    /// Records the outcome of an attempt, and enqueues the next attempt in `lane` if the queue can hold it until it is due.
    pub(crate) async fn record(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        started_at: Timestamp,
        lane: DeliveryLane,
        result: AttemptResult,
    ) -> Result<(), DeliverError> {
        let Dependencies { clock, timing, store, .. } = &*self.dependencies;
        let now = clock.now();
        let attempt = Attempt {
            number: delivery.next_attempt(),
            started_at,
            outcome: result.outcome,
            status: result.status,
            latency_ms: milliseconds(result.latency),
            response: result.response.into(),
        };
        let retry_after = result.retry_after.and_then(|header| retry::parse_retry_after(&header, now));
        let next = delivery.after_attempt(
            attempt.number,
            attempt.outcome,
            retry_after,
            random_fraction(),
            timing.speedup,
            now,
        );
        let RetryDecision::RetryAt(due_at) = next else {
            store.record_attempt(environment, delivery, data_key, &attempt, next, None).await?;
            return Ok(());
        };
        let check_at = timing.check_at_when_scheduled(due_at, now);
        let recorded = store.record_attempt(environment, delivery, data_key, &attempt, next, Some(check_at)).await?;
        if recorded && timing.fits_queue_delay(due_at, now) {
            let message = DeliveryMessage::new(environment, delivery.reference(), attempt.number + 1);
            self.enqueue(message, lane, due_at).await;
        }
        Ok(())
    }

    /// Sends `message` to the queue of `lane` with a delay until `due_at`.
    async fn enqueue(&self, message: DeliveryMessage, lane: DeliveryLane, due_at: Timestamp) {
        let delay = due_at.since(self.dependencies.clock.now());
        if let Err(error) = self.dependencies.queues.of(lane).send(vec![(message, delay)]).await {
            tracing::warn!(%error, "retry not enqueued; the sweeper will re-enqueue it");
        }
    }
}

/// The result for a URL that the current policy rejects, although it was accepted when it was registered.
fn blocked() -> AttemptResult {
    AttemptResult {
        outcome: Outcome::Blocked,
        status: None,
        latency: Duration::ZERO,
        response: String::new(),
        retry_after: None,
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
