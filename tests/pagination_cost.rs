//! Cost of pages: a page costs its own items, however many items follow.

use crate::harness::{Caller, SEQUENCE_TIMEOUT, eventually, leads, options};
use domain::accounts::business::TimeZone;
use domain::accounts::rate_limit::Limits;
use domain::{BusinessId, Clock, Contract, Environment, Lead, LeadId, Mode, TenantId};
use emulator::CapacityMeter;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::json;
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
        let me = self.native.get("/v2/me").await.expect(200);
        let tenant = TenantId::parse(me["tenantId"].as_str().unwrap()).unwrap();
        let environment = Environment { tenant, mode: Mode::Live };
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
        let before = self.server.database.operations();
        self.meter.take_read_units();
        let page = self.native.get(path).await.expect(200);
        assert_eq!(page["data"].as_array().unwrap().len(), 50, "{path}");
        (self.server.database.operations() - before, self.meter.take_read_units())
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
