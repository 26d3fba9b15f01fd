//! `due`: unfinished work that is overdue, by kind and age.
//!
//! The due index has the work by the time at which the sweeper is to check it. Work that is overdue and was enqueued again
//! has a check time ahead, so the index is read beyond the present, and what counts is the time at which the work was due.

mod fold;

use crate::output::{Columns, Report, ReportTable};
use crate::value_parsers::item_limit;
use crate::{CommandError, CommandOutput, DataLocation};
use clap::Args;
use domain::{Clock, Timestamp};
use serde_json::{Value, json};
use std::num::NonZeroU8;
use std::time::Duration;
use store::{DueDeletion, DuePosition, DueShard, DueWork, Store, StoreError, UnreadableDueItem};

/// Maximum number of items in one page of the index. A page of DynamoDB holds some more.
const PAGE_SIZE: usize = 500;

/// Maximum number of items that are read if no other is given: some seconds, and less than a cent.
const DEFAULT_LIMIT: usize = 100_000;

/// Time beyond the present up to which check times are read. The interval between two checks doubles while work is overdue, so
/// that this finds all that has been overdue for less than a day.
const LOOK_AHEAD: Duration = Duration::from_hours(24);

const COLUMNS: Columns = &[
    ("KIND", "kind"),
    ("OVERDUE", "overdue"),
    ("> 1 MIN", "overOneMinute"),
    ("> 1 HOUR", "overOneHour"),
    ("> 1 DAY", "overOneDay"),
    ("OLDEST", "oldest"),
];

/// Options of `due`.
#[derive(Args, Clone, Debug)]
pub struct DueCommand {
    #[command(flatten)]
    location: DataLocation,
    /// Maximum number of entries of the due index that are read, those with the earliest check times first
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT, value_parser = item_limit)]
    limit: usize,
    /// Instead, move all unfinished work to where an earlier release looks for it, after a rollback: 8 for a release that has
    /// no function cleanup, 64 for one that knows no delivery batches
    #[arg(long, value_name = "N", conflicts_with = "limit", value_parser = clap::value_parser!(NonZeroU8))]
    fold_into: Option<NonZeroU8>,
}

/// A kind of unfinished work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Delivery,
    Step,
    Erasure,
    Purge,
    Upload,
    Package,
    Parked,
    DeliveryBatch,
    Unreadable,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Delivery,
        Self::Step,
        Self::Erasure,
        Self::Purge,
        Self::Upload,
        Self::Package,
        Self::Parked,
        Self::DeliveryBatch,
        Self::Unreadable,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Delivery => "deliveries",
            Self::Step => "steps of sequences",
            Self::Erasure => "erasures",
            Self::Purge => "purges",
            Self::Upload => "uploads",
            Self::Package => "packages",
            Self::Parked => "open circuits",
            Self::DeliveryBatch => "delivery batches",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Returns the kind of an entry and the time at which the work was due.
fn kind_and_time(item: &Result<DueWork, UnreadableDueItem>) -> (Kind, Timestamp) {
    match item {
        Ok(DueWork::Delivery(due)) => (Kind::Delivery, due.due_at),
        Ok(DueWork::Step(due)) => (Kind::Step, due.due_at.unwrap_or(due.check_at)),
        Ok(DueWork::Deletion(DueDeletion::Erasure(due))) => (Kind::Erasure, due.check_at),
        Ok(DueWork::Deletion(DueDeletion::Purge(due))) => (Kind::Purge, due.check_at),
        Ok(DueWork::Upload(due)) => (Kind::Upload, due.check_at),
        Ok(DueWork::Package(due)) => (Kind::Package, due.due_at),
        Ok(DueWork::Parked(due)) => (Kind::Parked, due.check_at),
        // Until then nobody looks whether its deliveries are finished.
        Ok(DueWork::DeliveryBatch(due)) => (Kind::DeliveryBatch, due.check_at),
        Err(unreadable) => (Kind::Unreadable, unreadable.check_at),
    }
}

/// Counts of overdue work of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Overdue {
    total: usize,
    over_one_minute: usize,
    over_one_hour: usize,
    over_one_day: usize,
    oldest: Option<Timestamp>,
}

impl Overdue {
    fn add(&mut self, due_at: Timestamp, now: Timestamp) {
        let age = now.since(due_at);
        self.total += 1;
        self.over_one_minute += usize::from(age > Duration::from_mins(1));
        self.over_one_hour += usize::from(age > Duration::from_hours(1));
        self.over_one_day += usize::from(age > Duration::from_hours(24));
        self.oldest = Some(self.oldest.map_or(due_at, |oldest| oldest.min(due_at)));
    }

    fn json(self, kind: Kind) -> Value {
        json!({
            "kind": kind.name(),
            "overdue": self.total,
            "overOneMinute": self.over_one_minute,
            "overOneHour": self.over_one_hour,
            "overOneDay": self.over_one_day,
            "oldest": self.oldest.map(|time| time.to_string()),
        })
    }
}

impl DueCommand {
    pub(crate) fn location(&self) -> &DataLocation {
        &self.location
    }

    pub(crate) async fn run(self, store: &Store, clock: &dyn Clock) -> Result<CommandOutput, CommandError> {
        if let Some(count) = self.fold_into {
            return fold::fold_into(store, count).await;
        }
        let now = clock.now();
        let mut kinds = [Overdue::default(); Kind::ALL.len()];
        let shards: Vec<_> = DueShard::all().collect();
        // An equal share for each shard, so that the counts show all of them.
        let limit = self.limit.div_ceil(shards.len());
        let mut more = false;
        for shard in shards {
            more |= read_shard(store, shard, now, limit, &mut kinds).await?;
        }
        let rows: Vec<_> = Kind::ALL.into_iter().map(|kind| kinds[kind as usize].json(kind)).collect();
        let mut notes = Vec::new();
        if more {
            notes.push(format!("more exists than the {} entries that were read; see --limit", self.limit));
        }
        Ok(CommandOutput::Report(Report {
            json: json!({ "at": now.to_string(), "kinds": rows, "more": more }),
            tables: vec![ReportTable { rows, columns: COLUMNS }],
            notes,
            is_incomplete: false,
        }))
    }
}

/// Counts what is overdue in at most `limit` entries of a shard. Returns whether more exists.
async fn read_shard(
    store: &Store,
    shard: DueShard,
    now: Timestamp,
    limit: usize,
    kinds: &mut [Overdue],
) -> Result<bool, StoreError> {
    let (mut position, mut left): (Option<DuePosition>, _) = (None, limit);
    loop {
        let page = store.due_page(shard, now.after(LOOK_AHEAD), left.min(PAGE_SIZE), position).await?;
        for (kind, due_at) in page.items.iter().map(kind_and_time).filter(|(_, due_at)| *due_at < now) {
            kinds[kind as usize].add(due_at, now);
        }
        left = left.saturating_sub(page.items.len());
        match page.next {
            None => return Ok(false),
            Some(_) if left == 0 => return Ok(true),
            next => position = next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_from_the_due_time() {
        let now = Timestamp::from_millis(100 * domain::time::DAY);
        let mut overdue = Overdue::default();
        for minutes in [1, 2, 60, 61, 24 * 60, 24 * 60 + 1] {
            overdue.add(now.before(Duration::from_mins(minutes)), now);
        }
        let json = overdue.json(Kind::Delivery);
        assert_eq!((&json["overdue"], &json["overOneMinute"]), (&json!(6), &json!(5)));
        assert_eq!((&json["overOneHour"], &json["overOneDay"]), (&json!(3), &json!(1)));
        assert_eq!(json["oldest"], now.before(Duration::from_mins(24 * 60 + 1)).to_string());
    }
}
