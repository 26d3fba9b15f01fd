//! The table's stream: what a record says has changed.

use crate::keys::{self, LEAD_KIND, PK, SK, SUBSCRIPTION_KIND, SUBSCRIPTION_PREFIX};
use domain::{Lead, Subscription, World};
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

/// What a stream record says: its images before and after. `None` for what concerns nobody, such as removals.
pub fn change_of(old: Item, new: Item) -> Option<Change> {
    let (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) = (new.get(PK), new.get(SK)) else { return None };
    let (kind, world, _) = keys::read_world(pk)?;
    match kind {
        LEAD_KIND => Some(Change::Lead { world, old: from_item(old).ok(), new: from_item(new).ok()? }),
        SUBSCRIPTION_KIND if sk.starts_with(SUBSCRIPTION_PREFIX) => {
            Some(Change::Subscription { world, old: from_item(old).ok(), new: from_item(new).ok()? })
        }
        _ => None,
    }
}
