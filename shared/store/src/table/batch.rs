//! Requests of many items: reading by key in few trips, deleting concurrently.

use crate::table::client::Store;
use crate::table::error::StoreError;
use crate::table::item::Item;
use crate::table::key_schema::Key;
use crate::table::write::Write;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use aws_sdk_dynamodb::types::builders::KeysAndAttributesBuilder;
use std::collections::{BTreeSet, HashMap};
use std::future::Future;

/// Maximum number of keys in one `BatchGetItem` (a limit of DynamoDB).
const MAX_BATCH_KEYS: usize = 100;

/// Maximum number of requests for one batch: DynamoDB leaves keys unprocessed when a response exceeds 16 MB or the
/// table is throttled.
const MAX_BATCH_ATTEMPTS: u32 = 5;

/// Number of requests that one operation has in flight. It bounds the connections and the memory of a function, and
/// what one call can take from a partition that others read too.
pub(crate) const REQUEST_CONCURRENCY: usize = 16;

/// Awaits all of `futures`, as many at a time as one operation has requests in flight (16), and returns their results in
/// order.
pub async fn join_bounded<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    use futures_util::StreamExt;
    let futures: Vec<_> = futures.into_iter().collect();
    futures_util::stream::iter(futures).buffered(REQUEST_CONCURRENCY).collect().await
}

/// The form in which a batch of items is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reading<'a> {
    /// The whole items, strongly consistently.
    Whole,
    /// Some attributes, eventually consistently, which costs half.
    Attributes {
        /// The attributes, as a projection expression.
        expression: &'a str,
        /// The names of its placeholders.
        names: &'a [(&'a str, &'a str)],
    },
}

impl Reading<'_> {
    fn request(self) -> KeysAndAttributesBuilder {
        match self {
            Self::Whole => KeysAndAttributes::builder().consistent_read(true),
            Self::Attributes { expression, names } => {
                let request = KeysAndAttributes::builder().projection_expression(expression);
                names.iter().fold(request, |request, (placeholder, name)| {
                    request.expression_attribute_names(*placeholder, *name)
                })
            }
        }
    }
}

impl Store {
    /// Reads items of a table by their keys, in no order. Keys that do not exist are left out; no key may be given twice.
    pub(crate) async fn batch_get(
        &self,
        table: &str,
        keys: Vec<Item>,
        reading: Reading<'_>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for batch in keys.chunks(MAX_BATCH_KEYS) {
            let mut unprocessed = batch.to_vec();
            for _ in 0..MAX_BATCH_ATTEMPTS {
                let request = reading
                    .request()
                    .set_keys(Some(std::mem::take(&mut unprocessed)))
                    .build()
                    .map_err(|error| StoreError::Rejected(error.to_string()))?;
                let request = BatchGetItemInput::builder().request_items(table, request);
                let response = self.database.batch_get_item(request).await?;
                items.extend(response.responses.and_then(|mut all| all.remove(table)).unwrap_or_default());
                unprocessed = response
                    .unprocessed_keys
                    .and_then(|mut all| all.remove(table))
                    .map(|rest| rest.keys)
                    .unwrap_or_default();
                if unprocessed.is_empty() {
                    break;
                }
            }
            if !unprocessed.is_empty() {
                return Err(StoreError::Unavailable("keys of a batch were left unprocessed".to_owned()));
            }
        }
        Ok(items)
    }

    /// Reads items of the single table by their keys, in one trip for each [`MAX_BATCH_KEYS`]. Keys may repeat.
    pub(crate) async fn items(&self, keys: impl Iterator<Item = Key>) -> Result<HashMap<Key, Item>, StoreError> {
        self.items_as(keys, Reading::Whole).await
    }

    /// Reads items of the single table by their keys as `reading` says.
    pub(crate) async fn items_as(
        &self,
        keys: impl Iterator<Item = Key>,
        reading: Reading<'_>,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        let keys: BTreeSet<_> = keys.collect();
        let found = self.batch_get(&self.table, keys.iter().map(Key::to_item).collect(), reading).await?;
        Ok(found.into_iter().filter_map(|item| Some((Key::of(&item)?, item))).collect())
    }

    /// Deletes an item of the single table, if it exists.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        Ok(self.commit(vec![Write::delete(key)]).await?)
    }

    /// Deletes items of the single table concurrently.
    pub(crate) async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        join_bounded(keys.iter().map(|key| self.delete(key))).await.into_iter().collect()
    }
}
