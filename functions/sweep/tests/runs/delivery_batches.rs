//! Deliveries that were created together: one entry of the due index stands for all of them.

use crate::fixture::{Fixture, NOW, RunTimes, delivery, environment};
use domain::webhooks::attempt::Outcome;
use domain::webhooks::delivery::RetryDecision;
use domain::webhooks::delivery_batch::DeliveryBatch;
use domain::{Attempt, Delivery, Timestamp};
use std::num::NonZeroU8;
use std::time::Duration;
use store::{DueDeliveryBatch, DueEntry, DueShard, DueWork};

/// Time at which the batches of these tests were created.
const CREATED_AT: Timestamp = Timestamp::from_millis(NOW.millis() - 300_000);

/// Returns the batches and the number of entries of single deliveries in the due index.
async fn entries(fixture: &Fixture) -> (Vec<DueDeliveryBatch>, usize) {
    let (mut batches, mut single) = (Vec::new(), 0);
    for shard in DueShard::all() {
        for due in fixture.store.due_page(shard, Timestamp::LATEST, 1_000, None).await.expect("a page").items {
            match due.expect("readable") {
                DueWork::DeliveryBatch(due) => batches.push(due),
                DueWork::Delivery(_) => single += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    (batches, single)
}

/// Writes the batches of `deliveries`, to be checked now, and those deliveries that are to exist.
pub(crate) async fn create_together(fixture: &Fixture, deliveries: &[Delivery], existing: usize) {
    let batches = DeliveryBatch::divide(deliveries.iter().map(|delivery| (environment(), delivery.id)));
    for batch in &batches {
        fixture.store.put_delivery_batch(batch, CREATED_AT, NOW).await.expect("stored");
    }
    for delivery in &deliveries[..existing] {
        let created = fixture.store.create_delivery(environment(), delivery, None, DueEntry::OfBatch).await;
        created.expect("created");
    }
}

/// Records an attempt of a delivery and what follows from it.
async fn attempt(fixture: &Fixture, delivery: &Delivery, outcome: Outcome, next: RetryDecision) {
    let attempt = Attempt {
        number: 1,
        started_at: NOW,
        outcome,
        status: Some(200),
        latency_ms: 5,
        response: String::new().into(),
    };
    let check_at = matches!(next, RetryDecision::RetryAt(_)).then(|| NOW.after(Duration::from_hours(2)));
    let recorded = fixture.store.record_attempt(environment(), delivery, None, &attempt, next, check_at).await;
    assert!(recorded.expect("recorded"));
}

#[tokio::test]
async fn only_what_is_unfinished_is_enqueued() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..20).map(delivery).collect();
    create_together(&fixture, &deliveries, 20).await;
    assert_eq!(entries(&fixture).await.1, 0, "none has an entry of its own");
    attempt(&fixture, &deliveries[0], Outcome::Delivered, RetryDecision::Delivered).await;
    attempt(&fixture, &deliveries[1], Outcome::ErrorStatus, RetryDecision::Failed).await;
    let retry = RetryDecision::RetryAt(NOW.after(Duration::from_hours(1)));
    attempt(&fixture, &deliveries[2], Outcome::ErrorStatus, retry).await;
    fixture.store.cancel_delivery(environment(), &deliveries[3]).await.expect("cancelled");
    assert_eq!(entries(&fixture).await.1, 1, "the one that is attempted again");

    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    let summary = sweeper.run().await.expect("a summary");
    assert_eq!((summary.reenqueued, summary.failed, summary.passed_over), (16, 0, 0));
    assert_eq!(fixture.queue.take_calls().iter().sum::<usize>(), 16);
    let (batches, single) = entries(&fixture).await;
    assert_eq!((batches.len(), single), (0, 17), "the batch is done, and what is pending has entries");
    assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 0, "these have later check times");
    fixture.clock.advance(Duration::from_hours(1));
    assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 16);
    assert_eq!(fixture.queue.take_calls().iter().sum::<usize>(), 16);
}

#[tokio::test]
async fn a_batch_stays_while_its_deliveries_may_still_be_written() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..18).map(delivery).collect();
    create_together(&fixture, &deliveries, 16).await;
    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 16);
    let (batches, single) = entries(&fixture).await;
    assert_eq!((batches.len(), single), (1, 16));
    assert!(batches[0].check_at > NOW, "it is checked again");
    // The run of `dispatch` that had begun goes on.
    create_together(&fixture, &deliveries[16..], 2).await;
    fixture.clock.advance(Duration::from_mins(5));
    let summary = sweeper.run().await.expect("a summary");
    assert_eq!(summary.reenqueued, 2, "the two later ones: those before have later check times");
    assert_eq!(entries(&fixture).await.0.len(), 0);
}

#[tokio::test]
async fn a_batch_without_deliveries_is_given_up() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..16).map(delivery).collect();
    create_together(&fixture, &deliveries, 0).await;
    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    for _ in 0..7 {
        assert_eq!(sweeper.run().await.expect("a summary").reenqueued, 0);
        fixture.clock.advance(Duration::from_mins(4));
    }
    assert_eq!(entries(&fixture).await.0.len(), 0);
}

#[tokio::test]
async fn a_batch_that_was_written_again_is_not_deleted() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..16).map(delivery).collect();
    create_together(&fixture, &deliveries, 0).await;
    let seen = entries(&fixture).await.0[0];
    let again = DeliveryBatch::divide(deliveries.iter().map(|delivery| (environment(), delivery.id)));
    fixture.store.put_delivery_batch(&again[0], NOW, NOW.after(Duration::from_mins(4))).await.expect("stored");
    fixture.store.delete_delivery_batch(&seen).await.expect("left alone");
    assert_eq!(entries(&fixture).await.0.len(), 1);
}

#[tokio::test]
async fn many_batches_are_enqueued_whole() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..520).map(delivery).collect();
    create_together(&fixture, &deliveries, 520).await;
    assert_eq!(entries(&fixture).await.0.len(), 10);
    let summary = fixture.sweeper(RunTimes::DEPLOYED, None).run().await.expect("a summary");
    assert_eq!((summary.reenqueued, summary.failed, summary.unfinished_shards), (520, 0, 0));
    let calls = fixture.queue.take_calls();
    assert_eq!(calls.iter().sum::<usize>(), 520);
    assert!(calls.len() <= 60, "{} calls", calls.len());
}

/// A rollback: a release that knows no batches finds each delivery by an entry of its own.
#[tokio::test]
async fn a_dissolved_batch_leaves_entries_of_deliveries() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..16).map(delivery).collect();
    create_together(&fixture, &deliveries, 16).await;
    attempt(&fixture, &deliveries[0], Outcome::Delivered, RetryDecision::Delivered).await;
    let batch = entries(&fixture).await.0[0];
    let eight = NonZeroU8::new(8).expect("a number");
    assert_eq!(fixture.store.dissolve_delivery_batch(&batch, eight).await.expect("dissolved"), 15);
    let (batches, single) = entries(&fixture).await;
    assert_eq!((batches.len(), single), (0, 15));
    for shard in (8..64).map(DueShard::Work) {
        let page = fixture.store.due_page(shard, Timestamp::LATEST, 1_000, None).await.expect("a page");
        assert_eq!(page.items.len(), 0, "{shard:?}");
    }
}

/// A backlog of batches does not keep a run from handing over in time.
#[tokio::test]
async fn a_run_stops_between_the_deliveries_of_a_batch() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..2_000).map(delivery).collect();
    create_together(&fixture, &deliveries, 2_000).await;
    let max_run_time = Duration::from_millis(200);
    let sweeper = fixture.sweeper(RunTimes { hand_over_after: max_run_time, max_run_time }, None);
    let mut reenqueued = 0;
    let mut runs = 0;
    while reenqueued < 2_000 {
        let summary = sweeper.run().await.expect("a summary");
        let sent = fixture.queue.take_calls().iter().sum::<usize>();
        assert_eq!(summary.reenqueued, sent);
        reenqueued += sent;
        runs += 1;
        assert!(runs < 1_000, "{reenqueued} after {runs} runs");
    }
    assert!(runs > 1, "the backlog was larger than a run");
    assert_eq!(reenqueued, 2_000, "none twice");
}

/// A delivery of a newer release, or a broken one, hinders no other of its batch.
#[tokio::test]
async fn an_unreadable_delivery_keeps_its_batch_and_hinders_no_other() {
    let fixture = Fixture::new().await;
    let deliveries: Vec<_> = (0..16).map(delivery).collect();
    create_together(&fixture, &deliveries, 16).await;
    fixture.break_delivery(&deliveries[3]).await;
    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    let summary = sweeper.run().await.expect("a summary");
    assert_eq!((summary.failed, summary.passed_over), (0, 1));
    assert_eq!(fixture.queue.take_calls().iter().sum::<usize>(), 15);
    let (batches, single) = entries(&fixture).await;
    assert_eq!((batches.len(), single), (1, 15));
    assert!(batches[0].check_at > NOW, "it is looked at again");
}
