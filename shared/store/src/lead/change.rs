//! Changing a lead: a whole new item in the place of the version before.

use super::{CHANGED_BY, DATA_KEY, FINGERPRINT, FIRST, StoredLead};
use crate::Store;
use crate::business_record::item_of;
use crate::commit::{NONCE, Table, Write};
use crate::error::StoreError;
use crate::item::{Item, to_item};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::Actor;
use domain::{Environment, Lead};
use std::collections::HashMap;

/// What the house keeps beside a lead through every change.
const KEPT: [&str; 3] = [DATA_KEY, FINGERPRINT, FIRST];

impl Store {
    /// The write that puts `new` in the place of `old`, if nobody was faster. Another status says `by` whom: an entry
    /// in the audit log would make a transaction of it, which costs more than a change may.
    pub fn change_lead(
        &self,
        environment: Environment,
        old: &StoredLead,
        new: &Lead,
        by: &Actor,
    ) -> Result<Write, StoreError> {
        let mut item = item_of(environment, new)?;
        for name in KEPT {
            if let Some(value) = old.item.get(name) {
                item.insert(name.to_owned(), value.clone());
            }
        }
        if new.status != old.lead.status {
            item.insert(CHANGED_BY.to_owned(), AttributeValue::M(to_item(by)?));
        }
        if old.item.contains_key(FINGERPRINT) {
            let first = first_answer(old, &to_item(new)?);
            item.insert(FIRST.to_owned(), AttributeValue::M(first));
        }
        Ok(Write::put(Table::Main, item).require_version(old.lead.version))
    }
}

/// What the first answer said of every attribute that has changed since, this change included.
fn first_answer(old: &StoredLead, new: &Item) -> HashMap<String, AttributeValue> {
    let mut first = match old.item.get(FIRST) {
        Some(AttributeValue::M(first)) => first.clone(),
        _ => HashMap::new(),
    };
    let beside = |name: &str| KEPT.contains(&name) || name == NONCE;
    let before = to_item(&old.lead).unwrap_or_default();
    for (name, value) in &before {
        if !beside(name) && new.get(name) != Some(value) && !first.contains_key(name) {
            first.insert(name.clone(), value.clone());
        }
    }
    for name in new.keys().filter(|name| !before.contains_key(*name) && !beside(name)) {
        first.entry(name.clone()).or_insert(AttributeValue::Null(true));
    }
    first
}
