//! The due index: every piece of unfinished work, by the time at which the sweeper is to check it.
//!
//! Queues make work prompt, and the due index makes it certain: a lost message, a crash or a purged queue only delays
//! it. An item is in the index while it has the attributes `dp` (its shard) and `da` (its check time); both are set by
//! the very write that creates the work and removed by the one that finishes or cancels it. Nothing else may put an
//! item in or take it out. Deliveries that are created together are the exception: one item that names them is in the
//! index for all of them (`webhooks::delivery_batch`).
//!
//! The check time is not the due time. Work that a queue cannot hold yet (SQS delays a message by at most 15 minutes)
//! is checked when the queue can; work that is enqueued is checked when it is overdue by a margin, which means that
//! its message was lost. A healthy delivery that has
//! an entry of its own leaves the index before the sweeper ever sees it. The sweeper moves the
//! check time under a condition *before* it sends a message ([`Store::move_delivery_check`]), so that of two sweepers
//! only one sends.
//!
//! The index is spread over shards by the id of the work, because one index partition takes 1,000 writes per second, and a
//! throttled index throttles the table. A delivery with an entry of its own makes two of these writes, so 64 shards carry a
//! million of them a minute at half of that. Deletions, the files that evidence waits for, and evidence packages have shards
//! of their own: what takes long is never read together with what is to be prompt.
//!
//! # Releases with other shards
//!
//! A number of shards may be raised, because the shards from before are among the new ones: what is in them is found where it
//! is, and goes to a shard by the new number when it is written again. A release with fewer shards finds what is in those that
//! it has, and leaves the others alone. [`Store::fold_due_shard`] moves the work to where that release finds it
//! (`leadhouse due --fold-into`). Deletions were in the shards of deliveries before they had shards of their own;
//! [`Store::move_deletion`] moves one that is met there.
//!
//! What this version cannot read, such as a kind of work that a newer release wrote, is an [`UnreadableDueItem`]. It stays
//! in the index, and never keeps anybody from reading what follows.

mod shard;
mod work;

pub use self::shard::DueShard;
pub use self::work::{
    DueDeletion, DueDelivery, DueDeliveryBatch, DueErasure, DuePackage, DueParked, DuePurge, DueStep, DueUpload,
    DueWork, UnreadableDueItem,
};

pub(crate) use self::shard::due_attributes;

use crate::table::batch::join_bounded;
use crate::table::client::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, number, text};
use crate::table::key_schema::{self as keys, DUE_CHECK, DUE_SHARD, EVIDENCE_KIND, Key, PACKAGE_KIND};
use crate::table::query::Source;
use crate::table::write::Write;
use domain::Timestamp;

/// Number of entries that are moved to another shard after one query.
const FOLD_PAGE_SIZE: usize = 200;

/// A position in a shard of the due index.
#[derive(Clone, Debug)]
pub struct DuePosition(Item);

/// One page of a shard of the due index, the longest overdue first.
#[derive(Debug)]
pub struct DuePage {
    /// The work, and what cannot be read.
    pub items: Vec<Result<DueWork, UnreadableDueItem>>,
    /// The position after which the next page begins; `None` after the last one.
    pub next: Option<DuePosition>,
}

impl Store {
    /// Reads a page of at most `limit` items of `shard` whose check time is `until` or earlier, beginning after the
    /// position where the page before ended. Work that has moved since is not met again, so pages always move on.
    pub async fn due_page(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: usize,
        after: Option<DuePosition>,
    ) -> Result<DuePage, StoreError> {
        let page = self
            .query(Source::DueIndex, shard.name())
            .sort_key_up_to(number(until.millis()))
            .limit(limit)
            .start_after(after.map(|position| position.0))
            .page()
            .await?;
        Ok(DuePage { items: page.items.iter().map(DueWork::read).collect(), next: page.last_key.map(DuePosition) })
    }

    /// Moves the check time of a delivery to `next`; returns `false` if it was attempted or moved since it was read.
    pub async fn move_delivery_check(&self, due: &DueDelivery, next: Timestamp) -> Result<bool, StoreError> {
        let key = keys::delivery(due.environment, due.reference.delivery);
        self.move_check(&key, due.check_at, due.attempts, next).await
    }

    /// Moves the check time of a step to `next`; returns `false` if it was sent or moved since it was read.
    pub async fn move_step_check(&self, due: &DueStep, next: Timestamp) -> Result<bool, StoreError> {
        self.move_check(&keys::sequence(due.environment, due.lead), due.check_at, due.step, next).await
    }

    /// Moves the check time of a package to `next`; returns `false` if it was claimed, finished or moved since it was read.
    pub async fn move_package_check(&self, due: &DuePackage, next: Timestamp) -> Result<bool, StoreError> {
        let key = keys::record(PACKAGE_KIND, due.environment, &due.package.simple());
        self.move_check(&key, due.check_at, due.attempts, next).await
    }

    /// Moves the check time of an erasure to `next`, unless it has ended or was moved since it was read.
    pub async fn move_erasure_check(&self, due: &DueErasure, next: Timestamp) -> Result<(), StoreError> {
        self.move_unnumbered_check(&keys::lead(due.environment, due.lead), due.check_at, next).await
    }

    /// Moves the check time of a purge to `next`, unless it has ended or was moved since it was read.
    pub async fn move_purge_check(&self, due: &DuePurge, next: Timestamp) -> Result<(), StoreError> {
        self.move_unnumbered_check(&keys::purge_request(due.environment), due.check_at, next).await
    }

    /// Moves the check time of an awaited file to `next`, unless it is not awaited any more or was moved since it was read.
    pub async fn move_upload_check(&self, due: &DueUpload, next: Timestamp) -> Result<(), StoreError> {
        let key = keys::record(EVIDENCE_KIND, due.environment, &due.evidence.simple());
        self.move_unnumbered_check(&key, due.check_at, next).await
    }

    /// Moves the check time of a delivery batch to `next`, unless it was deleted or moved since it was read.
    pub async fn move_delivery_batch_check(&self, due: &DueDeliveryBatch, next: Timestamp) -> Result<(), StoreError> {
        self.move_unnumbered_check(&keys::delivery_batch(due.batch), due.check_at, next).await
    }

    /// Moves the check time of parked deliveries to `next`, unless they were all released or it was moved since it was read.
    pub async fn move_parked_check(&self, due: &DueParked, next: Timestamp) -> Result<(), StoreError> {
        self.move_unnumbered_check(&keys::parked_entry(due.environment, due.subscription), due.check_at, next).await
    }

    /// Moves a deletion from the shards of deliveries, where earlier releases put it, to those of deletions. It keeps its check
    /// time. Returns `false` if it has ended or was moved since it was read.
    pub async fn move_deletion(&self, due: &DueDeletion) -> Result<bool, StoreError> {
        let (key, shard, check_at) = match due {
            DueDeletion::Erasure(due) => {
                (keys::lead(due.environment, due.lead), DueShard::of_deletion(due.lead.bytes()), due.check_at)
            }
            DueDeletion::Purge(due) => {
                let shard = DueShard::of_deletion(due.environment.tenant.bytes());
                (keys::purge_request(due.environment), shard, due.check_at)
            }
        };
        let write = Write::set(&key, format!("{DUE_SHARD} = :shard"))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen"))
            .value(":shard", text(shard.name()))
            .value(":seen", number(check_at.millis()));
        self.commit_if(vec![write]).await
    }

    /// Moves a page of entries from one shard to another, whatever work they are of. Returns their number, and the position
    /// after which the next page begins.
    pub async fn fold_due_shard(
        &self,
        from: DueShard,
        to: DueShard,
        after: Option<DuePosition>,
    ) -> Result<(usize, Option<DuePosition>), StoreError> {
        let query = self.query(Source::DueIndex, from.name()).limit(FOLD_PAGE_SIZE);
        let page = query.start_after(after.map(|position| position.0)).page().await?;
        let moves = page.items.iter().filter_map(Key::of).map(|key| async move {
            let write = Write::set(&key, format!("{DUE_SHARD} = :to"))
                .require(Condition::Unchanged, format!("{DUE_SHARD} = :from"))
                .value(":to", text(to.name()))
                .value(":from", text(from.name()));
            self.commit_if(vec![write]).await.map(usize::from)
        });
        let moved = join_bounded(moves).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok((moved.into_iter().sum(), page.last_key.map(DuePosition)))
    }

    /// Moves the check time of work that has no attempts.
    async fn move_unnumbered_check(&self, key: &Key, seen: Timestamp, next: Timestamp) -> Result<(), StoreError> {
        let write = Write::set(key, format!("{DUE_CHECK} = :next"))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen"))
            .value(":next", number(next.millis()))
            .value(":seen", number(seen.millis()));
        self.commit_if(vec![write]).await.map(drop)
    }

    async fn move_check(&self, key: &Key, seen: Timestamp, attempts: u32, next: Timestamp) -> Result<bool, StoreError> {
        let write = Write::set(key, format!("{DUE_CHECK} = :next"))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen AND attempts = :attempts"))
            .value(":next", number(next.millis()))
            .value(":seen", number(seen.millis()))
            .value(":attempts", number(attempts));
        self.commit_if(vec![write]).await
    }
}
