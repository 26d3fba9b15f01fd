//! The table's stream: what a record says has changed.

use crate::item::{Item, from_item};
use crate::keys::{self, LEAD_KIND, PK};
use domain::{Lead, World};

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
pub fn change_of(old: Option<Item>, new: Option<Item>) -> Option<Change> {
    let new = new?;
    let (kind, world, _) = keys::read_world(new.get(PK)?.as_s().ok()?)?;
    if kind != LEAD_KIND {
        return None;
    }
    let new = from_item(new, "a lead").ok()?;
    let old = old.and_then(|old| from_item(old, "a lead").ok());
    Some(Change::Lead { world, old, new })
}
