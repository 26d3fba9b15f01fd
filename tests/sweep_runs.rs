//! Runs of the sweeper on prepared tables: what cannot be read or takes long delays nothing else, and no run takes too long.

use crate::harness::programs;
use crate::harness::tables::{Tables, TestClock};
use domain::disputes::evidence::{DeclaredFile, EvidenceCategory, FIRST_UPLOAD_CHECK, FileStatus, MAX_UPLOAD_WAIT};
use domain::file::FileType;
use domain::{BusinessId, Clock, Evidence, EvidenceId, LeadId, NewEvidence, SubscriptionId};
use emulator::FaultInjector;
use runtime::{DeliveryQueues, Queue, QueueMessage, SendFuture, Timing};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use sweep::{Dependencies, SweepSummary, Sweeper};
use uploads::EvidenceFiles;

/// A queue that counts messages.
#[derive(Debug, Default)]
struct CountingQueue(AtomicUsize);

impl<M: QueueMessage> Queue<M> for CountingQueue {
    fn send(&self, messages: Vec<(M, Duration)>) -> SendFuture<'_> {
        self.0.fetch_add(messages.len(), Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }
}

struct Fixture {
    tables: Tables,
    queue: Arc<CountingQueue>,
    clock: Arc<TestClock>,
    sweeper: Sweeper,
}

impl Fixture {
    async fn new(faults: Option<Arc<dyn FaultInjector>>, max_run_time: Duration) -> Self {
        Self::with_overtime(faults, max_run_time, sweep::MAX_OVERTIME).await
    }

    async fn with_overtime(
        faults: Option<Arc<dyn FaultInjector>>,
        max_run_time: Duration,
        max_overtime: Duration,
    ) -> Self {
        let tables = Tables::new(faults).await;
        let (queue, clock) = (Arc::<CountingQueue>::default(), TestClock::at(runtime::SystemClock.now()));
        let shared: Arc<dyn Clock> = Arc::<TestClock>::clone(&clock);
        let sweeper = Sweeper::new(Dependencies {
            store: tables.store.clone(),
            queues: DeliveryQueues {
                prompt: Arc::<CountingQueue>::clone(&queue),
                slow: Arc::<CountingQueue>::clone(&queue),
            },
            follow_up_queue: Arc::<CountingQueue>::default(),
            package_queue: Arc::<CountingQueue>::default(),
            files: EvidenceFiles::new(tables.store.clone(), tables.blobs.clone(), Arc::clone(&shared)),
            clock: shared,
            timing: Timing::DEPLOYED,
            max_run_time,
            max_overtime,
        });
        Self { tables, queue, clock, sweeper }
    }

    async fn run(&self) -> SweepSummary {
        self.sweeper.run().await.unwrap()
    }

    /// Adds overdue deliveries to a shard, `seconds` after the first possible check time.
    async fn add_deliveries(&self, shard: u8, count: usize, seconds: i64) {
        let tenant = self.tables.environment.tenant.simple();
        let subscription = SubscriptionId::derived(&[b"s"]).simple();
        for number in 0..count {
            let (id, partition) = (format!("{number:024x}0000beef"), format!("D#{tenant}#T#0000beef"));
            let texts = [("pk", &*partition), ("sk", &id), ("dp", &shard_name(shard)), ("subscription", &subscription)];
            self.tables.put(&texts, &[("attempts", 0), ("dueAt", 1), ("da", seconds)]).await;
        }
    }
}

fn shard_name(shard: u8) -> String {
    format!("due#{shard}")
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_items_do_not_cap_a_shard() {
    let fixture = Fixture::new(None, sweep::MAX_RUN_TIME).await;
    let tenant = fixture.tables.environment.tenant.simple();
    // A kind of a newer release, a delivery without what it needs, and what is no key of ours: more than a page of them.
    for number in 0..75 {
        let shard = shard_name(3);
        let (kind, broken) = (format!("ZZ#{tenant}#T#{number}"), format!("D#{tenant}#T#0000cafe"));
        let id = format!("{number:024x}0000cafe");
        for key in [[("pk", &*kind), ("sk", "ZZ")], [("pk", &*broken), ("sk", &id)], [("pk", "Z"), ("sk", &id)]] {
            fixture.tables.put(&[key[0], key[1], ("dp", &shard)], &[("da", number)]).await;
        }
    }
    fixture.add_deliveries(3, 230, 1_000).await;
    let first = fixture.run().await;
    assert_eq!((first.reenqueued, first.passed_over, first.failed), (230, 225, 0));
    let second = fixture.run().await;
    assert_eq!((second.reenqueued, second.passed_over), (0, 225), "they stay for the release that can read them");
    assert_eq!(fixture.queue.0.load(Ordering::SeqCst), 230);
}

/// Notes how many messages had been enqueued when the purge ended.
#[derive(Default)]
struct EndOfPurge {
    queue: OnceLock<Arc<CountingQueue>>,
    enqueued: OnceLock<usize>,
}

impl FaultInjector for EndOfPurge {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        if operation == "DeleteItem"
            && body.contains("\"empty\"")
            && let Some(queue) = self.queue.get()
        {
            let _ = self.enqueued.set(queue.0.load(Ordering::SeqCst));
        }
        None
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_purge_stalls_no_delivery() {
    let end = Arc::<EndOfPurge>::default();
    let fixture = Fixture::new(Some(Arc::<EndOfPurge>::clone(&end)), sweep::MAX_RUN_TIME).await;
    let tables = &fixture.tables;
    let long_ago = fixture.clock.now().before(Duration::from_hours(1));
    tables.store.commit(tables.store.request_purge(tables.environment, long_ago)).await.unwrap();
    let (tenant, partition) = (tables.environment.tenant, format!("BSU#{}#T#", tables.environment.tenant.simple()));
    for number in 0..2_500 {
        let (key, position) = (format!("SU#{}#T#{number}", tenant.simple()), format!("{number:013}#a"));
        tables.put(&[("pk", &key), ("sk", "SU"), ("bp", &partition), ("at", &position)], &[]).await;
    }
    // In the shard of the purge, behind it, and more than a page.
    fixture.add_deliveries(tenant.bytes()[11] % 8, 210, long_ago.millis() + 120_000).await;
    end.queue.set(Arc::clone(&fixture.queue)).unwrap();
    let summary = fixture.run().await;
    assert_eq!((summary.completed, summary.reenqueued), (1, 210));
    assert_eq!(end.enqueued.get(), Some(&210), "no delivery waited for the purge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_in_time_and_the_next_goes_on() {
    let fixture = Fixture::new(None, Duration::from_millis(150)).await;
    fixture.add_deliveries(5, 1_200, 1).await;
    let mut runs = Vec::new();
    while fixture.queue.0.load(Ordering::SeqCst) < 1_200 {
        assert!(runs.len() < 200, "{runs:?}");
        let started = Instant::now();
        let summary = fixture.run().await;
        assert!(started.elapsed() < Duration::from_secs(8), "what has begun ends soon: {:?}", started.elapsed());
        runs.push(summary.reenqueued);
    }
    assert!(runs.len() > 1, "the first run had no time for all: {runs:?}");
    assert_eq!(runs.iter().sum::<usize>(), 1_200, "none is enqueued twice");
}

/// Slows down each deletion of a suppression and of a message.
struct SlowDeletions;

impl FaultInjector for SlowDeletions {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        if operation == "DeleteItem" && (body.contains("\"SU#") || body.contains("\"M#1\"")) {
            std::thread::sleep(Duration::from_millis(1_200));
        }
        None
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

/// A request takes up to six seconds if the table is throttled, and a round of a deletion makes many.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_deletion_is_interrupted() {
    let (run_time, overtime) = (Duration::from_millis(200), Duration::from_millis(400));
    let fixture = Fixture::with_overtime(Some(Arc::new(SlowDeletions)), run_time, overtime).await;
    let tables = &fixture.tables;
    let long_ago = fixture.clock.now().before(Duration::from_hours(1));
    tables.store.commit(tables.store.request_purge(tables.environment, long_ago)).await.unwrap();
    let tenant = tables.environment.tenant.simple();
    let (partition, lead) = (format!("BSU#{tenant}#T#"), format!("L#{tenant}#T#{}", LeadId::derived(&[b"l"]).simple()));
    let suppression = format!("SU#{tenant}#T#1");
    tables.put(&[("pk", &suppression), ("sk", "SU"), ("bp", &partition), ("at", "0000000000001#a")], &[]).await;
    tables.put(&[("pk", &lead), ("sk", "L"), ("dp", "due#1")], &[("erasedAt", 1), ("da", 1)]).await;
    tables.put(&[("pk", &lead), ("sk", "M#1")], &[]).await;
    let summary = fixture.run().await;
    assert_eq!((summary.continued, summary.completed, summary.failed), (2, 0, 0), "neither deletion was waited for");
}

/// Lambda ends a function at its timeout, whatever it is doing.
#[test]
fn a_run_ends_before_the_functions_timeout() {
    let template = std::fs::read_to_string(programs::tests_folder().join("../template.yaml")).unwrap();
    let function = template.split("\n  SweepFunction:").nth(1).unwrap();
    let timeout = function.split("Timeout: ").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(sweep::MAX_RUN_TIME + sweep::MAX_OVERTIME < Duration::from_secs(timeout.parse().unwrap()));
}

/// Stores evidence that declares a file of five bytes, as if it had been created at the clock's time.
async fn declare(fixture: &Fixture, name: &[u8]) -> Evidence {
    let new = NewEvidence {
        business: BusinessId::derived(&[b"b"]),
        category: EvidenceCategory::Photo,
        dispute: None,
        lead: None,
        title: None,
        description: None,
        file: Some(DeclaredFile { content_type: FileType::Png, size: 5, sha256: None, name: None }),
    };
    let evidence = Evidence::new(EvidenceId::derived(&[name]), new, fixture.clock.now());
    let writes = fixture.tables.store.put_record(fixture.tables.environment, &evidence).unwrap();
    fixture.tables.store.commit(writes).await.unwrap();
    evidence
}

async fn stored(fixture: &Fixture, evidence: &Evidence) -> Evidence {
    let found =
        fixture.tables.store.record(fixture.tables.environment, &evidence.id.simple(), fixture.clock.now()).await;
    found.unwrap().unwrap()
}

/// Stores a file without an event, as when the event is lost.
async fn arrive(fixture: &Fixture, evidence: &Evidence, content: &'static [u8]) {
    let key = blob::BlobKey::of_evidence(fixture.tables.environment, evidence.id);
    fixture.tables.blobs.put(&key, FileType::Png, bytes::Bytes::from_static(content)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_never_waits_for_ever() {
    let fixture = Fixture::new(None, sweep::MAX_RUN_TIME).await;
    let (lost, late, wrong, missing) = (
        declare(&fixture, b"lost").await,
        declare(&fixture, b"late").await,
        declare(&fixture, b"wrong").await,
        declare(&fixture, b"missing").await,
    );
    arrive(&fixture, &lost, b"hello").await;
    arrive(&fixture, &wrong, b"not five bytes").await;
    assert_eq!(fixture.run().await.completed, 0, "the event may still come");
    fixture.clock.advance(FIRST_UPLOAD_CHECK);
    let first = fixture.run().await;
    assert_eq!((first.completed, first.continued, first.passed_over, first.failed), (1, 3, 0, 0));
    let ready = stored(&fixture, &lost).await;
    assert_eq!((ready.file_status(), ready.version), (FileStatus::Ready, 2));
    let key = blob::BlobKey::of_evidence(fixture.tables.environment, wrong.id);
    assert!(fixture.tables.blobs.find(&key).await.unwrap().is_none(), "what was not declared is deleted");
    assert_eq!(fixture.run().await.continued, 0, "they are looked for again later");
    arrive(&fixture, &late, b"there").await;
    fixture.clock.advance(MAX_UPLOAD_WAIT);
    let last = fixture.run().await;
    assert_eq!((last.completed, last.continued), (3, 0));
    assert_eq!(stored(&fixture, &late).await.file_status(), FileStatus::Ready);
    for expired in [&wrong, &missing] {
        assert_eq!(stored(&fixture, expired).await.file_status(), FileStatus::Expired);
    }
    fixture.clock.advance(MAX_UPLOAD_WAIT);
    assert_eq!(fixture.run().await.completed, 0, "nothing is awaited any more");
}
