//! Creating a lead is one write, the idempotency inside it; with an e-mail address, one transaction with its mark.

use super::{DATA_KEY, FINGERPRINT, FIRST, StoredLead, bytes, is_lead};
use crate::Store;
use crate::business_record::item_of;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::encryption::DataKey;
use crate::error::StoreError;
use crate::idempotency::IdempotencyKey;
use crate::item::{Item, get_text, is_expired, number, text};
use crate::keys::{self, TTL};
use crate::unique_email::{self, Mark, UniqueEmailIndex};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Environment, Lead, LeadId, Timestamp, retention};

/// Where the lead would lie that a call made, had there been none before: the one that there was.
const KNOWN: &str = "known";

/// How often a lead meets an address's mark that changes meanwhile.
const ROUNDS: u32 = 5;

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

/// What came of taking in a lead whose address another may have already.
#[derive(Clone, Debug, PartialEq)]
pub enum UniqueLead {
    /// No other had it.
    Created(CreatedLead),
    /// This one was first; nothing was created.
    Duplicate {
        /// The lead that has the address.
        existing: Box<Lead>,
        /// Whether the same call was answered so before.
        replayed: bool,
    },
}

impl Store {
    /// Stores `lead` if none of its id is there. Under an idempotency key the id is derived from it, so that a
    /// repeated call meets the first one's lead, without a lock that could stick. Joins the mark of its address.
    pub async fn create_lead(
        &self,
        environment: Environment,
        lead: &Lead,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<CreatedLead, StoreError> {
        let (stored, own) = (put(environment, lead, idempotency_key, now)?, unique_email::own(lead));
        let mark = UniqueEmailIndex::of(environment, lead);
        let mut joining = mark.as_ref().map(|mark| mark.join(&own, now));
        for _ in 0..ROUNDS {
            let writes = std::iter::once(stored.clone()).chain(joining).collect();
            match (self.commit(writes).await, &mark) {
                (Ok(()), _) => return Ok(CreatedLead::New),
                (Err(CommitError::ConditionFailed { condition: Condition::Absent, found: Some(found) }), _) => {
                    return replay(*found, idempotency_key, now);
                }
                (Err(CommitError::ConditionFailed { condition: Condition::EmailIndexEntry, found }), Some(mark)) => {
                    let seen = found.map(|item| Mark::read(&item));
                    joining = mark.join_seen(&own, seen.as_ref(), now);
                }
                (Err(error), _) => return Err(error.into_contended()),
            }
        }
        Err(StoreError::Contended)
    }

    /// Stores `lead`, as [`Store::create_lead`] does, unless a lead of its business has its address. What is answered
    /// then is kept under the idempotency key in the place where the lead would lie: one read-free transaction decides
    /// between a new lead, a repeated call and a duplicate.
    pub async fn create_unique_lead(
        &self,
        environment: Environment,
        lead: &Lead,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<UniqueLead, StoreError> {
        let (Some(mark), Some(email)) = (UniqueEmailIndex::of(environment, lead), &lead.email) else {
            return self.create_lead(environment, lead, idempotency_key, now).await.map(UniqueLead::Created);
        };
        let (stored, own) = (put(environment, lead, idempotency_key, now)?, unique_email::own(lead));
        let mut seen = None;
        for _ in 0..ROUNDS {
            let writes = vec![stored.clone(), mark.take(&own, seen.as_ref())];
            let standing = match self.commit(writes).await {
                Ok(()) => return Ok(UniqueLead::Created(CreatedLead::New)),
                Err(CommitError::ConditionFailed { condition: Condition::Absent, found: Some(found) }) => {
                    return self.answered_before(environment, *found, idempotency_key, now).await;
                }
                Err(CommitError::ConditionFailed { condition: Condition::EmailIndexEntry, found }) => {
                    found.map(|item| Mark::read(&item))
                }
                Err(error) => return Err(error.into_contended()),
            };
            let first = match &standing {
                Some(standing) => self.first_lead(&mark, standing, email, now).await?,
                None => None,
            };
            let Some(first) = first.map(Box::new) else {
                // Nobody is there any more whom the mark knows.
                seen = standing;
                continue;
            };
            let Some(call) = idempotency_key else {
                return Ok(UniqueLead::Duplicate { existing: first, replayed: false });
            };
            let answered =
                vec![known(environment, lead.id, &first, call, now), mark.still_has(&unique_email::own(&first))];
            match self.commit(answered).await {
                Ok(()) => return Ok(UniqueLead::Duplicate { existing: first, replayed: false }),
                Err(CommitError::ConditionFailed { condition: Condition::Absent, found: Some(found) }) => {
                    return self.answered_before(environment, *found, idempotency_key, now).await;
                }
                Err(CommitError::ConditionFailed { condition: Condition::EmailIndexEntry, .. }) => {}
                Err(error) => return Err(error.into_contended()),
            }
        }
        Err(StoreError::Contended)
    }

    /// The write of a new lead that has no e-mail address, for a transaction with what begins with it, and the lead's
    /// own key. It fails where something stands in its place: [`Store::replay_lead_creation`] tells what.
    pub fn put_lead(
        &self,
        environment: Environment,
        lead: &Lead,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<(Write, DataKey), StoreError> {
        put_encrypted(environment, lead, idempotency_key, now)
    }

    /// What came of `idempotency_key`, whose lead lies under `id`, if it came before.
    pub async fn replay_lead_creation(
        &self,
        environment: Environment,
        id: LeadId,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<CreatedLead>, StoreError> {
        let found = self.in_place_of(environment, id, now).await?;
        found.map(|found| replay(found, Some(idempotency_key), now)).transpose()
    }

    /// What stands where a lead lies or would lie.
    async fn in_place_of(
        &self,
        environment: Environment,
        id: LeadId,
        now: Timestamp,
    ) -> Result<Option<Item>, StoreError> {
        let found = self.item(&keys::lead(environment, id)).await?;
        Ok(found.filter(|item| !is_expired(item, now)))
    }

    /// What was answered to `idempotency_key`, whose lead would lie under `id`, if it came before.
    pub async fn replay_unique_lead_creation(
        &self,
        environment: Environment,
        id: LeadId,
        idempotency_key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<UniqueLead>, StoreError> {
        match self.in_place_of(environment, id, now).await? {
            Some(found) => self.answered_before(environment, found, Some(idempotency_key), now).await.map(Some),
            None => Ok(None),
        }
    }

    /// What the item that stands in a lead's place says to a repeated call.
    async fn answered_before(
        &self,
        environment: Environment,
        found: Item,
        idempotency_key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<UniqueLead, StoreError> {
        let known = get_text(&found, KNOWN).and_then(LeadId::parse).filter(|_| made_by(&found, idempotency_key));
        let Some(known) = known else { return replay(found, idempotency_key, now).map(UniqueLead::Created) };
        Ok(match self.lead(environment, known, now).await? {
            Some(first) => UniqueLead::Duplicate { existing: Box::new(first.lead), replayed: true },
            None => UniqueLead::Created(CreatedLead::Gone),
        })
    }
}

/// The write of a new lead, which fails where something stands in its place.
fn put(
    environment: Environment,
    lead: &Lead,
    idempotency_key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<Write, StoreError> {
    put_encrypted(environment, lead, idempotency_key, now).map(|(write, _)| write)
}

/// The same, with the lead's own key.
fn put_encrypted(
    environment: Environment,
    lead: &Lead,
    idempotency_key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<(Write, DataKey), StoreError> {
    let data_key = DataKey::random().ok_or_else(|| StoreError::Internal("no randomness".to_owned()))?;
    let mut item = item_of(environment, lead)?;
    item.insert(DATA_KEY.to_owned(), bytes(data_key.bytes()));
    if let Some(idempotency_key) = idempotency_key {
        item.insert(FINGERPRINT.to_owned(), bytes(&idempotency_key.fingerprint));
    }
    Ok((in_place_of_nothing(item, now), data_key))
}

/// The write of what is answered to `idempotency_key`: that `first` was there.
fn known(
    environment: Environment,
    place: LeadId,
    first: &Lead,
    idempotency_key: &IdempotencyKey,
    now: Timestamp,
) -> Write {
    let item = Item::from([
        (KNOWN.to_owned(), text(first.id.simple())),
        (FINGERPRINT.to_owned(), bytes(&idempotency_key.fingerprint)),
        (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
    ]);
    in_place_of_nothing(keys::lead(environment, place).with(item), now)
}

/// What has expired is as good as nothing: the table may take days to remove it.
fn in_place_of_nothing(item: Item, now: Timestamp) -> Write {
    Write::put(Table::Main, item)
        .require(Condition::Absent, "attribute_not_exists(pk) OR #ttl <= :now")
        .name("#ttl", TTL)
        .value(":now", number(now.seconds()))
}

/// Whether the same call made the item: any did where the call has no idempotency key.
fn made_by(found: &Item, idempotency_key: Option<&IdempotencyKey>) -> bool {
    let fingerprint = found.get(FINGERPRINT).and_then(|value| value.as_b().ok()).map(AsRef::<[u8]>::as_ref);
    idempotency_key.is_none_or(|idempotency_key| fingerprint == Some(&idempotency_key.fingerprint[..]))
}

/// What the lead that stands there says to a repeated call.
fn replay(found: Item, idempotency_key: Option<&IdempotencyKey>, now: Timestamp) -> Result<CreatedLead, StoreError> {
    if !made_by(&found, idempotency_key) {
        return Ok(CreatedLead::Mismatch);
    }
    if !is_lead(&found) || is_expired(&found, now) {
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
