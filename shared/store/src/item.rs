//! Items as the SDK has them, and as the house reads them.

use crate::Store;
use crate::error::StoreError;
use crate::keys::{Key, PK, SK, TTL};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// An item of a table.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn to_item<T: Serialize>(value: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(value).map_err(|error| StoreError::Internal(format!("an item cannot be written: {error}")))
}

pub(crate) fn from_item<T: DeserializeOwned>(item: Item, what: &str) -> Result<T, StoreError> {
    // The error's own text may quote a value.
    serde_dynamo::from_item(item).map_err(|_| StoreError::unreadable(what))
}

pub(crate) fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn get_number<N: std::str::FromStr>(item: &Item, name: &str) -> Option<N> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Whether the item's time is over, though the table has not removed it yet.
pub(crate) fn is_expired(item: &Item, now: Timestamp) -> bool {
    get_number::<i64>(item, TTL).is_some_and(|ttl| ttl <= now.seconds())
}

impl Key {
    /// The key as the SDK has it.
    pub(crate) fn to_item(&self) -> Item {
        HashMap::from([(PK.to_owned(), text(&*self.pk)), (SK.to_owned(), text(&*self.sk))])
    }

    /// The key of `item`.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: get_text(item, PK)?.to_owned(), sk: get_text(item, SK)?.to_owned() })
    }

    /// `item` under this key.
    pub(crate) fn with(&self, mut item: Item) -> Item {
        item.insert(PK.to_owned(), text(&*self.pk));
        item.insert(SK.to_owned(), text(&*self.sk));
        item
    }
}

impl Store {
    /// The item of the single table under `key`, as the last write has left it.
    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let found = self.client.get_item().table_name(&self.table).set_key(Some(key.to_item())).consistent_read(true);
        Ok(found.send().await?.item)
    }
}
