//! The table's stream: what a record says has changed.

use crate::encryption::DataKey;
use crate::error::StoreError;
use crate::keys::{
    self, DISPUTE_KIND, EVIDENCE_KIND, LEAD_KIND, MESSAGE_PREFIX, PK, SEQUENCE_SK, SK, SUBSCRIPTION_KIND,
    SUBSCRIPTION_PREFIX,
};
use crate::lead::{CHANGED_BY, DATA_KEY};
use domain::audit::Actor;
use domain::follow_up::sequence::SequenceStatus;
use domain::leads::Photo;
use domain::{Dispute, Environment, EvidenceId, Lead, Message, PhotoId, Sequence, Subscription};
use serde::de::DeserializeOwned;
use serde_dynamo::{AttributeValue, Item, from_attribute_value, from_item};

/// The attribute of a lead that names its photo.
const PHOTO: &str = "photo";

/// A change that others are to be told of.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A lead came in, or changed.
    Lead {
        /// Whose.
        environment: Environment,
        /// As it was; `None` when it is new.
        old: Option<Box<Lead>>,
        /// As it is.
        new: Box<Lead>,
        /// Who changed its status, where that is what changed and a key did it.
        by: Option<Actor>,
        /// The key under which what is told of it is sealed.
        data_key: DataKey,
    },
    /// A dispute was opened, or changed.
    Dispute {
        /// Whose.
        environment: Environment,
        /// As it was; `None` when it is new.
        old: Option<Box<Dispute>>,
        /// As it is.
        new: Box<Dispute>,
    },
    /// Evidence went, by erasure or because its time was over: its file is to go.
    EvidenceRemoved {
        /// Whose.
        environment: Environment,
        /// Which.
        evidence: EvidenceId,
    },
    /// A lead that had a photo went, by erasure or because its time was over: the photo is to go.
    PhotoRemoved {
        /// Whose.
        environment: Environment,
        /// Which.
        photo: PhotoId,
    },
    /// A sequence started: its first step is to be sent.
    SequenceStarted {
        /// Whose.
        environment: Environment,
        /// The sequence.
        sequence: Box<Sequence>,
    },
    /// A message came into a lead's history, or something has become of it.
    Message {
        /// Whose.
        environment: Environment,
        /// As it was; `None` when it is new.
        old: Option<Box<Message>>,
        /// As it is.
        new: Box<Message>,
    },
    /// A subscription was made, or changed.
    Subscription {
        /// Whose.
        environment: Environment,
        /// As it was; `None` when it is new.
        old: Option<Box<Subscription>>,
        /// As it is.
        new: Box<Subscription>,
    },
}

/// What a stream record says: its images before and after. `None` for what concerns nobody, such as most removals; an
/// image that cannot be read is an error, so that nobody takes a change for something it is not.
pub fn change_from_images(old: Item, new: Item) -> Result<Option<Change>, StoreError> {
    if new.is_empty() {
        return file_gone(old);
    }
    let (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) = (new.get(PK), new.get(SK)) else {
        return Ok(None);
    };
    let Some((kind, environment, _)) = keys::parse_environment(pk) else { return Ok(None) };
    match kind {
        // What stands in a lead's place and has no name is none: nothing came in, and what was there has been erased.
        LEAD_KIND if sk == LEAD_KIND && !is_lead(&new) => photo_gone(environment, old),
        LEAD_KIND if sk == LEAD_KIND => {
            // What is left of an erased lead has no key.
            let Some(data_key) = read_data_key(&new) else { return Ok(None) };
            let by = new.get(CHANGED_BY).cloned().map(read_actor).transpose()?;
            let old = if is_lead(&old) { read_old(old, "a lead")? } else { None };
            Ok(Some(Change::Lead { environment, old, new: read(new, "a lead")?, by, data_key }))
        }
        LEAD_KIND if sk == SEQUENCE_SK => {
            let what = "a sequence";
            let (old, new): (Option<Box<Sequence>>, Box<Sequence>) = (read_old(old, what)?, read(new, what)?);
            let ran = old.is_some_and(|old| old.started_at == new.started_at && old.status == new.status);
            let starts = new.status == SequenceStatus::Running && !ran;
            Ok(starts.then_some(Change::SequenceStarted { environment, sequence: new }))
        }
        LEAD_KIND if sk.starts_with(MESSAGE_PREFIX) => {
            let what = "a message";
            Ok(Some(Change::Message { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        DISPUTE_KIND if sk == DISPUTE_KIND => {
            let what = "a dispute";
            Ok(Some(Change::Dispute { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        SUBSCRIPTION_KIND if sk.starts_with(SUBSCRIPTION_PREFIX) => {
            let what = "a subscription";
            Ok(Some(Change::Subscription { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        _ => Ok(None),
    }
}

/// What the removal of an item leaves to be done: its file has nobody any more.
fn file_gone(old: Item) -> Result<Option<Change>, StoreError> {
    let (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) = (old.get(PK), old.get(SK)) else {
        return Ok(None);
    };
    let Some((kind, environment, id)) = keys::parse_environment(pk) else { return Ok(None) };
    match kind {
        EVIDENCE_KIND if old.contains_key("file") => {
            Ok(EvidenceId::parse(id).map(|evidence| Change::EvidenceRemoved { environment, evidence }))
        }
        LEAD_KIND if sk == LEAD_KIND => photo_gone(environment, old),
        _ => Ok(None),
    }
}

fn photo_gone(environment: Environment, mut old: Item) -> Result<Option<Change>, StoreError> {
    let Some(photo) = old.remove(PHOTO) else { return Ok(None) };
    let photo: Photo = from_attribute_value(photo).map_err(|_| StoreError::unreadable("a lead's photo"))?;
    Ok(Some(Change::PhotoRemoved { environment, photo: photo.id }))
}

fn read_data_key(image: &Item) -> Option<DataKey> {
    match image.get(DATA_KEY)? {
        AttributeValue::B(bytes) => DataKey::read(bytes),
        _ => None,
    }
}

fn is_lead(image: &Item) -> bool {
    image.get("name").is_some()
}

fn read<T: DeserializeOwned>(image: Item, what: &str) -> Result<Box<T>, StoreError> {
    from_item(image).map(Box::new).map_err(|_| StoreError::unreadable(what))
}

fn read_actor(value: AttributeValue) -> Result<Actor, StoreError> {
    from_attribute_value(value).map_err(|_| StoreError::unreadable("who changed a lead"))
}

fn read_old<T: DeserializeOwned>(image: Item, what: &str) -> Result<Option<Box<T>>, StoreError> {
    if image.is_empty() { Ok(None) } else { read(image, what).map(Some) }
}
