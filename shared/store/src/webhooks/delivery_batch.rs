//! Delivery batches: deliveries that were created together and have one entry in the due index for all of them.
//!
//! A healthy delivery ends within seconds. An entry of its own would be written and removed for nothing, which is half of
//! what a delivery writes. So deliveries that one run of `dispatch` creates are named by an item, a batch, and only that
//! is in the index. When its check time comes, the sweeper reads the deliveries, gives each one that is still pending an
//! entry of its own ([`Store::enter_due_index`]), and deletes the batch.
//!
//! **Nothing is left behind.** The batch is written before its deliveries, so that none is ever without an entry; if it is
//! not written, they are not either, and the stream brings their changes again. A delivery that does not exist when the
//! batch is checked may be about to be written: the batch stays until nobody can be writing it any more
//! ([`MAX_CREATION_TIME`]). A repeated run writes the same batch again.
//!
//! **Other releases.** A release that knows no batches reports them as unreadable. A delivery of a batch has the attribute `dp` from the beginning, so that a release that knows no
//! batches puts it into the index with the first write that sets a check time. What such a release cannot find is a
//! delivery that was never attempted and whose message was lost: it waits for a release that reads the batch, or for
//! `leadhouse due --fold-into`, which dissolves all of them.

use crate::table::Store;
use crate::table::batch::{Reading, join_bounded};
use crate::table::condition::Condition;
use crate::table::due_index::{DueDeliveryBatch, due_attributes};
use crate::table::error::StoreError;
use crate::table::item::{Item, bytes, get_bytes, get_number, get_text, number, text};
use crate::table::key_schema::{self as keys, DUE_CHECK, DUE_SHARD};
use crate::table::write::{Table, Write};
use domain::webhooks::delivery::DeliveryRef;
use domain::{
    DeliveryBatchId, DeliveryId, DeliveryStatus, Environment, LeadId, Mode, SubscriptionId, TenantId, Timestamp,
    retention,
};
use std::time::Duration;

/// Time after which nobody can still be writing the deliveries of a batch. A run of `dispatch` takes a minute at most; one
/// that repeats it writes the batch again.
pub const MAX_CREATION_TIME: Duration = Duration::from_mins(15);

/// Minimum number of deliveries in a batch. The batch itself costs four write units and some reads, and each delivery in it
/// saves two units; with fewer, the gain is not worth the trip before the deliveries.
const MIN_DELIVERIES: usize = 4;

/// Maximum number of bytes of the ids in a batch, so that its item has less than 1 KB and each write of it costs one unit:
/// 52 deliveries of one environment.
const MAX_ID_BYTES: usize = 850;

/// Bytes of an environment in a batch: its tenant, its mode, and the number of its deliveries.
const ENVIRONMENT_BYTES: usize = 18;

/// Bytes of the id of a tenant or a delivery.
const ID_BYTES: usize = 16;

/// Attribute: for each environment its tenant, its mode and the number of its deliveries, and their ids.
const DELIVERIES: &str = "deliveries";

/// Attributes of a delivery that are read when its batch is checked.
const CHECKED_ATTRIBUTES: &str = "pk, sk, #status, attempts, dueAt, da, subscription, #lead";

/// Deliveries that are created together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryBatch {
    /// The deliveries, those of one environment beside each other.
    deliveries: Vec<(Environment, DeliveryId)>,
}

impl DeliveryBatch {
    /// Divides deliveries into batches. Some may be left out: too few to be worth one.
    pub fn divide(deliveries: impl IntoIterator<Item = (Environment, DeliveryId)>) -> Vec<Self> {
        let mut environments: Vec<(Environment, Vec<DeliveryId>)> = Vec::new();
        for (environment, delivery) in deliveries {
            match environments.iter_mut().find(|(known, _)| *known == environment) {
                Some((_, of_environment)) => of_environment.push(delivery),
                None => environments.push((environment, vec![delivery])),
            }
        }
        let (mut batches, mut batch, mut size) = (Vec::new(), Self::default(), 0);
        for (environment, deliveries) in environments {
            for delivery in deliveries {
                let is_named = batch.deliveries.last().is_some_and(|(named, _)| *named == environment);
                let needed = if is_named { ID_BYTES } else { ENVIRONMENT_BYTES + ID_BYTES };
                if size + needed > MAX_ID_BYTES {
                    batches.push(std::mem::take(&mut batch));
                    size = ENVIRONMENT_BYTES + ID_BYTES;
                } else {
                    size += needed;
                }
                batch.deliveries.push((environment, delivery));
            }
        }
        batches.push(batch);
        batches.retain(|batch| batch.deliveries.len() >= MIN_DELIVERIES);
        batches
    }

    /// Returns the deliveries.
    pub fn deliveries(&self) -> impl Iterator<Item = (Environment, DeliveryId)> {
        self.deliveries.iter().copied()
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MAX_ID_BYTES);
        for of_environment in self.deliveries.chunk_by(|one, other| one.0 == other.0) {
            let environment = of_environment[0].0;
            bytes.extend(environment.tenant.bytes());
            bytes.push(match environment.mode {
                Mode::Live => b'L',
                Mode::Test => b'T',
            });
            // Far below 255, by the maximum size of a batch.
            bytes.push(u8::try_from(of_environment.len()).unwrap_or(u8::MAX));
            of_environment.iter().for_each(|(_, delivery)| bytes.extend(delivery.bytes()));
        }
        bytes
    }

    fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
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
        Some(Self { deliveries })
    }
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
}

impl Store {
    /// Writes a batch, to be checked at `check_at`. Must succeed before any of its deliveries is created.
    pub async fn put_delivery_batch(
        &self,
        batch: &DeliveryBatch,
        now: Timestamp,
        check_at: Timestamp,
    ) -> Result<(), StoreError> {
        let ids = batch.to_bytes();
        let id = DeliveryBatchId::derived(&[b"delivery batch", &ids]);
        let mut item = keys::delivery_batch(id).expiring_at(now.after(retention::DELIVERY_LOGS));
        item.insert(DELIVERIES.to_owned(), bytes(&ids));
        item.insert("dueAt".to_owned(), number(now.millis()));
        item.extend(due_attributes(id.bytes(), check_at));
        Ok(self.commit(vec![Write::put_without_nonce(Table::Main, item)]).await?)
    }

    /// Reads what has become of the deliveries of a batch, eventually consistently: what follows from it is written on
    /// conditions.
    pub async fn delivery_batch_state(&self, due: &DueDeliveryBatch) -> Result<DeliveryBatchState, StoreError> {
        let Some(item) = self.item(&keys::delivery_batch(due.batch)).await? else {
            return Ok(DeliveryBatchState::default());
        };
        let batch = get_bytes(&item, DELIVERIES).and_then(DeliveryBatch::from_bytes);
        let batch = batch.ok_or_else(|| StoreError::unreadable("a batch of deliveries"))?;
        let reading =
            Reading::Attributes { expression: CHECKED_ATTRIBUTES, names: &[("#status", "status"), ("#lead", "lead")] };
        let found = self.items_as(batch.deliveries().map(|(environment, id)| keys::delivery(environment, id)), reading);
        let found = found.await?;
        let mut state = DeliveryBatchState::default();
        for (environment, delivery) in batch.deliveries() {
            match found.get(&keys::delivery(environment, delivery)) {
                Some(item) => state.unfinished.extend(BatchedDelivery::read(environment, delivery, item)?),
                None => state.missing += 1,
            }
        }
        Ok(state)
    }

    /// Gives a delivery of a batch an entry of its own in the due index, to be checked at `check_at`. Returns `false` if it
    /// has one, or was attempted or ended since it was read.
    pub async fn enter_due_index(&self, delivery: &BatchedDelivery, check_at: Timestamp) -> Result<bool, StoreError> {
        let key = keys::delivery(delivery.environment, delivery.reference.delivery);
        let [(_, shard), (_, check_at)] = due_attributes(delivery.reference.delivery.bytes(), check_at);
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

    /// Deletes a batch, unless it was written again since it was read.
    pub async fn delete_delivery_batch(&self, due: &DueDeliveryBatch) -> Result<(), StoreError> {
        let write = Write::delete(&keys::delivery_batch(due.batch))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen"))
            .value(":seen", number(due.check_at.millis()));
        self.commit_if(vec![write]).await.map(drop)
    }

    /// Gives every unfinished delivery of a batch an entry of its own, under the check time of the batch, and deletes the
    /// batch if all its deliveries exist. Returns the number of entries.
    pub async fn dissolve_delivery_batch(&self, due: &DueDeliveryBatch) -> Result<usize, StoreError> {
        let state = self.delivery_batch_state(due).await?;
        let entries = state.unfinished.iter().map(|delivery| self.enter_due_index(delivery, due.check_at));
        let entered = join_bounded(entries).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        if state.missing == 0 {
            self.delete_delivery_batch(due).await?;
        }
        Ok(entered.into_iter().filter(|entered| *entered).count())
    }
}

impl BatchedDelivery {
    /// Reads a delivery; `None` if it has ended or has an entry of its own.
    fn read(environment: Environment, delivery: DeliveryId, item: &Item) -> Result<Option<Self>, StoreError> {
        if get_text(item, "status") != Some(DeliveryStatus::Pending.name()) || item.contains_key(DUE_CHECK) {
            return Ok(None);
        }
        let read = || {
            Some(Self {
                environment,
                reference: DeliveryRef {
                    delivery,
                    subscription: SubscriptionId::parse(get_text(item, "subscription")?)?,
                    lead: get_text(item, "lead").and_then(LeadId::parse),
                },
                attempts: get_number(item, "attempts")?,
                due_at: Timestamp::from_millis(get_number(item, "dueAt")?),
            })
        };
        read().map(Some).ok_or_else(|| StoreError::unreadable("a delivery of a batch"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EventId;

    fn environment(number: u8) -> Environment {
        let mode = if number % 2 == 0 { Mode::Live } else { Mode::Test };
        Environment { tenant: TenantId::derived(&[&[number]]), mode }
    }

    fn deliveries(environment: Environment, count: u16) -> Vec<(Environment, DeliveryId)> {
        let id = |number: u16| {
            let event = EventId::derived(&[&number.to_be_bytes(), environment.tenant.bytes()]);
            DeliveryId::for_event(event, Timestamp::from_millis(7), SubscriptionId::derived(&[b"subscription"]))
        };
        (0..count).map(|number| (environment, id(number))).collect()
    }

    fn sizes(batches: &[DeliveryBatch]) -> Vec<usize> {
        batches.iter().map(|batch| batch.deliveries.len()).collect()
    }

    #[test]
    fn a_full_run_needs_two_batches() {
        let all = deliveries(environment(0), 100);
        let batches = DeliveryBatch::divide(all.clone());
        assert_eq!(sizes(&batches), [52, 48]);
        assert_eq!(batches.iter().flat_map(DeliveryBatch::deliveries).collect::<Vec<_>>(), all);
    }

    #[test]
    fn few_deliveries_get_no_batch() {
        for (count, expected) in
            [(0, vec![]), (1, vec![]), (2, vec![]), (3, vec![]), (4, vec![4]), (55, vec![52]), (56, vec![52, 4])]
        {
            assert_eq!(sizes(&DeliveryBatch::divide(deliveries(environment(0), count))), expected, "{count}");
        }
    }

    #[test]
    fn environments_share_a_batch() {
        let mixed: Vec<_> = (0..30).flat_map(|number| deliveries(environment(number), 2)).collect();
        let batches = DeliveryBatch::divide(mixed.clone());
        assert_eq!(sizes(&batches), [34, 26]);
        assert_eq!(batches.iter().flat_map(DeliveryBatch::deliveries).collect::<Vec<_>>(), mixed);
    }

    #[test]
    fn batches_are_read_as_they_are_written() {
        let mixed = (0..40).flat_map(|number| deliveries(environment(number), u16::from(number % 9)));
        let all = deliveries(environment(0), 300).into_iter().chain(mixed);
        for batch in DeliveryBatch::divide(all) {
            let bytes = batch.to_bytes();
            assert!(bytes.len() <= MAX_ID_BYTES, "{}", bytes.len());
            assert_eq!(DeliveryBatch::from_bytes(&bytes).as_ref(), Some(&batch));
            assert_eq!(DeliveryBatch::from_bytes(&bytes[..bytes.len() - 1]), None);
        }
    }
}
