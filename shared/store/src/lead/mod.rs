//! Leads: created in one write, read by id, changed under their version, listed by business and status.

mod change;
mod create;
mod erase;
mod list;

pub use create::{CreatedLead, UniqueLead};
pub use erase::LeadState;
pub use list::LeadFilter;

use crate::Store;
use crate::business_record::BusinessRecord;
use crate::encryption::DataKey;
use crate::error::StoreError;
use crate::item::{Item, from_item, is_expired};
use crate::keys;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{BusinessId, Environment, Lead, LeadId, Timestamp};

/// The lead's own key, under which answers that hold its data are sealed.
pub(crate) const DATA_KEY: &str = "seal";
/// SHA-256 of the body that made the lead, where it was made under an idempotency key.
const FINGERPRINT: &str = "fp";
/// Who changed the lead's status, where that is what its last change did: for the audit log, which the stream's reader
/// writes.
pub(crate) const CHANGED_BY: &str = "by";
/// What the first answer said of attributes that have changed since; absent ones are NULL.
const FIRST: &str = "first";

/// A lead as it stands in the table, with what the house keeps beside it.
#[derive(Clone, Debug)]
pub struct StoredLead {
    /// The lead.
    pub lead: Lead,
    item: Item,
}

impl StoredLead {
    /// The key that seals answers which hold this lead's data.
    pub fn data_key(&self) -> Option<DataKey> {
        data_key_of(&self.item)
    }

    pub(crate) fn read(item: Item) -> Result<Self, StoreError> {
        Ok(Self { lead: from_item(item.clone(), "a lead")?, item })
    }
}

impl BusinessRecord for Lead {
    const KIND: &'static str = keys::LEAD_KIND;
    const DESCRIPTION: &'static str = "a lead";

    fn id(&self) -> String {
        self.id.simple()
    }

    fn business(&self) -> BusinessId {
        self.business
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn expires_at(&self) -> Timestamp {
        self.expires_at()
    }

    fn index_value(&self) -> Option<&str> {
        Some(self.status.name())
    }
}

/// Whether the item in a lead's place is one: only what is not erased, and was made, has a name.
pub(crate) fn is_lead(item: &Item) -> bool {
    item.contains_key("name")
}

/// The lead's own key, which an erased lead has no more.
pub(crate) fn data_key_of(lead: &Item) -> Option<DataKey> {
    DataKey::read(lead.get(DATA_KEY)?.as_b().ok()?.as_ref())
}

fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

impl Store {
    /// The lead of this id, unless its time is over.
    pub async fn lead(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Option<StoredLead>, StoreError> {
        let found = self.item(&keys::lead(environment, lead)).await?;
        found.filter(|item| is_lead(item) && !is_expired(item, now)).map(StoredLead::read).transpose()
    }

    /// The lead's own key; `None` when it has been erased.
    pub async fn lead_data_key(&self, environment: Environment, lead: LeadId) -> Result<Option<DataKey>, StoreError> {
        let key = keys::lead(environment, lead).to_item();
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .projection_expression(DATA_KEY)
            .consistent_read(true)
            .send()
            .await?;
        Ok(found.item.as_ref().and_then(data_key_of))
    }
}
