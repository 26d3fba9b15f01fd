//! Endpoint health: the state of the circuit breaker of each failing endpoint, and the mark of each slow one.
//!
//! The health of an endpoint is an item beside its subscription that exists only while the endpoint fails, is slow, or
//! has not responded promptly yet: a healthy one costs nothing. It is not part of the subscription, so that counting
//! failures never conflicts with a change of the subscription. Failures are counted by an unconditional update, because
//! attempts of one endpoint fail concurrently; the first success removes them. Rules and thresholds are in
//! `domain::webhooks::circuit_breaker` and `domain::webhooks::delivery_lane`.

use crate::table::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{from_item, get_text, number, to_item};
use crate::table::key_schema::{self as keys, HEALTH_PREFIX, SK};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::{Environment, SubscriptionId, Timestamp};
use std::collections::HashMap;

/// Names an endpoint's health in errors.
const DESCRIPTION: &str = "an endpoint's health";

/// The attributes of failures, which a success removes.
const FAILURES: &str = "failingSince, failingContinuouslySince, lastFailureAt, failures, opened, openUntil, probeUntil";

impl Store {
    /// Reads the health of all failing endpoints of an environment.
    pub async fn failing_endpoints(
        &self,
        environment: Environment,
    ) -> Result<HashMap<SubscriptionId, EndpointHealth>, StoreError> {
        let query = self.query(Source::Table, keys::subscriptions(environment)).sort_key_prefix(HEALTH_PREFIX);
        let mut failing = HashMap::new();
        for item in query.eventually_consistent().page().await?.items {
            let id = get_text(&item, SK).and_then(|sk| SubscriptionId::parse(sk.strip_prefix(HEALTH_PREFIX)?));
            if let Some(id) = id {
                failing.insert(id, from_item(item, DESCRIPTION)?);
            }
        }
        Ok(failing)
    }

    /// Reads the health of the endpoint of a subscription.
    pub async fn endpoint_health(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
    ) -> Result<EndpointHealth, StoreError> {
        let key = keys::endpoint_health(environment, subscription).to_item();
        // Eventually consistent: it is shown, and decides nothing.
        let request = GetItemInput::builder().table_name(&self.table).set_key(Some(key));
        let found = self.database.get_item(request).await?;
        found.item.map_or(Ok(EndpointHealth::default()), |item| from_item(item, DESCRIPTION))
    }

    /// Counts a failure of an endpoint. `after` is its health after this failure as far as this attempt knows; of it,
    /// only an opened circuit breaker, the beginning of failing continuously and being slow are stored, because failures
    /// are counted by the table.
    pub async fn record_endpoint_failure(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        after: &EndpointHealth,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut set = vec!["failingSince = if_not_exists(failingSince, :now), lastFailureAt = :now"];
        // An earlier beginning is never written: a success may have ended it since this attempt read the health.
        set.push(if after.failing_continuously_since == Some(now) {
            "failingContinuouslySince = :now"
        } else {
            "failingContinuouslySince = if_not_exists(failingContinuouslySince, :now)"
        });
        if after.open_until.is_some() {
            set.push("openUntil = :open, opened = :opened");
        }
        if after.slow_until.is_some() {
            set.push("slowUntil = :slow");
        }
        // The probe that failed, if it was one, is over.
        let expression = format!("SET {} REMOVE probeUntil ADD failures :one", set.join(", "));
        let mut write = Write::update(&keys::endpoint_health(environment, subscription), expression)
            .value(":now", number(now.millis()))
            .value(":one", number(1));
        if let Some(open_until) = after.open_until {
            write = write.value(":open", number(open_until.millis())).value(":opened", number(after.opened));
        }
        if let Some(slow_until) = after.slow_until {
            write = write.value(":slow", number(slow_until.millis()));
        }
        Ok(self.commit(vec![write]).await?)
    }

    /// Marks an endpoint as slow until `slow_until`, while an attempt is still running.
    pub async fn mark_slow_endpoint(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        slow_until: Timestamp,
    ) -> Result<(), StoreError> {
        let write = Write::update(&keys::endpoint_health(environment, subscription), "SET slowUntil = :slow");
        Ok(self.commit(vec![write.value(":slow", number(slow_until.millis()))]).await?)
    }

    /// Records that an attempt succeeded, which changed the endpoint's health from `before` to `after`: removes all
    /// failures, and the mark of being slow unless another attempt has set it again since.
    pub async fn record_endpoint_success(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        before: &EndpointHealth,
        after: &EndpointHealth,
    ) -> Result<(), StoreError> {
        let key = keys::endpoint_health(environment, subscription);
        if let Some(slow_until) = after.slow_until {
            let write = Write::update(&key, format!("SET slowUntil = :slow REMOVE {FAILURES}"));
            return Ok(self.commit(vec![write.value(":slow", number(slow_until.millis()))]).await?);
        }
        let delete = Write::delete(&key);
        let delete = match before.slow_until {
            None => delete.require(Condition::Unchanged, "attribute_not_exists(slowUntil)"),
            Some(seen) => delete
                .require(Condition::Unchanged, "attribute_not_exists(slowUntil) OR slowUntil = :seen")
                .value(":seen", number(seen.millis())),
        };
        if !self.commit_if(vec![delete]).await? {
            self.commit(vec![Write::update(&key, format!("REMOVE {FAILURES}"))]).await?;
        }
        Ok(())
    }

    /// Claims the probe of an open circuit breaker until `until`; returns `false` if another attempt has claimed it.
    pub async fn claim_probe(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let due_and_unclaimed = "openUntil <= :now AND (attribute_not_exists(probeUntil) OR probeUntil <= :now)";
        let write = Write::set(&keys::endpoint_health(environment, subscription), "probeUntil = :until")
            .require(Condition::Unchanged, due_and_unclaimed)
            .value(":until", number(until.millis()))
            .value(":now", number(now.millis()));
        self.commit_if(vec![write]).await
    }

    /// Returns the write of the health of an endpoint that is new or enabled again: without failures, and slow until it
    /// has responded promptly.
    pub fn put_unproven_endpoint(
        &self,
        environment: Environment,
        subscription: SubscriptionId,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        let item = keys::endpoint_health(environment, subscription).with(to_item(&EndpointHealth::unproven(now))?);
        Ok(Write::put(Table::Main, item))
    }
}
