//! The audit log: a partition for each world and calendar month, read from the newest month back.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::error::StoreError;
use crate::item::{Item, from_item, get_text, is_expired, number, text, to_item};
use crate::keys::{self, Key, PK, SK, TTL};
use crate::list::{Page, PageRequest, Position, Run, Start, bounded, merge};
use domain::audit::{Action, Actor, AuditEntry, SubjectId, month, months_back};
use domain::{AuditId, BusinessId, Environment, KeyId, Timestamp};
use std::time::Duration;

/// What is stored here, for errors.
const WHAT: &str = "an audit entry";

/// Entries that a filtered page reads at most.
const FILTERED_READS: usize = 1_000;

/// What is older than this has expired, whatever the lengths of the months since.
const OLDEST: Duration = Duration::from_hours(367 * 24);

/// Entries of a clock ahead of this one are shown.
const MAX_CLOCK_SKEW: Duration = Duration::from_hours(1);

/// Which entries are meant.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only this action.
    pub action: Option<Action>,
    /// Only what was done with this key.
    pub key: Option<KeyId>,
    /// Only what was done to this.
    pub subject: Option<SubjectId>,
    /// Only what belongs to this business.
    pub business: Option<BusinessId>,
    /// Only at or after this.
    pub from: Option<Timestamp>,
    /// Only at or before this.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether anything is passed over that is read.
    fn passes_over(&self) -> bool {
        self.action.is_some() || self.key.is_some() || self.subject.is_some() || self.business.is_some()
    }

    fn passes(&self, entry: &AuditEntry) -> bool {
        let by = |key: KeyId| matches!(&entry.actor, Actor::Key { id, .. } if *id == key);
        self.action.is_none_or(|action| entry.action == action)
            && self.key.is_none_or(by)
            && self.subject.is_none_or(|subject| entry.subject == subject)
            && self.business.is_none_or(|business| entry.business == Some(business))
    }
}

impl Store {
    /// The write of an entry, to be committed with the effect that it tells of.
    pub fn put_audit_entry(&self, environment: Environment, entry: &AuditEntry) -> Result<Write, StoreError> {
        let mut item = keys::audit_entry(environment, &month(entry.at), entry.id).with(to_item(entry)?);
        item.insert(TTL.to_owned(), number(entry.expires_at().seconds()));
        Ok(Write::put_unmarked(Table::Main, item))
    }

    /// Writes an entry by itself, of something that has happened; the same one again changes nothing.
    pub async fn add_audit_entry(&self, environment: Environment, entry: &AuditEntry) -> Result<(), StoreError> {
        self.commit(vec![self.put_audit_entry(environment, entry)?]).await.map_err(CommitError::into_contended)
    }

    /// A page of the world's log, newest first. The newest month is read by itself; where it does not fill the page,
    /// the two before it side by side, then four and eight: a year back is four trips away, not thirteen.
    pub async fn audit_log(
        &self,
        environment: Environment,
        filter: &AuditFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let first = filter.from.unwrap_or(Timestamp::EPOCH).max(now.before(OLDEST));
        let last = filter.to.map_or(now.after(MAX_CLOCK_SKEW), |to| to.min(now.after(MAX_CLOCK_SKEW)));
        if first > last {
            return Ok(merge(Vec::new(), page.limit));
        }
        let range = (AuditId::time_prefix(first), format!("{}~", AuditId::time_prefix(last)));
        let mut after = match page.start(&range.0, &range.1) {
            Start::AtTheEnd => None,
            Start::Behind(after) => AuditId::parse(after.as_str()),
            Start::Nowhere => return Ok(merge(Vec::new(), page.limit)),
        };
        let mut months = months_back(after.map_or(last, |after| after.timestamp()), first);
        let mut runs: Vec<Run<AuditEntry>> = Vec::new();
        let mut at_once = 1;
        while !months.is_empty() && !is_full(&runs, page.limit) {
            let older = months.split_off(at_once.min(months.len()));
            let starts = std::iter::once(after.take()).chain(std::iter::repeat(None));
            let reads = if filter.passes_over() { FILTERED_READS / at_once } else { page.limit + 1 };
            let read = months.iter().zip(starts).map(|(month, start)| {
                let start = start.map(|after| keys::audit_entry(environment, month, after));
                self.audit_month(environment, month, &range, start, (filter, reads, now))
            });
            for run in bounded(read.collect()).await {
                runs.push(run?);
            }
            months = older;
            at_once *= 2;
        }
        Ok(merge(runs, page.limit))
    }

    /// The entries of a month within `range` that pass the filter, of so many read from the end or behind `start`.
    async fn audit_month(
        &self,
        environment: Environment,
        month: &str,
        (from, to): &(String, String),
        start: Option<Key>,
        (filter, reads, now): (&AuditFilter, usize, Timestamp),
    ) -> Result<Run<AuditEntry>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :from AND :to"))
            .expression_attribute_values(":pk", text(keys::audit_log(environment, month)))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .scan_index_forward(false)
            .limit(i32::try_from(reads).unwrap_or(i32::MAX))
            .consistent_read(true)
            .set_exclusive_start_key(start.map(|key| key.to_item()))
            .send()
            .await?;
        let position = |item: &Item| get_text(item, SK).map(Position::from_key);
        let stopped_at = found.last_evaluated_key.as_ref().and_then(position);
        let mut items = Vec::new();
        for item in found.items.unwrap_or_default() {
            if is_expired(&item, now) {
                continue;
            }
            let at = position(&item).ok_or_else(|| StoreError::unreadable(WHAT))?;
            let entry = from_item(item, WHAT)?;
            if filter.passes(&entry) {
                items.push((at, entry));
            }
        }
        Ok(Run { items, stopped_at })
    }
}

/// Whether no older month is needed: one has more than was read of it, or a page and one more is there.
fn is_full(runs: &[Run<AuditEntry>], limit: usize) -> bool {
    runs.iter().any(|run| run.stopped_at.is_some()) || runs.iter().map(|run| run.items.len()).sum::<usize>() > limit
}
