//! Replaying the response of a request that created a lead.
//!
//! The first response showed the lead as it was created. A repetition of the request must get the same
//! bytes, also when the lead has changed since: every change keeps the original values of what it overwrites in the
//! attribute `first` ([`super::change`]), and a replay puts them back.

use crate::idempotency::IdempotencyKey;
use crate::leads::creation_result::{CreatedLead, UniqueLead};
use crate::leads::stored_lead::{StoredLead, is_lead};
use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::item::{Item, get_text, is_expired};
use crate::table::key_schema as keys;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Environment, LeadId, Timestamp};

/// Attribute of the record of a duplicate: the existing lead.
pub(super) const DUPLICATE_OF: &str = "known";

/// Attribute: the values that the first response showed of attributes which have changed since; NULL for attributes
/// that did not exist.
pub(super) const ORIGINAL_VALUES: &str = "first";

impl Store {
    /// Returns the result of an earlier request with this idempotency key, whose lead has this id; `None` if there was
    /// none.
    pub async fn replay_lead_creation(
        &self,
        environment: Environment,
        id: LeadId,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<CreatedLead>, StoreError> {
        let found = self.unexpired_item(&keys::lead(environment, id), now).await?;
        found.map(|found| replay(found, Some(idempotency_key), now)).transpose()
    }

    /// Returns the result of an earlier request of [`Store::create_unique_lead`] with this idempotency key, whose lead
    /// has or would have this id; `None` if there was none.
    pub async fn replay_unique_lead_creation(
        &self,
        environment: Environment,
        id: LeadId,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<UniqueLead>, StoreError> {
        match self.unexpired_item(&keys::lead(environment, id), now).await? {
            Some(found) => self.replay_unique(environment, found, Some(idempotency_key), now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns the result of a repeated request, from the item that was found in its lead's place.
    pub(super) async fn replay_unique(
        &self,
        environment: Environment,
        found: Item,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<UniqueLead, StoreError> {
        let duplicate_of = get_text(&found, DUPLICATE_OF).and_then(LeadId::parse);
        let Some(existing) = duplicate_of.filter(|_| is_same_request(&found, idempotency_key)) else {
            return replay(found, idempotency_key, now).map(UniqueLead::Created);
        };
        Ok(match self.lead(environment, existing, now).await? {
            Some(existing) => UniqueLead::Duplicate { existing: Box::new(existing.lead), replayed: true },
            None => UniqueLead::Created(CreatedLead::Gone),
        })
    }
}

/// Returns the result of a repeated request, from the item that was found in its lead's place.
pub(super) fn replay(
    found: Item,
    idempotency_key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<CreatedLead, StoreError> {
    if !is_same_request(&found, idempotency_key) {
        return Ok(CreatedLead::Mismatch);
    }
    if !is_lead(&found) || is_expired(&found, now) {
        return Ok(CreatedLead::Gone);
    }
    Ok(CreatedLead::Replayed(Box::new(StoredLead::from_item(as_created(found))?.lead)))
}

/// Returns whether the item was written by a request with the same body. Without an idempotency key the id was
/// derived from nothing else than the request.
fn is_same_request(found: &Item, idempotency_key: Option<&IdempotencyKey>) -> bool {
    idempotency_key.is_none_or(|key| key.body.is_that_of(found))
}

/// Returns the item with its original values put back.
fn as_created(mut item: Item) -> Item {
    if let Some(AttributeValue::M(original)) = item.remove(ORIGINAL_VALUES) {
        for (name, value) in original {
            match value {
                AttributeValue::Null(_) => item.remove(&name),
                value => item.insert(name, value),
            };
        }
    }
    item
}
