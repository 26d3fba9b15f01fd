//! The table's stream: what a record says has changed.

use crate::keys::{self, LEAD_KIND, PK};
use domain::{Lead, World};
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
}

/// What a stream record says: its images before and after. `None` for what concerns nobody, such as removals.
pub fn change_of(old: Item, new: Item) -> Option<Change> {
    let Some(AttributeValue::S(pk)) = new.get(PK) else { return None };
    let (kind, world, _) = keys::read_world(pk)?;
    if kind != LEAD_KIND {
        return None;
    }
    Some(Change::Lead { world, old: from_item(old).ok(), new: from_item(new).ok()? })
}
