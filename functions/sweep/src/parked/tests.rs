use super::*;
use crate::Dependencies;
use domain::contract::Contract;
use domain::signing_secret::SecretRef;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery_lane::MAX_PARKED_TIME;
use domain::webhooks::event_type::EventType;
use domain::webhooks::subscription::EventFilter;
use domain::{
    Clock, Delivery, DeliveryId, DeliveryStatus, Environment, EventId, Mode, Subscription, SubscriptionId, TenantId,
};
use emulator::TemporaryTables;
use runtime::{DeliveryQueues, Queue, QueueMessage, SendFuture, Timing};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::{DueEntry, DueShard, DueWork, Store};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const OPEN_UNTIL: Timestamp = Timestamp::from_millis(1_800_000_060_000);

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct NoQueue;

impl<M: QueueMessage> Queue<M> for NoQueue {
    fn send(&self, _messages: Vec<(M, Duration)>) -> SendFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// A queue that keeps its messages.
#[derive(Default)]
struct Recorded(Mutex<Vec<(DeliveryMessage, Duration)>>);

impl Queue for Recorded {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        self.0.lock().expect("no panic").extend(messages);
        Box::pin(async { Ok(()) })
    }
}

impl Recorded {
    fn take(&self) -> Vec<(DeliveryMessage, Duration)> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

/// A subscription whose circuit is open, and a sweeper.
struct Fixture {
    store: Store,
    sweeper: Sweeper,
    clock: Arc<TestClock>,
    prompt: Arc<Recorded>,
    slow: Arc<Recorded>,
    environment: Environment,
    subscription: Subscription,
    _tables: TemporaryTables,
}

impl Fixture {
    async fn new() -> Self {
        let tables = TemporaryTables::create(None).await.expect("tables");
        let store = tables.store.clone();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW.millis())));
        let shared: Arc<dyn Clock> = Arc::<TestClock>::clone(&clock);
        let (prompt, slow) = (Arc::<Recorded>::default(), Arc::<Recorded>::default());
        let sweeper = Sweeper::new(Dependencies {
            store: store.clone(),
            queues: DeliveryQueues { prompt: Arc::<Recorded>::clone(&prompt), slow: Arc::<Recorded>::clone(&slow) },
            follow_up_queue: Arc::new(NoQueue),
            package_queue: Arc::new(NoQueue),
            continuations: None,
            clock: shared,
            timing: Timing::DEPLOYED,
            hand_over_after: crate::HAND_OVER_AFTER,
            max_run_time: crate::MAX_RUN_TIME,
        });
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let subscription = subscription();
        let created = store.put_subscription(environment, &subscription).expect("items");
        store.commit(created).await.expect("stored");
        let open = EndpointHealth { opened: 1, open_until: Some(OPEN_UNTIL), ..EndpointHealth::unproven(NOW) };
        store.record_endpoint_failure(environment, subscription.id, &open, NOW).await.expect("counted");
        Self { store, sweeper, clock, prompt, slow, environment, subscription, _tables: tables }
    }

    /// Parks so many deliveries.
    async fn park(&self, count: u32) {
        let parked = (0..count).map(|number| async move {
            let delivery = delivery(&self.subscription, number);
            self.store.create_delivery(self.environment, &delivery, None, DueEntry::Own(NOW)).await.expect("created");
            self.store.put_parked_delivery(self.environment, &delivery).await.expect("parked");
            let due_at = NOW.after(MAX_PARKED_TIME);
            let postponed = self.store.postpone_delivery(self.environment, &delivery, due_at, due_at).await;
            assert!(postponed.expect("postponed"));
        });
        join_bounded(parked).await;
        self.store.put_parked_entry(self.environment, self.subscription.id, OPEN_UNTIL).await.expect("stored");
    }

    /// Records what follows from a successful attempt.
    async fn close_circuit(&self) {
        let id = self.subscription.id;
        let open = self.store.parked_subscription(self.environment, id).await.expect("read").health;
        let now = self.clock.now();
        let closed = open.after_success(Duration::from_millis(50), now, Timing::DEPLOYED.speedup);
        self.store.record_endpoint_success(self.environment, id, &open, &closed).await.expect("stored");
        self.store.hasten_parked_entry(self.environment, id, now).await.expect("hastened");
    }

    /// Sweeps the entries of parked deliveries at `now`.
    async fn sweep_at(&self, now: Timestamp) {
        self.clock.0.store(now.millis(), Ordering::SeqCst);
        let shards = DueShard::all().filter(|shard| matches!(shard, DueShard::Parked(_))).collect();
        let swept = self.sweeper.sweep(shards, None).await.expect("no failure of the table");
        assert_eq!((swept.failed, swept.passed_over), (0, 0), "{swept:?}");
    }

    /// Returns the check times of the entries of parked deliveries, and of the deliveries.
    async fn check_times(&self) -> (Vec<Timestamp>, Vec<Timestamp>) {
        let (mut entries, mut deliveries) = (Vec::new(), Vec::new());
        for shard in DueShard::all() {
            for work in self.store.due_page(shard, Timestamp::LATEST, 1_000, None).await.expect("a page").items {
                match work.expect("readable") {
                    DueWork::Parked(due) => entries.push(due.check_at),
                    DueWork::Delivery(due) => deliveries.push(due.check_at),
                    other => panic!("{other:?}"),
                }
            }
        }
        (entries, deliveries)
    }

    async fn parked_count(&self) -> usize {
        self.store.parked_deliveries(self.environment, self.subscription.id, 1_000).await.expect("read").len()
    }
}

fn subscription() -> Subscription {
    Subscription {
        id: SubscriptionId::derived(&[b"s"]),
        url: "https://example.com/hook".to_owned(),
        events: EventFilter::ALL,
        contract: Contract::Native,
        business: None,
        verify_ownership: false,
        status: SubscriptionStatus::Enabled,
        generation: 1,
        secret: SecretRef { master: 1, version: 1 },
        previous: None,
        disabled_reason: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn delivery(subscription: &Subscription, number: u32) -> Delivery {
    let event = EventId::derived(&[&number.to_be_bytes()]);
    Delivery {
        id: DeliveryId::for_event(event, NOW, subscription.id),
        subscription: subscription.id,
        event,
        event_type: EventType::LeadCreated,
        generation: 1,
        contract: Contract::Native,
        lead: None,
        body: "{}".to_owned().into(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        round_start: 0,
        created_at: NOW,
        due_at: Some(NOW),
        successful_attempt: None,
    }
}

#[tokio::test]
async fn an_open_circuit_is_probed_by_one_delivery() {
    let fixture = Fixture::new().await;
    fixture.park(3).await;
    let back_at = NOW.after(MAX_PARKED_TIME);
    assert_eq!(fixture.check_times().await, (vec![OPEN_UNTIL], vec![back_at; 3]));
    fixture.sweep_at(NOW).await;
    assert!(fixture.slow.take().is_empty(), "the circuit is open");
    fixture.sweep_at(OPEN_UNTIL).await;
    let probes = fixture.slow.take();
    assert!(matches!(probes[..], [(DeliveryMessage { attempt: 1, .. }, Duration::ZERO)]), "{probes:?}");
    assert_eq!((fixture.parked_count().await, fixture.prompt.take()), (2, Vec::new()));
    let (entries, mut deliveries) = fixture.check_times().await;
    deliveries.sort();
    let probe_check = Timing::DEPLOYED.check_at_when_enqueued(OPEN_UNTIL);
    assert_eq!((entries, deliveries), (vec![OPEN_UNTIL.after(PROBE_INTERVAL)], vec![probe_check, back_at, back_at]));
    // The probe fails, and the circuit is open for longer.
    let open_until = OPEN_UNTIL.after(Duration::from_mins(2));
    let open = EndpointHealth { opened: 2, open_until: Some(open_until), ..EndpointHealth::default() };
    let counted =
        fixture.store.record_endpoint_failure(fixture.environment, fixture.subscription.id, &open, OPEN_UNTIL);
    counted.await.expect("counted");
    fixture.sweep_at(OPEN_UNTIL.after(PROBE_INTERVAL)).await;
    assert_eq!((fixture.slow.take(), fixture.check_times().await.0), (Vec::new(), vec![open_until]));
}

#[tokio::test]
async fn a_closed_circuit_releases_all_deliveries() {
    let fixture = Fixture::new().await;
    fixture.park(230).await;
    fixture.clock.0.store(OPEN_UNTIL.millis(), Ordering::SeqCst);
    fixture.close_circuit().await;
    fixture.sweep_at(OPEN_UNTIL).await;
    let released = fixture.prompt.take();
    assert_eq!((released.len(), fixture.slow.take()), (230, Vec::new()), "the success has proven the endpoint");
    let last = released.iter().map(|(_, delay)| *delay).max();
    assert_eq!(last, Some(Duration::from_secs(200 / u64::from(RELEASES_PER_SECOND))));
    let (entries, deliveries) = fixture.check_times().await;
    assert_eq!((entries, fixture.parked_count().await), (Vec::new(), 0));
    let latest = Timing::DEPLOYED.check_at_when_enqueued(OPEN_UNTIL.after(MAX_RELEASE_DELAY));
    assert!(deliveries.len() == 230 && deliveries.iter().all(|check_at| *check_at < latest), "they are prompt again");
}

#[tokio::test]
async fn a_large_release_goes_on_with_the_next_run() {
    let fixture = Fixture::new().await;
    fixture.park(MAX_RELEASES + 50).await;
    fixture.clock.0.store(OPEN_UNTIL.millis(), Ordering::SeqCst);
    fixture.close_circuit().await;
    fixture.sweep_at(OPEN_UNTIL).await;
    let released = fixture.prompt.take();
    let mut in_second = std::collections::HashMap::<Duration, u32>::new();
    for (_, delay) in &released {
        *in_second.entry(*delay).or_default() += 1;
    }
    // Pages of 100 have one delay each.
    assert_eq!(released.len(), 3_000);
    assert!(in_second.values().all(|count| *count == 100) && in_second.keys().all(|delay| *delay < MAX_RELEASE_DELAY));
    let next_run = OPEN_UNTIL.after(Duration::from_mins(1));
    let (entries, parked) = (fixture.check_times().await.0, fixture.parked_count().await);
    assert!(matches!(entries[..], [check_at] if check_at > OPEN_UNTIL && check_at < next_run), "{entries:?}");
    assert_eq!(parked, 50);
    fixture.sweep_at(next_run).await;
    assert_eq!((fixture.prompt.take().len(), fixture.check_times().await.0), (50, Vec::new()));
}

#[tokio::test]
async fn deliveries_of_deleted_subscriptions_are_released() {
    let fixture = Fixture::new().await;
    fixture.park(2).await;
    let deleted = fixture.store.delete_subscription(fixture.environment, &fixture.subscription, NOW).expect("items");
    fixture.store.commit(deleted).await.expect("deleted");
    fixture.sweep_at(OPEN_UNTIL).await;
    assert_eq!(fixture.prompt.take().len(), 2, "the function behind the queue cancels them");
    assert_eq!((fixture.check_times().await.0, fixture.parked_count().await), (Vec::new(), 0));
}

#[tokio::test]
async fn ended_deliveries_are_forgotten() {
    let fixture = Fixture::new().await;
    fixture.park(2).await;
    let ended = delivery(&fixture.subscription, 0);
    fixture.store.cancel_delivery(fixture.environment, &ended).await.expect("cancelled");
    fixture.close_circuit().await;
    fixture.sweep_at(OPEN_UNTIL).await;
    assert_eq!(fixture.prompt.take().len(), 1);
    assert_eq!((fixture.check_times().await.0, fixture.parked_count().await), (Vec::new(), 0));
}

#[tokio::test]
async fn what_is_parked_while_the_circuit_closes_is_released() {
    let fixture = Fixture::new().await;
    fixture.close_circuit().await;
    fixture.sweep_at(NOW).await;
    assert!(fixture.check_times().await.0.is_empty(), "nothing was parked yet");
    fixture.park(1).await;
    fixture.store.restore_parked_entry(fixture.environment, fixture.subscription.id, NOW).await.expect("restored");
    fixture.sweep_at(NOW).await;
    assert_eq!((fixture.prompt.take().len(), fixture.check_times().await.0), (1, Vec::new()));
}

#[tokio::test]
async fn a_success_keeps_a_newer_mark_of_being_slow() {
    let fixture = Fixture::new().await;
    let id = fixture.subscription.id;
    let before = fixture.store.parked_subscription(fixture.environment, id).await.expect("read").health;
    fixture.store.mark_slow_endpoint(fixture.environment, id, OPEN_UNTIL).await.expect("marked");
    let after = EndpointHealth::default();
    fixture.store.record_endpoint_success(fixture.environment, id, &before, &after).await.expect("stored");
    let health = fixture.store.parked_subscription(fixture.environment, id).await.expect("read").health;
    assert_eq!(health, EndpointHealth { slow_until: Some(OPEN_UNTIL), ..EndpointHealth::default() });
}
