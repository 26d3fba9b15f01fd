//! The number of active keys of an environment, which is limited.
//!
//! A key stops being active in three ways: it is revoked, it is replaced by a rotation, or it expires. No write happens
//! when a key expires, so an item cannot hold the exact number. It holds one that is never too small: creating a key adds
//! one to it in the same transaction, under the condition that the limit is not reached; nothing subtracts. Where that
//! condition fails, [`Store::make_room_for_key`] counts the keys anew and replaces the number, and the caller tries
//! again. So the limit is exact under any concurrency, and no key that has ended is counted when it matters.
//!
//! **Counting anew.** `changes` is raised by every write that creates or ends a key. The new number is written on
//! condition that `changes` is what it was before the keys were read, so that it never replaces a number that knows more.
//! Keys are counted anew only where that can help: if one was revoked or given an expiry since (`recountAt` is absent),
//! if one of those counted has expired (`recountAt` is that time), if nothing was counted yet, as in data of releases
//! without a limit, or once a day, in case an earlier release has created keys in between.

use crate::table::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, number};
use crate::table::key_schema::{self as keys, API_KEY_PREFIX};
use crate::table::query::Source;
use crate::table::write::Write;
use domain::accounts::api_key::DEFAULT_MAX_ACTIVE_KEYS;
use domain::{Environment, Mode, Timestamp};
use serde::Deserialize;
use std::time::Duration;

/// Maximum age of a count: if a release without a limit has created keys in between, it is right again after this time.
const MAX_COUNT_AGE: Duration = Duration::from_secs(24 * 3_600);

/// The attributes of a key that decide whether it is active.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyState {
    mode: Mode,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    revoked_at: Option<Timestamp>,
}

/// The item with the number of an environment's keys.
struct KeyCount {
    /// The number, at least that of the active keys; `None` if they were never counted.
    keys: Option<u64>,
    /// The number of changes; `None` if there was none.
    changes: Option<u64>,
    /// The time of the last count, in epoch milliseconds.
    counted_at: i64,
    /// The time from which on another count may find fewer, in epoch milliseconds; `None` if it may at any time.
    recount_at: Option<i64>,
    /// The maximum that the operator has set.
    max: Option<u64>,
}

impl KeyCount {
    fn read(item: &Item) -> Self {
        Self {
            keys: get_number(item, "n"),
            changes: get_number(item, "changes"),
            counted_at: get_number(item, "countedAt").unwrap_or_default(),
            recount_at: get_number(item, "recountAt"),
            max: get_number(item, "maxKeys"),
        }
    }

    fn max(&self) -> u64 {
        self.max.unwrap_or(DEFAULT_MAX_ACTIVE_KEYS)
    }

    /// Returns whether counting anew at `now` may change the number.
    fn may_have_changed(&self, now: Timestamp) -> bool {
        self.keys.is_none()
            || self.counted_at <= now.before(MAX_COUNT_AGE).millis()
            || self.recount_at.is_none_or(|at| at <= now.millis())
    }
}

/// The room that an environment has for another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRoom {
    /// There is room, or there was a moment ago: the key may be created now.
    Free,
    /// The environment has this number of active keys, its maximum, or more.
    Full(u64),
}

/// The expiry of keys that the transaction of a new key sets: its own, or that of the key which it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyEnding {
    /// No key expires.
    None,
    /// A key expires.
    Expiry,
}

/// Returns the write that counts a new key. It fails with [`Condition::KeyLimit`] if the environment has its maximum,
/// or if its keys are to be counted anew.
pub(super) fn count_new_key(environment: Environment, ending: KeyEnding, now: Timestamp) -> Write {
    let update = match ending {
        KeyEnding::None => "ADD n :one, changes :one",
        KeyEnding::Expiry => "REMOVE recountAt ADD n :one, changes :one",
    };
    Write::update(&keys::key_count(environment), update)
        .require(
            Condition::KeyLimit,
            "countedAt > :old AND ((attribute_exists(maxKeys) AND n < maxKeys) \
             OR (attribute_not_exists(maxKeys) AND n < :max))",
        )
        .value(":one", number(1))
        .value(":old", number(now.before(MAX_COUNT_AGE).millis()))
        .value(":max", number(DEFAULT_MAX_ACTIVE_KEYS))
}

/// Returns the write that notes that a key has ended: the next count may find fewer.
pub(super) fn note_ended_key(environment: Environment) -> Write {
    Write::update(&keys::key_count(environment), "REMOVE recountAt ADD changes :one").value(":one", number(1))
}

impl Store {
    /// Returns the write that sets the maximum number of active keys of an environment.
    pub fn set_max_keys(&self, environment: Environment, max: u64) -> Write {
        Write::update(&keys::key_count(environment), "SET maxKeys = :max").value(":max", number(max))
    }

    /// Returns whether another key may be created, after [`Condition::KeyLimit`] has failed: counts the active keys anew
    /// if that may change their number.
    pub async fn make_room_for_key(&self, environment: Environment, now: Timestamp) -> Result<KeyRoom, StoreError> {
        let key = keys::key_count(environment);
        let count = KeyCount::read(&self.item(&key).await?.unwrap_or_default());
        let full = |keys: u64| if keys < count.max() { KeyRoom::Free } else { KeyRoom::Full(count.max()) };
        if !count.may_have_changed(now) {
            return Ok(full(count.keys.unwrap_or_default()));
        }
        let (keys, next_expiry) = self.active_keys(environment, now).await?;
        let write = Write::update(&key, "SET n = :n, countedAt = :now, recountAt = :at ADD changes :one")
            .value(":n", number(keys))
            .value(":now", number(now.millis()))
            // Where no key expires, another count finds fewer only after a change, which removes the attribute.
            .value(":at", number(next_expiry.map_or(i64::MAX, Timestamp::millis)))
            .value(":one", number(1));
        let write = match count.changes {
            None => write.require(Condition::Unchanged, "attribute_not_exists(changes)"),
            Some(changes) => write.require(Condition::Unchanged, "changes = :before").value(":before", number(changes)),
        };
        // If another request has counted, or changed a key, the caller finds out by its next attempt.
        Ok(if self.commit_if(vec![write]).await? { full(keys) } else { KeyRoom::Free })
    }

    /// Returns the number of active keys of an environment, and when the first of them expires.
    async fn active_keys(
        &self,
        environment: Environment,
        now: Timestamp,
    ) -> Result<(u64, Option<Timestamp>), StoreError> {
        let query = self.query(Source::Table, keys::tenant(environment.tenant).pk).sort_key_prefix(API_KEY_PREFIX);
        let mut pages = query.pages();
        let (mut number, mut next_expiry) = (0, None::<Timestamp>);
        while let Some(items) = pages.next().await? {
            for item in items {
                let Ok(key) = from_item::<KeyState>(item, "a key record") else {
                    // One that a newer release wrote counts in both modes: the limit must hold.
                    number += 1;
                    continue;
                };
                let is_active = key.revoked_at.is_none() && key.expires_at.is_none_or(|at| at > now);
                if key.mode == environment.mode && is_active {
                    number += 1;
                    next_expiry = key.expires_at.into_iter().chain(next_expiry).min();
                }
            }
        }
        Ok((number, next_expiry))
    }
}
