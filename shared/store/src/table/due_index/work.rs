//! The kinds of unfinished work, as the due index shows them.

use crate::table::item::{Item, get_number, get_text};
use crate::table::key_schema::{
    self as keys, DELIVERY_KIND, DUE_CHECK, EVIDENCE_KIND, LEAD_KIND, PACKAGE_KIND, PARKED_KIND, PK, PURGE_KIND,
    SEQUENCE_SK, SK,
};
use domain::webhooks::delivery::DeliveryRef;
use domain::{DeliveryBatchId, DeliveryId, Environment, EvidenceId, LeadId, PackageId, SubscriptionId, Timestamp};

/// A piece of unfinished work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A step of a follow-up sequence.
    Step(DueStep),
    /// A webhook delivery.
    Delivery(DueDelivery),
    /// A deletion that was begun.
    Deletion(DueDeletion),
    /// A file that evidence waits for.
    Upload(DueUpload),
    /// An evidence package that is to be generated.
    Package(DuePackage),
    /// The parked deliveries of a subscription.
    Parked(DueParked),
    /// Deliveries that were created together.
    DeliveryBatch(DueDeliveryBatch),
}

/// A deletion that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueDeletion {
    /// The erasure of a lead.
    Erasure(DueErasure),
    /// The purge of an environment.
    Purge(DuePurge),
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

impl DueWork {
    /// Reads an item of the index.
    pub(super) fn read(item: &Item) -> Result<Self, UnreadableDueItem> {
        Self::read_known(item).ok_or_else(|| UnreadableDueItem {
            partition_key: get_text(item, PK).unwrap_or_default().to_owned(),
            sort_key: get_text(item, SK).unwrap_or_default().to_owned(),
            // A number in every item of the index, because the index is sorted by it.
            check_at: get_number(item, DUE_CHECK).map_or(Timestamp::EPOCH, Timestamp::from_millis),
        })
    }

    fn read_known(item: &Item) -> Option<Self> {
        let partition_key = get_text(item, PK)?;
        if let Some(batch) = keys::parse_delivery_batch(partition_key) {
            return DueDeliveryBatch::read(batch, item).map(Self::DeliveryBatch);
        }
        let (kind, environment, rest) = keys::parse_environment(partition_key)?;
        let check_at = Timestamp::from_millis(get_number(item, DUE_CHECK)?);
        match kind {
            PURGE_KIND => Some(Self::Deletion(DueDeletion::Purge(DuePurge { environment, check_at }))),
            LEAD_KIND if get_text(item, SK) == Some(SEQUENCE_SK) => {
                DueStep::read(environment, rest, item).map(Self::Step)
            }
            LEAD_KIND if get_text(item, SK) == Some(LEAD_KIND) => {
                let erasure = DueErasure { environment, lead: LeadId::parse(rest)?, check_at };
                Some(Self::Deletion(DueDeletion::Erasure(erasure)))
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

/// Deliveries that were created together, with one entry of the index for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDeliveryBatch {
    /// The batch.
    pub batch: DeliveryBatchId,
    /// The time at which the deliveries were created.
    pub due_at: Timestamp,
    /// The time at which the sweeper was to check them.
    pub check_at: Timestamp,
}

impl DueDeliveryBatch {
    fn read(batch: DeliveryBatchId, item: &Item) -> Option<Self> {
        Some(Self {
            batch,
            due_at: Timestamp::from_millis(get_number(item, "dueAt")?),
            check_at: Timestamp::from_millis(get_number(item, DUE_CHECK)?),
        })
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
