//! Enqueues again, after a restart, what the queues in memory have lost.

use domain::{Package, Timestamp};
use emulator::LocalQueue;
use runtime::{FollowUpMessage, PackageMessage, Timing};
use std::collections::HashSet;
use store::{BatchedDelivery, DueDeliveryBatch, DuePackage, DueShard, DueWork, Store, StoreError, join_bounded};

/// Maximum number of items read from a shard of the due index. What is beyond is found by later sweeps.
const MAX_ITEMS_PER_SHARD: usize = 1_000;

/// The queues in memory.
pub(crate) struct LocalQueues<'a> {
    pub(crate) deliveries: &'a LocalQueue,
    pub(crate) slow_deliveries: &'a LocalQueue,
    pub(crate) steps: &'a LocalQueue<FollowUpMessage>,
    pub(crate) packages: &'a LocalQueue<PackageMessage>,
}

/// Makes the first sweep look at everything that was in the queues when the last process ended.
///
/// SQS keeps its messages; the local queues are in memory and empty at a start. Without this, an enqueued item would
/// wait until it is overdue by the re-enqueue margin. An item was in a queue if it is due within the queue's reach and
/// its check time is still ahead. Setting its check time to `now` hands it to the sweeper.
///
/// Must run after the stream's backlog has been dispatched and before the queues deliver anything. What the backlog has
/// enqueued in this process is in the queues already and is left alone; anything else could be sent twice.
pub(crate) async fn reenqueue_lost_messages(
    store: &Store,
    queues: &LocalQueues<'_>,
    timing: Timing,
    now: Timestamp,
) -> Result<(), StoreError> {
    let queued_deliveries = &queues.deliveries.subjects() | &queues.slow_deliveries.subjects();
    let (queued_deliveries, queued_steps) = (&queued_deliveries, &queues.steps.subjects());
    let queued_packages = &queues.packages.subjects();
    let was_enqueued = |due_at, check_at| timing.fits_queue_delay(due_at, now) && check_at > now;
    let shards = DueShard::all().map(|shard| async move {
        let due = store.due_page(shard, Timestamp::LATEST, MAX_ITEMS_PER_SHARD, None).await?;
        for due in due.items.into_iter().flatten() {
            match due {
                DueWork::Delivery(due)
                    if was_enqueued(due.due_at, due.check_at)
                        && !queued_deliveries.contains(due.reference.delivery.bytes()) =>
                {
                    store.move_delivery_check(&due, now).await?;
                }
                DueWork::Step(due)
                    if due.due_at.is_some_and(|due_at| was_enqueued(due_at, due.check_at))
                        && !queued_steps.contains(due.lead.bytes()) =>
                {
                    store.move_step_check(&due, now).await?;
                }
                DueWork::DeliveryBatch(due) if due.check_at > now => {
                    let was_lost = |delivery: &BatchedDelivery| {
                        timing.fits_queue_delay(delivery.due_at, now)
                            && !queued_deliveries.contains(delivery.reference.delivery.bytes())
                    };
                    release_batch(store, &due, was_lost, now).await?;
                }
                DueWork::Package(due) => {
                    release_package(store, &due, queued_packages, now).await?;
                }
                _ => {}
            }
        }
        Ok(())
    });
    futures_util::future::try_join_all(shards).await.map(|_: Vec<()>| ())
}

/// Hands those deliveries of a batch to the sweeper of which `was_lost` holds. A batch that cannot be read is left to it.
async fn release_batch(
    store: &Store,
    due: &DueDeliveryBatch,
    was_lost: impl Fn(&BatchedDelivery) -> bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let unfinished = match store.delivery_batch_state(due).await {
        Ok(state) => state.unfinished,
        Err(error) if error.is_permanent() => return Ok(()),
        Err(error) => return Err(error),
    };
    let lost = unfinished.iter().filter(|delivery| was_lost(delivery));
    let entered = join_bounded(lost.map(|delivery| store.enter_due_index(delivery, now))).await;
    entered.into_iter().try_for_each(|entered| entered.map(drop))
}

/// Gives back the claim of a package whose process has ended: a folder has one server at a time. A message that the backlog
/// has enqueued asks for the claimed attempt, and would be ignored otherwise.
async fn release_package(
    store: &Store,
    due: &DuePackage,
    queued: &HashSet<[u8; 16]>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let found = store.record::<Package>(due.environment, &due.package.simple(), now).await?;
    let Some(claimed) = found.filter(|package| package.claimed_until.is_some()) else {
        return if queued.contains(due.package.bytes()) {
            Ok(())
        } else {
            store.move_package_check(due, now).await.map(drop)
        };
    };
    let write = store.replace_package(due.environment, &claimed.released(now), claimed.version, Some(now))?;
    store.commit_if(vec![write]).await.map(drop)
}
