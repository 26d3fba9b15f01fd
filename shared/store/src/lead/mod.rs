//! Leads: created in one write, read by id, changed under their version, listed by business and status.

mod change;
mod create;
mod list;

pub use create::CreatedLead;
pub use list::LeadFilter;

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, from_item, is_expired, text, to_item};
use crate::keys::{self, AT, BUSINESS_PK, STATUS_PK, TTL};
use crate::list::Position;
use crate::seal::SealKey;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Lead, LeadId, Timestamp, World};

/// The lead's own key, under which answers that hold its data are sealed.
const SEAL: &str = "seal";
/// SHA-256 of the body that made the lead, where it was made under an idempotency key.
const FINGERPRINT: &str = "fp";
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
    pub fn seal_key(&self) -> Option<SealKey> {
        SealKey::read(self.item.get(SEAL)?.as_b().ok()?.as_ref())
    }

    fn read(item: Item) -> Result<Self, StoreError> {
        Ok(Self { lead: from_item(item.clone(), "a lead")?, item })
    }
}

/// The lead's attributes and its keys in table and indexes.
fn item_of(world: World, lead: &Lead) -> Result<Item, StoreError> {
    let mut item = keys::lead(world, lead.id).with(to_item(lead)?);
    item.insert(BUSINESS_PK.to_owned(), text(keys::leads_of_business(world, lead.business)));
    item.insert(STATUS_PK.to_owned(), text(keys::leads_in_status(world, lead.business, lead.status)));
    item.insert(AT.to_owned(), text(position(lead).as_str()));
    item.insert(TTL.to_owned(), AttributeValue::N(lead.expires_at().seconds().to_string()));
    Ok(item)
}

fn position(lead: &Lead) -> Position {
    Position::new(lead.created_at, &lead.id.simple())
}

fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

impl Store {
    /// The lead of this id, unless its time is over.
    pub async fn lead(&self, world: World, lead: LeadId, now: Timestamp) -> Result<Option<StoredLead>, StoreError> {
        let key = keys::lead(world, lead).to_item();
        let found =
            self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true).send().await?;
        found.item.filter(|item| !is_expired(item, now)).map(StoredLead::read).transpose()
    }

    /// The lead's own key; `None` when it has been erased.
    pub(crate) async fn lead_seal(&self, world: World, lead: LeadId) -> Result<Option<SealKey>, StoreError> {
        let key = keys::lead(world, lead).to_item();
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .projection_expression(SEAL)
            .consistent_read(true)
            .send()
            .await?;
        Ok(found.item.and_then(|item| SealKey::read(item.get(SEAL)?.as_b().ok()?.as_ref())))
    }
}
