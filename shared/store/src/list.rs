//! Pages: newest first, ties by id, stable while others insert.

use domain::{LeadId, Timestamp};
use std::future::Future;

/// Where a page ends: the sort key of the last thing shown, which is milliseconds and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(String);

impl Position {
    /// The place of something made at `at` under `id` (plain form).
    pub(crate) fn new(at: Timestamp, id: &str) -> Self {
        Self(format!("{:013}#{id}", at.millis()))
    }

    /// Reads the position of something that lies by its time, milliseconds and id, out of a cursor.
    pub fn parse_time_key(text: &str) -> Option<Self> {
        let (millis, id) = text.split_once('#')?;
        let fits = millis.len() == 13 && millis.bytes().all(|byte| byte.is_ascii_digit()) && id.len() == 32;
        (fits && LeadId::parse(id).is_some()).then(|| Self(text.to_owned()))
    }

    /// Reads the position of something that lies under its own id out of a cursor.
    pub fn parse_id_key(text: &str) -> Option<Self> {
        let fits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        fits.then(|| Self(text.to_owned()))
    }

    /// The sort key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_key(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Most things on it.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Position>,
}

/// Where the reading of a range begins, the last first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start<'a> {
    /// At its end.
    AtTheEnd,
    /// Behind a position in it.
    Behind(&'a Position),
    /// Nowhere: nothing is left.
    Nowhere,
}

impl PageRequest {
    /// Where reading the sort keys between `from` and `to` begins. The database refuses a start outside of what is
    /// read, and a cursor may have been made up.
    pub(crate) fn start(&self, from: &str, to: &str) -> Start<'_> {
        match &self.after {
            Some(after) if after.as_str() < from => Start::Nowhere,
            Some(after) if after.as_str() <= to => Start::Behind(after),
            _ => Start::AtTheEnd,
        }
    }
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it, newest first.
    pub items: Vec<T>,
    /// Where the next one begins, if there may be one.
    pub next: Option<Position>,
}

/// What one source of a merged list gave: things in order, and where its reading stopped with more behind.
#[derive(Debug)]
pub(crate) struct Run<T> {
    pub(crate) items: Vec<(Position, T)>,
    pub(crate) stopped_at: Option<Position>,
}

impl<T> Run<T> {
    /// Nothing, and nothing behind it.
    pub(crate) fn empty() -> Self {
        Self { items: Vec::new(), stopped_at: None }
    }
}

/// Merges sources into one page. Nothing older than where some source stopped may be shown yet.
pub(crate) fn merge<T>(runs: Vec<Run<T>>, limit: usize) -> Page<T> {
    let frontier = runs.iter().filter_map(|run| run.stopped_at.clone()).max();
    let mut items: Vec<_> = runs.into_iter().flat_map(|run| run.items).collect();
    items.sort_by(|(left, _), (right, _)| right.cmp(left));
    let shown =
        items.iter().take_while(|(position, _)| frontier.as_ref().is_none_or(|frontier| position >= frontier)).count();
    let more = shown > limit || frontier.is_some() || shown < items.len();
    let taken = shown.min(limit);
    let next = if shown > limit { taken.checked_sub(1).map(|last| items[last].0.clone()) } else { frontier };
    items.truncate(taken);
    Page { items: items.into_iter().map(|(_, item)| item).collect(), next: if more { next } else { None } }
}

/// Requests that one call has under way at once.
const AT_ONCE: usize = 16;

/// Awaits `futures` in order of their making, a few at a time.
pub(crate) async fn bounded<F>(futures: Vec<F>) -> Vec<F::Output>
where
    F: Future,
{
    use futures_util::StreamExt;
    futures_util::stream::iter(futures).buffered(AT_ONCE).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Position {
        Position::new(Timestamp::from_millis(millis), "a")
    }

    fn run(items: &[i64], stopped_at: Option<i64>) -> Run<i64> {
        Run { items: items.iter().map(|millis| (at(*millis), *millis)).collect(), stopped_at: stopped_at.map(at) }
    }

    #[test]
    fn sources_merge_newest_first() {
        let page = merge(vec![run(&[9, 5, 1], None), run(&[8, 2], None)], 3);
        assert_eq!(page.items, [9, 8, 5]);
        assert_eq!(page.next, Some(at(5)));
        let page = merge(vec![run(&[2, 1], None)], 2);
        assert_eq!((page.items.len(), page.next), (2, None));
    }

    #[test]
    fn nothing_is_shown_that_lies_behind_where_a_source_stopped() {
        let page = merge(vec![run(&[9], Some(7)), run(&[8, 3], None)], 10);
        assert_eq!(page.items, [9, 8]);
        assert_eq!(page.next, Some(at(7)));
        let page = merge(vec![run(&[], Some(7))], 10);
        assert_eq!((page.items.len(), page.next), (0, Some(at(7))));
    }
}
