//! Delivery batches: how deliveries that are created together are divided, so that each batch has one entry in the due
//! index for all of them. `store::webhooks::delivery_batch` explains what becomes of it.

use crate::{DeliveryId, Environment};

/// Minimum number of deliveries in a batch. A batch costs four write units, and each delivery in it saves two. But it also
/// costs a trip before the deliveries and three requests of the sweeper, which must stay far fewer than the deliveries.
pub const MIN_DELIVERIES: usize = 16;

/// Maximum number of bytes of the ids in a batch, so that its item has less than 1 KB and each write of it costs one unit:
/// 52 deliveries of one environment, 25 of as many.
pub const MAX_ID_BYTES: usize = 850;

/// Bytes of an environment in a batch: its tenant, its mode, and the number of its deliveries.
pub const ENVIRONMENT_BYTES: usize = 18;

/// Bytes of the id of a tenant or a delivery.
pub const ID_BYTES: usize = 16;

/// Deliveries that are created together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryBatch {
    deliveries: Vec<(Environment, DeliveryId)>,
}

impl DeliveryBatch {
    /// Returns a batch of these deliveries, those of one environment beside each other.
    pub fn new(deliveries: Vec<(Environment, DeliveryId)>) -> Self {
        Self { deliveries }
    }

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
    pub fn deliveries(&self) -> &[(Environment, DeliveryId)] {
        &self.deliveries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventId, Mode, SubscriptionId, TenantId, Timestamp};

    fn environment(number: u8) -> Environment {
        Environment { tenant: TenantId::derived(&[&[number]]), mode: Mode::Live }
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
        assert_eq!(batches.iter().flat_map(DeliveryBatch::deliveries).copied().collect::<Vec<_>>(), all);
    }

    #[test]
    fn few_deliveries_get_no_batch() {
        for (count, expected) in [(0, vec![]), (15, vec![]), (16, vec![16]), (67, vec![52]), (68, vec![52, 16])] {
            assert_eq!(sizes(&DeliveryBatch::divide(deliveries(environment(0), count))), expected, "{count}");
        }
    }

    #[test]
    fn environments_share_a_batch() {
        for (of_each, expected) in [(1, vec![25, 25]), (2, vec![34, 34, 32])] {
            let mixed: Vec<_> = (0..50).flat_map(|number| deliveries(environment(number), of_each)).collect();
            let batches = DeliveryBatch::divide(mixed.clone());
            assert_eq!(sizes(&batches), expected);
            assert_eq!(batches.iter().flat_map(DeliveryBatch::deliveries).copied().collect::<Vec<_>>(), mixed);
        }
    }
}
