//! Creating deliveries, reading them for an attempt, and moving them in the due index.
//!
//! The id of a delivery is derived from the change and the subscription, and names its partition: a record of the
//! stream that is read twice creates no second delivery, and a message in the queue needs nothing but ids.
//!
//! Every write of a pending delivery requires that its status and its count of attempts are as they were read. A
//! delivery is in the due index exactly while it is pending: the attributes `dp` and `da` are set when it is created
//! or resumed, and removed by the write that ends it. One that is created together with others has `dp` alone until its
//! first attempt fails or its batch is checked: the entry of the batch is there for it ([`DueEntry`]).

use crate::leads::data_key::data_key_of;
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::due_index::{DueShard, due_attributes};
use crate::table::encryption::{DataKey, decrypt_text};
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, number, text};
use crate::table::key_schema::{self as keys, DUE_CHECK, DUE_SHARD, Key, TTL};
use crate::table::write::{Table, Write};
use crate::webhooks::attempt::put_attempt;
use crate::webhooks::delivery_item::{delivery_attributes, delivery_from_item};
use crate::webhooks::encryption::{encrypt_body, encryption_context};
use crate::webhooks::stored_delivery::{DeliveryToSend, StoredDelivery};
use domain::webhooks::delivery::DeliveryRef;
use domain::{Delivery, DeliveryId, DeliveryStatus, Environment, Timestamp, retention};
use std::collections::HashMap;

/// The result of creating a delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatedDelivery {
    /// The delivery was created.
    New,
    /// The same change had created it before; this is the delivery as it is stored.
    Existing(Box<Delivery>),
}

/// The entry of the due index by which a new delivery is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueEntry {
    /// One of its own, which the sweeper checks at this time.
    Own(Timestamp),
    /// The entry of its batch, which must have been written before.
    OfBatch,
}

/// Returns the item of a pending delivery.
fn delivery_item(environment: Environment, delivery: &Delivery, due_entry: DueEntry) -> Result<Item, StoreError> {
    let mut item = keys::delivery(environment, delivery.id).with(delivery_attributes(delivery)?);
    item.insert(TTL.to_owned(), number(delivery.created_at.after(retention::DELIVERY_LOGS).seconds()));
    match due_entry {
        DueEntry::Own(check_at) => item.extend(due_attributes(delivery.id.bytes(), check_at)),
        // Without a check time the item is not in the index. Every write that sets one puts it into this shard, also one of
        // a release that knows no batches.
        DueEntry::OfBatch => {
            item.insert(DUE_SHARD.to_owned(), text(DueShard::of_work(delivery.id.bytes()).name()));
        }
    }
    Ok(item)
}

/// The deliveries of a batch, by environment and id, or for each the reason why it cannot be read.
pub type DeliveriesToSend = HashMap<(Environment, DeliveryId), Result<DeliveryToSend, StoreError>>;

/// Returns a delivery with everything that its attempt needs, from the items of a batch; `None` if it does not exist.
fn delivery_to_send(
    items: &HashMap<Key, Item>,
    environment: Environment,
    reference: &DeliveryRef,
) -> Result<Option<DeliveryToSend>, StoreError> {
    let item = |key: Key| items.get(&key).cloned();
    let Some(delivery) = item(keys::delivery(environment, reference.delivery)) else { return Ok(None) };
    let subscription = item(keys::subscription(environment, reference.subscription));
    let health = item(keys::endpoint_health(environment, reference.subscription));
    let lead = reference.lead.and_then(|lead| items.get(&keys::lead(environment, lead)));
    let data_key = lead.and_then(data_key_of);
    let stored = StoredDelivery {
        environment,
        delivery: delivery_from_item(delivery)?,
        subscription: subscription.map(|item| from_item(item, "a subscription")).transpose()?,
    };
    let health = health.map(|item| from_item(item, "an endpoint's health")).transpose()?.unwrap_or_default();
    let body = decrypt_text(&stored.delivery.body, data_key.as_ref(), &encryption_context(reference.delivery));
    Ok(Some(DeliveryToSend { stored, health, body, data_key }))
}

impl Store {
    /// Returns the write of a new delivery; it fails with [`Condition::Absent`] if the change created it before. `data_key`
    /// is the key of the lead whose data it holds.
    pub fn put_delivery(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        due_entry: DueEntry,
    ) -> Result<Write, StoreError> {
        let item = delivery_item(environment, &encrypt_body(delivery, data_key)?, due_entry)?;
        Ok(Write::put(Table::Main, item).require_absent())
    }

    /// Stores a new delivery as [`Store::put_delivery`] does, or returns the one that the same change created before.
    pub async fn create_delivery(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        due_entry: DueEntry,
    ) -> Result<CreatedDelivery, StoreError> {
        match self.commit(vec![self.put_delivery(environment, delivery, data_key, due_entry)?]).await {
            Ok(()) => Ok(CreatedDelivery::New),
            Err(CommitError::ConditionFailed { found: Some(found), .. }) => {
                Ok(CreatedDelivery::Existing(Box::new(delivery_from_item(*found)?)))
            }
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Reads the delivery with this id and its subscription, unless it has expired.
    pub async fn delivery(
        &self,
        environment: Environment,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Option<StoredDelivery>, StoreError> {
        let Some(found) = self.unexpired_item(&keys::delivery(environment, id), now).await? else { return Ok(None) };
        let delivery = delivery_from_item(found)?;
        let subscription = self.subscription(environment, delivery.subscription).await?;
        Ok(Some(StoredDelivery { environment, delivery, subscription }))
    }

    /// Reads the deliveries of a batch with everything that their attempts need, in one trip: messages name the
    /// subscription and the lead as well. Deliveries that do not exist are left out; one that this version cannot read,
    /// such as one that a newer release wrote, is an error of its own and hinders no other.
    pub async fn deliveries_to_send(
        &self,
        wanted: &[(Environment, DeliveryRef)],
    ) -> Result<DeliveriesToSend, StoreError> {
        let keys = wanted.iter().flat_map(|(environment, reference)| {
            [
                keys::delivery(*environment, reference.delivery),
                keys::subscription(*environment, reference.subscription),
                keys::endpoint_health(*environment, reference.subscription),
            ]
            .into_iter()
            .chain(reference.lead.map(|lead| keys::lead(*environment, lead)))
        });
        let found = self.items(keys).await?;
        let mut deliveries = HashMap::with_capacity(wanted.len());
        for (environment, reference) in wanted {
            if let Some(delivery) = delivery_to_send(&found, *environment, reference).transpose() {
                deliveries.insert((*environment, reference.delivery), delivery);
            }
        }
        Ok(deliveries)
    }

    /// Moves the next attempt of a delivery to `due_at` without counting one, because the endpoint's circuit breaker is
    /// open. Returns `false` if the delivery was attempted, postponed or ended since it was read: a message may come
    /// twice, and each postponement sends another.
    pub async fn postpone_delivery(
        &self,
        environment: Environment,
        delivery: &Delivery,
        due_at: Timestamp,
        check_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = keys::delivery(environment, delivery.id);
        let write = Write::set(&key, format!("dueAt = :due, {DUE_CHECK} = :check"))
            .require(Condition::Unchanged, "#status = :pending AND attempts = :before AND dueAt = :read")
            .value(":read", number(delivery.due_at.unwrap_or(Timestamp::EPOCH).millis()))
            .name("#status", "status")
            .value(":pending", text(DeliveryStatus::Pending.name()))
            .value(":before", number(delivery.attempts))
            .value(":due", number(due_at.millis()))
            .value(":check", number(check_at.millis()));
        self.commit_if(vec![write]).await
    }

    /// Stores that a pending delivery is cancelled, and takes it out of the due index. Does nothing if it was attempted
    /// or ended since it was read.
    pub async fn cancel_delivery(&self, environment: Environment, delivery: &Delivery) -> Result<(), StoreError> {
        let key = keys::delivery(environment, delivery.id);
        let write = Write::update(&key, "SET #status = :status REMOVE dueAt, dp, da")
            .require(Condition::Unchanged, "#status = :pending AND attempts = :before")
            .name("#status", "status")
            .value(":status", text(DeliveryStatus::Cancelled.name()))
            .value(":pending", text(DeliveryStatus::Pending.name()))
            .value(":before", number(delivery.attempts));
        self.commit_if(vec![write]).await?;
        Ok(())
    }

    /// Returns the writes that replace a delivery by `resumed`, which has another attempt due. They fail with
    /// [`Condition::Unchanged`] if it was attempted since it was read.
    ///
    /// The successful attempt of before, which is in the delivery itself, gets an item of its own like any other, so
    /// that the next success can take its place.
    pub fn resume_delivery(
        &self,
        stored: &StoredDelivery,
        resumed: &Delivery,
        check_at: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let item = delivery_item(stored.environment, resumed, DueEntry::Own(check_at))?;
        let resume = Write::put(Table::Main, item)
            .require(Condition::Unchanged, "#status = :status AND attempts = :before")
            .name("#status", "status")
            .value(":status", text(stored.delivery.status.name()))
            .value(":before", number(stored.delivery.attempts));
        let success = stored.delivery.successful_attempt.as_ref();
        let attempt = success.map(|attempt| put_attempt(stored.environment, &stored.delivery, attempt)).transpose()?;
        Ok(std::iter::once(resume).chain(attempt).collect())
    }
}
