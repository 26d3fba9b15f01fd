//! Webhook subscriptions: all of an environment are in one partition, so that one query finds the subscriptions of an
//! event.
//!
//! DynamoDB cannot limit the number of items, so an item beside them holds that number. It is raised and lowered only
//! in the transactions that create and delete a subscription: the limit is part of the condition on the number, and of
//! two requests for the last free place one fails. Deleting requires that the subscription exists, so that of two
//! requests that delete it only one lowers the number. Any other way to create or delete a subscription would let the
//! number drift, and nothing would correct it.

use crate::table::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, number, to_item};
use crate::table::key_schema::{self as keys, DELETED_SUBSCRIPTION_PREFIX, SUBSCRIPTION_PREFIX, TTL};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::webhooks::subscription::MAX_SUBSCRIPTIONS;
use domain::{Environment, Subscription, SubscriptionId, Timestamp, retention};

/// Names a subscription in errors.
const DESCRIPTION: &str = "a subscription";

/// The subscriptions of an environment that this version can read.
#[derive(Clone, Debug, Default)]
pub struct ReadableSubscriptions {
    /// The subscriptions, newest first.
    pub subscriptions: Vec<Subscription>,
    /// Set if there are others, such as ones that a newer release wrote.
    pub unreadable: Option<StoreError>,
}

impl Store {
    /// Reads the subscriptions of an environment that this version can read. One that it cannot read hinders no other.
    pub async fn readable_subscriptions(&self, environment: Environment) -> Result<ReadableSubscriptions, StoreError> {
        let mut found = ReadableSubscriptions::default();
        for item in self.subscription_items(environment, SUBSCRIPTION_PREFIX).await? {
            match from_item(item, DESCRIPTION) {
                Ok(subscription) => found.subscriptions.push(subscription),
                Err(error) => found.unreadable = Some(error),
            }
        }
        Ok(found)
    }

    /// Reads the subscriptions of an environment, newest first.
    pub async fn subscriptions(&self, environment: Environment) -> Result<Vec<Subscription>, StoreError> {
        self.subscriptions_with_prefix(environment, SUBSCRIPTION_PREFIX).await
    }

    /// Reads the deleted subscriptions of an environment whose deliveries are still shown: the newest
    /// [`MAX_SUBSCRIPTIONS`].
    pub async fn deleted_subscriptions(&self, environment: Environment) -> Result<Vec<Subscription>, StoreError> {
        self.subscriptions_with_prefix(environment, DELETED_SUBSCRIPTION_PREFIX).await
    }

    async fn subscriptions_with_prefix(
        &self,
        environment: Environment,
        prefix: &str,
    ) -> Result<Vec<Subscription>, StoreError> {
        let items = self.subscription_items(environment, prefix).await?;
        items.into_iter().map(|item| from_item(item, DESCRIPTION)).collect()
    }

    async fn subscription_items(&self, environment: Environment, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let query = self
            .query(Source::Table, keys::subscriptions(environment))
            .sort_key_prefix(prefix)
            .descending()
            .limit(MAX_SUBSCRIPTIONS);
        Ok(query.page().await?.items)
    }

    /// Reads the subscription with this id.
    pub async fn subscription(
        &self,
        environment: Environment,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        self.entity(&keys::subscription(environment, id), DESCRIPTION).await
    }

    /// Returns whether the environment has [`MAX_SUBSCRIPTIONS`] subscriptions now.
    pub async fn has_max_subscriptions(&self, environment: Environment) -> Result<bool, StoreError> {
        let count = self.item(&keys::subscription_count(environment)).await?;
        Ok(count.and_then(|count| get_number::<usize>(&count, "n")).is_some_and(|count| count >= MAX_SUBSCRIPTIONS))
    }

    /// Returns the writes of a new subscription: the subscription, the health of an endpoint that has yet to
    /// respond, and the number of the environment's subscriptions.
    /// They fail with [`Condition::SubscriptionLimit`] if there are [`MAX_SUBSCRIPTIONS`].
    pub fn put_subscription(
        &self,
        environment: Environment,
        subscription: &Subscription,
    ) -> Result<Vec<Write>, StoreError> {
        let item = keys::subscription(environment, subscription.id).with(to_item(subscription)?);
        let count = Write::update(&keys::subscription_count(environment), "ADD n :one")
            .require(Condition::SubscriptionLimit, "attribute_not_exists(n) OR n < :max")
            .value(":one", number(1))
            .value(":max", number(MAX_SUBSCRIPTIONS));
        let health = self.put_unproven_endpoint(environment, subscription.id, subscription.created_at)?;
        Ok(vec![Write::put(Table::Main, item).require_absent(), count, health])
    }

    /// Returns the write that replaces a subscription's previous version.
    pub fn replace_subscription(
        &self,
        environment: Environment,
        subscription: &Subscription,
    ) -> Result<Write, StoreError> {
        let item = keys::subscription(environment, subscription.id).with(to_item(subscription)?);
        Ok(Write::put(Table::Main, item).require_version(subscription.version - 1))
    }

    /// Returns the writes that delete a subscription. A copy is kept as long as its deliveries are shown: without it
    /// they could not be found.
    pub fn delete_subscription(
        &self,
        environment: Environment,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let mut copy = keys::deleted_subscription(environment, subscription.id).with(to_item(subscription)?);
        copy.insert(TTL.to_owned(), number(now.after(retention::DELIVERY_LOGS).seconds()));
        Ok(vec![
            Write::delete(&keys::subscription(environment, subscription.id)).require_exists(),
            Write::update(&keys::subscription_count(environment), "ADD n :less").value(":less", number(-1)),
            Write::put(Table::Main, copy),
            Write::delete(&keys::endpoint_health(environment, subscription.id)),
        ])
    }
}
