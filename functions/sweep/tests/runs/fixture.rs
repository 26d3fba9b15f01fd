//! Tables with overdue deliveries, a queue that records what it gets, and sweepers of both.

use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Clock, Contract, Delivery, DeliveryId, DeliveryStatus, Environment, EventId, EventType, Mode, ProtectedText,
    SubscriptionId, TenantId, Timestamp,
};
use emulator::TemporaryTables;
use runtime::{DeliveryMessage, DeliveryQueues, FollowUpMessage, PackageMessage, Queue, SendFuture, Timing};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{DueEntry, InProcessDatabase, Store};
use sweep::{Continuations, Dependencies, HAND_OVER_AFTER, MAX_RUN_TIME, Sweeper};

/// Time that SQS takes for one call.
const SEND_LATENCY: Duration = Duration::from_millis(10);

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_003_600_000);

/// A clock that stands still until it is advanced.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).expect("a short time"), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A queue of deliveries that is as far away as SQS and records each call.
#[derive(Default)]
pub(crate) struct RecordingQueue {
    calls: Mutex<Vec<Vec<DeliveryMessage>>>,
    /// Set if calls never end, as in a process that was killed.
    pub(crate) hangs: AtomicBool,
}

impl RecordingQueue {
    /// Returns the numbers of messages in the calls since the last time, and forgets them. Fails if a delivery was sent twice.
    pub(crate) fn take_calls(&self) -> Vec<usize> {
        let calls = std::mem::take(&mut *self.calls.lock().expect("no panic"));
        let ids: HashSet<_> = calls.iter().flatten().map(|message| *message.name.delivery.bytes()).collect();
        let sizes: Vec<_> = calls.iter().map(Vec::len).collect();
        assert_eq!(ids.len(), sizes.iter().sum::<usize>(), "none is sent twice");
        sizes
    }
}

impl Queue for RecordingQueue {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(SEND_LATENCY).await;
            self.calls.lock().expect("no panic").push(messages.into_iter().map(|(message, _)| message).collect());
            Ok(())
        })
    }
}

/// A queue that nothing is sent to.
struct NoQueue;

impl Queue<FollowUpMessage> for NoQueue {
    fn send(&self, messages: Vec<(FollowUpMessage, Duration)>) -> SendFuture<'_> {
        panic!("{messages:?}")
    }
}

impl Queue<PackageMessage> for NoQueue {
    fn send(&self, messages: Vec<(PackageMessage, Duration)>) -> SendFuture<'_> {
        panic!("{messages:?}")
    }
}

/// Times for which a run works alone, and in all.
#[derive(Clone, Copy)]
pub(crate) struct RunTimes {
    pub(crate) hand_over_after: Duration,
    pub(crate) max_run_time: Duration,
}

impl RunTimes {
    pub(crate) const DEPLOYED: Self = Self { hand_over_after: HAND_OVER_AFTER, max_run_time: MAX_RUN_TIME };
}

pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) queue: Arc<RecordingQueue>,
    pub(crate) clock: Arc<TestClock>,
    tables: TemporaryTables,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let tables = TemporaryTables::create(None).await.expect("tables");
        let store = tables.store.clone();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW.millis())));
        Self { store, queue: Arc::default(), clock, tables }
    }

    pub(crate) fn sweeper(&self, times: RunTimes, continuations: Option<Continuations>) -> Sweeper {
        Sweeper::new(Dependencies {
            store: self.store.clone(),
            queues: DeliveryQueues {
                prompt: Arc::<RecordingQueue>::clone(&self.queue),
                slow: Arc::<RecordingQueue>::default(),
            },
            follow_up_queue: Arc::new(NoQueue),
            package_queue: Arc::new(NoQueue),
            continuations,
            clock: Arc::<TestClock>::clone(&self.clock),
            timing: Timing::DEPLOYED,
            hand_over_after: times.hand_over_after,
            max_run_time: times.max_run_time,
        })
    }

    /// Gives a delivery a status that no release knows.
    pub(crate) async fn break_delivery(&self, delivery: &Delivery) {
        let text = |text: String| AttributeValue::S(text);
        let partition = format!("D#{}#L#{}", environment().tenant.simple(), delivery.id.subscription_tag());
        let update = UpdateItemInput::builder()
            .table_name(TemporaryTables::TABLE)
            .key("pk", text(partition))
            .key("sk", text(delivery.id.simple()))
            .update_expression("SET #status = :unknown")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":unknown", text("ON_HOLD".to_owned()));
        self.tables.database.update_item(update.build().expect("an update")).await.expect("updated");
    }

    /// Adds deliveries that have been overdue for an hour.
    pub(crate) async fn add_deliveries(&self, numbers: std::ops::Range<u32>) {
        let environment = environment();
        let deliveries: Vec<_> = numbers.map(delivery).collect();
        for some in deliveries.chunks(50) {
            let writes = some
                .iter()
                .map(|one| self.store.put_delivery(environment, one, None, DueEntry::Own(NOW)).expect("an item"));
            self.store.commit(writes.collect()).await.expect("stored");
        }
    }
}

pub(crate) fn environment() -> Environment {
    Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live }
}

/// Returns a delivery that was created an hour ago.
pub(crate) fn delivery(number: u32) -> Delivery {
    let subscription = SubscriptionId::derived(&[b"s"]);
    let event = EventId::derived(&[&number.to_be_bytes()]);
    let created_at = NOW.before(Duration::from_hours(1));
    Delivery {
        id: DeliveryId::for_event(event, created_at, subscription),
        subscription,
        event,
        event_type: EventType::LeadCreated,
        generation: 1,
        contract: Contract::Native,
        lead: None,
        body: ProtectedText::Plain("{}".to_owned()),
        status: DeliveryStatus::Pending,
        attempts: 0,
        round_start: 0,
        created_at,
        due_at: Some(created_at),
        successful_attempt: None,
    }
}
