//! Delivery batches: deliveries that were created together and have one entry in the due index for all of them.
//!
//! A healthy delivery ends within seconds. An entry of its own would be written and removed for nothing, which is half of
//! what a delivery writes. So deliveries that one run of `dispatch` creates are named by an item, a batch, and only that
//! is in the index. When its check time comes, the sweeper reads the deliveries, gives each one that is still pending an
//! entry of its own ([`Store::enter_due_index`]), and deletes the batch.
//!
//! **Nothing is left behind.** The batch is written before its deliveries, so that none is ever without an entry; if that
//! fails, each of them gets an entry of its own. A delivery that does not exist when the batch is checked may be about to
//! be written: the batch stays until nobody can be writing it any more ([`MAX_CREATION_TIME`]). A repeated run writes the
//! same batch again.
//!
//! **Other releases.** A delivery of a batch has the attribute `dp` from the beginning, so that a release that knows no
//! batches puts it into the index with the first write that sets a check time. Such a release reports the batches as
//! unreadable. It cannot find a delivery that was never attempted and that has lost its message: that waits for a release
//! that reads the batch, or for `leadhouse due --fold-into`, which dissolves all of them.

use crate::table::Store;
use crate::table::batch::{Reading, join_bounded};
use crate::table::condition::Condition;
use crate::table::due_index::{DueDeliveryBatch, DueShard};
use crate::table::error::StoreError;
use crate::table::item::{Item, bytes, get_bytes, get_number, get_text, number, text};
use crate::table::key_schema::{self as keys, DUE_CHECK, DUE_SHARD};
use crate::table::write::{Table, Write};
use domain::webhooks::delivery::DeliveryRef;
use domain::webhooks::delivery_batch::{DeliveryBatch, ID_BYTES, MAX_ID_BYTES};
use domain::{
    DeliveryBatchId, DeliveryId, DeliveryStatus, Environment, LeadId, Mode, SubscriptionId, TenantId, Timestamp,
    retention,
};
use std::num::NonZeroU8;
use std::time::Duration;

/// Time after which nobody can still be writing the deliveries of a batch. A run of `dispatch` takes a minute at most; one
/// that repeats it writes the batch again.
pub const MAX_CREATION_TIME: Duration = Duration::from_mins(15);

/// Attribute: for each environment its tenant, its mode and the number of its deliveries, and their ids.
const DELIVERIES: &str = "deliveries";

/// Attributes of a delivery that are read when its batch is checked.
const CHECKED_ATTRIBUTES: &str = "pk, sk, #status, attempts, dueAt, da, subscription, #lead";

/// Returns the ids of a batch as bytes.
fn encode(batch: &DeliveryBatch) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MAX_ID_BYTES);
    for of_environment in batch.deliveries().chunk_by(|one, other| one.0 == other.0) {
        let environment = of_environment[0].0;
        bytes.extend(environment.tenant.bytes());
        bytes.push(match environment.mode {
            Mode::Live => b'L',
            Mode::Test => b'T',
        });
        // Far below 255, by the maximum size of a batch.
        bytes.push(u8::try_from(of_environment.len()).unwrap_or(u8::MAX));
        bytes.extend(of_environment.iter().flat_map(|(_, delivery)| delivery.bytes()));
    }
    bytes
}

/// Reads the ids of a batch.
fn decode(mut bytes: &[u8]) -> Option<DeliveryBatch> {
    let mut deliveries = Vec::new();
    while !bytes.is_empty() {
        let (tenant, rest) = bytes.split_at_checked(ID_BYTES)?;
        let (&[mode, count], rest) = rest.split_first_chunk()?;
        let (ids, rest) = rest.split_at_checked(usize::from(count) * ID_BYTES)?;
        let mode = match mode {
            b'L' => Mode::Live,
            b'T' => Mode::Test,
            _ => return None,
        };
        let environment = Environment { tenant: TenantId::parse(&hex::encode(tenant))?, mode };
        for id in ids.chunks_exact(ID_BYTES) {
            deliveries.push((environment, DeliveryId::parse(&hex::encode(id))?));
        }
        bytes = rest;
    }
    Some(DeliveryBatch::new(deliveries))
}

/// A pending delivery of a batch that has no entry of its own in the due index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchedDelivery {
    /// The environment of the delivery.
    pub environment: Environment,
    /// The delivery, its subscription and its lead.
    pub reference: DeliveryRef,
    /// Number of attempts made so far.
    pub attempts: u32,
    /// The time at which the next attempt is due.
    pub due_at: Timestamp,
}

/// The deliveries of a batch for which it is still there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryBatchState {
    /// The pending deliveries without an entry of their own.
    pub unfinished: Vec<BatchedDelivery>,
    /// Number of deliveries that do not exist: not yet, or not any more.
    pub missing: usize,
    /// Number of pending deliveries that this version cannot read.
    pub unreadable: usize,
}

impl Store {
    /// Writes a batch, to be checked at `check_at`. Must succeed before any of its deliveries is created.
    pub async fn put_delivery_batch(
        &self,
        batch: &DeliveryBatch,
        now: Timestamp,
        check_at: Timestamp,
    ) -> Result<(), StoreError> {
        let ids = encode(batch);
        let id = DeliveryBatchId::derived(&[b"delivery batch", &ids]);
        let mut item = keys::delivery_batch(id).expiring_at(now.after(retention::DELIVERY_LOGS));
        item.insert(DELIVERIES.to_owned(), bytes(&ids));
        item.insert("dueAt".to_owned(), number(now.millis()));
        item.extend(DueShard::of_work(id.bytes()).attributes(check_at));
        Ok(self.commit(vec![Write::put_without_nonce(Table::Main, item)]).await?)
    }

    /// Reads what has become of the deliveries of a batch, eventually consistently: what follows from it is written on
    /// conditions.
    pub async fn delivery_batch_state(&self, due: &DueDeliveryBatch) -> Result<DeliveryBatchState, StoreError> {
        let Some(item) = self.item(&keys::delivery_batch(due.batch)).await? else {
            return Ok(DeliveryBatchState::default());
        };
        let batch = get_bytes(&item, DELIVERIES).and_then(decode);
        let batch = batch.ok_or_else(|| StoreError::unreadable("a batch of deliveries"))?;
        let reading =
            Reading::Attributes { expression: CHECKED_ATTRIBUTES, names: &[("#status", "status"), ("#lead", "lead")] };
        let found = self
            .items_as(batch.deliveries().iter().map(|(environment, id)| keys::delivery(*environment, *id)), reading);
        let found = found.await?;
        let mut state = DeliveryBatchState::default();
        for (environment, delivery) in batch.deliveries().iter().copied() {
            match found.get(&keys::delivery(environment, delivery)) {
                Some(item) if is_settled(item) => {}
                Some(item) => match BatchedDelivery::read(environment, delivery, item) {
                    Some(unfinished) => state.unfinished.push(unfinished),
                    None => state.unreadable += 1,
                },
                None => state.missing += 1,
            }
        }
        Ok(state)
    }

    /// Gives a delivery of a batch an entry of its own in the due index, to be checked at `check_at`. Returns `false` if it
    /// has one, or was attempted or ended since it was read.
    pub async fn enter_due_index(&self, delivery: &BatchedDelivery, check_at: Timestamp) -> Result<bool, StoreError> {
        self.enter_shard(delivery, DueShard::of_work(delivery.reference.delivery.bytes()), check_at).await
    }

    /// Deletes a batch, unless it was written again since it was read.
    pub async fn delete_delivery_batch(&self, due: &DueDeliveryBatch) -> Result<(), StoreError> {
        let write = Write::delete(&keys::delivery_batch(due.batch))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen"))
            .value(":seen", number(due.check_at.millis()));
        self.commit_if(vec![write]).await.map(drop)
    }

    /// Gives every unfinished delivery of a batch an entry of its own, under the check time of the batch and where a
    /// release with `shard_count` shards of work looks for it. Deletes the batch if nothing is left of it. Returns the
    /// number of entries.
    pub async fn dissolve_delivery_batch(
        &self,
        due: &DueDeliveryBatch,
        shard_count: NonZeroU8,
    ) -> Result<usize, StoreError> {
        let state = self.delivery_batch_state(due).await?;
        let entries = state.unfinished.iter().map(|delivery| {
            let shard = DueShard::of_work(delivery.reference.delivery.bytes());
            self.enter_shard(delivery, shard.folded_into(shard_count).unwrap_or(shard), due.check_at)
        });
        let entered = join_bounded(entries).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        if state.missing + state.unreadable == 0 {
            self.delete_delivery_batch(due).await?;
        }
        Ok(entered.into_iter().filter(|entered| *entered).count())
    }

    async fn enter_shard(
        &self,
        delivery: &BatchedDelivery,
        shard: DueShard,
        check_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = keys::delivery(delivery.environment, delivery.reference.delivery);
        let [(_, shard), (_, check_at)] = shard.attributes(check_at);
        let unchanged = format!("#status = :pending AND attempts = :before AND attribute_not_exists({DUE_CHECK})");
        let write = Write::set(&key, format!("{DUE_SHARD} = :shard, {DUE_CHECK} = :check"))
            .require(Condition::Unchanged, unchanged)
            .name("#status", "status")
            .value(":pending", text(DeliveryStatus::Pending.name()))
            .value(":before", number(delivery.attempts))
            .value(":shard", shard)
            .value(":check", check_at);
        self.commit_if(vec![write]).await
    }
}

fn status_of(delivery: &Item) -> Option<DeliveryStatus> {
    let name = get_text(delivery, "status")?;
    DeliveryStatus::ALL.into_iter().find(|status| status.name() == name)
}

/// Returns whether a delivery has ended or has an entry of its own.
fn is_settled(delivery: &Item) -> bool {
    status_of(delivery).is_some_and(|status| status != DeliveryStatus::Pending) || delivery.contains_key(DUE_CHECK)
}

impl BatchedDelivery {
    /// Reads a pending delivery; `None` if this version cannot.
    fn read(environment: Environment, delivery: DeliveryId, item: &Item) -> Option<Self> {
        let status = status_of(item)?;
        let reference = DeliveryRef {
            delivery,
            subscription: SubscriptionId::parse(get_text(item, "subscription")?)?,
            lead: get_text(item, "lead").and_then(LeadId::parse),
        };
        (status == DeliveryStatus::Pending).then_some(Self {
            environment,
            reference,
            attempts: get_number(item, "attempts")?,
            due_at: Timestamp::from_millis(get_number(item, "dueAt")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EventId;

    fn deliveries(number: u8, count: u16) -> Vec<(Environment, DeliveryId)> {
        let mode = if number.is_multiple_of(2) { Mode::Live } else { Mode::Test };
        let environment = Environment { tenant: TenantId::derived(&[&[number]]), mode };
        let id = |number: u16| {
            let event = EventId::derived(&[&number.to_be_bytes(), environment.tenant.bytes()]);
            DeliveryId::for_event(event, Timestamp::from_millis(7), SubscriptionId::derived(&[b"subscription"]))
        };
        (0..count).map(|number| (environment, id(number))).collect()
    }

    #[test]
    fn batches_are_read_as_they_are_written() {
        let mixed = (1..40).flat_map(|number| deliveries(number, u16::from(number % 9)));
        let batches = DeliveryBatch::divide(deliveries(0, 300).into_iter().chain(mixed));
        assert!(batches.len() > 6);
        for batch in batches {
            let bytes = encode(&batch);
            assert!(bytes.len() <= MAX_ID_BYTES, "{}", bytes.len());
            assert_eq!(decode(&bytes).as_ref(), Some(&batch));
            assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        }
    }
}
