//! The due index: every piece of unfinished work, by the time at which the sweeper is to check it.
//!
//! Queues make work prompt, and the due index makes it certain: a lost message, a crash or a purged queue only delays
//! it. An item is in the index while it has the attributes `dp` (its shard) and `da` (its check time); both are set by
//! the very write that creates the work and removed by the one that finishes or cancels it. Nothing else may put an
//! item in or take it out.
//!
//! The check time is not the due time. Work that a queue cannot hold yet (SQS delays a message by at most 15 minutes)
//! is checked when the queue can; work that is enqueued is checked when it is overdue by a margin, which means that
//! its message was lost. A healthy delivery leaves the index before the sweeper ever sees it. The sweeper moves the
//! check time under a condition *before* it sends a message ([`Store::move_delivery_check`]), so that of two sweepers
//! only one sends.
//!
//! The index is spread over shards by the id of the work, because one index partition takes 1,000 writes per second. The
//! files that evidence waits for, and evidence packages, have shards of their own: releases that do not know these kinds of
//! work never read them.
//!
//! What this version cannot read, such as a kind of work that a newer release wrote, is an [`UnreadableDueItem`]. It stays
//! in the index, and never keeps anybody from reading what follows.

use crate::table::client::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_number, get_text, number, text};
use crate::table::key_schema::{
    self as keys, DELIVERY_KIND, DUE_CHECK, DUE_SHARD, EVIDENCE_KIND, Key, LEAD_KIND, PACKAGE_KIND, PARKED_KIND, PK,
    PURGE_KIND, SEQUENCE_SK, SK,
};
use crate::table::query::Source;
use crate::table::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::webhooks::delivery::DeliveryRef;
use domain::{DeliveryId, Environment, EvidenceId, LeadId, PackageId, SubscriptionId, Timestamp};

/// Number of shards of deliveries, steps, erasures and purges. It may be raised; when it is lowered, items remain in shards
/// that nobody reads.
const DUE_SHARD_COUNT: u8 = 8;

/// Number of shards of awaited files: one for 1,000 declared files per second. The same applies to it.
const UPLOAD_SHARD_COUNT: u8 = 2;

/// Number of shards of evidence packages: one for 1,000 requested packages per second. The same applies to it.
const PACKAGE_SHARD_COUNT: u8 = 2;

/// Number of shards of subscriptions with parked deliveries: one for 1,000 circuits that open or close per second. The same
/// applies to it.
const PARKED_SHARD_COUNT: u8 = 2;

/// A shard of the due index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueShard {
    /// A shard of deliveries, steps of sequences, erasures and purges.
    Work(u8),
    /// A shard of files that evidence waits for.
    Uploads(u8),
    /// A shard of evidence packages that are to be generated.
    Packages(u8),
    /// A shard of subscriptions with parked deliveries.
    Parked(u8),
}

impl DueShard {
    /// Returns every shard.
    pub fn all() -> impl Iterator<Item = Self> {
        let work = (0..DUE_SHARD_COUNT).map(Self::Work);
        work.chain((0..UPLOAD_SHARD_COUNT).map(Self::Uploads))
            .chain((0..PACKAGE_SHARD_COUNT).map(Self::Packages))
            .chain((0..PARKED_SHARD_COUNT).map(Self::Parked))
    }

    /// Returns the shard of the work with this id. Byte 11 is random in every kind of id: some begin with a time, and
    /// delivery ids end with the tag of their subscription.
    pub fn of_work(id: &[u8; 16]) -> Self {
        Self::Work(id[11] % DUE_SHARD_COUNT)
    }

    /// Returns the shard of the file of the evidence with this id.
    pub(crate) fn of_upload(id: &[u8; 16]) -> Self {
        Self::Uploads(id[11] % UPLOAD_SHARD_COUNT)
    }

    /// Returns the shard of the package with this id.
    pub(crate) fn of_package(id: &[u8; 16]) -> Self {
        Self::Packages(id[11] % PACKAGE_SHARD_COUNT)
    }

    /// Returns the shard of the parked deliveries of the subscription with this id.
    pub(crate) fn of_parked(id: &[u8; 16]) -> Self {
        Self::Parked(id[11] % PARKED_SHARD_COUNT)
    }

    /// Returns the index partition.
    fn partition(self) -> String {
        match self {
            Self::Work(number) => format!("due#{number}"),
            Self::Uploads(number) => format!("due#uploads#{number}"),
            Self::Packages(number) => format!("due#packages#{number}"),
            Self::Parked(number) => format!("due#parked#{number}"),
        }
    }

    /// Returns the attributes that put an item into this shard, to be checked at `check_at`.
    pub(crate) fn attributes(self, check_at: Timestamp) -> [(String, AttributeValue); 2] {
        [(DUE_SHARD.to_owned(), text(self.partition())), (DUE_CHECK.to_owned(), number(check_at.millis()))]
    }
}

/// Returns the attributes that put the work with this id into the index, to be checked at `check_at`.
pub(crate) fn due_attributes(id: &[u8; 16], check_at: Timestamp) -> [(String, AttributeValue); 2] {
    DueShard::of_work(id).attributes(check_at)
}

/// A piece of unfinished work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A step of a follow-up sequence.
    Step(DueStep),
    /// A webhook delivery.
    Delivery(DueDelivery),
    /// The erasure of a lead that was begun.
    Erasure(DueErasure),
    /// The purge of an environment that was requested.
    Purge(DuePurge),
    /// A file that evidence waits for.
    Upload(DueUpload),
    /// An evidence package that is to be generated.
    Package(DuePackage),
    /// The parked deliveries of a subscription.
    Parked(DueParked),
}

/// An item of the due index that this version cannot read: it is broken, or a newer release wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the due item {partition_key} {sort_key} cannot be read")]
pub struct UnreadableDueItem {
    /// The item's partition key. It holds ids only.
    pub partition_key: String,
    /// The item's sort key.
    pub sort_key: String,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

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

impl DueWork {
    /// Reads an item of the index.
    fn read(item: &Item) -> Result<Self, UnreadableDueItem> {
        Self::read_known(item).ok_or_else(|| UnreadableDueItem {
            partition_key: get_text(item, PK).unwrap_or_default().to_owned(),
            sort_key: get_text(item, SK).unwrap_or_default().to_owned(),
            // A number in every item of the index, because the index is sorted by it.
            check_at: get_number(item, DUE_CHECK).map_or(Timestamp::EPOCH, Timestamp::from_millis),
        })
    }

    fn read_known(item: &Item) -> Option<Self> {
        let (kind, environment, rest) = keys::parse_environment(get_text(item, PK)?)?;
        let check_at = Timestamp::from_millis(get_number(item, DUE_CHECK)?);
        match kind {
            PURGE_KIND => Some(Self::Purge(DuePurge { environment, check_at })),
            LEAD_KIND if get_text(item, SK) == Some(SEQUENCE_SK) => {
                DueStep::read(environment, rest, item).map(Self::Step)
            }
            LEAD_KIND if get_text(item, SK) == Some(LEAD_KIND) => {
                Some(Self::Erasure(DueErasure { environment, lead: LeadId::parse(rest)?, check_at }))
            }
            EVIDENCE_KIND => {
                Some(Self::Upload(DueUpload { environment, evidence: EvidenceId::parse(rest)?, check_at }))
            }
            PACKAGE_KIND => DuePackage::read(environment, rest, item).map(Self::Package),
            DELIVERY_KIND => DueDelivery::read(environment, item).map(Self::Delivery),
            PARKED_KIND => {
                Some(Self::Parked(DueParked { environment, subscription: SubscriptionId::parse(rest)?, check_at }))
            }
            _ => None,
        }
    }
}

/// The erasure of a lead that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueErasure {
    /// The environment of the lead.
    pub environment: Environment,
    /// The erased lead.
    pub lead: LeadId,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

/// The purge of an environment that was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuePurge {
    /// The environment.
    pub environment: Environment,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

/// A file that evidence waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueUpload {
    /// The environment of the evidence.
    pub environment: Environment,
    /// The evidence.
    pub evidence: EvidenceId,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

/// The parked deliveries of a subscription whose circuit breaker has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueParked {
    /// The environment of the subscription.
    pub environment: Environment,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The time at which the sweeper was to check them.
    pub check_at: Timestamp,
}

/// A webhook delivery that is pending: not enqueued yet, enqueued, or enqueued and lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// The environment of the delivery.
    pub environment: Environment,
    /// The delivery, its subscription and its lead.
    pub reference: DeliveryRef,
    /// Number of attempts made so far.
    pub attempts: u32,
    /// The time at which the next attempt is due.
    pub due_at: Timestamp,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

impl DueDelivery {
    fn read(environment: Environment, item: &Item) -> Option<Self> {
        Some(Self {
            environment,
            reference: DeliveryRef {
                delivery: DeliveryId::parse(get_text(item, SK)?)?,
                subscription: SubscriptionId::parse(get_text(item, "subscription")?)?,
                lead: get_text(item, "lead").and_then(LeadId::parse),
            },
            attempts: get_number(item, "attempts")?,
            due_at: Timestamp::from_millis(get_number(item, "dueAt")?),
            check_at: Timestamp::from_millis(get_number(item, DUE_CHECK)?),
        })
    }
}

/// The next step of a follow-up sequence that is running, or whose last claim is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueStep {
    /// The environment of the sequence.
    pub environment: Environment,
    /// The lead of the sequence.
    pub lead: LeadId,
    /// The number of the step.
    pub step: u32,
    /// The time at which the step is due; `None` if the sequence was stopped while the step was being sent.
    pub due_at: Option<Timestamp>,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

impl DueStep {
    fn read(environment: Environment, lead: &str, item: &Item) -> Option<Self> {
        Some(Self {
            environment,
            lead: LeadId::parse(lead)?,
            step: get_number(item, "attempts")?,
            due_at: get_number(item, "dueAt").map(Timestamp::from_millis),
            check_at: Timestamp::from_millis(get_number(item, DUE_CHECK)?),
        })
    }
}

/// An evidence package that is to be generated: not enqueued yet, enqueued, being generated, or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuePackage {
    /// The environment of the package.
    pub environment: Environment,
    /// The package.
    pub package: PackageId,
    /// Number of attempts that were begun.
    pub attempts: u32,
    /// The time at which the next attempt is due, or the claim of this one ends.
    pub due_at: Timestamp,
    /// The time at which the sweeper was to check it.
    pub check_at: Timestamp,
}

impl DuePackage {
    fn read(environment: Environment, package: &str, item: &Item) -> Option<Self> {
        Some(Self {
            environment,
            package: PackageId::parse(package)?,
            attempts: get_number(item, "attempts")?,
            due_at: Timestamp::from_millis(get_number(item, "dueAt")?),
            check_at: Timestamp::from_millis(get_number(item, DUE_CHECK)?),
        })
    }
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
            .query(Source::DueIndex, shard.partition())
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

    /// Moves the check time of parked deliveries to `next`, unless they were all released or it was moved since it was read.
    pub async fn move_parked_check(&self, due: &DueParked, next: Timestamp) -> Result<(), StoreError> {
        self.move_unnumbered_check(&keys::parked_entry(due.environment, due.subscription), due.check_at, next).await
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
