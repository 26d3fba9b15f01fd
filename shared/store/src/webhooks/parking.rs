//! Parked deliveries: those that wait until the circuit breaker of their endpoint closes.
//!
//! A parked delivery stays in the due index, under a check time so far away ([`MAX_PARKED_TIME`]) that it costs nothing
//! meanwhile. Beside it an item in a partition of its subscription lets those who wait for one circuit be found, and one
//! entry of the due index for the subscription makes the sweeper look at them: it probes the endpoint with one of them,
//! releases all when the circuit has closed, and then deletes the entry.
//!
//! **Nothing is left behind.** A delivery is parked in this order: its item, the entry, its own check time. Whoever is
//! interrupted before the end still has the delivery in the index under its earlier check time, and its message comes
//! again. The circuit may close meanwhile, and the last entry be deleted before the new item was there; so whoever has
//! parked reads the health once more, and brings the entry back if the circuit is closed. Releasing moves the check time
//! of the delivery first, then sends its message, then deletes its item: each step may be repeated.
//!
//! A release that does not know these items finds every delivery under its own check time.
//!
//! [`MAX_PARKED_TIME`]: domain::webhooks::delivery_lane::MAX_PARKED_TIME

use crate::table::Store;
use crate::table::condition::Condition;
use crate::table::due_index::{DueParked, DueShard};
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, get_text, number, text};
use crate::table::key_schema::{self as keys, DUE_CHECK, DUE_SHARD, PARKED_DELIVERY_PREFIX, SK, TTL};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::retention;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery::DeliveryRef;
use domain::webhooks::subscription::SubscriptionStatus;
use domain::{Delivery, DeliveryId, DeliveryStatus, Environment, LeadId, Subscription, SubscriptionId, Timestamp};

/// A parked delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParkedDelivery {
    /// The delivery, its subscription and its lead.
    pub reference: DeliveryRef,
    /// Number of attempts made before it was parked.
    pub attempts: u32,
}

/// The state of a subscription with parked deliveries.
#[derive(Clone, Debug, PartialEq)]
pub struct ParkedSubscription {
    /// The health of the endpoint.
    pub health: EndpointHealth,
    /// The subscription's status; `None` if it was deleted.
    pub status: Option<SubscriptionStatus>,
}

impl Store {
    /// Adds a delivery to the parked ones of its subscription. It is parked once [`Store::put_parked_entry`] and
    /// [`Store::postpone_delivery`] have succeeded as well.
    pub async fn put_parked_delivery(&self, environment: Environment, delivery: &Delivery) -> Result<(), StoreError> {
        let mut item = keys::parked_delivery(environment, delivery.subscription, delivery.id).to_item();
        item.insert("attempts".to_owned(), number(delivery.attempts));
        item.extend(delivery.lead.map(|lead| ("lead".to_owned(), text(lead.simple()))));
        item.insert(TTL.to_owned(), number(delivery.created_at.after(retention::DELIVERY_LOGS).seconds()));
        Ok(self.commit(vec![Write::put_without_nonce(Table::Main, item)]).await?)
    }

    /// Makes the sweeper check the parked deliveries of a subscription, at `check_at` unless it does so earlier.
    pub async fn put_parked_entry(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        check_at: Timestamp,
    ) -> Result<(), StoreError> {
        let check = format!("{DUE_CHECK} = if_not_exists({DUE_CHECK}, :check)");
        Ok(self.commit(vec![parked_entry(environment, subscription, &check, check_at)]).await?)
    }

    /// Makes the sweeper check the parked deliveries of a subscription at `now`, because the circuit has closed after one
    /// was parked.
    pub async fn restore_parked_entry(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.commit(vec![parked_entry(environment, subscription, &format!("{DUE_CHECK} = :check"), now)]).await?)
    }

    /// Makes the sweeper check the parked deliveries of a subscription at `now`, if there are any.
    pub async fn hasten_parked_entry(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let write = Write::set(&keys::parked_entry(environment, subscription), format!("{DUE_CHECK} = :check"))
            .require_exists()
            .value(":check", number(now.millis()));
        self.commit_if(vec![write]).await.map(drop)
    }

    /// Deletes the entry of a subscription without parked deliveries, unless its check time was moved since it was read.
    pub async fn delete_parked_entry(&self, due: &DueParked) -> Result<(), StoreError> {
        let write = Write::delete(&keys::parked_entry(due.environment, due.subscription))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen"))
            .value(":seen", number(due.check_at.millis()));
        self.commit_if(vec![write]).await.map(drop)
    }

    /// Reads, consistently, what decides about the parked deliveries of a subscription.
    pub async fn parked_subscription(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
    ) -> Result<ParkedSubscription, StoreError> {
        let (key, health) =
            (keys::subscription(environment, subscription), keys::endpoint_health(environment, subscription));
        let mut items = self.items([key.clone(), health.clone()].into_iter()).await?;
        let subscription =
            items.remove(&key).map(|item| from_item::<Subscription>(item, "a subscription")).transpose()?;
        let health = items.remove(&health).map(|item| from_item(item, "an endpoint's health")).transpose()?;
        Ok(ParkedSubscription {
            health: health.unwrap_or_default(),
            status: subscription.map(|subscription| subscription.status),
        })
    }

    /// Reads up to `limit` parked deliveries of a subscription.
    pub async fn parked_deliveries(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        limit: usize,
    ) -> Result<Vec<ParkedDelivery>, StoreError> {
        let partition = keys::parked_deliveries(environment, subscription);
        let page = self.query(Source::Table, partition).sort_key_prefix(PARKED_DELIVERY_PREFIX).limit(limit).page();
        let found = page.await?.items;
        Ok(found.iter().filter_map(|item| ParkedDelivery::read(subscription, item)).collect())
    }

    /// Makes a parked delivery due at `now`, to be checked at `check_at`. Returns `false` if it was attempted or ended
    /// since it was parked.
    pub async fn release_delivery(
        &self,
        environment: Environment,
        parked: &ParkedDelivery,
        now: Timestamp,
        check_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = keys::delivery(environment, parked.reference.delivery);
        let write = Write::set(&key, format!("dueAt = :now, {DUE_CHECK} = :check"))
            .require(Condition::Unchanged, "#status = :pending AND attempts = :before")
            .name("#status", "status")
            .value(":pending", text(DeliveryStatus::Pending.name()))
            .value(":before", number(parked.attempts))
            .value(":now", number(now.millis()))
            .value(":check", number(check_at.millis()));
        self.commit_if(vec![write]).await
    }

    /// Removes a delivery from the parked ones of its subscription.
    pub async fn delete_parked_delivery(
        &self,
        environment: Environment,
        reference: &DeliveryRef,
    ) -> Result<(), StoreError> {
        self.delete(&keys::parked_delivery(environment, reference.subscription, reference.delivery)).await
    }
}

/// Returns the write of the entry of the due index for a subscription's parked deliveries; `check` assigns its check time.
fn parked_entry(environment: Environment, subscription: SubscriptionId, check: &str, check_at: Timestamp) -> Write {
    let [(_, shard), (_, check_at)] = DueShard::of_parked(subscription.bytes()).attributes(check_at);
    Write::update(&keys::parked_entry(environment, subscription), format!("SET {DUE_SHARD} = :shard, {check}"))
        .value(":shard", shard)
        .value(":check", check_at)
}

impl ParkedDelivery {
    fn read(subscription: SubscriptionId, item: &Item) -> Option<Self> {
        let delivery = DeliveryId::parse(get_text(item, SK)?.strip_prefix(PARKED_DELIVERY_PREFIX)?)?;
        let lead = get_text(item, "lead").and_then(LeadId::parse);
        Some(Self { reference: DeliveryRef { delivery, subscription, lead }, attempts: get_number(item, "attempts")? })
    }
}
