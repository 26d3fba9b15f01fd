//! How receivers are doing: an item beside each subscription that exists only while its receiver fails, so that
//! counting failures never meets a change of the subscription itself.

use crate::Store;
use crate::commit::{CommitError, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{from_item, get_text, number, text};
use crate::keys::{self, HEALTH_PREFIX, PK, SK};
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::{Environment, SubscriptionId, Timestamp};
use std::collections::HashMap;

impl Store {
    /// How the receivers of a world are doing, those that fail.
    pub async fn failing_endpoints(
        &self,
        environment: Environment,
    ) -> Result<HashMap<SubscriptionId, EndpointHealth>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(keys::subscriptions(environment)))
            .expression_attribute_values(":prefix", text(HEALTH_PREFIX))
            .send()
            .await?;
        let mut failing = HashMap::new();
        for item in found.items.unwrap_or_default() {
            let id = get_text(&item, SK).and_then(|sk| SubscriptionId::parse(sk.strip_prefix(HEALTH_PREFIX)?));
            if let Some(id) = id {
                failing.insert(id, from_item(item, "a receiver's health")?);
            }
        }
        Ok(failing)
    }

    /// How one receiver is doing.
    pub async fn endpoint_health(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
    ) -> Result<EndpointHealth, StoreError> {
        let key = keys::endpoint_health(environment, subscription).to_item();
        let found = self.client.get_item().table_name(&self.table).set_key(Some(key)).send().await?;
        found.item.map_or(Ok(EndpointHealth::default()), |item| from_item(item, "a receiver's health"))
    }

    /// Counts a failure; `after` is what is known since, as far as this attempt can tell.
    pub async fn record_endpoint_failure(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        after: &EndpointHealth,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut set = vec!["failingSince = if_not_exists(failingSince, :now)"];
        if after.open_until.is_some() {
            set.push("openUntil = :open, opened = :opened");
        }
        let expression = format!("SET {} REMOVE probeUntil ADD failures :one", set.join(", "));
        let mut write = Write::update(&keys::endpoint_health(environment, subscription), expression)
            .value(":now", number(now.millis()))
            .value(":one", number(1));
        if let Some(open_until) = after.open_until {
            write = write.value(":open", number(open_until.millis())).value(":opened", number(after.opened));
        }
        self.commit(vec![write]).await.map_err(CommitError::into_contended)
    }

    /// Takes the probe of an open breaker until `until`; `false` when somebody else has it.
    pub async fn claim_probe(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let write = Write::set(&keys::endpoint_health(environment, subscription), "probeUntil = :until")
            .require(
                Condition::Unchanged,
                "openUntil <= :now AND (attribute_not_exists(probeUntil) OR probeUntil <= :now)",
            )
            .value(":until", number(until.millis()))
            .value(":now", number(now.millis()));
        match self.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(CommitError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The write that forgets all failures: the receiver has answered, or the subscription begins anew.
    pub fn clear_failures(&self, environment: Environment, subscription: SubscriptionId) -> Write {
        Write::delete(&keys::endpoint_health(environment, subscription))
    }
}
