//! Parked deliveries: probing the endpoint of an open circuit, and releasing all deliveries once it has closed.

use crate::Sweeper;
use domain::Timestamp;
use domain::webhooks::delivery_lane::{DeliveryLane, PROBE_INTERVAL, ParkedAction};
use domain::webhooks::subscription::SubscriptionStatus;
use runtime::{DeliveryMessage, DueOutcome};
use std::time::Duration;
use store::{DueParked, ParkedDelivery, StoreError, join_bounded};
use tokio::time::Instant;

/// Number of parked deliveries that are read and released before the time is checked again.
const PAGE_SIZE: usize = 100;

/// Number of released deliveries that become due in the same second: an endpoint that has just recovered is not to fail
/// under all of them at once.
const RELEASES_PER_SECOND: u32 = 50;

/// Maximum delay of a released delivery.
const MAX_RELEASE_DELAY: Duration = Duration::from_mins(1);

/// Number of deliveries after which a release goes on with the next run, a minute later, when they are due. Other
/// subscriptions have their turn meanwhile.
const MAX_RELEASES: u32 = RELEASES_PER_SECOND * 60;

impl Sweeper {
    /// Checks the parked deliveries of a subscription. Those of a subscription that was deleted or disabled are released
    /// too: `deliver` cancels them.
    pub(crate) async fn check_parked(&self, due: DueParked, ends_at: Instant) -> Result<DueOutcome, StoreError> {
        let store = &self.dependencies.store;
        let now = self.dependencies.clock.now();
        let found = store.parked_subscription(due.environment, due.subscription).await?;
        let action = match found.status {
            Some(SubscriptionStatus::Enabled) => found.health.parked_action(now),
            Some(SubscriptionStatus::Disabled) | None => ParkedAction::Release,
        };
        match action {
            ParkedAction::Release => self.release_parked(due, found.health.lane(), ends_at).await,
            ParkedAction::Probe => self.probe(due, now).await,
            ParkedAction::WaitUntil(until) => {
                store.move_parked_check(&due, until).await?;
                Ok(DueOutcome::Unchanged)
            }
        }
    }

    /// Enqueues one parked delivery, which probes the endpoint.
    async fn probe(&self, due: DueParked, now: Timestamp) -> Result<DueOutcome, StoreError> {
        let store = &self.dependencies.store;
        let parked = store.parked_deliveries(due.environment, due.subscription, PAGE_SIZE).await?;
        if parked.is_empty() {
            store.delete_parked_entry(&due).await?;
            return Ok(DueOutcome::Completed);
        }
        let next = now.after(self.dependencies.timing.speedup.shorten(PROBE_INTERVAL));
        store.move_parked_check(&due, next).await?;
        for delivery in parked {
            let message = self.release(due, &delivery, now).await?;
            if let Some(message) = message {
                self.enqueue_deliveries(DeliveryLane::Slow, vec![(message, Duration::ZERO)]).await;
            }
            store.delete_parked_delivery(due.environment, &delivery.reference).await?;
            if message.is_some() {
                return Ok(DueOutcome::Reenqueued);
            }
        }
        Ok(DueOutcome::Unchanged)
    }

    /// Releases parked deliveries page by page until `ends_at`, at most [`MAX_RELEASES`]. The next run goes on with a
    /// subscription that has more.
    async fn release_parked(
        &self,
        due: DueParked,
        lane: DeliveryLane,
        ends_at: Instant,
    ) -> Result<DueOutcome, StoreError> {
        let store = &self.dependencies.store;
        let mut released: u32 = 0;
        while released < MAX_RELEASES && Instant::now() < ends_at {
            let parked = store.parked_deliveries(due.environment, due.subscription, PAGE_SIZE).await?;
            if parked.is_empty() {
                store.delete_parked_entry(&due).await?;
                return Ok(DueOutcome::ReenqueuedMany(released));
            }
            let delay = self.release_delay(released);
            let due_at = self.dependencies.clock.now().after(delay);
            let releases = parked.iter().map(|delivery| self.release(due, delivery, due_at));
            let messages = join_bounded(releases).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            let messages: Vec<_> = messages.into_iter().flatten().map(|message| (message, delay)).collect();
            released = released.saturating_add(u32::try_from(messages.len()).unwrap_or(u32::MAX));
            self.enqueue_deliveries(lane, messages).await;
            let removals = parked.iter().map(|parked| store.delete_parked_delivery(due.environment, &parked.reference));
            join_bounded(removals).await.into_iter().collect::<Result<(), _>>()?;
        }
        if released == 0 {
            return Ok(DueOutcome::Left);
        }
        // After this run and before the next one, which comes within a minute of it.
        let next = self.dependencies.clock.now().after(self.release_delay(released) / 2);
        store.move_parked_check(&due, next).await?;
        Ok(DueOutcome::ReenqueuedMany(released))
    }

    /// Makes a parked delivery due at `due_at`, and returns its message; `None` if it was attempted or ended meanwhile.
    async fn release(
        &self,
        due: DueParked,
        parked: &ParkedDelivery,
        due_at: Timestamp,
    ) -> Result<Option<DeliveryMessage>, StoreError> {
        let check_at = self.dependencies.timing.check_at_when_enqueued(due_at);
        let released = self.dependencies.store.release_delivery(due.environment, parked, due_at, check_at).await?;
        Ok(released.then(|| DeliveryMessage::new(due.environment, parked.reference, parked.attempts + 1)))
    }

    /// Returns the delay of the next deliveries after `released` ones.
    fn release_delay(&self, released: u32) -> Duration {
        let delay = Duration::from_secs(u64::from(released / RELEASES_PER_SECOND)).min(MAX_RELEASE_DELAY);
        self.dependencies.timing.speedup.shorten(delay)
    }

    async fn enqueue_deliveries(&self, lane: DeliveryLane, messages: Vec<(DeliveryMessage, Duration)>) {
        if !messages.is_empty()
            && let Err(error) = self.dependencies.queues.of(lane).send(messages).await
        {
            tracing::warn!(%error, "released deliveries not enqueued; a later sweep will re-enqueue them");
        }
    }
}

#[cfg(test)]
mod tests;
