//! Creating a lead is one write, the idempotency inside it.

use super::{FINGERPRINT, FIRST, SEAL, StoredLead, bytes, is_erased};
use crate::Store;
use crate::belonging::item_of;
use crate::commit::{CommitError, Place, Write};
use crate::error::StoreError;
use crate::idempotency::Once;
use crate::item::{Item, is_expired, number};
use crate::keys::TTL;
use crate::seal::SealKey;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Lead, Timestamp, World};

/// What came of creating a lead.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatedLead {
    /// It is new.
    New,
    /// The same call was made before; the lead as the first answer showed it.
    Replayed(Box<Lead>),
    /// Another body was sent under the idempotency key.
    Mismatch,
    /// The lead that the key made has been erased.
    Gone,
}

impl Store {
    /// Stores `lead` if none of its id is there. Under an idempotency key the id is derived from it, so that a
    /// repeated call meets the first one's lead, without a lock that could stick.
    pub async fn create_lead(
        &self,
        world: World,
        lead: &Lead,
        once: Option<&Once>,
        now: Timestamp,
    ) -> Result<CreatedLead, StoreError> {
        let seal = SealKey::random().ok_or_else(|| StoreError::Broken("no randomness".to_owned()))?;
        let mut item = item_of(world, lead)?;
        item.insert(SEAL.to_owned(), bytes(seal.bytes()));
        if let Some(once) = once {
            item.insert(FINGERPRINT.to_owned(), bytes(&once.fingerprint));
        }
        let write = Write::put(Place::Main, item)
            .when("attribute_not_exists(pk) OR #ttl <= :now")
            .name("#ttl", TTL)
            .value(":now", number(now.seconds()));
        match self.commit(vec![write], None).await {
            Ok(()) => Ok(CreatedLead::New),
            Err(CommitError::Condition { found: Some(found), .. }) => replay(*found, once, now),
            Err(error) => Err(error.contended()),
        }
    }
}

/// What the item that stands there says to a repeated call.
fn replay(found: Item, once: Option<&Once>, now: Timestamp) -> Result<CreatedLead, StoreError> {
    let made_by = found.get(FINGERPRINT).and_then(|value| value.as_b().ok()).map(AsRef::<[u8]>::as_ref);
    if once.is_some_and(|once| made_by != Some(&once.fingerprint[..])) {
        return Ok(CreatedLead::Mismatch);
    }
    if is_erased(&found) || is_expired(&found, now) {
        return Ok(CreatedLead::Gone);
    }
    Ok(CreatedLead::Replayed(Box::new(StoredLead::read(as_first_answered(found))?.lead)))
}

/// The item with what later changes replaced put back.
fn as_first_answered(mut item: Item) -> Item {
    if let Some(AttributeValue::M(first)) = item.remove(FIRST) {
        for (name, value) in first {
            match value {
                AttributeValue::Null(_) => item.remove(&name),
                value => item.insert(name, value),
            };
        }
    }
    item
}
