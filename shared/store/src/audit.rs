//! The audit log: a partition for each environment and calendar month, so that none grows without bound.
//!
//! Ids of entries begin with their time, so that a month's entries sort by time. A page is read from the newest month
//! back: the newest month alone first, and then, while the page is not full, two, four and eight older months
//! concurrently. Nearly every page costs one trip, and a year back is four trips away instead of thirteen.

use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::error::StoreError;
use crate::table::item::{from_item, number, to_item};
use crate::table::key_schema::{self as keys, Key, SK, TTL};
use crate::table::pagination::{Page, PageRequest, QuerySegment, SortKey, Start, merge};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::audit::{Action, Actor, AuditEntry, SubjectId, month, months_back};
use domain::{AuditId, BusinessId, Environment, KeyId, Timestamp};
use std::time::Duration;

/// Names an audit entry in errors.
const DESCRIPTION: &str = "an audit entry";

/// Number of entries that are read in one query for a page with a filter, over all months that are read concurrently. A page
/// that needs more ends early, with a cursor.
const MAX_FILTERED_READS: usize = 1_000;

/// Age beyond which every entry has expired, whatever the lengths of the months since: 12 calendar months are at most
/// 366 days.
const MAX_AGE: Duration = Duration::from_hours(367 * 24);

/// Entries that are up to this far in the future are shown: they were written by a process whose clock is ahead.
const MAX_CLOCK_SKEW: Duration = Duration::from_hours(1);

/// A filter of the audit log.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only entries of this action.
    pub action: Option<Action>,
    /// Only entries of calls with this key.
    pub key: Option<KeyId>,
    /// Only entries about this subject.
    pub subject: Option<SubjectId>,
    /// Only entries about this business, or about what belongs to it.
    pub business: Option<BusinessId>,
    /// Only entries at this time or later.
    pub from: Option<Timestamp>,
    /// Only entries at this time or earlier.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Returns whether the filter has a part that no sort key covers.
    fn has_predicate(&self) -> bool {
        self.action.is_some() || self.key.is_some() || self.subject.is_some() || self.business.is_some()
    }

    /// Returns whether an entry passes the parts that no sort key covers.
    fn matches(&self, entry: &AuditEntry) -> bool {
        let is_by = |key: KeyId| matches!(&entry.actor, Actor::Key { id, .. } if *id == key);
        self.action.is_none_or(|action| entry.action == action)
            && self.key.is_none_or(is_by)
            && self.subject.is_none_or(|subject| entry.subject == subject)
            && self.business.is_none_or(|business| entry.business == Some(business))
    }
}

/// The parts of a page that are the same for each month.
struct MonthQuery<'a> {
    environment: Environment,
    filter: &'a AuditFilter,
    /// The first and the last sort key of the page's range.
    range: (String, String),
    now: Timestamp,
}

impl Store {
    /// Returns the write of an entry, to be committed with the change that it records.
    pub fn put_audit_entry(&self, environment: Environment, entry: &AuditEntry) -> Result<Write, StoreError> {
        let mut item = keys::audit_entry(environment, &month(entry.at), entry.id).with(to_item(entry)?);
        item.insert(TTL.to_owned(), number(entry.expires_at().seconds()));
        // Unconditional: an entry that is written twice is the same item.
        Ok(Write::put_without_nonce(Table::Main, item))
    }

    /// Stores an entry by itself, about a change that was committed before. Repeating it changes nothing.
    pub async fn add_audit_entry(&self, environment: Environment, entry: &AuditEntry) -> Result<(), StoreError> {
        Ok(self.commit(vec![self.put_audit_entry(environment, entry)?]).await?)
    }

    /// Reads a page of the audit log of an environment, newest first.
    pub async fn audit_log(
        &self,
        environment: Environment,
        filter: &AuditFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let first = filter.from.unwrap_or(Timestamp::EPOCH).max(now.before(MAX_AGE));
        let last = filter.to.map_or(now.after(MAX_CLOCK_SKEW), |to| to.min(now.after(MAX_CLOCK_SKEW)));
        if first > last {
            return Ok(Page::empty());
        }
        // `~` sorts after every id.
        let range = (AuditId::time_prefix(first), format!("{}~", AuditId::time_prefix(last)));
        let mut after = match page.start(&range.0, &range.1) {
            Start::Newest => None,
            Start::After(after) => AuditId::parse(after.as_str()),
            Start::BelowRange => return Ok(Page::empty()),
        };
        let mut months = months_back(after.map_or(last, |after| after.timestamp()), first);
        let query = MonthQuery { environment, filter, range, now };
        let mut segments: Vec<QuerySegment<AuditEntry>> = Vec::new();
        let mut concurrency = 1;
        while !months.is_empty() && !is_full(&segments, page.limit) {
            let older = months.split_off(concurrency.min(months.len()));
            // Only the newest month is read from the middle.
            let starts = std::iter::once(after.take()).chain(std::iter::repeat(None));
            let limit = if filter.has_predicate() { MAX_FILTERED_READS / concurrency } else { page.limit + 1 };
            let read = months.iter().zip(starts).map(|(month, start)| {
                let start = start.map(|after| keys::audit_entry(environment, month, after));
                self.audit_month(&query, month, start, limit)
            });
            for segment in join_bounded(read).await {
                segments.push(segment?);
            }
            months = older;
            concurrency *= 2;
        }
        Ok(merge(segments, page.limit))
    }

    /// Reads the newest `limit` entries of a month, or those after `start`.
    async fn audit_month(
        &self,
        MonthQuery { environment, filter, range: (from, to), now }: &MonthQuery<'_>,
        month: &str,
        start: Option<Key>,
        limit: usize,
    ) -> Result<QuerySegment<AuditEntry>, StoreError> {
        let query = self
            .query(Source::Table, keys::audit_log(*environment, month))
            .sort_key_between(from, to)
            .descending()
            .limit(limit)
            .start_after(start.map(|key| key.to_item()));
        QuerySegment::read(query, &SortKey { attribute: SK, prefix: "" }, *now, DESCRIPTION, |item| {
            let entry = from_item(item, DESCRIPTION)?;
            Ok(Some(entry).filter(|entry| filter.matches(entry)))
        })
        .await
    }
}

/// Returns whether no older month is needed: one has more than was read of it, or a page and one more entry is there.
fn is_full(segments: &[QuerySegment<AuditEntry>], limit: usize) -> bool {
    segments.iter().any(|segment| segment.stopped_at.is_some())
        || segments.iter().map(|segment| segment.items.len()).sum::<usize>() > limit
}
