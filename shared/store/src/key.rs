//! API keys as their tenant sees them; what admits calls lies in the access table.

use crate::Store;
use crate::authentication::{expire_key, limit_key, put_key, revoke_key};
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::Item;
use crate::item::{from_item, text, to_item};
use crate::keys::{self, KEY_PREFIX, PK, SK};
use crate::list::{Page, PageRequest, Position};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::rate_limit::Limits;
use domain::{KeyId, KeyRecord, TenantId, Timestamp};

impl Store {
    /// The writes that make a key: it works, and its tenant sees it, at the same instant.
    pub fn put_key(&self, record: &KeyRecord) -> Result<Vec<Write>, StoreError> {
        let item = keys::api_key(record.tenant, record.id).with(to_item(record)?);
        Ok(vec![put_key(record)?, Write::put(Table::Main, item).require_absent()])
    }

    /// Adds a key; one that is there already stays as it is.
    pub async fn add_key(&self, record: &KeyRecord) -> Result<(), StoreError> {
        match self.commit(self.put_key(record)?).await {
            Ok(()) | Err(CommitError::ConditionFailed { .. }) => Ok(()),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The key of this id, revoked ones too.
    pub async fn key(&self, tenant: TenantId, key: KeyId) -> Result<Option<KeyRecord>, StoreError> {
        let found = self.item(&keys::api_key(tenant, key)).await?;
        found.map(|item| from_item(item, "a key record")).transpose()
    }

    /// The tenant's keys, the newest first, revoked ones too.
    pub async fn keys(&self, tenant: TenantId, page: &PageRequest) -> Result<Page<KeyRecord>, StoreError> {
        let partition = keys::tenant(tenant).pk;
        let start = page.after.as_ref().map(|after| {
            Item::from([
                (PK.to_owned(), text(&*partition)),
                (SK.to_owned(), text(format!("{KEY_PREFIX}{}", after.as_str()))),
            ])
        });
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":prefix", text(KEY_PREFIX))
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit + 1).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let mut items = found
            .items
            .unwrap_or_default()
            .into_iter()
            .map(|item| from_item::<KeyRecord>(item, "a key record"))
            .collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = if more { items.last().map(|key| Position::from_key(key.id.simple())) } else { None };
        Ok(Page { items, next })
    }

    /// The writes that set what a key may spend apart from its tier, and nothing else of it.
    pub fn set_key_limits(&self, record: &KeyRecord, limits: Limits) -> Result<Vec<Write>, StoreError> {
        let shown = Write::update(&keys::api_key(record.tenant, record.id), "SET #limits = :limits")
            .require_exists()
            .name("#limits", "limits")
            .value(":limits", AttributeValue::M(to_item(&limits)?));
        Ok(vec![limit_key(&record.hash, limits), shown])
    }

    /// The writes that revoke `record` at `at`: dead at once.
    pub fn revoke_key(&self, record: &KeyRecord, at: Timestamp) -> Result<Vec<Write>, StoreError> {
        let revoked = KeyRecord { revoked_at: Some(at), ..record.clone() };
        let replaced = replace_key(&revoked)?
            .require(Condition::Unchanged, "attribute_exists(pk) AND attribute_not_exists(revokedAt)");
        Ok(vec![revoke_key(&record.hash, at), replaced])
    }

    /// The writes that put `new` in the place of `old`, which lives on until `until`.
    pub fn rotate_key(&self, old: &KeyRecord, new: &KeyRecord, until: Timestamp) -> Result<Vec<Write>, StoreError> {
        let until = old.expires_at.map_or(until, |expires| expires.min(until));
        let ending = KeyRecord { expires_at: Some(until), rotated_to: Some(new.id), ..old.clone() };
        let mut writes = self.put_key(new)?;
        writes.push(expire_key(&old.hash, until));
        writes.push(replace_key(&ending)?);
        Ok(writes)
    }
}

/// Only while nobody has revoked or rotated it.
fn replace_key(record: &KeyRecord) -> Result<Write, StoreError> {
    let item = keys::api_key(record.tenant, record.id).with(to_item(record)?);
    Ok(Write::put(Table::Main, item).require(
        Condition::Unchanged,
        "attribute_exists(pk) AND attribute_not_exists(revokedAt) AND attribute_not_exists(rotatedTo)",
    ))
}
