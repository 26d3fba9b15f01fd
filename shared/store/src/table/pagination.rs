//! Pages of lists: newest first, ties by id, stable while others insert.
//!
//! A list may be merged from several queries, such as one for each business of a tenant. Each query is read into a
//! [`QuerySegment`] from the same position ([`super::merged_page`]), and [`merge`] joins the segments into one page. A
//! segment may stop before its end, at the limit of the query; older items of other segments must then wait for the next page, because newer ones of the stopped
//! segment may still come. A page can therefore hold fewer items than its limit, even none, and still have a next one.

use crate::table::error::StoreError;
use crate::table::item::{Item, get_text, is_expired};
use crate::table::query::Query;
use crate::table::write::item_size;
use domain::{LeadId, Timestamp};

/// A position in a list: the sort key of an item, or the part of it that sorts the list.
///
/// There are two forms: `<milliseconds, 13 digits>#<id>` where items are sorted by creation time, and `<id>` where the
/// id itself begins with the time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(String);

impl Position {
    /// Returns the position of an item that was created at `at` and has this `id`, in the first form.
    pub(crate) fn new(at: Timestamp, id: &str) -> Self {
        Self(format!("{:013}#{id}", at.millis()))
    }

    /// Parses a position of the first form, as a cursor holds it.
    pub fn parse_time_key(text: &str) -> Option<Self> {
        let (millis, id) = text.split_once('#')?;
        let fits = millis.len() == 13 && millis.bytes().all(|byte| byte.is_ascii_digit()) && id.len() == 32;
        (fits && LeadId::parse(id).is_some()).then(|| Self(text.to_owned()))
    }

    /// Parses a position of the second form, as a cursor holds it.
    pub fn parse_id_key(text: &str) -> Option<Self> {
        let fits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the position as it is stored and as a cursor holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the time of the position in milliseconds: 13 digits in the first form, 48 bits of the id in the second.
    pub(crate) fn millis(&self) -> Option<i64> {
        match self.0.split_once('#') {
            Some((millis, _)) => millis.parse().ok(),
            None => i64::from_str_radix(self.0.get(..12)?, 16).ok(),
        }
    }

    /// Returns the position with this stored form.
    pub(crate) fn from_key(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

/// A request for one page of a list.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Maximum number of items on the page.
    pub limit: usize,
    /// The position where the page before ended; `None` for the first page.
    pub after: Option<Position>,
}

/// The place where reading a range of positions begins, in descending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start<'a> {
    /// At the newest item of the range.
    Newest,
    /// After this position, which lies in the range.
    After(&'a Position),
    /// Nowhere: the page before ended below the range.
    BelowRange,
}

impl PageRequest {
    /// Returns where to read the positions between `from` and `to`. DynamoDB rejects a start outside of what a query
    /// reads, and a cursor may be made up, or be of a request with another range.
    pub(crate) fn start(&self, from: &str, to: &str) -> Start<'_> {
        match &self.after {
            Some(after) if after.as_str() < from => Start::BelowRange,
            Some(after) if after.as_str() <= to => Start::After(after),
            _ => Start::Newest,
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The position after which the next page begins; `None` if there is none.
    pub next: Option<Position>,
}

impl<T> Page<T> {
    /// Returns an empty page without a next one.
    pub(crate) fn empty() -> Self {
        Self { items: Vec::new(), next: None }
    }
}

/// The part of one query's items that was read for a page.
#[derive(Debug)]
pub(crate) struct QuerySegment<T> {
    /// The items with their positions, newest first.
    pub(crate) items: Vec<(Position, T)>,
    /// The position at which reading stopped with more items behind; `None` if the query was read to its end.
    pub(crate) stopped_at: Option<Position>,
    /// Number of items that were read, also those that are left out.
    pub(crate) read_items: usize,
    /// Number of bytes that were read, about.
    pub(crate) read_bytes: usize,
}

impl<T> QuerySegment<T> {
    /// Returns the segment of a query that has no items.
    pub(crate) fn empty() -> Self {
        Self { items: Vec::new(), stopped_at: None, read_items: 0, read_bytes: 0 }
    }

    /// Reads one page of `query` into a segment, without expired items.
    ///
    /// `sort_key` is the attribute that holds the position; `read` parses an item, or leaves it out by returning
    /// `None`; `what` names the kind of item in errors. An item that this version cannot read, such as one that a newer
    /// release wrote, is logged and left out: it must not take the list away from its tenant.
    pub(crate) async fn read(
        query: Query,
        sort_key: &SortKey<'_>,
        now: Timestamp,
        what: &str,
        read: impl Fn(Item) -> Result<Option<T>, StoreError>,
    ) -> Result<Self, StoreError> {
        let page = query.page().await?;
        let stopped_at = page.last_key.and_then(|key| sort_key.position(&key));
        let (read_items, read_bytes) = (page.items.len(), page.items.iter().map(item_size).sum());
        let mut items = Vec::new();
        for item in page.items {
            if is_expired(&item, now) {
                continue;
            }
            let position = sort_key.position(&item).ok_or_else(|| StoreError::unreadable(what))?;
            match read(item) {
                Ok(read) => items.extend(read.map(|item| (position, item))),
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => tracing::error!(%error, position = position.as_str(), "an item is left out of a list"),
            }
        }
        Ok(Self { items, stopped_at, read_items, read_bytes })
    }
}

/// The attribute that holds an item's position.
pub(crate) struct SortKey<'a> {
    /// The name of the attribute.
    pub(crate) attribute: &'a str,
    /// The prefix before the position.
    pub(crate) prefix: &'a str,
}

impl SortKey<'_> {
    fn position(&self, item: &Item) -> Option<Position> {
        Some(Position::from_key(get_text(item, self.attribute)?.strip_prefix(self.prefix)?))
    }
}

/// Merges segments into one page. Nothing older than where some segment stopped may be shown yet.
pub(crate) fn merge<T>(segments: Vec<QuerySegment<T>>, limit: usize) -> Page<T> {
    let frontier = segments.iter().filter_map(|segment| segment.stopped_at.clone()).max();
    let mut items: Vec<_> = segments.into_iter().flat_map(|segment| segment.items).collect();
    items.sort_by(|(left, _), (right, _)| right.cmp(left));
    let shown =
        items.iter().take_while(|(position, _)| frontier.as_ref().is_none_or(|frontier| position >= frontier)).count();
    let more = shown > limit || frontier.is_some() || shown < items.len();
    let taken = shown.min(limit);
    let next = if shown > limit { taken.checked_sub(1).map(|last| items[last].0.clone()) } else { frontier };
    items.truncate(taken);
    Page { items: items.into_iter().map(|(_, item)| item).collect(), next: if more { next } else { None } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Position {
        Position::new(Timestamp::from_millis(millis), "a")
    }

    fn segment(items: &[i64], stopped_at: Option<i64>) -> QuerySegment<i64> {
        QuerySegment {
            items: items.iter().map(|millis| (at(*millis), *millis)).collect(),
            stopped_at: stopped_at.map(at),
            read_items: items.len(),
            read_bytes: 0,
        }
    }

    #[test]
    fn runs_merge_newest_first() {
        let page = merge(vec![segment(&[9, 5, 1], None), segment(&[8, 2], None)], 3);
        assert_eq!(page.items, [9, 8, 5]);
        assert_eq!(page.next, Some(at(5)));
        let page = merge(vec![segment(&[2, 1], None)], 2);
        assert_eq!((page.items.len(), page.next), (2, None));
    }

    #[test]
    fn items_below_a_stopped_run_must_wait() {
        let page = merge(vec![segment(&[9], Some(7)), segment(&[8, 3], None)], 10);
        assert_eq!(page.items, [9, 8]);
        assert_eq!(page.next, Some(at(7)));
        let page = merge(vec![segment(&[], Some(7))], 10);
        assert_eq!((page.items.len(), page.next), (0, Some(at(7))));
    }
}
