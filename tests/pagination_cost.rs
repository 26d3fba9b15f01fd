//! Cost of pages: a page costs its own items, however many items follow.

use crate::harness::{Caller, SEQUENCE_TIMEOUT, eventually, leads, options};
use domain::accounts::business::TimeZone;
use domain::accounts::rate_limit::Limits;
use domain::{
    BusinessId, Clock, Contract, Delivery, DeliveryId, DeliveryStatus, Environment, EventId, EventType, Lead, LeadId,
    Mode, ProtectedText, SubscriptionId, TenantId,
};
use emulator::CapacityMeter;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

const FEW: usize = 100;
const MANY: usize = 5_000;

/// Cost of a page: database operations and read units.
type Cost = (u64, f64);

/// Server with a meter, and a caller with a small and a large business.
struct TestSystem {
    server: LocalServer,
    meter: CapacityMeter,
    native: Caller,
}

impl TestSystem {
    async fn new() -> Self {
        let meter = CapacityMeter::default();
        let options =
            ServerOptions { demo_limits: Some(Limits::UNLIMITED), capacity_meter: Some(meter.clone()), ..options() };
        let server = LocalServer::start(options).await.unwrap();
        let native = Caller::native(&server);
        Self { server, meter, native }
    }

    /// Creates a business with `count` leads, stored directly.
    async fn business(&self, count: usize) -> String {
        let body = json!({ "name": format!("With {count}"), "country": "GB" });
        let id = self.native.post("/v2/businesses", body).await.expect(201)["id"].as_str().unwrap().to_owned();
        let environment = self.environment().await;
        let leads =
            (0..count).map(|number| {
                let business = BusinessId::parse(&id).unwrap();
                async move {
                    self.server.store.create_lead(environment, &lead(business, number), None, SystemClock.now()).await
                }
            });
        for stored in crate::harness::run_concurrently(leads).await {
            stored.unwrap();
        }
        id
    }

    /// Waits until the readers of the stream have processed the new leads: what they read and write would be counted.
    async fn settle(&self) {
        eventually(SEQUENCE_TIMEOUT, "no operations for half a second", || async {
            let before = self.server.database.operations();
            tokio::time::sleep(Duration::from_millis(500)).await;
            (self.server.database.operations() == before).then_some(())
        })
        .await;
    }

    /// Returns the cost of a page: the minimum of three reads, because the sweeper may add its own to one of them.
    async fn cost_of(&self, path: &str) -> Cost {
        let costs = [self.one_cost_of(path).await, self.one_cost_of(path).await, self.one_cost_of(path).await];
        costs.into_iter().min_by_key(|(operations, _)| *operations).unwrap()
    }

    async fn one_cost_of(&self, path: &str) -> Cost {
        let (page, cost) = self.page(path).await;
        assert_eq!(page["data"].as_array().unwrap().len(), 50, "{path}");
        cost
    }

    /// Returns a page with its cost.
    async fn page(&self, path: &str) -> (Value, Cost) {
        let before = self.server.database.operations();
        self.meter.take_read_units();
        let page = self.native.get(path).await.expect(200);
        (page, (self.server.database.operations() - before, self.meter.take_read_units()))
    }

    /// Reads a list to its end, and returns the ids, the number of pages and the greatest cost of a page in read units.
    async fn walk(&self, list: &str) -> (Vec<String>, usize, f64) {
        let (mut ids, mut pages, mut greatest, mut path) = (Vec::new(), 0, 0.0_f64, list.to_owned());
        loop {
            let (page, (_, units)) = self.page(&path).await;
            ids.extend(crate::harness::ids(&page));
            (pages, greatest) = (pages + 1, greatest.max(units));
            assert!(pages < 1_000, "{list} does not end");
            let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { return (ids, pages, greatest) };
            path = format!("{list}&cursor={cursor}");
        }
    }

    async fn environment(&self) -> Environment {
        let me = self.native.get("/v2/me").await.expect(200);
        Environment { tenant: TenantId::parse(me["tenantId"].as_str().unwrap()).unwrap(), mode: Mode::Live }
    }

    /// Creates this many subscriptions, and returns their ids.
    async fn subscribe(&self, count: usize) -> Vec<SubscriptionId> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let made = self.native.subscribe("http://127.0.0.1:9000/hook").await;
            ids.push(SubscriptionId::parse(made["id"].as_str().unwrap()).unwrap());
        }
        ids
    }
}

/// Returns a lead of constant size.
fn lead(business: BusinessId, number: usize) -> Lead {
    let now = SystemClock.now();
    let new = leads::new_lead(business, Some(&format!("{number:08}@example.com")));
    Lead::new(
        LeadId::derived(&[business.bytes(), &number.to_be_bytes()]),
        Contract::Native,
        new,
        &TimeZone::parse("UTC").unwrap(),
        now,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn page_cost_is_independent_of_list_size() {
    let test_system = TestSystem::new().await;
    let (few, many) = (test_system.business(FEW).await, test_system.business(MANY).await);
    test_system.settle().await;
    for list in ["/v2/leads?limit=50", "/v2/leads?limit=50&status=NEW", "/v2/leads?limit=50&createdFrom=2026-01-01"] {
        let cost = async |business: &str| test_system.cost_of(&format!("{list}&businessId={business}")).await;
        // Fills the caches first.
        cost(&few).await;
        let (of_few, of_many) = (cost(&few).await, cost(&many).await);
        assert_eq!(of_few.0, 2, "{list}: authentication and the page");
        assert!(of_few.1 > 0.0, "{list}: the database reports what is read");
        assert_eq!(of_few, of_many, "{list}");
    }
}

/// Maximum cost of a page over a hundred businesses or subscriptions in read units: each query costs at least half a
/// unit, and what is read in all is about a megabyte at most.
const MAX_PAGE_UNITS: f64 = 260.0;

/// The same without a filter: some items of each query, and a page.
const MAX_UNFILTERED_PAGE_UNITS: f64 = 120.0;

#[tokio::test(flavor = "multi_thread")]
async fn pages_over_100_businesses_keep_one_budget() {
    const LEADS: usize = 40;
    let test_system = TestSystem::new().await;
    for _ in 1..100 {
        test_system.business(LEADS).await;
    }
    test_system.settle().await;
    let (_, (_, units)) = test_system.page("/v2/leads?limit=100").await;
    assert!(units <= MAX_UNFILTERED_PAGE_UNITS, "{units}");
    let (ids, _, greatest) = test_system.walk("/v2/leads?limit=100").await;
    assert!(greatest <= MAX_UNFILTERED_PAGE_UNITS, "{greatest}");
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (99 * LEADS, 99 * LEADS));
    let (of_filter, _, greatest) = test_system.walk("/v2/leads?limit=100&category=GENERAL").await;
    assert_eq!(of_filter, ids, "a filter that passes all");
    assert!(greatest <= MAX_PAGE_UNITS, "{greatest}");
    let (none, pages, greatest) = test_system.walk("/v2/leads?limit=100&category=EVENT").await;
    assert_eq!(none, [""; 0]);
    assert!(greatest <= MAX_PAGE_UNITS, "{greatest}");
    assert!(pages <= 20, "{pages} pages for {} leads", ids.len());
    test_system.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_over_100_subscriptions_keep_one_budget() {
    const DELIVERIES: usize = 30;
    let test_system = TestSystem::new().await;
    let deleted = test_system.subscribe(50).await;
    for id in &deleted {
        test_system.native.delete(&format!("/v2/webhooks/{id}")).await.expect(204);
    }
    let all = [deleted, test_system.subscribe(50).await].concat();
    let (environment, now) = (test_system.environment().await, SystemClock.now());
    let writes = all.iter().flat_map(|subscription| (0..DELIVERIES).map(move |number| (*subscription, number)));
    let writes = writes.map(|(subscription, number)| {
        let created_at = now.before(Duration::from_secs(number as u64));
        let event = EventId::derived(&[subscription.bytes(), &number.to_be_bytes()]);
        let delivery = Delivery {
            id: DeliveryId::for_event(event, created_at, subscription),
            subscription,
            event,
            event_type: EventType::LeadCreated,
            generation: 1,
            contract: Contract::Native,
            lead: None,
            body: ProtectedText::Plain("x".repeat(400)),
            status: DeliveryStatus::Delivered,
            attempts: 1,
            round_start: 0,
            created_at,
            due_at: None,
            successful_attempt: None,
        };
        let store = &test_system.server.store;
        async move {
            store
                .create_delivery(
                    environment,
                    &delivery,
                    None,
                    store::DueEntry::Own(now.after(Duration::from_secs(3_600))),
                )
                .await
        }
    });
    for written in crate::harness::run_concurrently(writes).await {
        written.unwrap();
    }
    test_system.settle().await;
    let (ids, _, greatest) = test_system.walk("/v2/deliveries?limit=100").await;
    assert!(greatest <= MAX_UNFILTERED_PAGE_UNITS, "{greatest}");
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (100 * DELIVERIES, 100 * DELIVERIES));
    let (of_filter, _, greatest) = test_system.walk("/v2/deliveries?limit=100&status=DELIVERED").await;
    assert_eq!(of_filter, ids, "a filter that passes all");
    assert!(greatest <= MAX_PAGE_UNITS, "{greatest}");
    let (none, pages, greatest) = test_system.walk("/v2/deliveries?limit=100&event=lead.won").await;
    assert_eq!(none, [""; 0]);
    assert!(greatest <= MAX_PAGE_UNITS, "{greatest}");
    assert!(pages <= 20, "{pages} pages for {} deliveries", ids.len());
    test_system.server.stop().await;
}
