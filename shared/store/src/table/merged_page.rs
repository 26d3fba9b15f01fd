//! Pages of lists that are merged from many queries, read within one budget however many these are.
//!
//! A list of all of a tenant's businesses has a query for each of up to a hundred, and a list of deliveries one for each
//! of as many subscriptions. Reading a whole page from each would cost a hundred pages. Here each query first gives a few
//! items. Then only those are read on that can still have an item of the page: those that stopped above the last item of
//! the page as it is known so far. How far depends on how close together the items of each query are in time, so that all
//! of them get down to about the same time: a page ends where the first of them stopped ([`merge`]), and what was read
//! below that is read again for the next page.
//!
//! **Budget.** A page reads at most about [`MAX_READ_BYTES`], and with a filter [`MAX_FILTERED_READS`] items; then it
//! ends early, with a cursor. Each query always gives at least one item, so that every page gets further than the one
//! before, and reading page by page comes to an end.

use crate::table::batch::{REQUEST_CONCURRENCY, join_bounded};
use crate::table::error::StoreError;
use crate::table::pagination::{Page, PageRequest, Position, QuerySegment, merge};
use std::collections::BTreeMap;

/// Maximum number of bytes that are read for a page, about: what DynamoDB reads in one query. Items of usual size are
/// some 1 KB.
const MAX_READ_BYTES: usize = 1024 * 1024;

/// Maximum number of items that are read for a page with a filter, about a megabyte of usual items.
const MAX_FILTERED_READS: usize = 1_000;

/// Number of items that the first reads of all queries give together. Three queries are read for a whole page of a
/// hundred items at once.
const FIRST_READS: usize = 303;

/// Number of items that a second round reads at least; each further one reads at least twice as many, so that a page
/// needs few rounds.
const MIN_ROUND_READS: usize = 16;

/// The read budget of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// All items are shown.
    Unfiltered,
    /// Items that do not pass a filter are read and left out.
    Filtered,
}

/// The items of one query that were read so far.
struct Part<T> {
    segment: QuerySegment<T>,
    /// The time of the position where reading began, in milliseconds.
    began_at: Option<i64>,
}

/// The state of reading a page.
struct PageRead<T> {
    /// Number of items that fill a page, and one more, which shows that another page follows.
    needed: usize,
    kind: PageKind,
    after: Option<Position>,
    parts: Vec<Part<T>>,
}

/// Reads a page that is merged from `queries` queries. `read` reads a part of the query with a number: at most `limit`
/// items after a position.
pub(crate) async fn read_merged_page<T, F>(
    queries: usize,
    page: &PageRequest,
    kind: PageKind,
    read: impl Fn(usize, PageRequest) -> F,
) -> Result<Page<T>, StoreError>
where
    F: Future<Output = Result<QuerySegment<T>, StoreError>>,
{
    let mut state = PageRead { needed: page.limit + 1, kind, after: page.after.clone(), parts: Vec::new() };
    while state.parts.len() < queries {
        // In groups, so that large items in the first of them make the others smaller.
        let group = REQUEST_CONCURRENCY.min(queries - state.parts.len());
        let limit = state.first_limit(queries);
        let first = state.parts.len()..state.parts.len() + group;
        let requests = first.map(|query| read(query, PageRequest { limit, after: page.after.clone() }));
        for segment in join_bounded(requests).await {
            state.add(segment?);
        }
    }
    let mut min_reads = MIN_ROUND_READS;
    loop {
        let round = state.next_round(min_reads);
        if round.is_empty() {
            return Ok(merge(state.parts.into_iter().map(|part| part.segment).collect(), page.limit));
        }
        min_reads *= 2;
        let requests = round.iter().map(|(query, request)| read(*query, request.clone()));
        for ((query, _), segment) in round.iter().zip(join_bounded(requests).await) {
            state.extend(*query, segment?);
        }
    }
}

impl<T> PageRead<T> {
    fn read_items(&self) -> usize {
        self.parts.iter().map(|part| part.segment.read_items).sum()
    }

    /// Returns the number of items that the budget still allows.
    fn affordable(&self) -> usize {
        let bytes: usize = self.parts.iter().map(|part| part.segment.read_bytes).sum();
        let read = self.read_items();
        let by_bytes = match bytes.checked_div(read) {
            Some(average) if average > 0 => MAX_READ_BYTES.saturating_sub(bytes) / average,
            _ => MAX_READ_BYTES,
        };
        match self.kind {
            PageKind::Unfiltered => by_bytes,
            PageKind::Filtered => by_bytes.min(MAX_FILTERED_READS.saturating_sub(read)),
        }
    }

    /// Returns the limit of the first read of the next queries.
    fn first_limit(&self, queries: usize) -> usize {
        let share = (FIRST_READS / queries).min(self.affordable() / (queries - self.parts.len()));
        share.clamp(1, self.needed)
    }

    fn add(&mut self, segment: QuerySegment<T>) {
        // The newest item stands for the beginning of a list that is read from its newest item.
        let first = self.after.as_ref().or(segment.items.first().map(|(position, _)| position));
        let began_at = first.or(segment.stopped_at.as_ref()).and_then(Position::millis);
        self.parts.push(Part { segment, began_at });
    }

    fn extend(&mut self, query: usize, next: QuerySegment<T>) {
        let segment = &mut self.parts[query].segment;
        segment.items.extend(next.items);
        segment.stopped_at = next.stopped_at;
        segment.read_items += next.read_items;
        segment.read_bytes += next.read_bytes;
    }

    /// Returns the reads of the next round, at least `min_reads` items if the budget allows it; none if the page is
    /// complete or the budget is used up.
    fn next_round(&self, min_reads: usize) -> Vec<(usize, PageRequest)> {
        let mut found: Vec<_> =
            self.parts.iter().flat_map(|part| part.segment.items.iter().map(|(position, _)| position)).collect();
        found.sort_unstable_by(|left, right| right.cmp(left));
        let last_of_page = found.get(self.needed - 1).copied();
        let open = |stopped: &&Position| last_of_page.is_none_or(|last| *stopped > last);
        let open: BTreeMap<usize, &Position> = self
            .parts
            .iter()
            .enumerate()
            .filter_map(|(query, part)| Some((query, part.segment.stopped_at.as_ref().filter(open)?)))
            .collect();
        let Some(frontier) = open.values().max() else { return Vec::new() };
        let shown = found.iter().take_while(|position| *position >= frontier).count();
        let missing = self.needed.saturating_sub(shown);
        // As many of the next items are expected to pass the filter as of those before, with a fifth to spare.
        let expected = match (missing * self.read_items()).checked_div(found.len()) {
            Some(expected) if self.kind == PageKind::Filtered => expected + expected / 5,
            Some(expected) => expected,
            None => usize::MAX,
        };
        let reads = expected.max(min_reads).min(self.affordable());
        if reads == 0 { Vec::new() } else { self.divide(&open, reads) }
    }

    /// Divides `reads` among the open queries, so that all of them get down to about the same time.
    fn divide(&self, open: &BTreeMap<usize, &Position>, reads: usize) -> Vec<(usize, PageRequest)> {
        let newest = open.values().filter_map(|stopped| stopped.millis()).max().unwrap_or_default();
        // Newest first: how long before the newest each query stopped, and its items for each millisecond.
        let mut densities: Vec<(i64, f64, usize)> = open
            .iter()
            .map(|(query, stopped)| {
                let part = &self.parts[*query];
                let stopped_at = stopped.millis().unwrap_or_default();
                let span = part.began_at.unwrap_or(stopped_at).saturating_sub(stopped_at).max(1);
                (newest - stopped_at, count(part.segment.read_items.max(1)) / millis(span), *query)
            })
            .collect();
        densities.sort_unstable_by_key(|(age, ..)| *age);
        // The age at which the newest queries, read down to it, have used up the reads.
        let (mut density, mut weighted, mut level) = (0.0, 0.0, 0.0);
        for (index, (age, own, _)) in densities.iter().enumerate() {
            density += own;
            weighted += own * millis(*age);
            level = (weighted + count(reads)) / density;
            if densities.get(index + 1).is_none_or(|(next, ..)| millis(*next) >= level) {
                break;
            }
        }
        // The newest one is always read on, because the page would end where it stopped: its age is zero.
        let read_on = densities.into_iter().take_while(|(age, ..)| millis(*age) < level);
        read_on
            .map(|(age, own, query)| {
                let limit = items(own * (level - millis(age))).clamp(1, reads);
                (query, PageRequest { limit, after: Some(open[&query].clone()) })
            })
            .collect()
    }
}

/// Returns a number of items as a factor.
#[expect(clippy::cast_precision_loss, reason = "estimates of numbers far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

/// Returns milliseconds as a factor.
#[expect(clippy::cast_precision_loss, reason = "estimates of numbers below 2^52")]
fn millis(number: i64) -> f64 {
    number as f64
}

/// Returns an estimate as a whole number of items.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is clamped by the caller")]
fn items(estimate: f64) -> usize {
    estimate.ceil() as usize
}

#[cfg(test)]
mod tests;
