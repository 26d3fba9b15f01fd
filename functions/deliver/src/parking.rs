//! Parking deliveries while the circuit of their endpoint is open. The sweeper probes the endpoint and releases them.

use crate::{DeliverError, DeliveryHandler, Dependencies};
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery_lane::{MAX_PARKED_TIME, PROBE_INTERVAL, ParkedAction};
use domain::webhooks::subscription::SubscriptionStatus;
use domain::{Delivery, Environment, SubscriptionId};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The subscriptions for which a batch has made the sweeper check parked deliveries.
#[derive(Default)]
pub(crate) struct ParkedEntries(Mutex<HashSet<(Environment, SubscriptionId)>>);

impl ParkedEntries {
    /// Returns whether this is the batch's first delivery that is parked for the subscription. If its entry is not
    /// written, its message comes again.
    fn is_first(&self, environment: Environment, subscription: SubscriptionId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((environment, subscription))
    }
}

impl DeliveryHandler {
    /// Parks a delivery without counting an attempt. `store::webhooks::parking` explains the order of the writes.
    pub(crate) async fn park(
        &self,
        environment: Environment,
        delivery: &Delivery,
        health: &EndpointHealth,
        entries: &ParkedEntries,
    ) -> Result<(), DeliverError> {
        let Dependencies { clock, timing, store, .. } = &*self.dependencies;
        let now = clock.now();
        let subscription = delivery.subscription;
        store.put_parked_delivery(environment, delivery).await?;
        if entries.is_first(environment, subscription) {
            let check_at = match health.parked_action(now) {
                ParkedAction::WaitUntil(until) => until,
                // Another delivery has just claimed the probe.
                ParkedAction::Probe | ParkedAction::Release => now.after(timing.speedup.shorten(PROBE_INTERVAL)),
            };
            store.put_parked_entry(environment, subscription, check_at).await?;
        }
        // One that is due later has been parked before, for another message of the same attempt.
        if delivery.due_at.is_none_or(|due_at| due_at <= now) {
            let due_at = now.after(timing.speedup.shorten(MAX_PARKED_TIME));
            store.postpone_delivery(environment, delivery, due_at, due_at).await?;
        }
        let current = store.parked_subscription(environment, subscription).await?;
        if current.status != Some(SubscriptionStatus::Enabled)
            || current.health.parked_action(now) == ParkedAction::Release
        {
            store.restore_parked_entry(environment, subscription, now).await?;
        }
        Ok(())
    }
}
