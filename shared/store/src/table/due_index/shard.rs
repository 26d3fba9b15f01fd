//! The shards of the due index.

use crate::table::item::{number, text};
use crate::table::key_schema::{DUE_CHECK, DUE_SHARD};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use std::num::NonZeroU8;

/// Number of shards of deliveries, alone or in batches, and steps, for 64,000 writes per second. It may be raised; when it is lowered, items remain
/// in shards that nobody reads. Reading an empty shard once a minute costs a quarter of a US cent a month.
const WORK_SHARD_COUNT: u8 = 64;

/// Number of shards of erasures and purges: one for 1,000 begun deletions per second. The same applies to it.
const DELETION_SHARD_COUNT: u8 = 2;

/// Number of shards of awaited files: one for 1,000 declared files per second. The same applies to it.
const UPLOAD_SHARD_COUNT: u8 = 2;

/// Number of shards of evidence packages: one for 1,000 requested packages per second. The same applies to it.
const PACKAGE_SHARD_COUNT: u8 = 2;

/// Number of shards of subscriptions with parked deliveries: one for 1,000 circuits that open or close per second. The same
/// applies to it.
const PARKED_SHARD_COUNT: u8 = 2;

/// A shard of the due index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueShard {
    /// A shard of deliveries, alone or in batches, and steps of sequences. The first eight may hold erasures and purges of an earlier release.
    Work(u8),
    /// A shard of erasures and purges.
    Deletions(u8),
    /// A shard of files that evidence waits for.
    Uploads(u8),
    /// A shard of evidence packages that are to be generated.
    Packages(u8),
    /// A shard of subscriptions with parked deliveries.
    Parked(u8),
}

impl DueShard {
    /// Returns every shard.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::prompt().chain(Self::slow())
    }

    /// Returns the shards of work that a message to a queue gets done: deliveries, parked or not, steps and packages.
    pub fn prompt() -> impl Iterator<Item = Self> {
        (0..WORK_SHARD_COUNT)
            .map(Self::Work)
            .chain((0..PACKAGE_SHARD_COUNT).map(Self::Packages))
            .chain((0..PARKED_SHARD_COUNT).map(Self::Parked))
    }

    /// Returns the shards of work that takes long: deletions and awaited files.
    pub fn slow() -> impl Iterator<Item = Self> {
        (0..DELETION_SHARD_COUNT).map(Self::Deletions).chain((0..UPLOAD_SHARD_COUNT).map(Self::Uploads))
    }

    /// Returns the shard of the delivery, delivery batch or step with this id. Byte 11 is random in every kind of id: some begin with a time,
    /// and delivery ids end with the tag of their subscription.
    pub fn of_work(id: &[u8; 16]) -> Self {
        Self::Work(id[11] % WORK_SHARD_COUNT)
    }

    /// Returns the shard of the erasure of the lead, or of the purge of the tenant, with this id.
    pub fn of_deletion(id: &[u8; 16]) -> Self {
        Self::Deletions(id[11] % DELETION_SHARD_COUNT)
    }

    /// Returns the shard of the file of the evidence with this id.
    pub(crate) fn of_upload(id: &[u8; 16]) -> Self {
        Self::Uploads(id[11] % UPLOAD_SHARD_COUNT)
    }

    /// Returns the shard of the package with this id.
    pub(crate) fn of_package(id: &[u8; 16]) -> Self {
        Self::Packages(id[11] % PACKAGE_SHARD_COUNT)
    }

    /// Returns the shard of the parked deliveries of the subscription with this id.
    pub(crate) fn of_parked(id: &[u8; 16]) -> Self {
        Self::Parked(id[11] % PARKED_SHARD_COUNT)
    }

    /// Returns the shard in which an earlier release looks for the work of this one, if that release has `count` shards of
    /// work; one with fewer than this has none of deletions. None if it is this shard itself.
    pub fn folded_into(self, count: NonZeroU8) -> Option<Self> {
        match self {
            Self::Work(number) if number >= count.get() => Some(Self::Work(number % count)),
            Self::Deletions(number) if count.get() < WORK_SHARD_COUNT => Some(Self::Work(number % count)),
            Self::Work(_) | Self::Deletions(_) | Self::Uploads(_) | Self::Packages(_) | Self::Parked(_) => None,
        }
    }

    /// Returns the name of the shard, which is its index partition.
    pub fn name(self) -> String {
        match self {
            Self::Work(number) => format!("due#{number}"),
            Self::Deletions(number) => format!("due#deletions#{number}"),
            Self::Uploads(number) => format!("due#uploads#{number}"),
            Self::Packages(number) => format!("due#packages#{number}"),
            Self::Parked(number) => format!("due#parked#{number}"),
        }
    }

    /// Returns the attributes that put an item into this shard, to be checked at `check_at`.
    pub(crate) fn attributes(self, check_at: Timestamp) -> [(String, AttributeValue); 2] {
        [(DUE_SHARD.to_owned(), text(self.name())), (DUE_CHECK.to_owned(), number(check_at.millis()))]
    }
}

/// Returns the attributes that put the delivery or step with this id into the index, to be checked at `check_at`.
pub(crate) fn due_attributes(id: &[u8; 16], check_at: Timestamp) -> [(String, AttributeValue); 2] {
    DueShard::of_work(id).attributes(check_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(shards: impl Iterator<Item = DueShard>) -> BTreeSet<String> {
        shards.map(DueShard::name).collect()
    }

    #[test]
    fn names_of_earlier_releases_are_kept() {
        let (all, prompt) = (names(DueShard::all()), names(DueShard::prompt()));
        let earlier = (0..8).map(|number| format!("due#{number}"));
        let earlier: Vec<_> = earlier.chain(["due#packages#0".to_owned(), "due#packages#1".to_owned()]).collect();
        assert!(earlier.iter().all(|name| prompt.contains(name)), "{prompt:?}");
        assert!(all.contains("due#uploads#0") && all.contains("due#uploads#1"));
        assert_eq!((all.len(), prompt.len()), (72, 68));
        assert!(names(DueShard::slow()).is_disjoint(&prompt));
    }

    #[test]
    fn work_is_spread_over_64_shards() {
        let shards = (0..=255).map(|byte| {
            let mut id = [0; 16];
            id[11] = byte;
            DueShard::of_work(&id)
        });
        assert_eq!(names(shards).len(), 64);
    }

    #[test]
    fn a_release_with_as_many_shards_finds_everything() {
        let count = NonZeroU8::new(WORK_SHARD_COUNT).expect("a number");
        assert!(DueShard::all().all(|shard| shard.folded_into(count).is_none()));
    }

    #[test]
    fn a_folded_shard_is_where_earlier_releases_look() {
        let eight = NonZeroU8::new(8).expect("a number");
        for byte in 0..=255 {
            let mut id = [0; 16];
            id[11] = byte;
            let (shard, of_eight) = (DueShard::of_work(&id), DueShard::Work(byte % 8));
            assert_eq!(shard.folded_into(eight).unwrap_or(shard), of_eight);
        }
        for shard in DueShard::all() {
            let folded = shard.folded_into(eight);
            assert!(folded.is_none_or(|folded| matches!(folded, DueShard::Work(number) if number < 8)), "{shard:?}");
            assert_eq!(matches!(shard, DueShard::Deletions(_) | DueShard::Work(8..)), folded.is_some(), "{shard:?}");
        }
    }
}
