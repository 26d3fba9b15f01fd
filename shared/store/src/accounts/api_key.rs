//! API keys as their tenant sees them. Every change is one transaction with the key's item in the access table
//! ([`super::key_item`]), so that what a tenant sees is what authentication does: a transaction may span both tables.
//! The conditions are on the tenant's item. Authentication changes the item in the access table with every call, and a
//! condition on that would fail for every key in use.

use crate::accounts::key_count::{KeyEnding, count_new_key, note_ended_key};
use crate::accounts::key_item::{expire_key_item, put_key_item, revoke_key_item, set_key_item_limits};
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, text, to_item};
use crate::table::key_schema::{self as keys, API_KEY_PREFIX, PK, SK};
use crate::table::pagination::{Page, PageRequest, QuerySegment, SortKey, merge};
use crate::table::query::Source;
use crate::table::retry::ConflictRetries;
use crate::table::write::{Table, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::rate_limit::Limits;
use domain::{KeyId, KeyRecord, TenantId, Timestamp};

/// Names an API key in errors.
const DESCRIPTION: &str = "a key record";

impl Store {
    /// Returns the writes that create a key. They fail with [`Condition::KeyLimit`] if its environment may have no more
    /// keys, or if these must be counted first: [`make_room_for_key`](Self::make_room_for_key) tells.
    pub fn put_key(&self, record: &KeyRecord) -> Result<Vec<Write>, StoreError> {
        let ending = if record.expires_at.is_some() { KeyEnding::Expiry } else { KeyEnding::None };
        let mut writes = put_both_items(record)?;
        writes.push(count_new_key(record.environment(), ending, record.created_at));
        Ok(writes)
    }

    /// Creates a key, unless it exists. A key beyond the limit is [`StoreError::Contended`].
    pub async fn add_key(&self, record: &KeyRecord) -> Result<(), StoreError> {
        let mut retries = ConflictRetries::default();
        loop {
            match self.commit(self.put_key(record)?).await {
                Err(CommitError::ConditionFailed { condition: Condition::KeyLimit, .. }) => {
                    self.make_room_for_key(record.environment(), record.created_at).await?;
                    retries.next_attempt()?;
                }
                Ok(()) | Err(CommitError::ConditionFailed { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads the key with this id, also if it was revoked.
    pub async fn key(&self, tenant: TenantId, key: KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.entity(&keys::api_key(tenant, key), DESCRIPTION).await
    }

    /// Reads a page of a tenant's keys, newest first, also revoked ones.
    pub async fn keys(&self, tenant: TenantId, page: &PageRequest) -> Result<Page<KeyRecord>, StoreError> {
        let partition = keys::tenant(tenant).pk;
        let start = page.after.as_ref().map(|after| {
            Item::from([
                (PK.to_owned(), text(&*partition)),
                (SK.to_owned(), text(format!("{API_KEY_PREFIX}{}", after.as_str()))),
            ])
        });
        let query = self
            .query(Source::Table, partition)
            .eventually_consistent()
            .sort_key_prefix(API_KEY_PREFIX)
            .descending()
            .limit(page.limit + 1)
            .start_after(start);
        let sort_key = SortKey { attribute: SK, prefix: API_KEY_PREFIX };
        let read = |item| from_item(item, DESCRIPTION).map(Some);
        // Keys do not expire from the table: the time is of no account.
        let segment = QuerySegment::read(query, &sort_key, Timestamp::EPOCH, DESCRIPTION, read).await?;
        Ok(merge(vec![segment], page.limit))
    }

    /// Returns the writes that set the rate limits of a key, apart from those of its tier.
    pub fn set_key_limits(&self, record: &KeyRecord, limits: Limits) -> Result<Vec<Write>, StoreError> {
        let shown = Write::update(&keys::api_key(record.tenant, record.id), "SET #limits = :limits")
            .require_exists()
            .name("#limits", "limits")
            .value(":limits", AttributeValue::M(to_item(&limits)?));
        Ok(vec![set_key_item_limits(&record.hash, limits), shown])
    }

    /// Returns the writes that revoke a key: it stops working as soon as they are committed. They fail with
    /// [`Condition::Unchanged`] if it was revoked before.
    pub fn revoke_key(&self, record: &KeyRecord, at: Timestamp) -> Result<Vec<Write>, StoreError> {
        let revoked = KeyRecord { revoked_at: Some(at), ..record.clone() };
        let shown = put_key_record(&revoked)?
            .require(Condition::Unchanged, "attribute_exists(pk) AND attribute_not_exists(revokedAt)");
        Ok(vec![revoke_key_item(&record.hash, at), shown, note_ended_key(record.environment())])
    }

    /// Returns the writes that create the key `new` in place of `old`, which keeps working until `until` or its own
    /// expiry. They fail with [`Condition::Unchanged`] if the old key was revoked or rotated before.
    ///
    /// The old key is active as long as it works. If it ends at once, the new one takes its place, whatever the limit;
    /// otherwise the writes fail as those of [`put_key`](Self::put_key) do.
    pub fn rotate_key(&self, old: &KeyRecord, new: &KeyRecord, until: Timestamp) -> Result<Vec<Write>, StoreError> {
        let until = old.expires_at.map_or(until, |expires| expires.min(until));
        let expiring = KeyRecord { expires_at: Some(until), rotated_to: Some(new.id), ..old.clone() };
        let mut writes = put_both_items(new)?;
        writes.push(expire_key_item(&old.hash, until));
        writes.push(put_key_record(&expiring)?.require(
            Condition::Unchanged,
            "attribute_exists(pk) AND attribute_not_exists(revokedAt) AND attribute_not_exists(rotatedTo)",
        ));
        writes.push(if until <= new.created_at {
            note_ended_key(new.environment())
        } else {
            count_new_key(new.environment(), KeyEnding::Expiry, new.created_at)
        });
        Ok(writes)
    }
}

/// Returns the writes of a new key's item in each table.
fn put_both_items(record: &KeyRecord) -> Result<Vec<Write>, StoreError> {
    let item = keys::api_key(record.tenant, record.id).with(to_item(record)?);
    Ok(vec![put_key_item(record)?, Write::put(Table::Main, item).require_absent()])
}

/// Returns the write of a key as its tenant sees it.
fn put_key_record(record: &KeyRecord) -> Result<Write, StoreError> {
    let item = keys::api_key(record.tenant, record.id).with(to_item(record)?);
    Ok(Write::put(Table::Main, item))
}
