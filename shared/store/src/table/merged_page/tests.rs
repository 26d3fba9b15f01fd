//! Merged pages over queries that are kept in memory.

use super::*;
use domain::Timestamp;
use std::cell::Cell;

/// An item: its time, and whether it passes the filter.
type Item = (i64, bool);

/// Queries in memory, newest first, with a count of what was read of them.
struct Queries {
    items: Vec<Vec<(Position, Item)>>,
    item_bytes: usize,
    read: Cell<usize>,
    rounds: Cell<usize>,
}

impl Queries {
    /// Queries with items at these times.
    fn new(times: Vec<Vec<i64>>, passes: impl Fn(i64) -> bool) -> Self {
        let items = times.into_iter().enumerate().map(|(query, times)| {
            let mut items: Vec<_> = times
                .into_iter()
                .enumerate()
                .map(|(number, time)| {
                    let id = format!("{query:04}{number:028}");
                    (Position::new(Timestamp::from_millis(time), &id), (time, passes(time)))
                })
                .collect();
            items.sort_unstable_by(|(left, _), (right, _)| right.cmp(left));
            items
        });
        Self { items: items.collect(), item_bytes: 1_000, read: Cell::default(), rounds: Cell::default() }
    }

    fn segment(&self, query: usize, request: &PageRequest) -> QuerySegment<Item> {
        assert!(request.limit > 0, "each read gives an item");
        let rest = self.items[query].iter().filter(|(at, _)| request.after.as_ref().is_none_or(|after| at < after));
        let read: Vec<_> = rest.take(request.limit + 1).cloned().collect();
        let (more, read) = (read.len() > request.limit, &read[..read.len().min(request.limit)]);
        self.read.set(self.read.get() + read.len());
        self.rounds.set(self.rounds.get() + 1);
        QuerySegment {
            items: read.iter().filter(|(_, (_, passes))| *passes).cloned().collect(),
            stopped_at: read.last().filter(|_| more).map(|(at, _)| at.clone()),
            read_items: read.len(),
            read_bytes: read.len() * self.item_bytes,
        }
    }

    async fn page(&self, limit: usize, after: Option<Position>, kind: PageKind) -> Page<Item> {
        self.read.set(0);
        self.rounds.set(0);
        let request = PageRequest { limit, after };
        let read = |query, part| std::future::ready(Ok(self.segment(query, &part)));
        read_merged_page(self.items.len(), &request, kind, read).await.expect("a page")
    }

    /// Reads page by page to the end, and returns the times of all items and the number of pages.
    async fn all(&self, limit: usize, kind: PageKind, max_reads: usize) -> (Vec<i64>, usize) {
        let (mut times, mut pages, mut after) = (Vec::new(), 0, None::<Position>);
        loop {
            let page = self.page(limit, after.clone(), kind).await;
            assert!(self.read.get() <= max_reads, "{} reads", self.read.get());
            if kind == PageKind::Unfiltered && page.next.is_some() {
                assert_eq!(page.items.len(), limit, "a page without a filter is full");
            }
            times.extend(page.items.iter().map(|(time, _)| *time));
            pages += 1;
            let Some(next) = page.next else { return (times, pages) };
            assert!(after.is_none_or(|after| next < after), "each page gets further");
            after = Some(next);
        }
    }

    /// Returns the times of all items that pass, newest first.
    fn expected(&self) -> Vec<i64> {
        let mut all: Vec<_> = self.items.iter().flatten().filter(|(_, (_, passes))| *passes).cloned().collect();
        all.sort_unstable_by(|(left, _), (right, _)| right.cmp(left));
        all.into_iter().map(|(_, (time, _))| time).collect()
    }
}

/// Returns `queries` lists of times of different shapes: even, dense, sparse, all at once, and empty.
fn shapes(queries: usize, items: i64) -> Vec<Vec<i64>> {
    let of = |query: usize| -> Vec<i64> {
        let shift = i64::try_from(query).expect("small");
        match query % 5 {
            0 => (0..items).map(|number| 1_000_000 + number * 997 + shift).collect(),
            1 => (0..items).map(|number| 1_500_000 + number + shift).collect(),
            2 => (0..items / 20).map(|number| number * 50_000 + shift).collect(),
            3 => vec![1_200_000; usize::try_from(items / 4).expect("small")],
            _ => Vec::new(),
        }
    };
    (0..queries).map(of).collect()
}

#[tokio::test]
async fn every_item_is_read_exactly_once() {
    for queries in [1, 2, 7, 100] {
        for limit in [1, 20, 100] {
            let all = Queries::new(shapes(queries, 300), |_| true);
            assert_eq!(all.all(limit, PageKind::Unfiltered, usize::MAX).await.0, all.expected(), "{queries}, {limit}");
            let some = Queries::new(shapes(queries, 300), |time| time % 7 == 0);
            assert_eq!(some.all(limit, PageKind::Filtered, usize::MAX).await.0, some.expected(), "{queries}, {limit}");
        }
    }
}

#[tokio::test]
async fn a_page_over_100_queries_reads_some_hundred() {
    let even = Queries::new((0..100).map(|query| (0..200).map(|n| n * 100 + query).collect()).collect(), |_| true);
    let dense = (0..100).map(|query| (0..200).map(|n| if query == 0 { 900_000 + n } else { n * 100 }).collect());
    let dense = Queries::new(dense.collect(), |_| true);
    for queries in [&even, &dense] {
        for limit in [20, 50, 100] {
            let page = queries.page(limit, None, PageKind::Unfiltered).await;
            assert_eq!(page.items.len(), limit);
            assert!(queries.read.get() <= 303 + 3 * limit, "{limit}: {} reads", queries.read.get());
            assert!(queries.rounds.get() <= 100 + 60, "{limit}: {} queries", queries.rounds.get());
        }
    }
}

#[tokio::test]
async fn a_filtered_page_keeps_its_budget() {
    let none = Queries::new(shapes(100, 3_000), |_| false);
    let page = none.page(50, None, PageKind::Filtered).await;
    assert!((page.items.is_empty(), page.next.is_some()) == (true, true));
    // Each query that is read on gives at least one item beyond the budget.
    assert!((900..=1_100).contains(&none.read.get()), "{} reads", none.read.get());
    let (found, pages) = none.all(50, PageKind::Filtered, 1_100).await;
    assert_eq!(found, [0_i64; 0]);
    // Less than four times the pages that one query with all of them would take: what was read below the position where
    // a page ended is read again for the next one.
    let total: usize = none.items.iter().map(Vec::len).sum();
    assert!(pages < total / 250, "{pages} pages for {total} items");
}

#[tokio::test]
async fn a_filter_that_passes_many_reads_few() {
    let half = Queries::new(vec![(0..5_000).collect()], |time| time % 2 == 0);
    let page = half.page(50, None, PageKind::Filtered).await;
    assert_eq!(page.items.len(), 50);
    assert!(half.read.get() <= 130, "{} reads", half.read.get());
    assert!(half.rounds.get() <= 3, "{} rounds", half.rounds.get());
    let none = Queries::new(vec![(0..5_000).collect()], |_| false);
    none.page(50, None, PageKind::Filtered).await;
    assert_eq!((none.read.get(), none.rounds.get()), (1_000, 2));
}

#[tokio::test]
async fn large_items_keep_the_byte_budget() {
    let mut large = Queries::new((0..100).map(|query| (0..50).map(|n| n * 100 + query).collect()).collect(), |_| true);
    large.item_bytes = 60_000;
    let page = large.page(100, None, PageKind::Unfiltered).await;
    assert!(page.next.is_some());
    // Three of each of the first sixteen, and one of each other.
    assert!(large.read.get() <= 16 * 3 + 84, "{} reads", large.read.get());
    let mut one = Queries::new(vec![(0..5_000).collect()], |_| true);
    one.item_bytes = 60_000;
    assert_eq!(one.page(10, None, PageKind::Unfiltered).await.items.len(), 10);
    assert_eq!(one.read.get(), 11, "a page of one query is one read");
}

#[tokio::test]
async fn successive_queries_keep_the_budget() {
    let blocks = || (0..100).map(|query| (0..40).map(|n| query * 1_000 + n).collect()).collect();
    let all = Queries::new(blocks(), |_| true);
    assert_eq!(all.all(100, PageKind::Unfiltered, 303 + 3 * 100).await.0, all.expected());
    let none = Queries::new(blocks(), |_| false);
    let (_, pages) = none.all(100, PageKind::Filtered, 1_100).await;
    assert!(pages <= 16, "{pages} pages for 4,000 items");
}
