//! Measures the cost of a page of leads, for a business with a hundred leads and one with a hundred thousand.
//!
//! `cargo bench -p local --bench pagination_cost`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a failed step ends the benchmark; it prints a table")]

use domain::accounts::business::TimeZone;
use domain::accounts::rate_limit::Limits;
use domain::leads::contact::{Email, Name};
use domain::leads::{Attributes, Category, Source, Utm};
use domain::{BusinessId, Clock, Contract, Environment, Lead, LeadId, Mode, NewLead, TenantId};
use emulator::CapacityMeter;
use futures_util::StreamExt;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Numbers of leads of the businesses.
const LEAD_COUNTS: [usize; 2] = [100, 100_000];

/// Number of pages read per business.
const PAGES: u32 = 200;

static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();

/// Maximum number of leads being stored at the same time.
const WRITE_CONCURRENCY: usize = 32;

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let meter = CapacityMeter::default();
    let options = ServerOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        demo_limits: Some(Limits::UNLIMITED),
        capacity_meter: Some(meter.clone()),
        ..ServerOptions::default()
    };
    let server = LocalServer::start(options).await.unwrap();
    println!("| leads of the business | operations per page of 50 | read units | time per page, ms |");
    println!("| --- | --- | --- | --- |");
    for count in LEAD_COUNTS {
        let business = create_business(&server, count).await;
        let path = format!("/v2/leads?limit=50&businessId={business}");
        get(&server, &path).await;
        let before = server.database.operations();
        meter.take_read_units();
        let started = Instant::now();
        for _ in 0..PAGES {
            get(&server, &path).await;
        }
        let operations = (server.database.operations() - before) / u64::from(PAGES);
        let (read_units, time) = (meter.take_read_units() / f64::from(PAGES), started.elapsed() / PAGES);
        println!("| {count} | {operations} | {read_units:.1} | {:.2} |", time.as_secs_f64() * 1_000.0);
    }
    server.stop().await;
}

async fn call(server: &LocalServer, path: &str, body: Option<Value>) -> Value {
    let client = CLIENT.get_or_init(|| reqwest::Client::builder().no_proxy().build().unwrap());
    let url = format!("{}{path}", server.credentials.base_url);
    let request = match body {
        Some(body) => client.post(url).body(body.to_string()),
        None => client.get(url),
    };
    let response = request.bearer_auth(&server.credentials.native.api_key).send().await.unwrap();
    assert!(response.status().is_success());
    response.json().await.unwrap()
}

async fn get(server: &LocalServer, path: &str) -> Value {
    call(server, path, None).await
}

/// Creates a business with `count` leads and returns its id.
async fn create_business(server: &LocalServer, count: usize) -> String {
    let body = json!({ "name": format!("With {count}"), "country": "GB" });
    let id = call(server, "/v2/businesses", Some(body)).await["id"].as_str().unwrap().to_owned();
    let business = BusinessId::parse(&id).unwrap();
    let tenant = TenantId::parse(get(server, "/v2/me").await["tenantId"].as_str().unwrap()).unwrap();
    let environment = Environment { tenant, mode: Mode::Live };
    futures_util::stream::iter(0..count)
        .for_each_concurrent(WRITE_CONCURRENCY, |number| async move {
            server.store.create_lead(environment, &lead(business, number), None, SystemClock.now()).await.unwrap();
        })
        .await;
    // Lets the stream reader finish with the new leads, so that only page reads are measured.
    tokio::time::sleep(Duration::from_secs(5)).await;
    id
}

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
