//! Deliveries: each lies in the partition that its own id names, in order of time.

use crate::Store;
use crate::attempt::put_attempt;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::due::{due_shard, shard_key};
use crate::encryption::{DataKey, decrypt_text};
use crate::error::StoreError;
use crate::item::{Item, from_item, get_text, is_expired, number, text, to_item};
use crate::keys::{self, DUE_CHECK, DUE_SHARD, LEAD_KIND, PK, SK, TTL};
use crate::lead::data_key_of;
use crate::list::{Page, PageRequest, Position, Run, Start, bounded, merge};
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery::DeliveryRef;
use domain::{
    Delivery, DeliveryId, DeliveryStatus, Environment, EventType, Subscription, SubscriptionId, Timestamp, retention,
};
use std::collections::HashMap;

/// Items that a page of deliveries reads at most from each subscription where a filter passes few.
const FILTERED_READS: usize = 500;

/// What came of storing a delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatedDelivery {
    /// It is new.
    New,
    /// The same change made it before; as it stands.
    Existing(Box<Delivery>),
}

/// A delivery and the subscription that it goes to, `None` when that has been deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDelivery {
    /// Whose.
    pub environment: Environment,
    /// The delivery.
    pub delivery: Delivery,
    /// Its subscription.
    pub subscription: Option<Subscription>,
}

/// A delivery that is about to be attempted.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryToSend {
    /// The delivery and its subscription.
    pub stored: StoredDelivery,
    /// How the receiver is doing.
    pub health: EndpointHealth,
    /// The exact bytes to send; `None` when the person they tell of has been erased.
    pub body: Option<String>,
    /// The key of the lead whose data the body holds.
    pub data_key: Option<DataKey>,
}

impl StoredDelivery {
    /// Where the delivery stands: what was pending when its subscription was deleted or disabled is cancelled.
    pub fn status(&self) -> DeliveryStatus {
        status(&self.delivery, self.subscription.as_ref())
    }
}

fn status(delivery: &Delivery, subscription: Option<&Subscription>) -> DeliveryStatus {
    let served = subscription.is_some_and(|subscription| {
        subscription.status == domain::webhooks::subscription::SubscriptionStatus::Enabled
            && subscription.generation == delivery.generation
    });
    match delivery.status {
        DeliveryStatus::Pending if !served => DeliveryStatus::Cancelled,
        status => status,
    }
}

/// Which deliveries are meant.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Only in this status, as shown.
    pub status: Option<DeliveryStatus>,
    /// Only of this event.
    pub event: Option<EventType>,
    /// Only of events at or after this.
    pub created_from: Option<Timestamp>,
    /// Only of events at or before this.
    pub created_to: Option<Timestamp>,
}

/// What the words of a delivery are sealed for: it and nothing else.
pub(crate) fn encryption_context(delivery: DeliveryId) -> Vec<u8> {
    [b"delivery ", &delivery.bytes()[..]].concat()
}

/// The delivery with its body sealed, where it holds somebody's data.
fn encrypted(delivery: &Delivery, data_key: Option<&DataKey>) -> Result<Delivery, StoreError> {
    let body = match (delivery.lead, data_key) {
        (None, _) => delivery.body.clone(),
        (Some(_), Some(data_key)) => {
            let body = data_key.encrypt_text(&delivery.body, &encryption_context(delivery.id));
            body.ok_or_else(|| StoreError::Internal("no randomness".to_owned()))?
        }
        (Some(_), None) => return Err(StoreError::Internal("a lead's data is not to lie open".to_owned())),
    };
    Ok(Delivery { body, ..delivery.clone() })
}

fn item_of(environment: Environment, delivery: &Delivery, check_at: Option<Timestamp>) -> Result<Item, StoreError> {
    let mut item = keys::delivery(environment, delivery.id).with(to_item(delivery)?);
    item.insert(TTL.to_owned(), number(delivery.created_at.after(retention::DELIVERY_LOGS).seconds()));
    if let Some(check_at) = check_at {
        item.insert(DUE_SHARD.to_owned(), text(shard_key(due_shard(delivery.id.bytes()))));
        item.insert(DUE_CHECK.to_owned(), number(check_at.millis()));
    }
    Ok(item)
}

impl Store {
    /// The write of a new delivery that the sweep looks at from `check_at` on, if the change made none before. `data_key`
    /// is the key of the lead whose data it holds.
    pub fn put_delivery(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        check_at: Timestamp,
    ) -> Result<Write, StoreError> {
        Ok(Write::put(Table::Main, item_of(environment, &encrypted(delivery, data_key)?, Some(check_at))?)
            .require_absent())
    }

    /// Stores a delivery, or finds the one that the same change made before.
    pub async fn create_delivery(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        check_at: Timestamp,
    ) -> Result<CreatedDelivery, StoreError> {
        match self.commit(vec![self.put_delivery(environment, delivery, data_key, check_at)?]).await {
            Ok(()) => Ok(CreatedDelivery::New),
            Err(CommitError::ConditionFailed { found: Some(found), .. }) => {
                Ok(CreatedDelivery::Existing(Box::new(from_item(*found, "a delivery")?)))
            }
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The delivery of this id with its subscription, unless its time is over.
    pub async fn delivery(
        &self,
        environment: Environment,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Option<StoredDelivery>, StoreError> {
        let found = self.item(&keys::delivery(environment, id)).await?;
        let Some(item) = found.filter(|item| !is_expired(item, now)) else { return Ok(None) };
        let delivery: Delivery = from_item(item, "a delivery")?;
        let subscription = self.subscription(environment, delivery.subscription).await?;
        Ok(Some(StoredDelivery { environment, delivery, subscription }))
    }

    /// The deliveries of a batch, each with its subscription and how the receiver is doing: one trip for all, as
    /// messages name their subscriptions.
    pub async fn deliveries_to_send(
        &self,
        wanted: &[(Environment, DeliveryRef)],
    ) -> Result<Vec<DeliveryToSend>, StoreError> {
        let mut wanted_keys: Vec<_> = wanted
            .iter()
            .flat_map(|(environment, name)| {
                [
                    keys::delivery(*environment, name.delivery),
                    keys::subscription(*environment, name.subscription),
                    keys::endpoint_health(*environment, name.subscription),
                ]
                .into_iter()
                .chain(name.lead.map(|lead| keys::lead(*environment, lead)))
            })
            .map(|key| (key.pk, key.sk))
            .collect();
        wanted_keys.sort_unstable();
        wanted_keys.dedup();
        let wanted_keys = wanted_keys.into_iter().map(|(pk, sk)| keys::Key { pk, sk }.to_item()).collect();
        let mut found: HashMap<(String, String), Item> = HashMap::new();
        for item in self.batch_get(&self.table, wanted_keys).await? {
            if let (Some(pk), Some(sk)) = (get_text(&item, PK), get_text(&item, SK)) {
                found.insert((pk.to_owned(), sk.to_owned()), item);
            }
        }
        let mut deliveries = Vec::with_capacity(wanted.len());
        for (environment, name) in wanted {
            let item_under = |key: keys::Key| found.get(&(key.pk, key.sk)).cloned();
            let Some(item) = item_under(keys::delivery(*environment, name.delivery)) else { continue };
            let health = item_under(keys::endpoint_health(*environment, name.subscription));
            let subscription = item_under(keys::subscription(*environment, name.subscription));
            let lead = name.lead.and_then(|lead| found.get(&(keys::lead(*environment, lead).pk, LEAD_KIND.to_owned())));
            let data_key = lead.and_then(data_key_of);
            let read = StoredDelivery {
                environment: *environment,
                delivery: from_item(item, "a delivery")?,
                subscription: subscription.map(|item| from_item(item, "a subscription")).transpose()?,
            };
            let health = health.map(|item| from_item(item, "a receiver's health")).transpose()?.unwrap_or_default();
            let body = decrypt_text(&read.delivery.body, data_key.as_ref(), &encryption_context(name.delivery));
            deliveries.push(DeliveryToSend { stored: read, health, body, data_key });
        }
        Ok(deliveries)
    }

    /// Moves the next attempt to `due_at` without counting one: the receiver's breaker is open. Answers whether it
    /// was still to come.
    pub async fn postpone_delivery(
        &self,
        environment: Environment,
        delivery: &Delivery,
        due_at: Timestamp,
        check_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let write =
            Write::set(&keys::delivery(environment, delivery.id), format!("dueAt = :due, {DUE_CHECK} = :check"))
                .require(Condition::Unchanged, "#status = :pending AND attempts = :before")
                .name("#status", "status")
                .value(":pending", text(DeliveryStatus::Pending.name()))
                .value(":before", number(delivery.attempts))
                .value(":due", number(due_at.millis()))
                .value(":check", number(check_at.millis()));
        match self.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(CommitError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Takes a pending delivery out of the due index for good: its subscription was deleted or disabled.
    pub async fn cancel_delivery(&self, environment: Environment, delivery: &Delivery) -> Result<(), StoreError> {
        let write =
            Write::update(&keys::delivery(environment, delivery.id), "SET #status = :status REMOVE dueAt, dp, da")
                .require(Condition::Unchanged, "#status = :pending AND attempts = :before")
                .name("#status", "status")
                .value(":status", text(DeliveryStatus::Cancelled.name()))
                .value(":pending", text(DeliveryStatus::Pending.name()))
                .value(":before", number(delivery.attempts));
        match self.commit(vec![write]).await {
            Ok(()) | Err(CommitError::ConditionFailed { .. }) => Ok(()),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The writes that put `resumed` in the place of `read`, if nothing was attempted meanwhile. What arrived before
    /// gets an item of its own: the next that arrives takes its place.
    pub fn resume_delivery(
        &self,
        read: &StoredDelivery,
        resumed: &Delivery,
        check_at: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let item = item_of(read.environment, resumed, Some(check_at))?;
        let resumed = Write::put(Table::Main, item)
            .require(Condition::Unchanged, "#status = :status AND attempts = :before")
            .name("#status", "status")
            .value(":status", text(read.delivery.status.name()))
            .value(":before", number(read.delivery.attempts));
        let arrived = read.delivery.successful_attempt.as_ref();
        let kept = arrived.map(|arrived| put_attempt(read.environment, &read.delivery, arrived)).transpose()?;
        Ok(std::iter::once(resumed).chain(kept).collect())
    }

    /// A page of the deliveries to `subscriptions` (each with whether it still exists), newest first.
    pub async fn deliveries(
        &self,
        environment: Environment,
        subscriptions: &[(SubscriptionId, Option<Subscription>)],
        filter: &DeliveryFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<StoredDelivery>, StoreError> {
        let runs = subscriptions
            .iter()
            .map(|subscription| self.deliveries_to(environment, subscription, filter, page, now))
            .collect();
        let runs = bounded(runs).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(merge(runs, page.limit))
    }

    async fn deliveries_to(
        &self,
        environment: Environment,
        (id, subscription): &(SubscriptionId, Option<Subscription>),
        filter: &DeliveryFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Run<StoredDelivery>, StoreError> {
        let pk = keys::deliveries(environment, &id.tag());
        let filtered = filter.status.is_some() || filter.event.is_some();
        let reads = if filtered { FILTERED_READS } else { page.limit + 1 };
        let from = filter.created_from.map_or_else(|| "0".to_owned(), DeliveryId::time_prefix);
        let to = filter.created_to.map_or_else(|| "g".to_owned(), |to| format!("{}g", DeliveryId::time_prefix(to)));
        let start = match page.start(&from, &to) {
            Start::AtTheEnd => None,
            Start::Behind(after) => {
                Some(Item::from([(PK.to_owned(), text(&*pk)), (SK.to_owned(), text(after.as_str()))]))
            }
            Start::Nowhere => return Ok(Run::empty()),
        };
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :from AND :to"))
            .expression_attribute_values(":pk", text(&*pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .scan_index_forward(false)
            .limit(i32::try_from(reads).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let stopped_at = found.last_evaluated_key.and_then(|key| Some(Position::from_key(get_text(&key, SK)?)));
        let mut items = Vec::new();
        for item in found.items.unwrap_or_default() {
            if is_expired(&item, now) {
                continue;
            }
            let at = get_text(&item, SK).map(Position::from_key).ok_or_else(|| StoreError::unreadable("a delivery"))?;
            let delivery: Delivery = from_item(item, "a delivery")?;
            // Two subscriptions may share a tag, and so a partition.
            let read = StoredDelivery { environment, delivery, subscription: subscription.clone() };
            let wanted = read.delivery.subscription == *id
                && filter.status.is_none_or(|status| read.status() == status)
                && filter.event.is_none_or(|event| read.delivery.event_type == event);
            if wanted {
                items.push((at, read));
            }
        }
        Ok(Run { items, stopped_at })
    }
}
