//! Figures: counters of each business in a few items for each calendar month, and a mark for each change that was
//! counted.
//!
//! A handful of changes is one transaction: a mark for each, put only if nobody has put it, and the counters that
//! they add to. A change that comes again meets its mark and is left out.
//!
//! What an update costs is decided by the size of the item. A month's counters therefore lie in items of eight days
//! each, as flat attributes that are there only where something was counted; and each of these in four, so that
//! transactions that come at once seldom meet.

use crate::Store;
use crate::commit::{FailedCondition, Table, TransactionError, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, get_text, number, text};
use crate::keys::{self, Key, PK, SK, TTL};
use crate::list::bounded;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{
    COUNTED_EVENT_RETENTION, CountedEvent, Counter, Day, KpiAccumulator, MAX_SOURCES, OTHER_SOURCES, ReplyTimeBucket,
};
use domain::{BusinessId, CountedEventId, Environment, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Changes that are counted in one transaction at most: DynamoDB takes a hundred writes, and one that fails costs all.
const HANDFUL: usize = 25;

/// Days whose counters lie in one item.
const DAYS: u8 = 8;

/// Items that the counters of the same days are spread over.
const SPREAD: u8 = 4;

/// Calendar months that figures are kept: as long as the leads that they tell of.
const MONTHS_KEPT: i32 = 24;

/// The attribute that holds the sources which an item tells apart.
const SOURCES: &str = "s";

/// What is added to one item.
struct Addition {
    key: Key,
    counts: BTreeMap<(Day, Counter), u64>,
    /// The sources that the item was seen to tell apart, once an update of it was refused.
    seen: Option<BTreeSet<String>>,
}

impl Store {
    /// Counts what has not been counted yet of `counted`, all of `business`, on its days in `zone`.
    ///
    /// What is written stays written when a later part fails: the same changes again count only what is missing.
    pub async fn count_kpi_events(
        &self,
        environment: Environment,
        business: BusinessId,
        zone: &TimeZone,
        counted: &[CountedEvent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let by_id: BTreeMap<CountedEventId, &CountedEvent> = counted.iter().map(|one| (one.id, one)).collect();
        let changes: Vec<_> =
            by_id.into_iter().map(|(id, one)| (id, Day::of(one.at, zone), Counter::of(&one.event))).collect();
        for handful in changes.chunks(HANDFUL) {
            self.count_handful(environment, business, handful, now).await?;
        }
        Ok(())
    }

    async fn count_handful(
        &self,
        environment: Environment,
        business: BusinessId,
        handful: &[(CountedEventId, Day, Counter)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut left = handful.to_vec();
        // Every round leaves out a change, or learns which sources an item tells apart.
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for _ in 0..2 * HANDFUL {
            let Some((first, ..)) = left.first() else { return Ok(()) };
            let way = first.bytes()[0] % SPREAD;
            let additions = additions(environment, business, way, &left, &seen);
            let marks = left.iter().map(|(change, ..)| mark(environment, *change, now));
            let writes = marks.chain(additions.iter().map(Addition::write)).collect();
            let failed = match self.transact(writes).await {
                Ok(()) => return Ok(()),
                Err(TransactionError::ConditionsFailed(failed)) => failed,
                Err(TransactionError::Store(error)) => return Err(error),
            };
            let mut counted_before = BTreeSet::new();
            for FailedCondition { condition, key, found } in failed {
                let Some(key) = key else { continue };
                if condition == Condition::KpiSourcesFit {
                    seen.insert(key.sk, found.as_ref().map(sources_of).unwrap_or_default());
                } else {
                    counted_before.insert(key.pk);
                }
            }
            left.retain(|(event, ..)| !counted_before.contains(&keys::counted_event(environment, *event).pk));
        }
        Err(StoreError::Contended)
    }

    /// The counters of these businesses on the days of `tally`, added to it.
    pub async fn accumulate_kpis(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        tally: KpiAccumulator,
    ) -> Result<KpiAccumulator, StoreError> {
        let range = (shard_key(tally.first(), 0), shard_key(tally.last(), SPREAD - 1));
        let read = businesses.iter().map(|business| self.counters(keys::kpis(environment, *business), &range));
        let mut tally = tally;
        for counters in bounded(read.collect()).await {
            for (day, counter, count) in counters? {
                tally.add(day, counter, count);
            }
        }
        Ok(tally)
    }

    /// Every counter of a partition in a range of items. A stream's delay behind what happened, and so read at half
    /// the cost of a consistent reading.
    async fn counters(
        &self,
        partition: String,
        (from, to): &(String, String),
    ) -> Result<Vec<(Day, Counter, u64)>, StoreError> {
        let mut counters = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :from AND :to"))
                .expression_attribute_values(":pk", text(&*partition))
                .expression_attribute_values(":from", text(from))
                .expression_attribute_values(":to", text(to))
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for item in page.items.unwrap_or_default() {
                let Some((month, _)) = get_text(&item, SK).and_then(|sk| sk.split_once('#')) else { continue };
                counters.extend(item.iter().filter_map(|(name, value)| {
                    let (day, counter) = read_name(month, name)?;
                    Some((day, counter, value.as_n().ok()?.parse().ok()?))
                }));
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(counters);
            }
        }
    }
}

/// The number of the item that the counters of a day lie in, of so many ways to spread them: in order of days.
fn shard(day: Day, way: u8) -> u8 {
    (day.number() - 1) / DAYS * SPREAD + way
}

fn shard_key(day: Day, way: u8) -> String {
    format!("{}#{:02}", day.month(), shard(day, way))
}

/// The write that marks a change as counted, if it is not.
fn mark(environment: Environment, change: CountedEventId, now: Timestamp) -> Write {
    let ttl = Item::from([(TTL.to_owned(), number(now.after(COUNTED_EVENT_RETENTION).seconds()))]);
    Write::put_unmarked(Table::Main, keys::counted_event(environment, change).with(ttl))
        .require(Condition::KpiEventNew, "attribute_not_exists(pk)")
}

/// What these changes add to each item.
fn additions(
    environment: Environment,
    business: BusinessId,
    way: u8,
    changes: &[(CountedEventId, Day, Counter)],
    seen: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<Addition> {
    let mut additions: BTreeMap<String, Addition> = BTreeMap::new();
    for (_, day, counter) in changes {
        let key = keys::kpi_counters(environment, business, &day.month(), shard(*day, way));
        let seen = seen.get(&key.sk).cloned();
        let new = |key: Key| Addition { key, counts: BTreeMap::new(), seen };
        let addition = additions.entry(key.sk.clone()).or_insert_with(|| new(key));
        *addition.counts.entry((*day, counter.clone())).or_default() += 1;
    }
    additions.into_values().collect()
}

fn sources_of(item: &Item) -> BTreeSet<String> {
    let sources = item.get(SOURCES).and_then(|sources| sources.as_ss().ok());
    sources.map(|sources| sources.iter().cloned().collect()).unwrap_or_default()
}

impl Addition {
    /// The sources among its counts that the item would have to tell apart.
    fn sources(&self) -> BTreeSet<&str> {
        let named = self.counts.keys().filter_map(|(_, counter)| counter.source());
        named.filter(|source| *source != OTHER_SOURCES).collect()
    }

    /// The update that adds everything, under the condition that the item has room for the sources.
    fn write(&self) -> Write {
        let sources = self.sources();
        let seen = self.seen.as_ref();
        let is_known = |source: &&&str| seen.is_some_and(|seen| seen.contains(**source));
        let room = MAX_SOURCES.saturating_sub(seen.map_or(0, BTreeSet::len));
        let known: Vec<_> = sources.iter().filter(is_known).copied().collect();
        let new: Vec<_> = sources.iter().filter(|source| !is_known(source)).copied().take(room).collect();
        let told_apart = |source: &str| known.contains(&source) || new.contains(&source);

        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for ((day, counter), count) in &self.counts {
            let apart = counter.source().is_none_or(told_apart);
            let name = if apart { name_of(*day, counter) } else { name_of(*day, &counter.of_other_sources()) };
            *counts.entry(name).or_default() += count;
        }
        let mut added: Vec<_> = (0..counts.len()).map(|place| format!("#{place} :{place}")).collect();
        let mut conditions = Vec::new();
        if !new.is_empty() {
            added.push("#s :s".to_owned());
            conditions.push("(attribute_not_exists(#s) OR size(#s) <= :room)".to_owned());
        }
        conditions.extend((0..known.len()).map(|place| format!("contains(#s, :k{place})")));

        let mut write = Write::update(&self.key, format!("SET #ttl = :ttl ADD {}", added.join(", ")))
            .name("#ttl", TTL)
            .value(":ttl", number(self.kept_until().seconds()));
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

    /// Until when the item is kept: counted from the last of its days that is added to.
    fn kept_until(&self) -> Timestamp {
        let last = self.counts.keys().map(|(day, _)| day.starts_at()).max().unwrap_or(Timestamp::EPOCH);
        last.plus_months(MONTHS_KEPT)
    }
}

/// The digits that days of a month are written in, each as one: what an item holds is read and written often.
const DAY_DIGITS: u32 = 32;

/// The attribute of a counter: a letter for its kind, a digit for its day, and its source or the number of its bucket.
fn name_of(day: Day, counter: &Counter) -> String {
    let (kind, rest) = match counter {
        Counter::Leads(source) => ('l', source.clone()),
        Counter::Converted(source) => ('w', source.clone()),
        Counter::OptedOut => ('o', String::new()),
        Counter::MessagesSent => ('m', String::new()),
        Counter::Replies => ('r', String::new()),
        Counter::FirstReplies(bucket) => ('f', bucket.number().to_string()),
    };
    let digit = char::from_digit(day.number().into(), DAY_DIGITS).unwrap_or('0');
    format!("{kind}{digit}{rest}")
}

/// The counter of an attribute in an item of `month`, if it is one.
fn read_name(month: &str, name: &str) -> Option<(Day, Counter)> {
    let mut letters = name.chars();
    let (kind, digit, rest) = (letters.next()?, letters.next()?, letters.as_str());
    let counter = match (kind, rest) {
        ('o', "") => Counter::OptedOut,
        ('m', "") => Counter::MessagesSent,
        ('r', "") => Counter::Replies,
        ('l', source) if !source.is_empty() => Counter::Leads(source.to_owned()),
        ('w', source) if !source.is_empty() => Counter::Converted(source.to_owned()),
        ('f', bucket) => Counter::FirstReplies(ReplyTimeBucket::from_number(bucket.parse().ok()?)?),
        _ => return None,
    };
    let day = Day::of_month(month, digit.to_digit(DAY_DIGITS)?.try_into().ok()?)?;
    Some((day, counter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u8) -> Day {
        Day::of_month("2026-05", number).unwrap()
    }

    #[test]
    fn a_counters_attribute_tells_its_day_and_kind() {
        let counters = [
            Counter::Leads("WEB_FORM".to_owned()),
            Counter::Converted("OTHER".to_owned()),
            Counter::OptedOut,
            Counter::MessagesSent,
            Counter::Replies,
            Counter::FirstReplies(ReplyTimeBucket::containing(86_400)),
        ];
        for counter in counters {
            for number in [1, 9, 10, 31] {
                let name = name_of(day(number), &counter);
                assert_eq!(read_name("2026-05", &name), Some((day(number), counter.clone())), "{name}");
            }
        }
        for other in [PK, SK, TTL, SOURCES, "l5", "m5X", "f5", "f5-1", "f9999", "l0WEB_FORM", "x5"] {
            assert_eq!(read_name("2026-05", other), None, "{other}");
        }
    }

    #[test]
    fn items_are_in_order_of_their_days_and_a_range_holds_them_all() {
        let (from, to) = (shard_key(day(9), 0), shard_key(day(16), SPREAD - 1));
        for number in 1..=31 {
            for way in 0..SPREAD {
                let key = shard_key(day(number), way);
                assert_eq!((&from..=&to).contains(&&key), (9..=16).contains(&number), "{key}");
            }
        }
    }
}
