//! A lead as it is stored, and reading it.
//!
//! A lead's item holds, besides the lead, what belongs to its storage: the data key of everything that is written
//! elsewhere about the person ([`super::data_key`]), and, for a lead that was created under an idempotency key, the
//! response that a repetition of that request gets ([`super::replay`]). An item in a lead's place that has no name is not
//! a lead: it is the tombstone of an erased one, or the record that a request found a duplicate ([`super::create_unique`]).

use crate::business_record::{BusinessRecord, record_fields};
use crate::leads::data_key::data_key_of;
use crate::table::Store;
use crate::table::encryption::DataKey;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_text};
use crate::table::key_schema::{self as keys, LEAD_KIND};
use domain::{BusinessId, Environment, Lead, LeadId, Timestamp};
use std::borrow::Cow;

/// Attribute: who changed the lead's status, if its last change did. `bookkeeping` writes the audit entry from
/// it: an entry in the change's own write would make that a transaction, at twice the write units.
pub(crate) const CHANGED_BY: &str = "by";

/// Attribute of a tombstone: the business that the erased lead belonged to.
pub(crate) const ERASED_FROM: &str = "business";

/// A lead as it is stored, with the attributes that belong to its storage.
#[derive(Clone, Debug)]
pub struct StoredLead {
    /// The lead.
    pub lead: Lead,
    pub(crate) item: Item,
}

impl StoredLead {
    /// Returns the key that encrypts the lead's data outside its item.
    pub fn data_key(&self) -> Option<DataKey> {
        data_key_of(&self.item)
    }

    pub(crate) fn from_item(item: Item) -> Result<Self, StoreError> {
        Ok(Self { lead: from_item(item.clone(), Lead::DESCRIPTION)?, item })
    }
}

/// A lead, or the tombstone of one.
#[derive(Clone, Debug)]
pub enum LeadState {
    /// The lead exists.
    Stored(Box<StoredLead>),
    /// The lead was erased; it belonged to this business.
    Erased(BusinessId),
}

impl BusinessRecord for Lead {
    const KIND: &'static str = LEAD_KIND;
    const DESCRIPTION: &'static str = "a lead";

    record_fields!();

    fn expires_at(&self) -> Timestamp {
        self.expires_at()
    }

    fn index_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.status.name()))
    }
}

/// Returns whether the item in a lead's place is a lead. Every lead has a name; a tombstone and the record of a
/// duplicate have none.
pub(crate) fn is_lead(item: &Item) -> bool {
    item.contains_key("name")
}

impl Store {
    /// Reads the lead with this id, unless it was erased or has expired.
    pub async fn lead(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Option<StoredLead>, StoreError> {
        let found = self.unexpired_item(&keys::lead(environment, lead), now).await?;
        found.filter(is_lead).map(StoredLead::from_item).transpose()
    }

    /// Reads the lead with this id or its tombstone, unless it has expired.
    pub async fn lead_state(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Option<LeadState>, StoreError> {
        let found = self.unexpired_item(&keys::lead(environment, lead), now).await?;
        let Some(item) = found else { return Ok(None) };
        if is_lead(&item) {
            return Ok(Some(LeadState::Stored(Box::new(StoredLead::from_item(item)?))));
        }
        // The record of a duplicate has no business: no lead was ever there.
        Ok(get_text(&item, ERASED_FROM).and_then(BusinessId::parse).map(LeadState::Erased))
    }
}
