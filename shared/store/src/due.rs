//! The due index: whatever must still happen lies in it under the time at which the sweep is to look.
//!
//! What is not enqueued yet is looked at as soon as the queue can hold it; what is enqueued, when it is overdue by
//! a margin. A healthy delivery leaves the index before the sweep ever sees it.

use crate::Store;
use crate::commit::{CommitError, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, get_number, get_text, number, text};
use crate::keys::{self, DUE_CHECK, DUE_INDEX, DUE_SHARD, Key, LEAD_KIND, PK, PURGE_KIND, SEQUENCE_SK, SK};
use domain::webhooks::delivery::DeliveryRef;
use domain::{DeliveryId, Environment, LeadId, SubscriptionId, Timestamp};

/// Partitions of the due index: each takes a thousand writes a second.
pub const DUE_SHARDS: u8 = 8;

/// The shard of what has this id.
pub fn due_shard(id: &[u8; 16]) -> u8 {
    id[11] % DUE_SHARDS
}

pub(crate) fn shard_key(shard: u8) -> String {
    format!("due#{shard}")
}

/// What the sweep is to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A step of a sequence that was not enqueued yet, or whose message was lost.
    Step(DueStep),
    /// A delivery that was not enqueued yet, or whose message was lost.
    Delivery(DueDelivery),
    /// An erasure that did not come to its end.
    Erasure {
        /// Whose.
        environment: Environment,
        /// Of which lead.
        lead: LeadId,
    },
    /// A world that is not empty yet though it was to be.
    Purge(Environment),
}

impl Due {
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

/// A delivery that the sweep is to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Whose.
    pub environment: Environment,
    /// Which.
    pub name: DeliveryRef,
    /// Attempts made so far.
    pub attempts: u32,
    /// When the next one is due.
    pub due_at: Timestamp,
    /// When the sweep was to look.
    pub check_at: Timestamp,
}

impl DueDelivery {
    fn read(environment: Environment, item: &Item) -> Option<Self> {
        Some(Self {
            environment,
            name: DeliveryRef {
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

/// A step of a sequence that the sweep is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueStep {
    /// Whose.
    pub environment: Environment,
    /// Of which lead.
    pub lead: LeadId,
    /// The number of the step.
    pub step: u32,
    /// When it is due; `None` where the sequence was stopped while its step was being sent.
    pub due_at: Option<Timestamp>,
    /// When the sweep was to look.
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
    /// What the sweep is to look at in `shard` up to `until`, the longest overdue first, at most `limit`.
    pub async fn due_items(&self, shard: u8, until: Timestamp, limit: i32) -> Result<Vec<Due>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE_INDEX)
            .key_condition_expression(format!("{DUE_SHARD} = :shard AND {DUE_CHECK} <= :until"))
            .expression_attribute_values(":shard", text(shard_key(shard)))
            .expression_attribute_values(":until", number(until.millis()))
            .limit(limit)
            .send()
            .await?;
        Ok(found.items.unwrap_or_default().iter().filter_map(Due::read).collect())
    }

    /// Moves the check time of `due` to `next`; `false` when it has been attempted or moved meanwhile.
    pub async fn move_delivery_check(&self, due: &DueDelivery, next: Timestamp) -> Result<bool, StoreError> {
        self.move_check(&keys::delivery(due.environment, due.name.delivery), due.check_at, due.attempts, next).await
    }

    /// The same for a step of a sequence.
    pub async fn move_step_check(&self, due: &DueStep, next: Timestamp) -> Result<bool, StoreError> {
        self.move_check(&keys::sequence(due.environment, due.lead), due.check_at, due.step, next).await
    }

    async fn move_check(&self, key: &Key, seen: Timestamp, attempts: u32, next: Timestamp) -> Result<bool, StoreError> {
        let write = Write::set(key, format!("{DUE_CHECK} = :next"))
            .require(Condition::Unchanged, format!("{DUE_CHECK} = :seen AND attempts = :attempts"))
            .value(":next", number(next.millis()))
            .value(":seen", number(seen.millis()))
            .value(":attempts", number(attempts));
        match self.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(CommitError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into_contended()),
        }
    }
}
