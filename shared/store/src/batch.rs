//! Reading many items by key in few trips.

use crate::Store;
use crate::error::StoreError;
use crate::item::Item;
use aws_sdk_dynamodb::types::KeysAndAttributes;

/// Keys that one batch read takes.
const MOST_KEYS: usize = 100;

/// How often what was left unread is asked for again.
const ROUNDS: u32 = 5;

impl Store {
    /// The items under `keys`, in no order; what does not exist is left out. No key may be named twice.
    pub(crate) async fn batch_get(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for some in keys.chunks(MOST_KEYS) {
            let mut left = some.to_vec();
            for _ in 0..ROUNDS {
                let request = KeysAndAttributes::builder()
                    .set_keys(Some(std::mem::take(&mut left)))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| StoreError::Internal(error.to_string()))?;
                let read = self.client.batch_get_item().request_items(table, request).send().await?;
                items.extend(read.responses.and_then(|mut all| all.remove(table)).unwrap_or_default());
                left = read
                    .unprocessed_keys
                    .and_then(|mut all| all.remove(table))
                    .map(|unread| unread.keys)
                    .unwrap_or_default();
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                return Err(StoreError::Unavailable("a batch was left unread".to_owned()));
            }
        }
        Ok(items)
    }
}
