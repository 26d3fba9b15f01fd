//! How receivers are doing: the breaker before an attempt, what an attempt says after it, and the end of hope.

use crate::{Deliver, DeliverError, random_fraction};
use domain::audit::{Action, Actor, AuditEntry};
use domain::webhooks::circuit_breaker::{CircuitState, EndpointHealth};
use domain::webhooks::delivery::Outcome;
use domain::webhooks::subscription::{DisabledReason, SubscriptionStatus};
use domain::{AuditId, Delivery, Environment, Subscription, SubscriptionId, Timestamp};
use runtime::DeliveryMessage;
use std::time::Duration;
use store::CommitError;

/// How long a probe keeps others from probing: an attempt's deadline and some.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long deliveries wait for a probe under way, at real pace and at any.
const PROBE_WAIT: Duration = Duration::from_mins(1);
const MIN_PROBE_WAIT: Duration = Duration::from_secs(1);

/// How often disabling is tried anew when the subscription changes meanwhile.
const MAX_CONFLICT_RETRIES: u32 = 3;

/// What a receiver answers that wants no more.
const STATUS_GONE: u16 = 410;

impl Deliver {
    /// Until when a delivery has to wait because the breaker is open; `None` when it may be attempted.
    pub(crate) async fn wait_for_circuit(
        &self,
        environment: Environment,
        subscription: &Subscription,
        health: &EndpointHealth,
    ) -> Result<Option<Timestamp>, DeliverError> {
        let now = self.0.clock.now();
        let waiting = match health.circuit_state(now) {
            CircuitState::Closed => return Ok(None),
            CircuitState::OpenUntil(until) => until,
            CircuitState::HalfOpen => {
                let claimed =
                    self.0.store.claim_probe(environment, subscription.id, now.after(PROBE_TIMEOUT), now).await?;
                if claimed {
                    return Ok(None);
                }
                now
            }
        };
        // Spread, so that what waited does not come back in one moment.
        let wait = self.0.timing.speedup.shorten(PROBE_WAIT).max(MIN_PROBE_WAIT);
        Ok(Some(waiting.max(now).after(wait.mul_f64(random_fraction()))))
    }

    /// Puts a delivery off without counting an attempt.
    pub(crate) async fn postpone(
        &self,
        environment: Environment,
        delivery: &Delivery,
        due_at: Timestamp,
    ) -> Result<(), DeliverError> {
        let timing = self.0.timing;
        let now = self.0.clock.now();
        let check_at = timing.check_at_when_scheduled(due_at, now);
        let postponed = self.0.store.postpone_delivery(environment, delivery, due_at, check_at).await?;
        if postponed && timing.fits_queue_delay(due_at, now) {
            let message = DeliveryMessage::new(environment, delivery.reference(), delivery.next_attempt());
            self.enqueue(message, due_at).await;
        }
        Ok(())
    }

    /// Notes what an attempt says of the receiver: a success ends all failing, 410 and five days of nothing but
    /// failures end the subscription.
    pub(crate) async fn update_health(
        &self,
        environment: Environment,
        subscription: &Subscription,
        health: &EndpointHealth,
        outcome: Outcome,
        status: Option<u16>,
    ) -> Result<(), DeliverError> {
        let store = &self.0.store;
        if outcome == Outcome::Delivered {
            if *health != EndpointHealth::default() {
                let forgotten = store.commit(vec![store.clear_failures(environment, subscription.id)]).await;
                forgotten.map_err(|error| DeliverError::Store(error.into()))?;
            }
            return Ok(());
        }
        let now = self.0.clock.now();
        let after = health.after_failure(now, self.0.timing.speedup);
        if status == Some(STATUS_GONE) {
            return self.disable(environment, subscription.id, DisabledReason::Gone).await;
        }
        if after.should_disable(now, self.0.timing.speedup) {
            return self.disable(environment, subscription.id, DisabledReason::Failing).await;
        }
        if let Err(error) = store.record_endpoint_failure(environment, subscription.id, &after, now).await {
            // Better one failure uncounted than the same attempt again.
            tracing::warn!(%error, subscription = %subscription.id, "a failure was not counted");
        }
        Ok(())
    }

    async fn disable(
        &self,
        environment: Environment,
        id: SubscriptionId,
        reason: DisabledReason,
    ) -> Result<(), DeliverError> {
        let store = &self.0.store;
        for _ in 0..MAX_CONFLICT_RETRIES {
            let Some(found) = store.subscription(environment, id).await? else { return Ok(()) };
            if found.status == SubscriptionStatus::Disabled {
                return Ok(());
            }
            let disabled = found.disabled(reason, self.0.clock.now());
            let version = disabled.version.to_be_bytes();
            let entry = AuditEntry {
                id: AuditId::derived_at(disabled.updated_at, &[b"subscription", id.bytes(), &version]),
                action: Action::WebhookDisabled,
                actor: Actor::System,
                subject: id.into(),
                business: disabled.business,
                statuses: None,
                at: disabled.updated_at,
            };
            let writes =
                vec![store.replace_subscription(environment, &disabled)?, store.put_audit_entry(environment, &entry)?];
            match store.commit(writes).await {
                Ok(()) => {
                    tracing::warn!(subscription = %id, reason = reason.name(), "a subscription was disabled");
                    return Ok(());
                }
                Err(CommitError::ConditionFailed { .. }) => {}
                Err(error) => return Err(DeliverError::Store(error.into())),
            }
        }
        // The next failure will try again.
        Ok(())
    }
}
