//! Changing a lead: a whole new item replaces the version that was read.

use crate::business_record::record_item;
use crate::idempotency::{FINGERPRINT, VALUE_FINGERPRINT};
use crate::leads::data_key::DATA_KEY;
use crate::leads::replay::ORIGINAL_VALUES;
use crate::leads::stored_lead::{CHANGED_BY, StoredLead};
use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::item::{Item, to_item};
use crate::table::write::{NONCE, Table, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::Actor;
use domain::{Environment, Lead};
use std::collections::HashMap;

/// Attributes that belong to a lead's storage and stay through every change.
const STORAGE_ATTRIBUTES: [&str; 4] = [DATA_KEY, FINGERPRINT, VALUE_FINGERPRINT, ORIGINAL_VALUES];

impl Store {
    /// Returns the write that replaces the lead `old` by `new`; it fails with
    /// [`Condition::Unchanged`](crate::Condition::Unchanged) if the lead has another version by now. `actor` is
    /// recorded if the status changes.
    pub fn change_lead(
        &self,
        environment: Environment,
        old: &StoredLead,
        new: &Lead,
        actor: &Actor,
    ) -> Result<Write, StoreError> {
        let mut item = record_item(environment, new)?;
        for name in STORAGE_ATTRIBUTES {
            if let Some(value) = old.item.get(name) {
                item.insert(name.to_owned(), value.clone());
            }
        }
        if new.status != old.lead.status {
            item.insert(CHANGED_BY.to_owned(), AttributeValue::M(to_item(actor)?));
        }
        // Only a lead that was created under an idempotency key can be replayed.
        if old.item.contains_key(FINGERPRINT) {
            item.insert(ORIGINAL_VALUES.to_owned(), AttributeValue::M(original_values(old, &to_item(new)?)));
        }
        Ok(Write::put(Table::Main, item).require_version(old.lead.version))
    }
}

/// Returns the values that the first response showed of every attribute which has changed since, this change
/// included; NULL for attributes that did not exist.
fn original_values(old: &StoredLead, new: &Item) -> HashMap<String, AttributeValue> {
    let mut original = match old.item.get(ORIGINAL_VALUES) {
        Some(AttributeValue::M(original)) => original.clone(),
        _ => HashMap::new(),
    };
    let is_storage = |name: &str| STORAGE_ATTRIBUTES.contains(&name) || name == NONCE;
    let before = to_item(&old.lead).unwrap_or_default();
    for (name, value) in &before {
        if !is_storage(name) && new.get(name) != Some(value) && !original.contains_key(name) {
            original.insert(name.clone(), value.clone());
        }
    }
    for name in new.keys().filter(|name| !before.contains_key(*name) && !is_storage(name)) {
        original.entry(name.clone()).or_insert(AttributeValue::Null(true));
    }
    original
}
