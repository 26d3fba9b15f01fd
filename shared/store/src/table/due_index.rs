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
//! The index is spread over shards by the id of the work, because one index partition takes 1,000 writes per second.

use crate::table::client::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_number, get_text, number, text};
use crate::table::key_schema::{self as keys, DUE_CHECK, DUE_SHARD, Key, LEAD_KIND, PK, PURGE_KIND, SEQUENCE_SK, SK};
use crate::table::query::Source;
use crate::table::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::webhooks::delivery::DeliveryRef;
use domain::{DeliveryId, Environment, LeadId, SubscriptionId, Timestamp};

/// Number of shards of the due index. It may be raised; when it is lowered, items remain in shards that nobody reads.
pub const DUE_SHARD_COUNT: u8 = 8;

/// Returns the shard of the work with this id. Byte 11 is random in every kind of id: some begin with a time, and
/// delivery ids end with the tag of their subscription.
pub fn due_shard(id: &[u8; 16]) -> u8 {
    id[11] % DUE_SHARD_COUNT
}

/// Returns the index partition of a shard.
fn shard_partition(shard: u8) -> String {
    format!("due#{shard}")
}

/// Returns the attributes that put the work with this id into the index, to be checked at `check_at`.
pub(crate) fn due_attributes(id: &[u8; 16], check_at: Timestamp) -> [(String, AttributeValue); 2] {
    [(DUE_SHARD.to_owned(), text(shard_partition(due_shard(id)))), (DUE_CHECK.to_owned(), number(check_at.millis()))]
}

/// A piece of unfinished work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A step of a follow-up sequence.
    Step(DueStep),
    /// A webhook delivery.
    Delivery(DueDelivery),
    /// The erasure of a lead that was begun.
    Erasure {
        /// The environment of the lead.
        environment: Environment,
        /// The erased lead.
        lead: LeadId,
    },
    /// The purge of an environment that was requested.
    Purge(Environment),
}

impl DueWork {
    /// Reads an item of the index; `None` if it is none of these.
    fn read(item: &Item) -> Option<Self> {
        let (kind, environment, rest) = keys::parse_environment(get_text(item, PK)?)?;
        match kind {
            PURGE_KIND => Some(Self::Purge(environment)),
            LEAD_KIND if get_text(item, SK) == Some(SEQUENCE_SK) => {
                DueStep::read(environment, rest, item).map(Self::Step)
            }
            LEAD_KIND => Some(Self::Erasure { environment, lead: LeadId::parse(rest)? }),
            _ => DueDelivery::read(environment, item).map(Self::Delivery),
        }
    }
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

impl Store {
    /// Returns the work of `shard` whose check time is `until` or earlier: at most `limit` items, the longest overdue
    /// first.
    pub async fn due_items(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<DueWork>, StoreError> {
        let query =
            self.query(Source::DueIndex, shard_partition(shard)).sort_key_up_to(number(until.millis())).limit(limit);
        Ok(query.page().await?.items.iter().filter_map(DueWork::read).collect())
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

    async fn move_check(&self, key: &Key, seen: Timestamp, attempts: u32, next: Timestamp) -> Result<bool, StoreError> {
        let write = Write::set(key, format!("{DUE_CHECK} = :next"))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen AND attempts = :attempts"))
            .value(":next", number(next.millis()))
            .value(":seen", number(seen.millis()))
            .value(":attempts", number(attempts));
        self.commit_if(vec![write]).await
    }
}
