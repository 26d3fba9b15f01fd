//! Authentication, authorization and rate limiting of a call, in one conditional write.
//!
//! One `UpdateItem` of the key's item proves that the key exists, is neither revoked nor expired, has the scope and has
//! calls left; counts the call; and returns the caller. Because check and count are the same write, a limit is exact
//! under any concurrency, and a revoked key stops working immediately. Nothing may be cached in front of it.
//!
//! **Windows.** The item holds one minute number `m` with the counter of that minute (`mc`) and of that minute's day
//! (`dc`). The day is derived from the minute, so the two can never disagree. How a call changes them depends on how
//! the stored minute relates to the caller's clock:
//!
//! | stored minute | window | update |
//! | --- | --- | --- |
//! | the caller's minute | [`Window::SameMinute`] | both counters + 1 |
//! | earlier, the same day | [`Window::NewMinute`] | minute set, its counter 1, the day's + 1 |
//! | an earlier day | [`Window::NewDay`] | minute set, both counters 1 |
//!
//! **Windows only move forward.** The condition of the last two requires `m < :m`, so that no clock can reset a
//! counter. A caller whose clock is behind counts in the stored minute: [`Window::SameMinute`] then has that minute. If
//! the stored minute is more than one ahead, a clock is wrong and the call is an error rather than counted anywhere.
//!
//! **Attempts.** The first attempt assumes the same minute, which holds for all calls but the first of each minute. A
//! failed condition returns the item as it is stored, and from it follows either why the call is rejected or which
//! window to try next ([`next_window`]). A rejected call has written nothing, and so counts nothing.

use crate::accounts::key_item::{AuthenticatedKey, KeyItem, partition_key};
use crate::table::Store;
use crate::table::batch::Reading;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_number, get_text, number, text};
use crate::table::key_schema::PK;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::accounts::rate_limit::Quota;
use domain::{Scope, Scopes, Timestamp};
use std::fmt::Write;

/// Number of minutes in a day.
const DAY_MINUTES: i64 = 24 * 60;

/// Maximum number of attempts of one call. Two suffice unless other calls move the window in between, which can happen
/// once for the minute and once for the day.
const MAX_ATTEMPTS: u32 = 4;

/// A call that was authenticated, authorized and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatedCall {
    /// The key of the caller.
    pub key: AuthenticatedKey,
    /// The counters after this call.
    pub quota: Quota,
}

/// A call that was rejected. None of these is counted.
#[derive(Debug, thiserror::Error)]
pub enum CountCallError {
    /// The key does not exist, was revoked, or has expired.
    #[error("the key is not valid")]
    UnknownKey,
    /// The key lacks a scope.
    #[error("the key lacks the scope {}", scope.name())]
    MissingScope {
        /// The first scope that it lacks.
        scope: Scope,
        /// The counters.
        quota: Quota,
    },
    /// The key is over its limit for the minute or the day.
    #[error("the rate limit is exceeded")]
    RateLimited {
        /// The counters; one of them has reached its limit.
        quota: Quota,
        /// The scopes of the key: a missing scope is reported even while the key is over its limit.
        scopes: Scopes,
    },
    /// The stored minute is this many minutes ahead of the caller's clock: one of the clocks is wrong.
    #[error("the stored minute is {0} minutes ahead")]
    ClockAhead(i64),
    /// The table did not execute the request.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The relation of the stored minute to the minute of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    /// The stored minute is this one: the caller's, or, for a caller whose clock is behind, a later one.
    SameMinute(i64),
    /// The stored minute is an earlier one of the same day.
    NewMinute,
    /// The stored minute is of an earlier day.
    NewDay,
}

impl Window {
    /// Returns the update expression that counts a call.
    fn update_expression(self) -> &'static str {
        match self {
            Self::SameMinute(_) => "ADD mc :one, dc :one",
            Self::NewMinute => "SET m = :m, mc = :one ADD dc :one",
            Self::NewDay => "SET m = :m, mc = :one, dc = :one",
        }
    }

    /// Returns the condition under which a call may be counted.
    fn condition_expression(self, scopes: &[Scope]) -> String {
        let mut condition =
            "attribute_exists(pk) AND attribute_not_exists(rv) AND (attribute_not_exists(xp) OR xp > :now)".to_owned();
        for number in 0..scopes.len() {
            let _ = write!(condition, " AND contains(sc, {})", scope_placeholder(number));
        }
        condition.push_str(match self {
            Self::SameMinute(_) => {
                " AND m = :m AND (attribute_not_exists(ml) OR mc < ml) AND (attribute_not_exists(dl) OR dc < dl)"
            }
            Self::NewMinute => " AND m < :m AND m >= :today AND (attribute_not_exists(dl) OR dc < dl)",
            Self::NewDay => " AND m < :today",
        });
        condition
    }
}

/// Returns the placeholder of a required scope.
fn scope_placeholder(number: usize) -> String {
    format!(":scope{number}")
}

/// Returns the first minute of the day that `minute` is in.
fn day_start(minute: i64) -> i64 {
    minute.div_euclid(DAY_MINUTES) * DAY_MINUTES
}

/// Returns the window to try next on an item against which an attempt has failed, or why the call is rejected.
///
/// The order of the checks decides which of several reasons is reported.
fn next_window(item: &KeyItem, scopes: &[Scope], now: Timestamp) -> Result<Window, CountCallError> {
    if item.revoked.is_some() || item.expires.is_some_and(|expires| expires <= now.millis()) {
        return Err(CountCallError::UnknownKey);
    }
    if let Some(scope) = scopes.iter().copied().find(|scope| !item.scopes.contains(*scope)) {
        return Err(CountCallError::MissingScope { scope, quota: at_minute(item, now.minute()).quota() });
    }
    let minute = now.minute();
    if item.minute > minute + 1 {
        return Err(CountCallError::ClockAhead(item.minute - minute));
    }
    let is_used_up = |count: u64, limit: Option<u64>| limit.is_some_and(|limit| count >= limit);
    let current = at_minute(item, minute);
    if is_used_up(current.minute_count, current.minute_limit) || is_used_up(current.day_count, current.day_limit) {
        return Err(CountCallError::RateLimited { quota: current.quota(), scopes: item.scopes });
    }
    Ok(if item.minute >= minute {
        Window::SameMinute(item.minute)
    } else if item.minute >= day_start(minute) {
        Window::NewMinute
    } else {
        Window::NewDay
    })
}

/// Returns the item with its counters as they are in `minute`, or in its own minute if that is later.
fn at_minute(item: &KeyItem, minute: i64) -> KeyItem {
    let mut current = item.clone();
    if item.minute < minute {
        current.minute = minute;
        current.minute_count = 0;
        if item.minute < day_start(minute) {
            current.day_count = 0;
        }
    }
    current
}

/// The result of one attempt.
enum AttemptOutcome {
    /// The call was counted; the item after it.
    Counted(Box<KeyItem>),
    /// The condition failed; the item as it is stored, if it exists.
    Rejected(Option<Box<KeyItem>>),
}

impl Store {
    /// Authenticates, authorizes and counts one call with the key whose SHA-256 is `hash` (hexadecimal), which must have
    /// all of `scopes`.
    pub async fn authenticate(
        &self,
        hash: &str,
        scopes: impl IntoIterator<Item = Scope>,
        now: Timestamp,
    ) -> Result<AuthenticatedCall, CountCallError> {
        let scopes: Vec<_> = scopes.into_iter().collect();
        let mut window = Window::SameMinute(now.minute());
        for _ in 0..MAX_ATTEMPTS {
            match self.count_call(window, hash, &scopes, now).await? {
                AttemptOutcome::Counted(item) => return Ok(AuthenticatedCall { key: item.key(), quota: item.quota() }),
                AttemptOutcome::Rejected(None) => return Err(CountCallError::UnknownKey),
                AttemptOutcome::Rejected(Some(item)) => window = next_window(&item, &scopes, now)?,
            }
        }
        Err(StoreError::Contended.into())
    }

    async fn count_call(
        &self,
        window: Window,
        hash: &str,
        scopes: &[Scope],
        now: Timestamp,
    ) -> Result<AttemptOutcome, StoreError> {
        let minute = match window {
            Window::SameMinute(minute) => minute,
            Window::NewMinute | Window::NewDay => now.minute(),
        };
        let mut request = UpdateItemInput::builder()
            .table_name(&self.access_table)
            .key(PK, text(partition_key(hash)))
            .update_expression(window.update_expression())
            .condition_expression(window.condition_expression(scopes))
            .expression_attribute_values(":now", number(now.millis()))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":m", number(minute))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // DynamoDB rejects values that no expression uses.
        if !matches!(window, Window::SameMinute(_)) {
            request = request.expression_attribute_values(":today", number(day_start(minute)));
        }
        for (number, scope) in scopes.iter().enumerate() {
            request = request.expression_attribute_values(scope_placeholder(number), text(scope.name()));
        }
        match self.database.update_item(request).await {
            Ok(updated) => {
                let item = updated.attributes.ok_or_else(|| StoreError::unreadable("an API key"))?;
                Ok(AttemptOutcome::Counted(Box::new(KeyItem::read(item)?)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let found = failed.item.clone().filter(|item| !item.is_empty());
                    Ok(AttemptOutcome::Rejected(found.map(KeyItem::read).transpose()?.map(Box::new)))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Reads when each of the keys with these SHA-256 was last used, to the minute; `None` for one that never was.
    pub async fn last_used(&self, hashes: &[String]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let keys = hashes.iter().map(|hash| Item::from([(PK.to_owned(), text(partition_key(hash)))])).collect();
        let items = self.batch_get(&self.access_table, keys, Reading::Whole).await?;
        let minute_of = |hash: &String| {
            let partition_key = partition_key(hash);
            let item = items.iter().find(|item| get_text(item, PK) == Some(&partition_key))?;
            get_number::<i64>(item, "m").filter(|minute| *minute > 0)
        };
        let last_used = |minute| Timestamp::from_millis(minute * domain::time::MINUTE);
        Ok(hashes.iter().map(|hash| minute_of(hash).map(last_used)).collect())
    }
}
