//! The stream of the single table: which change a record means.
//!
//! The stream is the outbox: whatever follows from a change (deliveries, messages, counters, audit entries, deletion of
//! files) is derived from its record, so that no change can be stored without its consequences. A record holds the
//! item before and after the write. [`change_from_images`] turns the two images into a [`Change`], or into `None` if
//! nothing follows from it, as with most removals and all bookkeeping items. The event-source filters of the stream's
//! functions in `template.yaml` select records by the same kinds; they only save invocations.
//!
//! An image that this version cannot read is an error and never `None`: a change must not be lost silently. The
//! functions park its record.
//!
//! Three kinds of items can be in a lead's place ([`crate::leads`]), and the pair of images decides:
//!
//! | before | after | change |
//! | --- | --- | --- |
//! | nothing, or not a lead | a lead | [`Change::Lead`], created |
//! | a lead | a lead | [`Change::Lead`] |
//! | a lead with a photo | a tombstone, or nothing (expired) | [`Change::PhotoRemoved`] |
//! | anything else | not a lead | none |

use crate::leads::data_key::DATA_KEY;
use crate::leads::stored_lead::CHANGED_BY;
use crate::table::encryption::DataKey;
use crate::table::error::StoreError;
use crate::table::key_schema::{
    self as keys, DISPUTE_KIND, EVIDENCE_KIND, LEAD_KIND, MESSAGE_PREFIX, PACKAGE_KIND, PK, SEQUENCE_SK, SK,
    SUBSCRIPTION_KIND, SUBSCRIPTION_PREFIX,
};
use domain::audit::Actor;
use domain::follow_up::sequence::SequenceStatus;
use domain::webhooks::event;
use domain::{
    Dispute, Environment, Event, EvidenceId, Lead, LeadId, Message, Package, PackageId, PhotoId, Sequence, Subscription,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_dynamo::{AttributeValue, Item, from_attribute_value, from_item, to_attribute_value};
use std::collections::HashMap;

/// Attribute of a lead: its photo.
const PHOTO: &str = "photo";

/// Attribute of evidence: its file.
const FILE: &str = "file";

/// Attribute of a package: the number of its attempts.
const ATTEMPTS: &str = "attempts";

/// The part of a lead's photo that names its file.
#[derive(Serialize, Deserialize)]
struct PhotoReference {
    id: PhotoId,
}

/// A change of the table from which something follows.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A lead was created or changed.
    Lead {
        /// The environment of the lead.
        environment: Environment,
        /// The lead before; `None` if it was created.
        old: Option<Box<Lead>>,
        /// The lead after.
        new: Box<Lead>,
        /// The actor of a changed status, if a key changed it.
        by: Option<Actor>,
        /// The key that encrypts what is stored about the lead elsewhere.
        data_key: DataKey,
    },
    /// A dispute was opened or changed.
    Dispute {
        /// The environment of the dispute.
        environment: Environment,
        /// The dispute before; `None` if it was opened.
        old: Option<Box<Dispute>>,
        /// The dispute after.
        new: Box<Dispute>,
    },
    /// A package was requested or changed.
    Package {
        /// The environment of the package.
        environment: Environment,
        /// The package before; `None` if it was requested.
        old: Option<Box<Package>>,
        /// The package after.
        new: Box<Package>,
    },
    /// A package was erased or has expired: its document, of any of its attempts, is to be deleted.
    PackageRemoved {
        /// The environment of the package.
        environment: Environment,
        /// The package.
        package: PackageId,
        /// Number of attempts that may have stored a document.
        attempts: u32,
    },
    /// Evidence with a file was erased or has expired: the file is to be deleted.
    EvidenceRemoved {
        /// The environment of the evidence.
        environment: Environment,
        /// The evidence.
        evidence: EvidenceId,
    },
    /// A lead with a photo was erased or has expired: the photo is to be deleted.
    PhotoRemoved {
        /// The environment of the lead.
        environment: Environment,
        /// The photo.
        photo: PhotoId,
    },
    /// A sequence was started: its first step is to be enqueued.
    SequenceStarted {
        /// The environment of the sequence.
        environment: Environment,
        /// The sequence.
        sequence: Box<Sequence>,
    },
    /// A message was added to a lead's history, or has changed.
    Message {
        /// The environment of the message.
        environment: Environment,
        /// The message before; `None` if it was added.
        old: Option<Box<Message>>,
        /// The message after.
        new: Box<Message>,
    },
    /// A subscription was created or changed.
    Subscription {
        /// The environment of the subscription.
        environment: Environment,
        /// The subscription before; `None` if it was created.
        old: Option<Box<Subscription>>,
        /// The subscription after.
        new: Box<Subscription>,
    },
}

impl Change {
    /// Returns the events that the change raises. All of them belong to one environment and have one subject.
    /// `document_url` returns the address of the document of a package.
    pub fn events(&self, document_url: impl Fn(&Package) -> String) -> Vec<Event> {
        match self {
            Self::Lead { environment, old, new, .. } => event::from_lead_change(*environment, old.as_deref(), new),
            Self::Dispute { environment, old, new } => event::from_dispute_change(*environment, old.as_deref(), new),
            Self::Message { environment, old, new } => event::from_message_change(*environment, old.as_deref(), new),
            Self::Subscription { environment, old, new } => {
                event::from_subscription_change(*environment, old.as_deref(), new)
            }
            Self::Package { environment, old, new } => {
                event::from_package_change(*environment, old.as_deref(), new, document_url)
            }
            Self::EvidenceRemoved { .. }
            | Self::PackageRemoved { .. }
            | Self::PhotoRemoved { .. }
            | Self::SequenceStarted { .. } => Vec::new(),
        }
    }
}

/// Returns the environment that a partition key of the single table belongs to and, if it is a lead's, the lead: also
/// of items that this version cannot read.
pub fn environment_of_partition(partition_key: &str) -> Option<(Environment, Option<LeadId>)> {
    let (kind, environment, id) = keys::parse_environment(partition_key)?;
    Some((environment, (kind == LEAD_KIND).then(|| LeadId::parse(id)).flatten()))
}

/// Returns the change that a stream record means, from the item before and after the write; an empty image stands for
/// no item.
pub fn change_from_images(old: Item, new: Item) -> Result<Option<Change>, StoreError> {
    if new.is_empty() {
        return change_from_removal(old);
    }
    let Some((partition_key, sort_key)) = key_of(&new) else { return Ok(None) };
    let Some((kind, environment, _)) = keys::parse_environment(&partition_key) else { return Ok(None) };
    match kind {
        LEAD_KIND if sort_key == LEAD_KIND => lead_change(environment, old, new),
        LEAD_KIND if sort_key == SEQUENCE_SK => sequence_change(environment, old, new),
        LEAD_KIND if sort_key.starts_with(MESSAGE_PREFIX) => {
            let what = "a message";
            Ok(Some(Change::Message { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        DISPUTE_KIND if sort_key == DISPUTE_KIND => {
            let what = "a dispute";
            Ok(Some(Change::Dispute { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        PACKAGE_KIND => {
            let what = "an evidence package";
            Ok(Some(Change::Package { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        SUBSCRIPTION_KIND if sort_key.starts_with(SUBSCRIPTION_PREFIX) => {
            let what = "a subscription";
            Ok(Some(Change::Subscription { environment, old: read_old(old, what)?, new: read(new, what)? }))
        }
        _ => Ok(None),
    }
}

/// Returns the change of an item in a lead's place.
fn lead_change(environment: Environment, old: Item, new: Item) -> Result<Option<Change>, StoreError> {
    if !is_lead(&new) {
        return photo_removed(environment, old);
    }
    let Some(data_key) = data_key_of(&new) else { return Ok(None) };
    let by = new.get(CHANGED_BY).cloned().map(read_actor).transpose()?;
    let old = if is_lead(&old) { read_old(old, "a lead")? } else { None };
    Ok(Some(Change::Lead { environment, old, new: read(new, "a lead")?, by, data_key }))
}

/// Returns the change of a sequence: only that one was started, which also happens by replacing the lead's last one.
fn sequence_change(environment: Environment, old: Item, new: Item) -> Result<Option<Change>, StoreError> {
    let what = "a sequence";
    let (old, new): (Option<Box<Sequence>>, Box<Sequence>) = (read_old(old, what)?, read(new, what)?);
    let was_running = old.is_some_and(|old| old.started_at == new.started_at && old.status == new.status);
    let was_started = new.status == SequenceStatus::Running && !was_running;
    Ok(was_started.then_some(Change::SequenceStarted { environment, sequence: new }))
}

/// Returns the change of an item that was removed: only that its file is to be deleted.
fn change_from_removal(old: Item) -> Result<Option<Change>, StoreError> {
    let Some((partition_key, sort_key)) = key_of(&old) else { return Ok(None) };
    let Some((kind, environment, id)) = keys::parse_environment(&partition_key) else { return Ok(None) };
    match kind {
        EVIDENCE_KIND if old.contains_key(FILE) => {
            Ok(EvidenceId::parse(id).map(|evidence| Change::EvidenceRemoved { environment, evidence }))
        }
        PACKAGE_KIND => package_removed(environment, id, &old),
        LEAD_KIND if sort_key == LEAD_KIND => photo_removed(environment, old),
        _ => Ok(None),
    }
}

fn package_removed(environment: Environment, id: &str, old: &Item) -> Result<Option<Change>, StoreError> {
    let attempts = match old.get(ATTEMPTS) {
        Some(AttributeValue::N(number)) => number.parse().ok(),
        _ => None,
    };
    let attempts = attempts.ok_or_else(|| StoreError::unreadable("an evidence package"))?;
    Ok(PackageId::parse(id).map(|package| Change::PackageRemoved { environment, package, attempts }))
}

fn photo_removed(environment: Environment, mut old: Item) -> Result<Option<Change>, StoreError> {
    let Some(photo) = old.remove(PHOTO) else { return Ok(None) };
    let photo: PhotoReference = from_attribute_value(photo).map_err(|_| StoreError::unreadable("a lead's photo"))?;
    Ok(Some(Change::PhotoRemoved { environment, photo: photo.id }))
}

/// Returns the image of a removed item that means the same [`Change::EvidenceRemoved`], [`Change::PackageRemoved`] or
/// [`Change::PhotoRemoved`] as
/// these images, and holds nothing but ids; `None` if they mean anything else.
pub fn file_removal_image(old: Item, new: Item) -> Option<Item> {
    let (partition_key, sort_key) = key_of(&old)?;
    let (name, file) = match change_from_images(old, new).ok()?? {
        Change::EvidenceRemoved { .. } => (FILE, AttributeValue::M(HashMap::new())),
        Change::PhotoRemoved { photo, .. } => (PHOTO, to_attribute_value(PhotoReference { id: photo }).ok()?),
        Change::PackageRemoved { attempts, .. } => (ATTEMPTS, AttributeValue::N(attempts.to_string())),
        _ => return None,
    };
    let key = [(PK, partition_key), (SK, sort_key)].map(|(name, text)| (name.to_owned(), AttributeValue::S(text)));
    Some(key.into_iter().chain([(name.to_owned(), file)]).collect::<HashMap<_, _>>().into())
}

// Images of the stream have the attribute values of `serde_dynamo`, not those of the SDK: hence functions of their own
// that read them.

fn key_of(image: &Item) -> Option<(String, String)> {
    match (image.get(PK), image.get(SK)) {
        (Some(AttributeValue::S(partition_key)), Some(AttributeValue::S(sort_key))) => {
            Some((partition_key.clone(), sort_key.clone()))
        }
        _ => None,
    }
}

fn data_key_of(image: &Item) -> Option<DataKey> {
    match image.get(DATA_KEY)? {
        AttributeValue::B(bytes) => DataKey::from_slice(bytes),
        _ => None,
    }
}

fn is_lead(image: &Item) -> bool {
    image.get("name").is_some()
}

fn read<T: DeserializeOwned>(image: Item, what: &str) -> Result<Box<T>, StoreError> {
    from_item(image).map(Box::new).map_err(|_| StoreError::unreadable(what))
}

fn read_old<T: DeserializeOwned>(image: Item, what: &str) -> Result<Option<Box<T>>, StoreError> {
    if image.is_empty() { Ok(None) } else { read(image, what).map(Some) }
}

fn read_actor(value: AttributeValue) -> Result<Actor, StoreError> {
    from_attribute_value(value).map_err(|_| StoreError::unreadable("the actor of a lead's change"))
}
