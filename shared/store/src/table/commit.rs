//! Executing writes: one conditional write, or several in one transaction.
//!
//! **Choice.** A transaction costs twice the write units of its writes, so a single write is never sent as one. What
//! must hold together (a record and its audit entry, a lead and its e-mail index entry, an effect and its idempotency
//! record) is committed together, and nothing else is: an item that many transactions share, such as a counter, makes
//! them conflict with each other.
//!
//! **Limits of `TransactWriteItems`.** At most 100 writes of 4 MB together, and at most one for each item: a check and
//! a write of the same item cannot be in one transaction, so the condition belongs to the write. A cancelled
//! transaction has written nothing and gives a reason for each write. The reasons are mapped to names ([`Condition`])
//! by the position of the write here and nowhere else, so that callers may add writes without renumbering anything.
//!
//! **Conflicts.** Two transactions with a common item may cancel each other although no condition failed. The SDK does
//! not retry that: [`Store::transact`] does. A condition that failed is not retried here, because it was evaluated on
//! data that has changed: the caller reads again ([`ConflictRetries`](crate::ConflictRetries)).
//!
//! **Lost responses.** The SDK sends a request again when no response came. A transaction has a client request token,
//! which makes its repetition harmless. A single write has none, so it holds a nonce ([`NONCE`]), by which a failed
//! condition is recognised as its own earlier success.

use crate::table::client::Store;
use crate::table::condition::Condition;
use crate::table::error::{StoreError, is_about_size};
use crate::table::item::{Item, get_text};
use crate::table::key_schema::Key;
use crate::table::write::{NONCE, Operation, Write};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemInput};
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsInput};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use std::collections::HashMap;
use std::time::Duration;

/// Maximum number of times that a cancelled transaction is sent again because it met another write of its items. With
/// the pauses of [`conflict_backoff`] these take at most 0.7 seconds, which fits into the time of a request.
const MAX_TRANSACTION_RETRIES: u32 = 5;

/// A commit that wrote nothing.
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
    /// The table did not execute the request.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    /// Returns the error of a commit whose conditions can only fail because an item changed since it was read.
    pub(crate) fn into_contended(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::ConditionFailed { .. } | Self::IdempotencyConflict => StoreError::Contended,
        }
    }
}

impl From<CommitError> for StoreError {
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
    /// Returns the failure of `write`'s condition, without the item; `None` if it has no condition.
    fn of(write: &Write) -> Option<Self> {
        let (condition, _) = write.condition.as_ref()?;
        Some(Self { condition: *condition, key: write.key(), found: None })
    }
}

/// A transaction that wrote nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransactionError {
    /// These conditions did not hold: at least one, in the order of the writes.
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
    /// The idempotency key comes first: a request that lost a race against its own repetition gets the response of
    /// that, whatever else has changed since.
    fn from(failed: Vec<FailedCondition>) -> Self {
        if failed.iter().any(|failed| failed.condition == Condition::IdempotencyKeyUnused) {
            return Self::IdempotencyConflict;
        }
        match failed.into_iter().next() {
            Some(FailedCondition { condition, found, .. }) => {
                Self::ConditionFailed { condition, found: found.map(Box::new) }
            }
            None => Self::Store(unconditional_failure()),
        }
    }
}

impl Store {
    /// Commits all of `writes`, or none.
    ///
    /// A single write is a plain conditional write; several are one transaction, which costs twice the write units.
    ///
    /// # Errors
    ///
    /// [`CommitError::ConditionFailed`] names the condition that did not hold. A conflict with a concurrent
    /// transaction is retried here, and is [`StoreError::Contended`] only after several times.
    pub async fn commit(&self, mut writes: Vec<Write>) -> Result<(), CommitError> {
        // Boxed, or the futures of all functions around this would be as large as both together.
        if writes.len() == 1 {
            Box::pin(self.write_one(writes.remove(0))).await
        } else {
            Ok(Box::pin(self.transact(writes)).await?)
        }
    }

    /// Commits all of `writes` if their conditions hold, and returns whether they did.
    pub async fn commit_if(&self, writes: Vec<Write>) -> Result<bool, StoreError> {
        match self.commit(writes).await {
            Ok(()) => Ok(true),
            Err(CommitError::Store(error)) => Err(error),
            Err(CommitError::ConditionFailed { .. } | CommitError::IdempotencyConflict) => Ok(false),
        }
    }

    async fn write_one(&self, write: Write) -> Result<(), CommitError> {
        let table = self.table_name(write.table);
        let nonce = write.nonce().map(str::to_owned);
        let description = write.description();
        let names = write.name_map();
        let values = write.value_map();
        let failure = FailedCondition::of(&write);
        let condition = write.condition.as_ref().map(|(_, expression)| expression.clone());
        // The requests are types of their own that have all of this in common.
        macro_rules! send {
            ($execute:ident, $request:expr, $condition_failed:path) => {{
                let request = $request
                    .table_name(table)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                self.database.$execute(request).await.map(drop).or_else(|error| match error.as_service_error() {
                    Some($condition_failed(failed)) => Err(SingleWriteError::ConditionFailed(failed.item.clone())),
                    _ => Err(SingleWriteError::Store(error.into())),
                })
            }};
        }
        let sent = match write.operation {
            Operation::Put(item) => {
                let request = PutItemInput::builder().set_item(Some(item));
                send!(put_item, request, PutItemError::ConditionalCheckFailedException)
            }
            Operation::Update { key, expression } => {
                let request = UpdateItemInput::builder().set_key(Some(key)).update_expression(expression);
                send!(update_item, request, UpdateItemError::ConditionalCheckFailedException)
            }
            Operation::Delete(key) => {
                let request = DeleteItemInput::builder().set_key(Some(key));
                send!(delete_item, request, DeleteItemError::ConditionalCheckFailedException)
            }
            // DynamoDB has condition checks only in transactions.
            Operation::Check(_) => return Ok(self.transact(vec![write]).await?),
        };
        let found = match sent {
            Ok(()) => return Ok(()),
            Err(SingleWriteError::ConditionFailed(found)) => found,
            Err(SingleWriteError::Store(StoreError::TooLarge(_))) => {
                return Err(StoreError::TooLarge(description).into());
            }
            Err(SingleWriteError::Store(error)) => return Err(error.into()),
        };
        // A retry of the SDK may fail the condition because the first try, whose response was lost, took effect.
        let took_effect_before =
            nonce.is_some() && found.as_ref().and_then(|item| get_text(item, NONCE)) == nonce.as_deref();
        match failure {
            _ if took_effect_before => Ok(()),
            Some(failure) => Err(vec![FailedCondition { found, ..failure }].into()),
            None => Err(unconditional_failure().into()),
        }
    }

    /// Commits all of `writes`, or none, in one transaction, and returns every condition that did not hold.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<(), TransactionError> {
        let mut failures: Vec<_> = writes.iter().map(FailedCondition::of).collect();
        let largest = writes.iter().max_by_key(|write| write.item_size()).map_or("the item", Write::description);
        let descriptions: Vec<_> = writes.iter().map(Write::description).collect();
        let items = writes.into_iter().map(|write| self.transaction_part(write)).collect::<Result<Vec<_>, _>>()?;
        let mut retries = 0;
        loop {
            let request = TransactWriteItemsInput::builder().set_transact_items(Some(items.clone()));
            let Err(error) = self.database.transact_write_items(request).await else { return Ok(()) };
            match CancellationCause::of(&error) {
                CancellationCause::Conditions(failed) => {
                    let failed = failed.into_iter().map(|(number, found)| {
                        let failure = failures.get_mut(number).and_then(Option::take);
                        Ok(FailedCondition { found, ..failure.ok_or_else(unconditional_failure)? })
                    });
                    return Err(TransactionError::ConditionsFailed(failed.collect::<Result<_, StoreError>>()?));
                }
                CancellationCause::Conflict if retries < MAX_TRANSACTION_RETRIES => {
                    tokio::time::sleep(conflict_backoff(retries)).await;
                    retries += 1;
                }
                CancellationCause::Conflict => return Err(StoreError::Contended.into()),
                CancellationCause::TooLarge(number) => {
                    return Err(StoreError::TooLarge(descriptions.get(number).copied().unwrap_or(largest)).into());
                }
                CancellationCause::Rejected => return Err(StoreError::Rejected("ValidationError".to_owned()).into()),
                CancellationCause::Other => {
                    return Err(match StoreError::from(error) {
                        StoreError::TooLarge(_) => StoreError::TooLarge(largest).into(),
                        error => error.into(),
                    });
                }
            }
        }
    }
}

/// The error of a single write that took no effect.
enum SingleWriteError {
    /// The condition did not hold; with the item as it is stored, if it exists.
    ConditionFailed(Option<Item>),
    /// The table did not execute the request.
    Store(StoreError),
}

/// The cause of a cancelled transaction.
enum CancellationCause {
    /// The conditions of the writes with these numbers did not hold; each with the item as it is stored.
    Conditions(Vec<(usize, Option<Item>)>),
    /// Another write of one of the items, or throttling: the transaction may succeed when it is sent again.
    Conflict,
    /// The item of the write with this number would be too large.
    TooLarge(usize),
    /// A write is invalid.
    Rejected,
    /// Anything else; the SDK has retried what can be retried.
    Other,
}

impl CancellationCause {
    fn of(error: &SdkError<TransactWriteItemsError>) -> Self {
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Self::Other;
        };
        // One reason for each write, in the order of the request.
        let reasons = cancelled.cancellation_reasons();
        let failed: Vec<_> = reasons
            .iter()
            .enumerate()
            .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
            .map(|(number, reason)| (number, reason.item.clone().filter(|item| !item.is_empty())))
            .collect();
        if !failed.is_empty() {
            return Self::Conditions(failed);
        }
        // The SDK retries none of these: they are reasons of a cancellation, not codes of an error.
        let transient = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
        if reasons.iter().any(|reason| reason.code().is_some_and(|code| transient.contains(&code))) {
            return Self::Conflict;
        }
        let is_invalid = |code: Option<&str>| code == Some("ValidationError");
        let is_large = |message: Option<&str>| message.is_some_and(is_about_size);
        match reasons.iter().position(|reason| is_invalid(reason.code()) && is_large(reason.message())) {
            Some(number) => Self::TooLarge(number),
            None if reasons.iter().any(|reason| is_invalid(reason.code())) => Self::Rejected,
            None => Self::Other,
        }
    }
}

/// Returns the error of a failed condition where the request had none.
fn unconditional_failure() -> StoreError {
    StoreError::Internal("a write without a condition failed its condition".to_owned())
}

/// Returns the pause before retry number `retry`: 10, 20, 40 … milliseconds, each with up to 100 % jitter.
fn conflict_backoff(retry: u32) -> Duration {
    let mut byte = [0];
    // Without randomness the pauses merely have no jitter.
    let _ = getrandom::fill(&mut byte);
    let base = 10_u64 << retry;
    Duration::from_millis(base + base * u64::from(byte[0]) / 255)
}
