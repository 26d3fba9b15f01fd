//! A page costs what it holds, however much lies behind it.

use crate::harness::{Caller, options};
use domain::accounts::business::TimeZone;
use domain::accounts::rate_limit::Limits;
use domain::leads::contact::{Email, Name};
use domain::leads::{Attributes, Category, Source, Utm};
use domain::{BusinessId, Clock, Contract, Environment, Lead, LeadId, Mode, NewLead, TenantId};
use emulator::CapacityMeter;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::json;

const FEW: usize = 100;
const MANY: usize = 5_000;

/// What a page took: operations of the database and read units.
type Cost = (u64, f64);

/// A house with a meter, whose caller has one business with few leads and one with many.
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

    /// A business with `count` leads, stored without a call for each.
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

    /// What a page costs: the least of three, as the sweep of each minute may fall into one, and only adds.
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

/// A lead of the same size as every other.
fn lead(business: BusinessId, number: usize) -> Lead {
    let now = SystemClock.now();
    let new = NewLead {
        business,
        name: Name::parse("Jane Smith").unwrap(),
        email: Some(Email::parse(&format!("{number:08}@example.com")).unwrap()),
        phone: None,
        message: None,
        service_interest: None,
        source: Source::default(),
        category: Category::General,
        utm: Utm::default(),
        consent: None,
        attributes: Attributes::default(),
        visitor: None,
    };
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
    let estate = TestSystem::new().await;
    let (few, many) = (estate.business(FEW).await, estate.business(MANY).await);
    for list in ["/v2/leads?limit=50", "/v2/leads?limit=50&status=NEW", "/v2/leads?limit=50&createdFrom=2026-01-01"] {
        let cost = async |business: &str| estate.cost_of(&format!("{list}&businessId={business}")).await;
        // Whatever is read once in a while has been read.
        cost(&few).await;
        let (of_few, of_many) = (cost(&few).await, cost(&many).await);
        assert_eq!(of_few.0, 2, "{list}: the admission and the page");
        assert!(of_few.1 > 0.0, "{list}: the database reports what is read");
        assert_eq!(of_few, of_many, "{list}");
    }
}
