//! Items as the SDK represents them, and their conversion from and to entities.

use crate::table::client::Store;
use crate::table::error::StoreError;
use crate::table::key_schema::{Key, PK, SK, TTL};
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// An item of a table: its attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Returns a string attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Returns a number attribute.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Returns a binary attribute.
pub(crate) fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// Returns the attributes of an entity, without keys.
pub(crate) fn to_item<T: Serialize>(value: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(value).map_err(|error| StoreError::Rejected(format!("an item cannot be written: {error}")))
}

/// Reads an entity; `what` names its kind in the error.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item, what: &str) -> Result<T, StoreError> {
    // The error's own text may quote a value.
    serde_dynamo::from_item(item).map_err(|_| StoreError::unreadable(what))
}

/// Returns the string attribute `name`.
pub(crate) fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Returns the number attribute `name`.
pub(crate) fn get_number<N: std::str::FromStr>(item: &Item, name: &str) -> Option<N> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Returns the binary attribute `name`.
pub(crate) fn get_bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    item.get(name)?.as_b().ok().map(AsRef::as_ref)
}

/// Returns whether the item has expired. DynamoDB may take days to remove it, and it must not be shown in between.
pub(crate) fn is_expired(item: &Item, now: Timestamp) -> bool {
    get_number::<i64>(item, TTL).is_some_and(|ttl| ttl <= now.seconds())
}

impl Key {
    /// Returns the key as an item of nothing but its two attributes, as requests name it.
    pub(crate) fn to_item(&self) -> Item {
        self.with(Item::new())
    }

    /// Reads the key of `item`; `None` if it has no sort key, as in the access table.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: get_text(item, PK)?.to_owned(), sk: get_text(item, SK)?.to_owned() })
    }

    /// Returns `item` under this key.
    pub(crate) fn with(&self, mut item: Item) -> Item {
        item.insert(PK.to_owned(), text(&*self.pk));
        item.insert(SK.to_owned(), text(&*self.sk));
        item
    }

    /// Returns an item of nothing but this key and the time after which it is removed.
    pub(crate) fn expiring_at(&self, at: Timestamp) -> Item {
        self.with(Item::from([(TTL.to_owned(), number(at.seconds()))]))
    }
}

impl Store {
    /// Reads an item of the single table, strongly consistently.
    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = GetItemInput::builder().table_name(&self.table).set_key(Some(key.to_item()));
        Ok(self.database.get_item(request.consistent_read(true)).await?.item)
    }

    /// Reads an item that has not expired.
    pub(crate) async fn unexpired_item(&self, key: &Key, now: Timestamp) -> Result<Option<Item>, StoreError> {
        Ok(self.item(key).await?.filter(|item| !is_expired(item, now)))
    }

    /// Reads an entity; `what` names its kind in errors.
    pub(crate) async fn entity<T: DeserializeOwned>(&self, key: &Key, what: &str) -> Result<Option<T>, StoreError> {
        self.item(key).await?.map(|item| from_item(item, what)).transpose()
    }

    /// Reads an entity that has not expired.
    pub(crate) async fn unexpired_entity<T: DeserializeOwned>(
        &self,
        key: &Key,
        what: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StoreError> {
        self.unexpired_item(key, now).await?.map(|item| from_item(item, what)).transpose()
    }
}
