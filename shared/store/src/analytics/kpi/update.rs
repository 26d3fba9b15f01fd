//! The update of one item of counters.
//!
//! An item distinguishes at most [`MAX_SOURCES`] lead sources, named in a set. The limit is held without reading the
//! item first:
//!
//! - At first no source is known to be in the set. The update adds the sources to the set on the condition that the set
//!   has room for all of them, whether they are new or not.
//! - If that fails, the failure returns the item, and the update is built again from its set: sources in it are counted
//!   on the condition that they still are (they always are, but the condition is what makes the write safe), as many
//!   new ones as there is room for are added on the condition that there still is, and the rest is counted under
//!   [`OTHER_SOURCES`].

use crate::analytics::kpi::layout::{SOURCES, attribute};
use crate::table::condition::Condition;
use crate::table::item::{Item, number, text};
use crate::table::key_schema::{Key, TTL};
use crate::table::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::analytics::kpi::{Counter, Day, MAX_SOURCES, OTHER_SOURCES};
use domain::{Timestamp, retention};
use std::collections::{BTreeMap, BTreeSet};

/// The additions to one item of counters.
pub(super) struct CounterUpdate {
    /// The item.
    pub(super) key: Key,
    /// The number that is added to each counter.
    pub(super) counts: BTreeMap<(Day, Counter), u64>,
    /// The sources in the item's set, once an update has failed and returned them.
    pub(super) seen_sources: Option<BTreeSet<String>>,
}

/// Returns the sources that an item distinguishes.
pub(super) fn sources_of(item: &Item) -> BTreeSet<String> {
    let sources = item.get(SOURCES).and_then(|sources| sources.as_ss().ok());
    sources.map(|sources| sources.iter().cloned().collect()).unwrap_or_default()
}

impl CounterUpdate {
    /// Returns the sources of the counters, without [`OTHER_SOURCES`].
    fn sources(&self) -> BTreeSet<&str> {
        let sources = self.counts.keys().filter_map(|(_, counter)| counter.source());
        sources.filter(|source| *source != OTHER_SOURCES).collect()
    }

    /// Returns the write that adds everything; it fails with [`Condition::KpiSourcesFit`] if the set of sources has
    /// changed since it was seen, or, before it was, if it has no room for all sources.
    pub(super) fn write(&self) -> Write {
        let sources = self.sources();
        let seen = self.seen_sources.as_ref();
        let is_seen = |source: &&&str| seen.is_some_and(|seen| seen.contains(**source));
        let room = MAX_SOURCES.saturating_sub(seen.map_or(0, BTreeSet::len));
        let known: Vec<_> = sources.iter().filter(is_seen).copied().collect();
        let new: Vec<_> = sources.iter().filter(|source| !is_seen(source)).copied().take(room).collect();
        let is_distinguished = |source: &str| known.contains(&source) || new.contains(&source);

        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for ((day, counter), count) in &self.counts {
            let name = if counter.source().is_none_or(is_distinguished) {
                attribute(*day, counter)
            } else {
                attribute(*day, &counter.of_other_sources())
            };
            *counts.entry(name).or_default() += count;
        }
        let mut added: Vec<_> = (0..counts.len()).map(|number| format!("#{number} :{number}")).collect();
        let mut conditions = Vec::new();
        if !new.is_empty() {
            added.push("#s :s".to_owned());
            conditions.push("(attribute_not_exists(#s) OR size(#s) <= :room)".to_owned());
        }
        conditions.extend((0..known.len()).map(|number| format!("contains(#s, :k{number})")));

        let mut write = Write::update(&self.key, format!("SET #ttl = :ttl ADD {}", added.join(", ")))
            .name("#ttl", TTL)
            .value(":ttl", number(self.expires_at().seconds()));
        for (place, (name, count)) in counts.into_iter().enumerate() {
            write = write.name(format!("#{place}"), name).value(format!(":{place}"), number(count));
        }
        if conditions.is_empty() {
            return write;
        }
        write = write.name("#s", SOURCES).require(Condition::KpiSourcesFit, conditions.join(" AND "));
        for (place, source) in known.into_iter().enumerate() {
            write = write.value(format!(":k{place}"), text(source));
        }
        if new.is_empty() {
            return write;
        }
        let room = number(MAX_SOURCES - new.len());
        write.value(":room", room).value(":s", AttributeValue::Ss(new.into_iter().map(str::to_owned).collect()))
    }

    /// Returns when the item expires: counted from the last of the days that are added to.
    fn expires_at(&self) -> Timestamp {
        let last = self.counts.keys().map(|(day, _)| day.starts_at()).max().unwrap_or(Timestamp::EPOCH);
        retention::kpi_counters_expire_at(last)
    }
}
