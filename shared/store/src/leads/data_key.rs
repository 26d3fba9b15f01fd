//! A lead's data key: what makes erasure immediate.
//!
//! Each lead has a random key in its item. Whatever is stored about the person elsewhere (webhook bodies, endpoints'
//! responses, stored responses of the API) is encrypted under it. The tombstone that erases the lead has no key, so
//! that one write makes all of it unreadable, wherever copies are.

use crate::table::Store;
use crate::table::encryption::DataKey;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_bytes};
use crate::table::key_schema as keys;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use domain::{Environment, LeadId};
use futures_util::StreamExt;
use std::collections::{HashMap, HashSet};

/// Attribute: the lead's data key. The name is stored and must not change.
pub(crate) const DATA_KEY: &str = "seal";

/// Returns the data key of a lead's item; `None` if the lead was erased.
pub(crate) fn data_key_of(lead: &Item) -> Option<DataKey> {
    DataKey::from_slice(get_bytes(lead, DATA_KEY)?)
}

/// The data keys of leads; `None` for one that was erased, or the reason why its key cannot be read.
pub type LeadDataKeys = HashMap<(Environment, LeadId), Result<Option<DataKey>, StoreError>>;

impl Store {
    /// Reads the data key of a lead; `None` if the lead was erased or does not exist.
    pub async fn lead_data_key(&self, environment: Environment, lead: LeadId) -> Result<Option<DataKey>, StoreError> {
        let key = keys::lead(environment, lead).to_item();
        let request = GetItemInput::builder().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let found = self.database.get_item(request.projection_expression(DATA_KEY)).await?;
        Ok(found.item.as_ref().and_then(data_key_of))
    }

    /// Reads the data keys of leads, `concurrency` at a time. One that cannot be read hinders no other.
    pub async fn lead_data_keys(&self, leads: HashSet<(Environment, LeadId)>, concurrency: usize) -> LeadDataKeys {
        futures_util::stream::iter(leads)
            .map(
                |(environment, lead)| async move { ((environment, lead), self.lead_data_key(environment, lead).await) },
            )
            .buffer_unordered(concurrency)
            .collect()
            .await
    }
}
