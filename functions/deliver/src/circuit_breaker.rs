//! The circuit breaker of an endpoint: checked before an attempt, updated after it.
//!
//! Many failures in a row open the circuit. While it is open, deliveries are postponed and lose no attempt. When the
//! waiting time is over, one delivery claims the right to probe the endpoint with a conditional write; the others are
//! postponed further. The probe's outcome closes the circuit or opens it for longer. `domain` has the states and
//! thresholds.

use crate::{DeliverError, DeliveryHandler, random_fraction};
use domain::webhooks::attempt::Outcome;
use domain::webhooks::circuit_breaker::{CircuitState, EndpointHealth};
use domain::webhooks::subscription::DisabledReason;
use domain::{Delivery, Environment, Subscription, Timestamp};
use runtime::DeliveryMessage;
use std::time::Duration;

/// Time for which a claimed probe keeps other deliveries from probing: longer than an attempt may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for which deliveries wait for the outcome of a probe. Shortened by the speed-up.
const PROBE_WAIT: Duration = Duration::from_mins(1);

/// Minimum wait for the outcome of a probe, whatever the speed-up.
const MIN_PROBE_WAIT: Duration = Duration::from_secs(1);

/// The status by which an endpoint unsubscribes: 410 Gone.
const STATUS_GONE: u16 = 410;

impl DeliveryHandler {
    /// Returns when a delivery is to be tried again because the circuit is open, or `None` if it may be attempted now.
    pub(crate) async fn wait_for_circuit(
        &self,
        environment: Environment,
        subscription: &Subscription,
        health: &EndpointHealth,
    ) -> Result<Option<Timestamp>, DeliverError> {
        let now = self.dependencies.clock.now();
        let open_until = match health.circuit_state(now) {
            CircuitState::Closed => return Ok(None),
            CircuitState::OpenUntil(until) => until,
            CircuitState::HalfOpen => {
                let until = now.after(PROBE_TIMEOUT);
                if self.dependencies.store.claim_probe(environment, subscription.id, until, now).await? {
                    return Ok(None);
                }
                now
            }
        };
        // With jitter, so that postponed deliveries do not all return in the same moment.
        let wait = self.dependencies.timing.speedup.shorten(PROBE_WAIT).max(MIN_PROBE_WAIT);
        Ok(Some(open_until.max(now).after(wait.mul_f64(random_fraction()))))
    }

    /// Postpones a delivery until `due_at` without counting an attempt.
    pub(crate) async fn postpone(
        &self,
        environment: Environment,
        delivery: &Delivery,
        due_at: Timestamp,
    ) -> Result<(), DeliverError> {
        let timing = self.dependencies.timing;
        let now = self.dependencies.clock.now();
        if delivery.due_at.is_some_and(|due_at| due_at > now) {
            // Postponed before, for another message of the same attempt, which sent the message for that time. Without
            // this check the two would go on side by side for as long as the circuit is open.
            return Ok(());
        }
        let check_at = timing.check_at_when_scheduled(due_at, now);
        let postponed = self.dependencies.store.postpone_delivery(environment, delivery, due_at, check_at).await?;
        if postponed && timing.fits_queue_delay(due_at, now) {
            let message = DeliveryMessage::new(environment, delivery.reference(), delivery.next_attempt());
            self.enqueue(message, due_at).await;
        }
        Ok(())
    }

    /// Updates the endpoint's health after an attempt: a success clears all failures; a 410, or nothing but failures
    /// for five days, disables the subscription.
    pub(crate) async fn update_health(
        &self,
        environment: Environment,
        subscription: &Subscription,
        health: &EndpointHealth,
        outcome: Outcome,
        status: Option<u16>,
    ) -> Result<(), DeliverError> {
        let store = &self.dependencies.store;
        if outcome == Outcome::Delivered {
            if *health != EndpointHealth::default() {
                let cleared = store.commit(vec![store.clear_failures(environment, subscription.id)]).await;
                cleared.map_err(|error| DeliverError::Store(error.into()))?;
            }
            return Ok(());
        }
        let now = self.dependencies.clock.now();
        let after = health.after_failure(now, self.dependencies.timing.speedup);
        if status == Some(STATUS_GONE) {
            return self.disable(environment, subscription.id, DisabledReason::Gone).await;
        }
        if after.should_disable(now, self.dependencies.timing.speedup) {
            return self.disable(environment, subscription.id, DisabledReason::Failing).await;
        }
        if let Err(error) = store.record_endpoint_failure(environment, subscription.id, &after, now).await {
            // Failing here would repeat the attempt, which is worse than one failure that is not counted.
            tracing::warn!(%error, subscription = %subscription.id, "cannot store an endpoint failure; it is not counted");
        }
        Ok(())
    }
}
