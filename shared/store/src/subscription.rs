//! Webhook subscriptions: all of a world's lie together, so that one query tells whom an event concerns.

use crate::Store;
use crate::commit::{Table, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{from_item, number, text, to_item};
use crate::keys::{self, DELETED_PREFIX, PK, SK, SUBSCRIPTION_PREFIX, TTL};
use domain::webhooks::subscription::MAX_SUBSCRIPTIONS;
use domain::{Environment, Subscription, SubscriptionId, Timestamp, retention};

impl Store {
    /// The world's subscriptions, in order of their ids.
    pub async fn subscriptions(&self, environment: Environment) -> Result<Vec<Subscription>, StoreError> {
        self.subscriptions_under(environment, SUBSCRIPTION_PREFIX).await
    }

    /// The world's deleted subscriptions whose deliveries are still shown, the newest [`MAX_SUBSCRIPTIONS`].
    pub async fn deleted_subscriptions(&self, environment: Environment) -> Result<Vec<Subscription>, StoreError> {
        self.subscriptions_under(environment, DELETED_PREFIX).await
    }

    async fn subscriptions_under(
        &self,
        environment: Environment,
        prefix: &str,
    ) -> Result<Vec<Subscription>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(keys::subscriptions(environment)))
            .expression_attribute_values(":prefix", text(prefix))
            .scan_index_forward(false)
            .limit(i32::try_from(MAX_SUBSCRIPTIONS).unwrap_or(i32::MAX))
            .consistent_read(true)
            .send()
            .await?;
        let items = found.items.unwrap_or_default();
        items.into_iter().map(|item| from_item(item, "a subscription")).collect()
    }

    /// The subscription of this id.
    pub async fn subscription(
        &self,
        environment: Environment,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let found = self.item(&keys::subscription(environment, id)).await?;
        found.map(|item| from_item(item, "a subscription")).transpose()
    }

    /// The writes of a new subscription; the second fails when the world has as many as it may.
    pub fn put_subscription(
        &self,
        environment: Environment,
        subscription: &Subscription,
    ) -> Result<Vec<Write>, StoreError> {
        let item = keys::subscription(environment, subscription.id).with(to_item(subscription)?);
        let count = Write::update(&keys::subscription_count(environment), "ADD n :one")
            .require(Condition::SubscriptionLimit, "attribute_not_exists(n) OR n < :most")
            .value(":one", number(1))
            .value(":most", number(MAX_SUBSCRIPTIONS));
        Ok(vec![Write::put(Table::Main, item).require_absent(), count])
    }

    /// The write that puts `subscription` in the place of its version before.
    pub fn replace_subscription(
        &self,
        environment: Environment,
        subscription: &Subscription,
    ) -> Result<Write, StoreError> {
        let item = keys::subscription(environment, subscription.id).with(to_item(subscription)?);
        let before = subscription.version - 1;
        Ok(Write::put(Table::Main, item).require_version(before))
    }

    /// The writes that delete `subscription`, which stays known for as long as its deliveries are shown.
    pub fn delete_subscription(
        &self,
        environment: Environment,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let mut item = keys::deleted_subscription(environment, subscription.id).with(to_item(subscription)?);
        item.insert(TTL.to_owned(), number(now.after(retention::DELIVERY_LOGS).seconds()));
        Ok(vec![
            Write::delete(&keys::subscription(environment, subscription.id)).require_exists(),
            Write::update(&keys::subscription_count(environment), "ADD n :less").value(":less", number(-1)),
            Write::put(Table::Main, item),
            self.clear_failures(environment, subscription.id),
        ])
    }
}
