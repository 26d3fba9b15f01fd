//! Writing: one conditional write, or several in one transaction.

use crate::Store;
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, get_text, number, text};
use crate::keys::{Key, PK};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
    Update,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

/// Marks a write as this request's own, so that the SDK's retry of a write that took effect is known as such.
pub(crate) const NONCE: &str = "w";

/// The placeholder of an update's mark.
const MARK: &str = ":w";

/// Maximum number of times that a cancelled transaction is sent again because it met another write of its items: with
/// the pauses of [`conflict_backoff`] these take at most 0.6 seconds, which fits into the time of a request.
const MAX_TRANSACTION_RETRIES: u32 = 5;

/// Which of the two tables a write goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Main,
    Access,
}

/// What is done to the item.
#[derive(Clone, Debug)]
enum Effect {
    Put(Item),
    Update { key: Item, expression: String },
    Delete(Item),
    Check(Item),
}

/// One write under its condition, built by this crate and committed alone or with others.
#[derive(Clone, Debug)]
pub struct Write {
    table: Table,
    effect: Effect,
    condition: Option<(Condition, String)>,
    names: Vec<(Placeholder, Cow<'static, str>)>,
    values: Vec<(Placeholder, AttributeValue)>,
}

/// What stands in an expression for a name or a value.
type Placeholder = Cow<'static, str>;

impl Write {
    fn new(table: Table, effect: Effect) -> Self {
        Self { table, effect, condition: None, names: Vec::new(), values: Vec::new() }
    }

    /// Puts a whole item, marked as this request's own.
    pub(crate) fn put(table: Table, mut item: Item) -> Self {
        item.insert(NONCE.to_owned(), text(nonce()));
        Self::new(table, Effect::Put(item))
    }

    /// Puts a whole item whose attributes are all spoken for.
    pub(crate) fn put_unmarked(table: Table, item: Item) -> Self {
        Self::new(table, Effect::Put(item))
    }

    pub(crate) fn update(key: &Key, expression: impl Into<String>) -> Self {
        Self::new(Table::Main, Effect::Update { key: key.to_item(), expression: expression.into() })
    }

    /// Updates an item, marked as this request's own; `assignments` is what follows `SET` in the expression.
    pub(crate) fn set(key: &Key, assignments: impl std::fmt::Display) -> Self {
        Self::update(key, format!("SET {NONCE} = {MARK}, {assignments}")).value(MARK, text(nonce()))
    }

    pub(crate) fn update_access(pk: &str, expression: impl Into<String>) -> Self {
        let key = Item::from([(PK.to_owned(), text(pk))]);
        Self::new(Table::Access, Effect::Update { key, expression: expression.into() })
    }

    pub(crate) fn delete(key: &Key) -> Self {
        Self::new(Table::Main, Effect::Delete(key.to_item()))
    }

    /// Writes nothing, but lets the others of its transaction stand or fall with a condition.
    pub(crate) fn check(key: &Key) -> Self {
        Self::new(Table::Main, Effect::Check(key.to_item()))
    }

    /// Makes the write conditional: it fails with the name `condition` where `expression` does not hold.
    pub(crate) fn require(mut self, condition: Condition, expression: impl Into<String>) -> Self {
        self.condition = Some((condition, expression.into()));
        self
    }

    /// Requires that no item has this key.
    pub(crate) fn require_absent(self) -> Self {
        self.require(Condition::Absent, format!("attribute_not_exists({PK})"))
    }

    /// Requires that an item with this key exists.
    pub(crate) fn require_exists(self) -> Self {
        self.require(Condition::Exists, format!("attribute_exists({PK})"))
    }

    /// Requires that the item still has the version that was read.
    pub(crate) fn require_version(self, version: u64) -> Self {
        self.require(Condition::Unchanged, "version = :before").value(":before", number(version))
    }

    pub(crate) fn name(mut self, placeholder: impl Into<Placeholder>, name: impl Into<Cow<'static, str>>) -> Self {
        self.names.push((placeholder.into(), name.into()));
        self
    }

    pub(crate) fn value(mut self, placeholder: impl Into<Placeholder>, value: AttributeValue) -> Self {
        self.values.push((placeholder.into(), value));
        self
    }

    /// The key of the written item in the single table; `None` in the access table.
    fn key(&self) -> Option<Key> {
        match &self.effect {
            Effect::Put(item) => Key::of(item),
            Effect::Update { key, .. } | Effect::Delete(key) | Effect::Check(key) => Key::of(key),
        }
    }

    fn nonce(&self) -> Option<&str> {
        match &self.effect {
            Effect::Put(item) => get_text(item, NONCE),
            Effect::Update { .. } => {
                let (_, mark) = self.values.iter().find(|(placeholder, _)| *placeholder == MARK)?;
                mark.as_s().ok().map(String::as_str)
            }
            Effect::Delete(_) | Effect::Check(_) => None,
        }
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A condition did not hold; of several, the first in the order of the writes.
    #[error("condition failed: {condition:?}")]
    ConditionFailed {
        /// The condition that did not hold.
        condition: Condition,
        /// The item as it is stored, if it exists.
        found: Option<Box<HashMap<String, AttributeValue>>>,
    },
    /// A concurrent request with the same idempotency key was committed first.
    #[error("a request with the same idempotency key was committed first")]
    IdempotencyConflict,
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    /// The error of a commit whose conditions can only fail because the item changed meanwhile.
    pub(crate) fn into_contended(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::ConditionFailed { .. } | Self::IdempotencyConflict => StoreError::Contended,
        }
    }
}

impl From<CommitError> for StoreError {
    /// Where no condition can fail but by the item changing meanwhile.
    fn from(error: CommitError) -> Self {
        error.into_contended()
    }
}

/// A condition that did not hold.
#[derive(Debug)]
pub(crate) struct FailedCondition {
    /// The name of the condition.
    pub(crate) condition: Condition,
    /// The key of the item; `None` in the access table.
    pub(crate) key: Option<Key>,
    /// The item as it is stored, if it exists.
    pub(crate) found: Option<Item>,
}

impl FailedCondition {
    /// What the failed condition of `write` is reported as, before the write is moved into its request.
    fn of(write: &Write) -> Option<Self> {
        let (condition, _) = write.condition.as_ref()?;
        Some(Self { condition: *condition, key: write.key(), found: None })
    }
}

/// Why a transaction was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransactionError {
    /// These conditions did not hold, at least one, in the order of the writes.
    #[error("conditions failed: {0:?}")]
    ConditionsFailed(Vec<FailedCondition>),
    /// The table did not execute the transaction.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TransactionError> for CommitError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::ConditionsFailed(failed) => failed.into(),
            TransactionError::Store(error) => Self::Store(error),
        }
    }
}

impl From<Vec<FailedCondition>> for CommitError {
    /// A lost race for the idempotency key comes first: a request that lost it to its own repetition is answered with
    /// the first response, whatever else has changed since.
    fn from(failed: Vec<FailedCondition>) -> Self {
        if failed.iter().any(|failed| failed.condition == Condition::IdempotencyKeyUnused) {
            return Self::IdempotencyConflict;
        }
        match failed.into_iter().next() {
            Some(FailedCondition { condition, found, .. }) => {
                Self::ConditionFailed { condition, found: found.map(Box::new) }
            }
            None => Self::Store(StoreError::Internal("a transaction failed without a reason".to_owned())),
        }
    }
}

/// Eight random bytes in hexadecimal.
fn nonce() -> String {
    let mut bytes = [0; 8];
    // Without randomness a retry is merely not recognised.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}

impl Store {
    fn table_of(&self, table: Table) -> &str {
        match table {
            Table::Main => &self.table,
            Table::Access => &self.access_table,
        }
    }

    /// Commits all of `writes` or none.
    ///
    /// A single write is a plain conditional write; several are one transaction, which costs twice the write units.
    pub async fn commit(&self, mut writes: Vec<Write>) -> Result<(), CommitError> {
        if writes.len() == 1 { self.write_one(writes.remove(0)).await } else { Ok(self.transact(writes).await?) }
    }

    async fn write_one(&self, write: Write) -> Result<(), CommitError> {
        let table = self.table_of(write.table);
        let own = write.nonce().map(str::to_owned);
        let names = write.name_map();
        let values = write.value_map();
        let failure = FailedCondition::of(&write);
        let condition = write.condition.map(|(_, expression)| expression);
        // The three requests are types of their own that have all of this in common.
        macro_rules! send {
            ($request:expr, $refused:path) => {
                match $request
                    .table_name(table)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(OnFailure::AllOld)
                    .send()
                    .await
                {
                    Ok(_) => return Ok(()),
                    Err(error) => match error.as_service_error() {
                        Some($refused(failed)) => failed.item.clone(),
                        _ => return Err(StoreError::from(error).into()),
                    },
                }
            };
        }
        let found = match write.effect {
            Effect::Put(item) => {
                send!(self.client.put_item().set_item(Some(item)), PutItemError::ConditionalCheckFailedException)
            }
            Effect::Update { key, expression } => send!(
                self.client.update_item().set_key(Some(key)).update_expression(expression),
                UpdateItemError::ConditionalCheckFailedException
            ),
            Effect::Delete(key) => {
                send!(self.client.delete_item().set_key(Some(key)), DeleteItemError::ConditionalCheckFailedException)
            }
            Effect::Check(_) => return Err(StoreError::Internal("a check stands alone".to_owned()).into()),
        };
        let took_effect_before =
            own.is_some() && found.as_ref().and_then(|item| get_text(item, NONCE)) == own.as_deref();
        match failure {
            _ if took_effect_before => Ok(()),
            Some(failure) => Err(vec![FailedCondition { found, ..failure }].into()),
            None => Err(unconditional_failure().into()),
        }
    }

    /// Commits all of `writes` or none in one transaction, and returns every condition that did not hold.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<(), TransactionError> {
        let mut failures: Vec<_> = writes.iter().map(FailedCondition::of).collect();
        let items = writes.into_iter().map(|write| self.transact_item(write)).collect::<Result<Vec<_>, _>>()?;
        for retry in 0.. {
            let sent = self.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            match CancellationCause::of(&error) {
                CancellationCause::Conditions(failed) => {
                    let failed = failed.into_iter().map(|(index, found)| {
                        let failure =
                            failures.get_mut(index).and_then(Option::take).ok_or_else(unconditional_failure)?;
                        Ok(FailedCondition { found, ..failure })
                    });
                    return Err(TransactionError::ConditionsFailed(failed.collect::<Result<_, StoreError>>()?));
                }
                CancellationCause::Conflict if retry < MAX_TRANSACTION_RETRIES => {
                    tokio::time::sleep(conflict_backoff(retry)).await;
                }
                CancellationCause::Conflict => return Err(StoreError::Contended.into()),
                CancellationCause::Other => return Err(StoreError::from(error).into()),
            }
        }
        Err(StoreError::Contended.into())
    }

    fn transact_item(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let table = self.table_of(write.table);
        let names = write.name_map();
        let values = write.value_map();
        let condition = write.condition.map(|(_, expression)| expression);
        macro_rules! build {
            ($builder:expr, $into:ident) => {
                $builder
                    .table_name(table)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(OnFailure::AllOld)
                    .build()
                    .map(|built| TransactWriteItem::builder().$into(built).build())
            };
        }
        let built = match write.effect {
            Effect::Put(item) => build!(Put::builder().set_item(Some(item)), put),
            Effect::Update { key, expression } => {
                build!(Update::builder().set_key(Some(key)).update_expression(expression), update)
            }
            Effect::Delete(key) => build!(Delete::builder().set_key(Some(key)), delete),
            Effect::Check(key) => build!(ConditionCheck::builder().set_key(Some(key)), condition_check),
        };
        built.map_err(|error| StoreError::Internal(error.to_string()))
    }
}

impl Write {
    fn name_map(&self) -> Option<HashMap<String, String>> {
        let map: HashMap<_, _> =
            self.names.iter().map(|(placeholder, name)| (placeholder.to_string(), name.to_string())).collect();
        (!map.is_empty()).then_some(map)
    }

    fn value_map(&self) -> Option<Item> {
        let map: Item =
            self.values.iter().map(|(placeholder, value)| (placeholder.to_string(), value.clone())).collect();
        (!map.is_empty()).then_some(map)
    }
}

/// Why a transaction was cancelled.
enum CancellationCause {
    /// The conditions of the writes with these numbers did not hold; each with the item as it is stored.
    Conditions(Vec<(usize, Option<Item>)>),
    /// Another write of one of the items, or throttling: the transaction may succeed when it is sent again.
    Conflict,
    /// Anything else; the SDK has retried what can be retried.
    Other,
}

impl CancellationCause {
    fn of(error: &SdkError<TransactWriteItemsError>) -> Self {
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Self::Other;
        };
        let reasons = cancelled.cancellation_reasons();
        let failed: Vec<_> = reasons
            .iter()
            .enumerate()
            .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
            .map(|(index, reason)| (index, reason.item.clone().filter(|item| !item.is_empty())))
            .collect();
        if !failed.is_empty() {
            return Self::Conditions(failed);
        }
        // The SDK retries none of these: they are the reasons of a cancellation, not its error code.
        let transient = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
        if reasons.iter().any(|reason| reason.code().is_some_and(|code| transient.contains(&code))) {
            return Self::Conflict;
        }
        Self::Other
    }
}

/// The error of a failed condition where the request had none.
fn unconditional_failure() -> StoreError {
    StoreError::Internal("a write without a condition failed its condition".to_owned())
}

/// Returns the pause before retry number `retry`: 10, 20, 40 … milliseconds, each with up to 100 % jitter.
fn conflict_backoff(retry: u32) -> Duration {
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    let base = 10_u64 << retry;
    Duration::from_millis(base + base * u64::from(byte[0]) / 255)
}
