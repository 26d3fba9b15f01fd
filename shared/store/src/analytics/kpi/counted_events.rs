//! The events that were counted: items that hold the ids of the events of one business within a few seconds.
//!
//! An id is added on the condition that it is not there. Its period follows from the event's time, which a repeated
//! change repeats, so that a repeated event always meets its id. Events that come together mostly fall into the same
//! period, and one write records all of them.

use crate::table::condition::Condition;
use crate::table::item::{Item, number};
use crate::table::key_schema::{Key, TTL};
use crate::table::write::Write;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{CountedEventId, Timestamp, retention};
use std::collections::BTreeSet;

/// Length of a period in milliseconds: as long as changes are collected before they are counted. A longer one would
/// make the items of a busy business large, and every addition costs the size of the item. Must never change, because
/// a repeated event would no longer meet its id.
const PERIOD_MILLIS: i64 = 5_000;

/// Attribute: the short ids of the counted events, a binary set.
const EVENTS: &str = "c";

/// Number of bytes of an id that are kept: among the events of one business within one period, eight never collide.
const SHORT_ID: usize = 8;

/// The first bytes of the id of a counted event.
pub(super) type ShortId = [u8; SHORT_ID];

/// A few seconds, the events of which are recorded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CountingPeriod(i64);

impl CountingPeriod {
    /// Returns the period that `at` is in.
    pub(super) fn containing(at: Timestamp) -> Self {
        Self(at.millis().div_euclid(PERIOD_MILLIS))
    }

    /// Returns the number of the period, counted from the epoch.
    pub(super) fn number(self) -> i64 {
        self.0
    }
}

/// Returns the bytes of an id that are kept.
pub(super) fn short(event: CountedEventId) -> ShortId {
    let mut short = ShortId::default();
    short.copy_from_slice(&event.bytes()[..SHORT_ID]);
    short
}

/// Returns the ids in an item.
pub(super) fn read(item: &Item) -> BTreeSet<ShortId> {
    let ids = item.get(EVENTS).and_then(|events| events.as_bs().ok());
    ids.into_iter().flatten().filter_map(|id| ShortId::try_from(id.as_ref()).ok()).collect()
}

/// Returns the write that adds `events` to an item; it fails with [`Condition::KpiEventNew`] if one is there already.
pub(super) fn add(key: &Key, events: &[CountedEventId], now: Timestamp) -> Write {
    let ids = events.iter().map(|event| Blob::new(short(*event))).collect::<Vec<_>>();
    let absent = (0..ids.len()).map(|place| format!("NOT contains(#c, :{place})")).collect::<Vec<_>>();
    let mut write = Write::update(key, "SET #ttl = :ttl ADD #c :all")
        .require(Condition::KpiEventNew, absent.join(" AND "))
        .name("#ttl", TTL)
        .name("#c", EVENTS)
        .value(":ttl", number(now.after(retention::COUNTED_EVENTS).seconds()));
    for (place, id) in ids.iter().enumerate() {
        write = write.value(format!(":{place}"), AttributeValue::B(id.clone()));
    }
    write.value(":all", AttributeValue::Bs(ids))
}
