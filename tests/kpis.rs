//! KPIs of a business: counted as changes happen, grouped by its own days, and visible only to it.

use crate::harness::{ApiResponse, Caller, EFFECT_TIMEOUT, IssuedKey, database_client, eventually, leads, server};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{CountedEvent, KpiEvent};
use domain::{BusinessId, Clock, CountedEventId, Environment, Mode, TenantId, Timestamp};
use local::LocalServer;
use runtime::SystemClock;
use serde_json::{Value, json};
use std::time::Duration;

/// Waits until the KPIs at `path` count this many leads, conversions and opt-outs.
async fn kpis_when_counted(caller: &Caller, path: &str, leads: u64, converted: u64, opted_out: u64) -> Value {
    let snake = path.starts_with("/v1");
    eventually(EFFECT_TIMEOUT, &format!("{path} counts {leads}, {converted}, {opted_out}"), || async {
        let kpis = caller.get(path).await.expect(200);
        let seen = [&kpis["leads"], &kpis["converted"], &kpis[if snake { "opted_out" } else { "optedOut" }]];
        (seen == [leads, converted, opted_out]).then_some(kpis)
    })
    .await
}

/// Creates a lead from `source`, and returns its path.
async fn lead(caller: &Caller, source: &str, business: Option<&str>) -> String {
    let mut body = leads::from_source(source);
    if let Some(business) = business {
        body["businessId"] = business.into();
    }
    let made = caller.post("/v2/leads", body).await.expect(201);
    format!("/v2/leads/{}", made["id"].as_str().unwrap())
}

async fn transition_to(caller: &Caller, lead: &str, status: &str) {
    caller.patch(lead, json!({ "status": status })).await.expect(200);
}

async fn business(caller: &Caller, zone: &str) -> String {
    let body = json!({ "name": zone, "country": "SE", "timeZone": zone });
    caller.post("/v2/businesses", body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Issues a live key of the native demo tenant that is bound to `business`.
async fn bound_caller(server: &LocalServer, business: &str) -> Caller {
    let business = BusinessId::parse(business);
    IssuedKey::new(server, |record| record.business = business).await.caller(server)
}

#[tokio::test(flavor = "multi_thread")]
async fn kpis_are_reported_in_both_letter_cases() {
    let server = server().await;
    let native = Caller::native(&server);
    let mut leads = Vec::new();
    for source in ["WEB_FORM", "WEB_FORM", "PHONE", "WEB_FORM", "PHONE", "FAIR", "WEB_FORM"] {
        leads.push(lead(&native, source, None).await);
    }
    transition_to(&native, &leads[0], "CONTACTED").await;
    transition_to(&native, &leads[0], "WON").await;
    transition_to(&native, &leads[0], "WON").await;
    transition_to(&native, &leads[2], "WON").await;
    transition_to(&native, &leads[4], "OPTED_OUT").await;
    transition_to(&native, &leads[4], "CLOSED").await;
    transition_to(&native, &leads[5], "LOST").await;

    let kpis = kpis_when_counted(&native, "/v2/analytics/kpis", 7, 2, 1).await;
    let days = kpis["byDay"].as_array().unwrap();
    assert_eq!((kpis["range"].as_str(), days.len()), (Some("30d"), 30));
    assert_eq!((&kpis["from"], &kpis["to"]), (&days[0]["date"], &days[29]["date"]));
    let nothing = |day: &Value| json!({ "date": day["date"], "leads": 0, "messagesSent": 0, "replies": 0, "converted": 0, "optedOut": 0 });
    // All events on one day, or divided between two if midnight passes during the test.
    for day in &days[..28] {
        assert_eq!(*day, nothing(day));
    }
    for name in ["leads", "converted", "optedOut"] {
        let sum: u64 = days.iter().map(|day| day[name].as_u64().unwrap()).sum();
        assert_eq!(kpis[name], sum, "{name}");
    }
    assert_eq!(kpis["conversionRate"], 0.2857);
    assert_eq!((&kpis["messagesSent"], &kpis["replies"], &kpis["replyRate"]), (&json!(0), &json!(0), &json!(0.0)));
    assert_eq!(kpis["medianFirstReplySeconds"], Value::Null);
    let sources = json!([
        { "source": "WEB_FORM", "leads": 4, "converted": 1 },
        { "source": "PHONE", "leads": 2, "converted": 1 },
        { "source": "FAIR", "leads": 1, "converted": 0 },
    ]);
    assert_eq!(kpis["bySource"], sources);

    let year = native.get("/v2/analytics/kpis?range=365d").await.expect(200);
    assert_eq!((year["byDay"].as_array().unwrap().len(), &year["leads"]), (365, &json!(7)));
    let days = native.get("/v2/analytics/kpis?range=2d").await.expect(200);
    assert_eq!((days["byDay"].as_array().unwrap().len(), &days["leads"]), (2, &json!(7)));

    let snake = native.get("/v1/analytics/kpis?range=30d").await.expect(200);
    let respelled = kpis.to_string();
    let names =
        ["messagesSent", "replyRate", "conversionRate", "optedOut", "medianFirstReplySeconds", "bySource", "byDay"];
    let respelled = names.iter().fold(respelled, |text, name| {
        let snake = name.chars().fold(String::new(), |text, c| {
            if c.is_uppercase() { format!("{text}_{}", c.to_lowercase()) } else { format!("{text}{c}") }
        });
        text.replace(&format!("\"{name}\""), &format!("\"{snake}\""))
    });
    assert_eq!(snake, serde_json::from_str::<Value>(&respelled).unwrap());
    let head = native.send(reqwest::Method::HEAD, "/v1/analytics/kpis", &[], None).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn kpis_are_separate_per_mode_business_and_tenant() {
    let server = server().await;
    let (native, test) = (Caller::native(&server), Caller::native_test(&server));
    let other = Caller::revenue_defenders(&server);
    let first = server.credentials.native.business_id.clone();
    let second = business(&native, "Europe/Stockholm").await;
    for _ in 0..3 {
        lead(&native, "WEB_FORM", None).await;
    }
    let won = lead(&native, "WEB_FORM", Some(&second)).await;
    transition_to(&native, &won, "WON").await;
    lead(&test, "WEB_FORM", None).await;
    lead(&test, "WEB_FORM", Some(&second)).await;

    let of = |business: &str| format!("/v2/analytics/kpis?businessId={business}");
    kpis_when_counted(&native, "/v2/analytics/kpis", 4, 1, 0).await;
    kpis_when_counted(&native, &of(&first), 3, 0, 0).await;
    kpis_when_counted(&native, &of(&second), 1, 1, 0).await;
    kpis_when_counted(&native, "/v1/analytics/kpis", 3, 0, 0).await;
    kpis_when_counted(&test, "/v2/analytics/kpis", 2, 0, 0).await;
    kpis_when_counted(&test, &of(&second), 1, 0, 0).await;
    let bound_caller = bound_caller(&server, &second).await;
    for path in ["/v2/analytics/kpis", "/v1/analytics/kpis", &of(&second)] {
        kpis_when_counted(&bound_caller, path, 1, 1, 0).await;
    }
    bound_caller.get(&of(&first)).await.expect(404);
    for path in ["/v2/analytics/kpis?range=365d", "/v1/analytics/kpis?range=365d"] {
        kpis_when_counted(&other, path, 0, 0, 0).await;
    }
    other.get(&of(&first)).await.expect(404);
    other.get(&of("018f0000-0000-7000-8000-000000000000")).await.expect(404);
}

/// Returns the current date in a zone this many hours ahead of UTC all year round.
fn today(hours: i64) -> String {
    let there = SystemClock.now().millis() + hours * 60 * 60 * 1_000;
    domain::Timestamp::from_millis(there).to_string()[..10].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn days_follow_the_business_time_zone() {
    let server = server().await;
    let native = Caller::native(&server);
    // Twenty-five hours apart, so that the two never have the same date.
    let zones = [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)];
    loop {
        let before = zones.map(|(_, hours)| today(hours));
        let mut results = Vec::new();
        for (zone, _) in zones {
            let business = business(&native, zone).await;
            lead(&native, "WEB_FORM", Some(&business)).await;
            results.push(
                kpis_when_counted(&native, &format!("/v2/analytics/kpis?businessId={business}&range=1d"), 1, 0, 0)
                    .await,
            );
        }
        if before != zones.map(|(_, hours)| today(hours)) {
            // Midnight passed during the iteration.
            continue;
        }
        for (kpis, today) in results.iter().zip(&before) {
            assert_eq!((kpis["from"].as_str(), kpis["to"].as_str()), (Some(&**today), Some(&**today)));
            assert_eq!((&kpis["byDay"][0]["date"], &kpis["byDay"][0]["leads"]), (&json!(today), &json!(1)));
        }
        assert_ne!(before[0], before[1]);
        let all = native.get("/v2/analytics/kpis?range=3d").await.expect(200);
        assert_eq!(all["to"], before[0], "the latest of their todays");
        let on = |day: &str| {
            let days = all["byDay"].as_array().unwrap();
            days.iter().find(|one| one["date"] == day).map(|one| one["leads"].clone())
        };
        assert_eq!((on(&before[0]), on(&before[1])), (Some(json!(1)), Some(json!(1))));
        break;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_range_is_named() {
    let server = server().await;
    let native = Caller::native(&server);
    let reason = "must be a number of days from 1d to 365d";
    for bad in ["0d", "366d", "30", "d", "-1d", "030d", "month", "1.5d", "30D"] {
        let rejected = native.get(&format!("/v2/analytics/kpis?range={bad}")).await.expect(400);
        assert_eq!(rejected["error"]["details"][0]["field"], "range", "{bad}");
        let rejected = native.get(&format!("/v1/analytics/kpis?range={bad}")).await.expect(400);
        assert_eq!(rejected["error"]["fields"], json!({ "range": reason }), "{bad}");
    }
    let rejected = native.get("/v2/analytics/kpis?businessId=first").await.expect(400);
    assert_eq!(rejected["error"]["details"][0]["field"], "businessId");
    let rejected: ApiResponse = native.post("/v2/analytics/kpis", json!({})).await;
    assert_eq!((rejected.status, rejected.header("allow")), (405, "GET,HEAD"));
    let key = json!({ "name": "reads", "scopes": ["leads:read"] });
    let made = native.post("/v2/keys", key).await.expect(201);
    let reading = native.with_key(made["key"].as_str().unwrap());
    for path in ["/v2/analytics/kpis", "/v1/analytics/kpis"] {
        assert_eq!(reading.get(path).await.expect(403)["error"]["code"], "FORBIDDEN");
        native.with_key("").get(path).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kpis_survive_erasure_but_not_a_purge() {
    let server = server().await;
    let (native, test) = (Caller::native(&server), Caller::native_test(&server));
    for caller in [&native, &test] {
        let erased = lead(caller, "WEB_FORM", None).await;
        lead(caller, "WEB_FORM", None).await;
        kpis_when_counted(caller, "/v2/analytics/kpis", 2, 0, 0).await;
        caller.delete(&erased).await.expect(204);
        kpis_when_counted(caller, "/v2/analytics/kpis", 2, 0, 0).await;
    }
    test.delete("/v2/test-data").await.expect(204);
    kpis_when_counted(&test, "/v2/analytics/kpis?range=365d", 0, 0, 0).await;
    kpis_when_counted(&native, "/v2/analytics/kpis", 2, 0, 0).await;
    lead(&test, "WEB_FORM", None).await;
    kpis_when_counted(&test, "/v2/analytics/kpis", 1, 0, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn excess_sources_are_counted_as_other() {
    let server = server().await;
    let native = Caller::native(&server);
    for hundred in 0..2 {
        let leads: Vec<_> =
            (0..100).map(|number| leads::from_source(&format!("S{}", hundred * 100 + number))).collect();
        native.post("/v2/leads/batch", json!({ "leads": leads })).await.expect(200);
    }
    let kpis = kpis_when_counted(&native, "/v2/analytics/kpis", 200, 0, 0).await;
    let sources = kpis["bySource"].as_array().unwrap();
    let sum: u64 = sources.iter().map(|source| source["leads"].as_u64().unwrap()).sum();
    assert_eq!(sum, 200, "all are counted");
    // At most four items per day are written, with 32 sources each; twice as many if midnight passes.
    assert!(sources.len() <= 2 * 4 * 32 + 1, "{}", sources.len());
    assert_eq!(sources[0]["source"], "OTHER", "{sources:#?}");
    assert!(sources[0]["leads"].as_u64().unwrap() > 1);
}

/// Opt-outs of one business in live mode, which are counted as the stream brings them.
struct OptOuts<'a> {
    server: &'a LocalServer,
    environment: Environment,
    business: BusinessId,
    at: Timestamp,
}

impl<'a> OptOuts<'a> {
    async fn new(server: &'a LocalServer, at: Timestamp) -> Self {
        let tenant = Caller::native(server).get("/v2/me").await.expect(200)["tenantId"].clone();
        let environment = Environment { tenant: TenantId::parse(tenant.as_str().unwrap()).unwrap(), mode: Mode::Live };
        let business = BusinessId::parse(&server.credentials.native.business_id).unwrap();
        Self { server, environment, business, at }
    }

    fn id(number: u32) -> CountedEventId {
        CountedEventId::derived(&[b"opt-out", &number.to_be_bytes()])
    }

    /// Counts the opt-outs with these numbers.
    async fn count(&self, numbers: impl Iterator<Item = u32>) {
        let event = |number| CountedEvent {
            id: Self::id(number),
            business: self.business,
            at: self.at,
            event: KpiEvent::OptedOut,
        };
        let (zone, now) = (TimeZone::default(), SystemClock.now());
        let events: Vec<_> = numbers.map(event).collect();
        self.server.store.count_kpi_events(self.environment, self.business, &zone, &events, now).await.unwrap();
    }

    async fn counted(&self) -> Value {
        Caller::native(self.server).get("/v2/analytics/kpis").await.expect(200)["optedOut"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_moment_are_counted_once() {
    let server = server().await;
    let opt_outs = OptOuts::new(&server, SystemClock.now()).await;
    for (numbers, sum) in [(0..1, 1), (0..170, 170), (100..230, 230), (0..230, 230)] {
        opt_outs.count(numbers).await;
        assert_eq!(opt_outs.counted().await, sum);
    }
    let races = (0..8).map(|race| opt_outs.count(200 + race * 20..300 + race * 20));
    futures_util::future::join_all(races).await;
    assert_eq!(opt_outs.counted().await, 440);
}

/// That release had a record for each counted change.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_release_before_counted_is_not_counted_again() {
    let server = server().await;
    let opt_outs = OptOuts::new(&server, SystemClock.now().before(Duration::from_mins(2))).await;
    let record = format!("KM#{}#L#{}", opt_outs.environment.tenant.simple(), OptOuts::id(3).simple());
    let put = database_client(&server.database).put_item().table_name("leadhouse");
    put.item("pk", AttributeValue::S(record)).item("sk", AttributeValue::S("KM".to_owned())).send().await.unwrap();
    opt_outs.count(0..5).await;
    assert_eq!(opt_outs.counted().await, 4);
    opt_outs.count(0..6).await;
    assert_eq!(opt_outs.counted().await, 5);
}
