//! The health of an endpoint: the claim of a probe before an attempt, and the update after it.
//!
//! Many failures in a row open the circuit. While it is open, deliveries are parked and lose no attempt. When the
//! waiting time is over, one delivery claims the right to probe the endpoint with a conditional write; the others stay
//! parked. The probe's outcome closes the circuit or opens it for longer. `domain` has the states and thresholds.

use crate::{DeliverError, DeliveryHandler};
use domain::webhooks::attempt::Outcome;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery_lane::DeliveryLane;
use domain::webhooks::subscription::DisabledReason;
use domain::{Environment, Subscription, SubscriptionId, Timestamp};
use std::time::Duration;
use webhook::sender::AttemptResult;

/// Time for which a claimed probe keeps other deliveries from probing: longer than an attempt may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// The status by which an endpoint unsubscribes: 410 Gone.
const STATUS_GONE: u16 = 410;

impl DeliveryHandler {
    /// Claims the probe of a half-open circuit. Returns `false` if another delivery probes the endpoint.
    pub(crate) async fn claim_probe(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
    ) -> Result<bool, DeliverError> {
        let now = self.dependencies.clock.now();
        Ok(self.dependencies.store.claim_probe(environment, subscription, now.after(PROBE_TIMEOUT), now).await?)
    }

    /// Updates the endpoint's health after an attempt: a success clears all failures; a 410, or nothing but failures
    /// for five days, disables the subscription. Returns the lane of the endpoint's next attempt.
    pub(crate) async fn update_health(
        &self,
        environment: Environment,
        subscription: &Subscription,
        health: &EndpointHealth,
        result: &AttemptResult,
    ) -> Result<DeliveryLane, DeliverError> {
        let now = self.dependencies.clock.now();
        if result.outcome == Outcome::Delivered {
            return self.record_success(environment, subscription.id, health, result.latency, now).await;
        }
        let speedup = self.dependencies.timing.speedup;
        let after = health.after_latency(result.latency, now, speedup).after_failure(now, speedup);
        if result.status == Some(STATUS_GONE) {
            self.disable(environment, subscription.id, DisabledReason::Gone).await?;
        } else if after.should_disable(now, speedup) {
            self.disable(environment, subscription.id, DisabledReason::Failing).await?;
        } else {
            let store = &self.dependencies.store;
            if let Err(error) = store.record_endpoint_failure(environment, subscription.id, &after, now).await {
                // Failing here would repeat the attempt, which is worse than one failure that is not counted.
                tracing::warn!(%error, subscription = %subscription.id, "cannot store an endpoint failure; it is not counted");
            }
        }
        Ok(after.lane())
    }

    /// Records a success. It costs nothing while the endpoint is healthy.
    async fn record_success(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        health: &EndpointHealth,
        latency: Duration,
        now: Timestamp,
    ) -> Result<DeliveryLane, DeliverError> {
        let store = &self.dependencies.store;
        let after = health.after_success(latency, now, self.dependencies.timing.speedup);
        if after != *health {
            store.record_endpoint_success(environment, subscription, health, &after).await?;
        }
        if health.open_until.is_some()
            && let Err(error) = store.hasten_parked_entry(environment, subscription, now).await
        {
            // Failing here would repeat the attempt. The sweeper finds the closed circuit within a probe's interval.
            tracing::warn!(%error, subscription = %subscription, "parked deliveries are released later");
        }
        Ok(after.lane())
    }
}
