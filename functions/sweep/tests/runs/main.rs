//! Runs of the sweeper on tables with overdue deliveries.

mod delivery_batches;
mod fixture;
mod throughput;

use crate::fixture::{Fixture, RunTimes};
use domain::Timestamp;
use futures_util::FutureExt;
use runtime::{InvokeFuture, Invoker};
use std::num::NonZeroU8;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use store::DueShard;
use sweep::{Continuations, SweepEvent, Sweeper};
use tokio::task::JoinHandle;

#[tokio::test]
async fn messages_are_sent_in_tens_across_shards() {
    let fixture = Fixture::new().await;
    // Some five in each shard.
    fixture.add_deliveries(0..320).await;
    let summary = fixture.sweeper(RunTimes::DEPLOYED, None).run().await.expect("a summary");
    assert_eq!((summary.reenqueued, summary.failed, summary.unfinished_shards), (320, 0, 0));
    let calls = fixture.queue.take_calls();
    assert_eq!(calls.iter().sum::<usize>(), 320);
    assert!(calls.iter().all(|size| *size <= 10), "{calls:?}");
    // Fewer than ten only where nothing else was ready for a while.
    assert!(calls.len() < 64, "{} calls", calls.len());
}

#[tokio::test]
async fn every_shard_old_and_new_is_drained() {
    let fixture = Fixture::new().await;
    let eight = NonZeroU8::new(8).expect("a number");
    fixture.add_deliveries(0..150).await;
    // As if a release with eight shards had written them.
    for shard in DueShard::all() {
        if let Some(to) = shard.folded_into(eight) {
            fixture.store.fold_due_shard(shard, to, None).await.expect("moved");
        }
    }
    fixture.add_deliveries(150..450).await;
    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    let summary = sweeper.run().await.expect("a summary");
    assert_eq!((summary.reenqueued, summary.unfinished_shards), (450, 0));
    assert_eq!(fixture.queue.take_calls().iter().sum::<usize>(), 450);
    assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 0);
    for shard in DueShard::all() {
        let page = fixture.store.due_page(shard, Timestamp::LATEST, 1_000, None).await.expect("a page");
        let count = if matches!(shard, DueShard::Work(_)) { 1..1_000 } else { 0..1 };
        assert!(count.contains(&page.items.len()), "{shard:?}: {}", page.items.len());
    }
}

/// A rollback: what is in the new shards is moved to where the earlier release looks for it.
#[tokio::test]
async fn folded_work_is_where_eight_shards_have_it() {
    let fixture = Fixture::new().await;
    let eight = NonZeroU8::new(8).expect("a number");
    fixture.add_deliveries(0..300).await;
    let mut moved = 0;
    for shard in DueShard::all() {
        let Some(to) = shard.folded_into(eight) else { continue };
        let (count, next) = fixture.store.fold_due_shard(shard, to, None).await.expect("moved");
        assert!(next.is_none());
        moved += count;
    }
    let mut found = 0;
    for number in 0..8 {
        let page =
            fixture.store.due_page(DueShard::Work(number), Timestamp::LATEST, 1_000, None).await.expect("a page");
        assert!(page.items.iter().all(Result::is_ok));
        found += page.items.len();
    }
    assert_eq!(found, 300);
    assert!((200..300).contains(&moved), "{moved}: an eighth was there");
}

#[tokio::test]
async fn a_kill_before_sending_delays_and_loses_nothing() {
    let fixture = Fixture::new().await;
    fixture.add_deliveries(0..95).await;
    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    fixture.queue.hangs.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(Duration::from_secs(5), sweeper.run()).await;
    assert!(killed.is_err(), "it waits for the queue");
    fixture.queue.hangs.store(false, Ordering::SeqCst);
    assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 0, "all have a later check time");
    fixture.clock.advance(Duration::from_hours(1));
    assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 95);
    assert_eq!(fixture.queue.take_calls().iter().sum::<usize>(), 95);
}

/// Runs what is handed over, as Lambda does.
#[derive(Default)]
struct ConcurrentRuns {
    sweeper: OnceLock<Sweeper>,
    runs: Mutex<Vec<JoinHandle<usize>>>,
}

impl Invoker for ConcurrentRuns {
    fn invoke(&self, event: Vec<u8>) -> InvokeFuture<'_> {
        let event: SweepEvent = serde_json::from_slice(&event).expect("an event");
        let sweeper = self.sweeper.get().expect("a sweeper").clone();
        let run = tokio::spawn(async move {
            let summary = sweeper.handle(&event).await.expect("a summary");
            assert_eq!(summary.handed_over_shards, 0, "a chain has one link");
            summary.reenqueued
        });
        self.runs.lock().expect("no panic").push(run);
        async { Ok(()) }.boxed()
    }
}

#[tokio::test]
async fn a_backlog_is_divided_and_the_next_run_goes_on() {
    let fixture = Fixture::new().await;
    fixture.add_deliveries(0..900).await;
    let invoker = Arc::<ConcurrentRuns>::default();
    let times = RunTimes { hand_over_after: Duration::from_millis(20), max_run_time: Duration::from_millis(200) };
    let continuations = Continuations { invoker: Arc::<ConcurrentRuns>::clone(&invoker), max_invocations: 4 };
    let sweeper = fixture.sweeper(times, Some(continuations));
    invoker.sweeper.set(sweeper.clone()).ok().expect("set once");
    let (mut reenqueued, mut runs, mut invocations) = (0, 0, 0);
    while reenqueued < 900 {
        let summary = sweeper.run().await.expect("a summary");
        let handed_over = std::mem::take(&mut *invoker.runs.lock().expect("no panic"));
        assert!(handed_over.len() <= 3, "four in all");
        invocations += handed_over.len();
        reenqueued += summary.reenqueued;
        for run in handed_over {
            reenqueued += run.await.expect("no panic");
        }
        runs += 1;
        assert!(runs < 300, "{reenqueued} after {runs} runs");
    }
    assert!(invocations > 0 && runs > 1, "{runs} runs, {invocations} further invocations: the backlog was larger");
    assert_eq!(reenqueued, 900);
    assert_eq!(fixture.queue.take_calls().iter().sum::<usize>(), 900);
}

#[tokio::test]
async fn a_run_without_a_backlog_hands_nothing_over() {
    let fixture = Fixture::new().await;
    fixture.add_deliveries(0..50).await;
    let invoker = Arc::<ConcurrentRuns>::default();
    let continuations = Continuations { invoker: Arc::<ConcurrentRuns>::clone(&invoker), max_invocations: 4 };
    let summary = fixture.sweeper(RunTimes::DEPLOYED, Some(continuations)).run().await.expect("a summary");
    assert_eq!((summary.reenqueued, summary.handed_over_shards), (50, 0));
    assert!(invoker.runs.lock().expect("no panic").is_empty());
}
