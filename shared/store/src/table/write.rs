//! Conditional writes: what is done to one item, and what it requires.
//!
//! A [`Write`] is built by the subjects and sent by [`Store::commit`], alone or in a transaction with others.

use crate::table::client::Store;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_text, number, text};
use crate::table::key_schema::{Key, PK};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use std::borrow::Cow;
use std::collections::HashMap;

/// The attribute that holds a write's nonce.
///
/// The SDK sends a single write again when its response was lost, and a conditional write that did take effect then
/// fails its own condition. The nonce distinguishes the two: an item that holds the nonce of this very write was written
/// by it.
pub(crate) const NONCE: &str = "w";

/// The placeholder of the nonce in an update expression.
const NONCE_PLACEHOLDER: &str = ":w";

/// A table of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// The single table.
    Main,
    /// The table of API keys and idempotency records.
    Access,
}

/// The operation on the item.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Replaces the whole item.
    Put(Item),
    /// Changes attributes of the item.
    Update { key: Item, expression: String },
    /// Deletes the item.
    Delete(Item),
    /// Writes nothing, and makes the other writes of the transaction depend on a condition.
    Check(Item),
}

/// A placeholder of an attribute name or value in an expression.
type Placeholder = Cow<'static, str>;

/// One write of one item, with the condition that it requires.
///
/// Built by the `put_…`, `change_…`, `check_…` and `delete_…` methods of [`Store`], and executed by
/// [`Store::commit`].
#[derive(Clone, Debug)]
pub struct Write {
    pub(crate) table: Table,
    pub(crate) operation: Operation,
    pub(crate) condition: Option<(Condition, String)>,
    names: Vec<(Placeholder, Cow<'static, str>)>,
    values: Vec<(Placeholder, AttributeValue)>,
}

impl Write {
    fn new(table: Table, operation: Operation) -> Self {
        Self { table, operation, condition: None, names: Vec::new(), values: Vec::new() }
    }

    /// Puts a whole item, with a nonce.
    pub(crate) fn put(table: Table, mut item: Item) -> Self {
        item.insert(NONCE.to_owned(), text(generate_nonce()));
        Self::put_without_nonce(table, item)
    }

    /// Puts a whole item as it is: one that uses the attribute `w` itself, or whose condition may be reported as failed
    /// after a retry without harm.
    pub(crate) fn put_without_nonce(table: Table, item: Item) -> Self {
        Self::new(table, Operation::Put(item))
    }

    /// Updates an item by a whole update expression, without a nonce.
    pub(crate) fn update(key: &Key, expression: impl Into<String>) -> Self {
        Self::new(Table::Main, Operation::Update { key: key.to_item(), expression: expression.into() })
    }

    /// Updates an item, with a nonce; `assignments` is what follows `SET` in the expression.
    pub(crate) fn set(key: &Key, assignments: impl std::fmt::Display) -> Self {
        Self::update(key, format!("SET {NONCE} = {NONCE_PLACEHOLDER}, {assignments}"))
            .value(NONCE_PLACEHOLDER, text(generate_nonce()))
    }

    /// Updates an item of the access table.
    pub(crate) fn update_access(pk: &str, expression: impl Into<String>) -> Self {
        let key = Item::from([(PK.to_owned(), text(pk))]);
        Self::new(Table::Access, Operation::Update { key, expression: expression.into() })
    }

    /// Deletes an item, if it exists.
    pub(crate) fn delete(key: &Key) -> Self {
        Self::new(Table::Main, Operation::Delete(key.to_item()))
    }

    /// Writes nothing, and makes the other writes of the transaction depend on a condition of this item.
    pub(crate) fn check(key: &Key) -> Self {
        Self::new(Table::Main, Operation::Check(key.to_item()))
    }

    /// Makes the write conditional: it fails with the name `condition` where `expression` does not hold.
    pub(crate) fn require(mut self, condition: Condition, expression: impl Into<String>) -> Self {
        self.condition = Some((condition, expression.into()));
        self
    }

    /// Requires that no item has this key.
    pub(crate) fn require_absent(self) -> Self {
        self.require_absent_as(Condition::Absent)
    }

    /// Requires that no item has this key, with a name that says what the item stands for.
    pub(crate) fn require_absent_as(self, condition: Condition) -> Self {
        self.require(condition, format!("attribute_not_exists({PK})"))
    }

    /// Requires that an item with this key exists.
    pub(crate) fn require_exists(self) -> Self {
        self.require(Condition::Exists, format!("attribute_exists({PK})"))
    }

    /// Requires that the item still has the version that was read.
    pub(crate) fn require_version(self, version: u64) -> Self {
        self.require(Condition::Unchanged, "version = :before").value(":before", number(version))
    }

    /// Gives an attribute name a placeholder, which reserved words of DynamoDB such as `name` or `ttl` need.
    pub(crate) fn name(mut self, placeholder: impl Into<Placeholder>, name: impl Into<Cow<'static, str>>) -> Self {
        self.names.push((placeholder.into(), name.into()));
        self
    }

    /// Gives a placeholder of an expression its value.
    pub(crate) fn value(mut self, placeholder: impl Into<Placeholder>, value: AttributeValue) -> Self {
        self.values.push((placeholder.into(), value));
        self
    }

    /// Returns the key of the item; `None` in the access table.
    pub(crate) fn key(&self) -> Option<Key> {
        match &self.operation {
            Operation::Put(item) => Key::of(item),
            Operation::Update { key, .. } | Operation::Delete(key) | Operation::Check(key) => Key::of(key),
        }
    }

    /// Returns what kind of thing the item is, as callers of the API know it.
    pub(crate) fn description(&self) -> &'static str {
        match self.table {
            Table::Main => self.key().map_or("the item", |key| key.description()),
            Table::Access => "the response that is kept for the idempotency key",
        }
    }

    /// Returns about how many bytes the write's item has; zero if the write does not replace it.
    pub(crate) fn item_size(&self) -> usize {
        match &self.operation {
            Operation::Put(item) => item_size(item),
            Operation::Update { .. } | Operation::Delete(_) | Operation::Check(_) => 0,
        }
    }

    /// Returns the nonce that the item holds if this write took effect.
    pub(crate) fn nonce(&self) -> Option<&str> {
        match &self.operation {
            Operation::Put(item) => get_text(item, NONCE),
            Operation::Update { .. } => {
                let (_, nonce) = self.values.iter().find(|(placeholder, _)| *placeholder == NONCE_PLACEHOLDER)?;
                nonce.as_s().ok().map(String::as_str)
            }
            Operation::Delete(_) | Operation::Check(_) => None,
        }
    }

    /// Returns the attribute names by placeholder, as requests take them.
    pub(crate) fn name_map(&self) -> Option<HashMap<String, String>> {
        let map: HashMap<_, _> =
            self.names.iter().map(|(placeholder, name)| (placeholder.to_string(), name.to_string())).collect();
        (!map.is_empty()).then_some(map)
    }

    /// Returns the values by placeholder, as requests take them.
    pub(crate) fn value_map(&self) -> Option<Item> {
        let map: Item =
            self.values.iter().map(|(placeholder, value)| (placeholder.to_string(), value.clone())).collect();
        (!map.is_empty()).then_some(map)
    }
}

/// Returns about how many bytes DynamoDB counts for an item.
pub(crate) fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

/// Returns about how many bytes DynamoDB counts for a value.
fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::L(values) => values.iter().map(value_size).sum(),
        AttributeValue::M(values) => values.iter().map(|(name, value)| name.len() + value_size(value)).sum(),
        _ => 1,
    }
}

/// Returns eight random bytes in hexadecimal.
fn generate_nonce() -> String {
    let mut bytes = [0; 8];
    // Without randomness a repeated write is merely not recognised.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}

impl Store {
    /// Returns the name of a table.
    pub(crate) fn table_name(&self, table: Table) -> &str {
        match table {
            Table::Main => &self.table,
            Table::Access => &self.access_table,
        }
    }

    /// Returns `write` as a part of a transaction.
    pub(crate) fn transaction_part(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let table = self.table_name(write.table);
        let names = write.name_map();
        let values = write.value_map();
        let condition = write.condition.map(|(_, expression)| expression);
        // The builders are types of their own that have all of this in common.
        macro_rules! build {
            ($builder:expr, $into:ident) => {
                $builder
                    .table_name(table)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()
                    .map(|built| TransactWriteItem::builder().$into(built).build())
            };
        }
        let built = match write.operation {
            Operation::Put(item) => build!(Put::builder().set_item(Some(item)), put),
            Operation::Update { key, expression } => {
                build!(Update::builder().set_key(Some(key)).update_expression(expression), update)
            }
            Operation::Delete(key) => build!(Delete::builder().set_key(Some(key)), delete),
            Operation::Check(key) => build!(ConditionCheck::builder().set_key(Some(key)), condition_check),
        };
        built.map_err(|error| StoreError::Rejected(error.to_string()))
    }
}
