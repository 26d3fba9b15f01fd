//! Batches of the event log in the tables: writers that race for a number, and what is read and written after all have
//! expired.

use crate::harness::EFFECT_TIMEOUT;
use crate::harness::tables::Tables;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::webhooks::event_log::LogPosition;
use domain::{EventId, EventType, Timestamp, retention};
use emulator::{FaultInjector, TemporaryTables};
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use store::{LogEntry, LogPage};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LIMIT: usize = 100;

fn event(number: u32) -> EventId {
    EventId::derived(&[&number.to_be_bytes()])
}

fn ids(entries: &[LogEntry]) -> Vec<EventId> {
    entries.iter().map(|entry| entry.id).collect()
}

/// Returns the time at which everything that was recorded by `at` has expired.
fn after_retention(at: Timestamp) -> Timestamp {
    at.after(retention::EVENT_LOG + Duration::from_secs(1))
}

impl Tables {
    /// Records an event, in a batch of its own.
    async fn log(&self, event: EventId, now: Timestamp) {
        self.store.log_example(self.environment, event, EventType::LeadCreated, now).await.unwrap();
    }

    async fn page(&self, after: LogPosition, now: Timestamp) -> LogPage {
        self.store.event_log(self.environment, after, LIMIT, now).await.unwrap()
    }

    /// Reads to the end of the log, as a caller does.
    async fn read_on(&self, mut after: LogPosition, now: Timestamp) -> (Vec<LogEntry>, LogPosition) {
        let mut entries = Vec::new();
        loop {
            let page = self.page(after, now).await;
            entries.extend(page.entries);
            if !page.has_more {
                return (entries, page.next);
            }
            assert!(page.next.to_string()[..20] > after.to_string()[..20], "a page ends after the one before");
            after = page.next;
        }
    }

    /// Deletes batches, as the table does with expired ones.
    async fn delete_batches(&self, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            let partition = format!("EL#{}#T#", self.environment.tenant.simple());
            let deleted = self
                .client
                .delete_item()
                .table_name(TemporaryTables::TABLE)
                .key("pk", AttributeValue::S(partition))
                .key("sk", AttributeValue::S(format!("{number:016x}")))
                .condition_expression("attribute_exists(pk)")
                .send()
                .await;
            deleted.unwrap();
        }
    }
}

/// Holds back the first write of each writer until all have found the same end of the log.
struct SameNumber {
    writers: usize,
    arrived: Mutex<usize>,
    all_arrived: Condvar,
}

impl FaultInjector for SameNumber {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        if operation == "PutItem" && body.contains("\"EL#") {
            let mut arrived = self.arrived.lock().unwrap();
            *arrived += 1;
            self.all_arrived.notify_all();
            // Repeated writes come when all have arrived, and are not held back.
            let waiting = |arrived: &mut usize| *arrived < self.writers;
            drop(self.all_arrived.wait_timeout_while(arrived, EFFECT_TIMEOUT, waiting).unwrap());
        }
        None
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

/// Records an event with each of `writers` at once, all of which first take the same number.
async fn race(writers: u32) {
    let faults = Arc::new(SameNumber {
        writers: usize::try_from(writers).unwrap(),
        arrived: Mutex::new(0),
        all_arrived: Condvar::new(),
    });
    let tables = Tables::new(Some(Arc::<SameNumber>::clone(&faults) as Arc<dyn FaultInjector>)).await;
    futures_util::future::join_all((0..writers).map(|number| tables.log(event(number), NOW))).await;
    assert!(*faults.arrived.lock().unwrap() > faults.writers, "writes failed, and were repeated");
    let (entries, _) = tables.read_on(LogPosition::start(NOW), NOW).await;
    let found: BTreeSet<_> = ids(&entries).into_iter().map(|id| *id.bytes()).collect();
    let expected: BTreeSet<_> = (0..writers).map(|number| *event(number).bytes()).collect();
    assert_eq!((entries.len(), found), (expected.len(), expected), "each once");
    let numbers: Vec<_> = entries.iter().map(|entry| entry.position.batch).collect();
    let without_gaps: Vec<_> = (numbers[0]..).take(numbers.len()).collect();
    assert_eq!(numbers, without_gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_race_for_a_number_lose_nothing() {
    race(2).await;
    race(8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_goes_on_after_everything_has_expired() {
    let tables = Tables::new(None).await;
    for number in 0..3 {
        tables.log(event(number), NOW).await;
    }
    let (entries, end) = tables.read_on(LogPosition::start(NOW), NOW).await;
    assert_eq!(entries.len(), 3);
    let later = after_retention(NOW);
    assert!(end.has_expired(later), "whoever has not read since may have missed events");
    // A reader who asks regularly has missed nothing.
    let half_way = tables.page(end, NOW.after(retention::EVENT_LOG / 2)).await.next;
    for batches_are_deleted in [false, true] {
        if batches_are_deleted {
            tables.delete_batches(entries.iter().map(|entry| entry.position.batch)).await;
        }
        for after in [LogPosition::start(later), half_way] {
            let page = tables.page(after, later).await;
            assert_eq!((page.entries, page.has_more), (Vec::new(), false));
            assert!(!page.next.has_expired(later.after(retention::EVENT_LOG)), "as of the time of reading");
        }
    }
    let latest = tables.store.event_log_end(tables.environment, later).await.unwrap();
    tables.log(event(3), later).await;
    for after in [LogPosition::start(later), half_way, latest] {
        let (entries, _) = tables.read_on(after, later).await;
        assert_eq!(ids(&entries), [event(3)], "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_batches_may_be_deleted_in_any_order() {
    let tables = Tables::new(None).await;
    for number in 0..3 {
        tables.log(event(number), NOW).await;
    }
    let (entries, end) = tables.read_on(LogPosition::start(NOW), NOW).await;
    let half_way = tables.page(end, NOW.after(retention::EVENT_LOG / 2)).await.next;
    let later = after_retention(NOW);
    tables.delete_batches(entries[1..].iter().map(|entry| entry.position.batch)).await;
    // Counting on from the batch that is left would put the event before the reader.
    tables.log(event(3), later).await;
    let (entries, _) = tables.read_on(half_way, later).await;
    assert_eq!(ids(&entries), [event(3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_expired_batches_hide_no_event() {
    const EXPIRED: u32 = 60;
    let tables = Tables::new(None).await;
    for number in 0..EXPIRED {
        tables.log(event(number), NOW).await;
    }
    let later = after_retention(NOW);
    tables.log(event(EXPIRED), later).await;
    let (entries, _) = tables.read_on(LogPosition::start(later), later).await;
    assert_eq!(ids(&entries), [event(EXPIRED)]);
}
