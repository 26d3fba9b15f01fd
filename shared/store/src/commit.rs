//! Writing: one conditional write, or several in one transaction.

use crate::Store;
use crate::error::StoreError;
use crate::idempotency::IdempotencyRecord;
use crate::item::{Item, get_text, text};
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

/// How often a transaction that met another is tried again.
const CONFLICT_RETRIES: u32 = 5;

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
    condition: Option<String>,
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

    pub(crate) fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Only if no such item is there.
    pub(crate) fn if_absent(self) -> Self {
        self.when(format!("attribute_not_exists({PK})"))
    }

    pub(crate) fn name(mut self, placeholder: impl Into<Placeholder>, name: impl Into<Cow<'static, str>>) -> Self {
        self.names.push((placeholder.into(), name.into()));
        self
    }

    pub(crate) fn value(mut self, placeholder: impl Into<Placeholder>, value: AttributeValue) -> Self {
        self.values.push((placeholder.into(), value));
        self
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
    /// The condition of the write of this number did not hold; the item as it stands, if there is one.
    #[error("a condition did not hold")]
    ConditionFailed {
        /// Counts the writes from zero.
        index: usize,
        /// What stands there.
        found: Option<Box<HashMap<String, AttributeValue>>>,
    },
    /// A call with the same idempotency key was first.
    #[error("a call with the same idempotency key was first")]
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

/// Why a transaction was not written.
#[derive(Debug)]
pub(crate) enum TransactionError {
    /// The conditions of the writes of these numbers did not hold, at least of one; each with what stands there.
    Conditions(Vec<(usize, Option<Item>)>),
    /// The record's condition did not hold.
    IdempotencyConflict,
    /// The table did not answer.
    Store(StoreError),
}

impl From<StoreError> for TransactionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TransactionError> for CommitError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Conditions(refused) => {
                let (index, found) = refused.into_iter().next().unwrap_or_default();
                Self::ConditionFailed { index, found: found.map(Box::new) }
            }
            TransactionError::IdempotencyConflict => Self::IdempotencyConflict,
            TransactionError::Store(error) => Self::Store(error),
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

    /// Writes everything or nothing, and the idempotency record with it.
    ///
    /// A single write without a record is a plain conditional write; anything else is one transaction, which costs
    /// twice the units.
    pub async fn commit(&self, mut writes: Vec<Write>, record: Option<IdempotencyRecord>) -> Result<(), CommitError> {
        let recorded = record.map(IdempotencyRecord::into_write);
        if recorded.is_none() && writes.len() == 1 {
            return self.write_one(writes.remove(0)).await;
        }
        let effects = writes.len();
        writes.extend(recorded);
        Ok(self.transact(writes, effects).await?)
    }

    /// Writes everything or nothing in one transaction, and tells of every condition that did not hold.
    pub(crate) async fn commit_together(&self, writes: Vec<Write>) -> Result<(), TransactionError> {
        let effects = writes.len();
        self.transact(writes, effects).await
    }

    async fn write_one(&self, write: Write) -> Result<(), CommitError> {
        let table = self.table_of(write.table);
        let own = write.nonce().map(str::to_owned);
        let names = write.name_map();
        let values = write.value_map();
        // The three requests are types of their own that have all of this in common.
        macro_rules! send {
            ($request:expr, $refused:path) => {
                match $request
                    .table_name(table)
                    .set_condition_expression(write.condition)
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
        if took_effect_before {
            Ok(())
        } else {
            Err(CommitError::ConditionFailed { index: 0, found: found.map(Box::new) })
        }
    }

    async fn transact(&self, writes: Vec<Write>, effects: usize) -> Result<(), TransactionError> {
        let items = writes.into_iter().map(|write| self.transact_item(write)).collect::<Result<Vec<_>, _>>()?;
        for round in 0.. {
            let sent = self.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            match cancellation_cause(&error, effects) {
                CancellationCause::Conditions(refused) => return Err(TransactionError::Conditions(refused)),
                CancellationCause::Raced => return Err(TransactionError::IdempotencyConflict),
                CancellationCause::Conflict if round < CONFLICT_RETRIES => {
                    tokio::time::sleep(conflict_wait(round)).await;
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
        macro_rules! build {
            ($builder:expr, $into:ident) => {
                $builder
                    .table_name(table)
                    .set_condition_expression(write.condition)
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

enum CancellationCause {
    Conditions(Vec<(usize, Option<Item>)>),
    Raced,
    Conflict,
    Other,
}

/// What a refused transaction means. The record's condition is looked at first: a call that lost a race against
/// its own double is answered with the first answer, whatever else has changed since.
fn cancellation_cause(error: &SdkError<TransactWriteItemsError>, effects: usize) -> CancellationCause {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return CancellationCause::Other;
    };
    let reasons = cancelled.cancellation_reasons();
    let failed = |index: usize| reasons.get(index).and_then(|reason| reason.code()) == Some("ConditionalCheckFailed");
    if (effects..reasons.len()).any(failed) {
        return CancellationCause::Raced;
    }
    let found = |index: usize| {
        let item = reasons.get(index).and_then(|reason| reason.item.clone());
        (index, item.filter(|item| !item.is_empty()))
    };
    let refused: Vec<_> = (0..effects).filter(|index| failed(*index)).map(found).collect();
    if !refused.is_empty() {
        return CancellationCause::Conditions(refused);
    }
    // The SDK tries none of these again: they come inside an answer of another name.
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if reasons.iter().any(|reason| reason.code().is_some_and(|code| passing.contains(&code))) {
        return CancellationCause::Conflict;
    }
    CancellationCause::Other
}

/// Ten, twenty, forty … milliseconds, each with up to as much again.
fn conflict_wait(round: u32) -> Duration {
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    let base = 10_u64 << round;
    Duration::from_millis(base + base * u64::from(byte[0]) / 255)
}
