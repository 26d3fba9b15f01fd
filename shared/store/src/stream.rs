//! The table's stream: what a record says has changed.

use crate::error::StoreError;
use crate::keys::{self, LEAD_KIND, PK, SK, SUBSCRIPTION_KIND, SUBSCRIPTION_PREFIX};
use domain::{Lead, Subscription, World};
use serde::de::DeserializeOwned;
use serde_dynamo::{AttributeValue, Item, from_item};

/// A change that others are to be told of.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A lead came in, or changed.
    Lead {
        /// Whose.
        world: World,
        /// As it was; `None` when it is new.
        old: Option<Box<Lead>>,
        /// As it is.
        new: Box<Lead>,
    },
    /// A subscription was made, or changed.
    Subscription {
        /// Whose.
        world: World,
        /// As it was; `None` when it is new.
        old: Option<Box<Subscription>>,
        /// As it is.
        new: Box<Subscription>,
    },
}

/// What a stream record says: its images before and after. `None` for what concerns nobody, such as removals; an
/// image that cannot be read is an error, so that nobody takes a change for something it is not.
pub fn change_of(old: Item, new: Item) -> Result<Option<Change>, StoreError> {
    let (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) = (new.get(PK), new.get(SK)) else {
        return Ok(None);
    };
    let Some((kind, world, _)) = keys::read_world(pk) else { return Ok(None) };
    match kind {
        // What stands in a lead's place and has no name is none: nothing came in.
        LEAD_KIND if sk == LEAD_KIND && !is_lead(&new) => Ok(None),
        LEAD_KIND if sk == LEAD_KIND => {
            let old = if is_lead(&old) { read_old(old, "a lead")? } else { None };
            Ok(Some(Change::Lead { world, old, new: read(new, "a lead")? }))
        }
        SUBSCRIPTION_KIND if sk.starts_with(SUBSCRIPTION_PREFIX) => {
            let what = "a subscription";
            Ok(Some(Change::Subscription { world, old: read_old(old, what)?, new: read(new, what)? }))
        }
        _ => Ok(None),
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
