//! One conditional write that proves a key, its scope and its limits, counts the call, and fetches the caller.
//!
//! Window numbers only move forward and the day is derived from the minute, so a limit is exact under any
//! concurrency and no clock can reset it: a caller whose clock is behind counts in the stored window.

use crate::Store;
use crate::commit::{Table, Write};
use crate::error::StoreError;
use crate::item::{Item, from_item, get_number, get_text, number, text, to_item};
use crate::keys::PK;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::accounts::rate_limit::Limits;
use domain::accounts::rate_limit::Quota;
use domain::{BusinessId, Contract, Environment, KeyId, KeyRecord, Mode, Scope, Scopes, TenantId, Tier, Timestamp};
use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;

/// Writes that one admission takes at most.
const MOST_WRITES: u32 = 4;

/// What the access table knows of a key. Attribute names are short: the item is written at every call.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeyItem {
    #[serde(rename = "k")]
    id: KeyId,
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "w")]
    mode: Mode,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none", default)]
    business: Option<BusinessId>,
    #[serde(rename = "c")]
    contract: Contract,
    #[serde(rename = "ti")]
    tier: Tier,
    #[serde(rename = "sc", default)]
    scopes: Scopes,
    #[serde(rename = "ml", skip_serializing_if = "Option::is_none", default)]
    minute_limit: Option<u64>,
    #[serde(rename = "dl", skip_serializing_if = "Option::is_none", default)]
    day_limit: Option<u64>,
    #[serde(rename = "xp", skip_serializing_if = "Option::is_none", default)]
    expires: Option<i64>,
    #[serde(rename = "rv", skip_serializing_if = "Option::is_none", default)]
    revoked: Option<i64>,
    #[serde(rename = "m")]
    minute: i64,
    #[serde(rename = "mc")]
    minute_count: u64,
    #[serde(rename = "dc")]
    day_count: u64,
}

impl KeyItem {
    fn quota(&self) -> Quota {
        Quota {
            limits: Limits { minute: self.minute_limit, day: self.day_limit },
            minute: self.minute,
            minute_count: self.minute_count,
            day_count: self.day_count,
        }
    }

    fn key(&self) -> AuthenticatedKey {
        AuthenticatedKey {
            id: self.id,
            environment: Environment { tenant: self.tenant, mode: self.mode },
            business: self.business,
            contract: self.contract,
            tier: self.tier,
            limits: Limits { minute: self.minute_limit, day: self.day_limit },
            scopes: self.scopes,
            expires_at: self.expires.map(Timestamp::from_millis),
        }
    }
}

/// The key that a call was admitted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatedKey {
    /// The key's own id.
    pub id: KeyId,
    /// The world it opens.
    pub environment: Environment,
    /// The business it is bound to, if it is bound to one.
    pub business: Option<BusinessId>,
    /// The contract whose prefix it has.
    pub contract: Contract,
    /// The tier it was issued with.
    pub tier: Tier,
    /// What it may spend.
    pub limits: Limits,
    /// What it may do.
    pub scopes: Scopes,
    /// When it stops working, if it does.
    pub expires_at: Option<Timestamp>,
}

/// An admitted call, already counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatedCall {
    /// Who calls.
    pub key: AuthenticatedKey,
    /// What is left.
    pub quota: Quota,
}

/// Why a call is not admitted. None of these counts.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// No such key, or one that was revoked or has expired.
    #[error("no valid key")]
    UnknownKey,
    /// The key lacks the scope.
    #[error("the key lacks the scope")]
    MissingScope(Quota),
    /// The minute or the day is spent.
    #[error("the limit is spent")]
    RateLimited {
        /// The key's counts; one of them has reached its limit.
        quota: Quota,
        /// What the key may do: a scope that it lacks is told even when it is spent.
        scopes: Scopes,
    },
    /// The stored window lies in the future: a clock is wrong.
    #[error("the stored window lies {0} minutes ahead")]
    ClockAhead(i64),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The three forms of the one write, as the stored window stands to the caller's minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    SameMinute(i64),
    MinuteRolled,
    DayRolled,
}

impl Form {
    fn update(self) -> &'static str {
        match self {
            Self::SameMinute(_) => "ADD mc :one, dc :one",
            Self::MinuteRolled => "SET m = :m, mc = :one ADD dc :one",
            Self::DayRolled => "SET m = :m, mc = :one, dc = :one",
        }
    }

    fn condition(self, scope: Option<Scope>) -> String {
        let mut condition =
            "attribute_exists(pk) AND attribute_not_exists(rv) AND (attribute_not_exists(xp) OR xp > :now)".to_owned();
        if scope.is_some() {
            condition.push_str(" AND contains(sc, :scope)");
        }
        condition.push_str(match self {
            Self::SameMinute(_) => {
                " AND m = :m AND (attribute_not_exists(ml) OR mc < ml) AND (attribute_not_exists(dl) OR dc < dl)"
            }
            Self::MinuteRolled => " AND m < :m AND m >= :today AND (attribute_not_exists(dl) OR dc < dl)",
            Self::DayRolled => " AND m < :today",
        });
        condition
    }
}

/// What an image of the item says about a form that failed against it.
fn next_form(item: &KeyItem, scope: Option<Scope>, now: Timestamp) -> Result<Form, AuthenticationError> {
    if item.revoked.is_some() || item.expires.is_some_and(|expires| expires <= now.millis()) {
        return Err(AuthenticationError::UnknownKey);
    }
    if scope.is_some_and(|scope| !item.scopes.contains(scope)) {
        return Err(AuthenticationError::MissingScope(rolled(item, now).quota()));
    }
    let minute = now.minute();
    let today = minute.div_euclid(DAY_MINUTES) * DAY_MINUTES;
    if item.minute > minute + 1 {
        return Err(AuthenticationError::ClockAhead(item.minute - minute));
    }
    let spent = |count: u64, limit: Option<u64>| limit.is_some_and(|limit| count >= limit);
    let current = rolled(item, now);
    if spent(current.minute_count, current.minute_limit) || spent(current.day_count, current.day_limit) {
        return Err(AuthenticationError::RateLimited { quota: current.quota(), scopes: item.scopes });
    }
    Ok(if item.minute >= minute {
        Form::SameMinute(item.minute)
    } else if item.minute >= today {
        Form::MinuteRolled
    } else {
        Form::DayRolled
    })
}

/// The item with its counts as they stand in the minute of `now`, or in its own where that is ahead.
fn rolled(item: &KeyItem, now: Timestamp) -> KeyItem {
    let minute = now.minute();
    let mut current = item.clone();
    if item.minute < minute {
        current.minute = minute;
        current.minute_count = 0;
        if item.minute.div_euclid(DAY_MINUTES) < minute.div_euclid(DAY_MINUTES) {
            current.day_count = 0;
        }
    }
    current
}

impl Store {
    /// Admits and counts one call of the key whose SHA-256 is `hash` (hexadecimal), or says why not.
    pub async fn authenticate(
        &self,
        hash: &str,
        scope: Option<Scope>,
        now: Timestamp,
    ) -> Result<AuthenticatedCall, AuthenticationError> {
        let mut form = Form::SameMinute(now.minute());
        for _ in 0..MOST_WRITES {
            match self.try_form(form, hash, scope, now).await? {
                Tried::Admitted(item) => return Ok(AuthenticatedCall { key: item.key(), quota: item.quota() }),
                Tried::Failed(None) => return Err(AuthenticationError::UnknownKey),
                Tried::Failed(Some(item)) => form = next_form(&item, scope, now)?,
            }
        }
        Err(StoreError::Contended.into())
    }

    async fn try_form(
        &self,
        form: Form,
        hash: &str,
        scope: Option<Scope>,
        now: Timestamp,
    ) -> Result<Tried, StoreError> {
        let minute = match form {
            Form::SameMinute(minute) => minute,
            Form::MinuteRolled | Form::DayRolled => now.minute(),
        };
        let mut request = self
            .client
            .update_item()
            .table_name(&self.access_table)
            .key(PK, text(key_pk(hash)))
            .update_expression(form.update())
            .condition_expression(form.condition(scope))
            .expression_attribute_values(":now", number(now.millis()))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .expression_attribute_values(":m", number(minute))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if !matches!(form, Form::SameMinute(_)) {
            let today = minute.div_euclid(DAY_MINUTES) * DAY_MINUTES;
            request = request.expression_attribute_values(":today", number(today));
        }
        if let Some(scope) = scope {
            request = request.expression_attribute_values(":scope", text(scope.name()));
        }
        match request.send().await {
            Ok(updated) => {
                let item = updated.attributes.ok_or_else(|| StoreError::unreadable("a key"))?;
                Ok(Tried::Admitted(Box::new(read_key(item)?)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let image = failed.item.clone().filter(|item| !item.is_empty());
                    Ok(Tried::Failed(image.map(read_key).transpose()?.map(Box::new)))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// When each key was last used, to the minute; `None` for one that never was.
    pub async fn last_used(&self, hashes: &[String]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let keys = hashes.iter().map(|hash| Item::from([(PK.to_owned(), text(key_pk(hash)))])).collect();
        let items = self.batch_get(&self.access_table, keys).await?;
        let minute_of = |hash: &String| {
            let pk = key_pk(hash);
            let item = items.iter().find(|item| get_text(item, PK) == Some(&pk))?;
            get_number::<i64>(item, "m").filter(|minute| *minute > 0)
        };
        Ok(hashes
            .iter()
            .map(|hash| minute_of(hash).map(|minute| Timestamp::from_millis(minute * domain::time::MINUTE)))
            .collect())
    }
}

enum Tried {
    Admitted(Box<KeyItem>),
    Failed(Option<Box<KeyItem>>),
}

fn read_key(item: Item) -> Result<KeyItem, StoreError> {
    from_item(item, "a key")
}

fn key_pk(hash: &str) -> String {
    format!("k#{hash}")
}

/// The write that makes a key work, if no such key is there.
pub(crate) fn put_key(record: &KeyRecord) -> Result<Write, StoreError> {
    let item = KeyItem {
        id: record.id,
        tenant: record.tenant,
        mode: record.mode,
        business: record.business,
        contract: record.contract,
        tier: record.tier,
        scopes: record.scopes,
        minute_limit: record.limits.minute,
        day_limit: record.limits.day,
        expires: record.expires_at.map(Timestamp::millis),
        revoked: record.revoked_at.map(Timestamp::millis),
        minute: 0,
        minute_count: 0,
        day_count: 0,
    };
    let mut item = to_item(&item)?;
    // A set, so that `contains` compares whole names.
    let names: Vec<_> = record.scopes.iter().map(|scope| scope.name().to_owned()).collect();
    if names.is_empty() {
        item.remove("sc");
    } else {
        item.insert("sc".to_owned(), AttributeValue::Ss(names));
    }
    item.insert(PK.to_owned(), text(key_pk(&record.hash)));
    Ok(Write::put_unmarked(Table::Access, item).require_absent())
}

/// The write that ends a key at `at`; at once when `at` is now.
pub(crate) fn expire_key(hash: &str, at: Timestamp) -> Write {
    Write::update_access(&key_pk(hash), "SET xp = :at").require_exists().value(":at", number(at.millis()))
}

/// The write that revokes a key.
pub(crate) fn revoke_key(hash: &str, at: Timestamp) -> Write {
    Write::update_access(&key_pk(hash), "SET rv = :at").require_exists().value(":at", number(at.millis()))
}

/// The write that sets what a key may spend.
pub(crate) fn limit_key(hash: &str, limits: Limits) -> Write {
    let mut set = Vec::new();
    let mut remove = Vec::new();
    for (name, placeholder, limit) in [("ml", ":ml", limits.minute), ("dl", ":dl", limits.day)] {
        match limit {
            Some(limit) => set.push((name, placeholder, limit)),
            None => remove.push(name),
        }
    }
    let mut clauses = Vec::new();
    if !set.is_empty() {
        let assignments: Vec<_> = set.iter().map(|(name, placeholder, _)| format!("{name} = {placeholder}")).collect();
        clauses.push(format!("SET {}", assignments.join(", ")));
    }
    if !remove.is_empty() {
        clauses.push(format!("REMOVE {}", remove.join(", ")));
    }
    let write = Write::update_access(&key_pk(hash), clauses.join(" ")).require_exists();
    set.into_iter().fold(write, |write, (_, placeholder, limit)| write.value(placeholder, number(limit)))
}
