//! The two consumers of the table's stream: neither waits for the other, a record that cannot be processed hinders no
//! other, and an outage delays everything and loses nothing.

use crate::harness::{
    Caller, DELIVERY_TIMEOUT, EFFECT_TIMEOUT, FaultSet, Receiver, database_client, error_response, eventually, leads,
    options, text,
};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::rate_limit::Limits;
use domain::{Clock, Contract, Environment, Lead, LeadId, Mode, TenantId};
use local::{LocalServer, ServerOptions};
use runtime::stream::ParkedRecord;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Number of records in a batch of `dispatch`.
const BATCH: usize = 100;

/// Part of the query of an environment's subscriptions, which only `dispatch` and lists of subscriptions make.
const SUBSCRIPTIONS: &str = "\"S#\"";

/// Part of a transaction that counts KPIs.
const COUNTERS: &str = "\"KP#";

async fn faulty_server(speedup: f64) -> (LocalServer, Arc<FaultSet>) {
    let faults = Arc::<FaultSet>::default();
    let options = ServerOptions {
        speedup,
        demo_limits: Some(Limits::UNLIMITED),
        fault_injector: Some(Arc::<FaultSet>::clone(&faults)),
        ..options()
    };
    (LocalServer::start(options).await.unwrap(), faults)
}

/// Holds `dispatch` back until the faults are cleared: it cannot read subscriptions.
fn hold_dispatch(faults: &FaultSet) {
    faults.fail_all("Query", SUBSCRIPTIONS, error_response(400, "ThrottlingException"));
}

/// Stores an item in a lead's place that no version can read: its name is a number.
pub(crate) async fn store_unreadable_lead(server: &LocalServer, tenant: &str) {
    let lead = "019e8284c5c07a128b22c32d42e52f62";
    let text = |text: &str| AttributeValue::S(text.to_owned());
    database_client(&server.database)
        .put_item()
        .table_name("leadhouse")
        .item("pk", text(&format!("L#{}#L#{lead}", tenant.replace('-', ""))))
        .item("sk", text("L"))
        .item("name", AttributeValue::N("7".to_owned()))
        .item("seal", AttributeValue::B(Blob::new([7; 32])))
        .send()
        .await
        .unwrap();
}

/// Returns the records that `consumer` has parked.
pub(crate) async fn parked(server: &LocalServer, consumer: &str) -> Vec<ParkedRecord> {
    let mut records = Vec::new();
    for name in server.parked.list(consumer).await.unwrap() {
        records.push(ParkedRecord::parse(&server.parked.read(&name).await.unwrap().unwrap()).unwrap());
    }
    records
}

async fn wait_for_counted_leads(caller: &Caller, expected: usize) {
    eventually(EFFECT_TIMEOUT, &format!("{expected} leads are counted"), || async {
        let counted = caller.get("/v2/analytics/kpis").await.expect(200)["leads"].as_u64().unwrap();
        assert!(counted <= expected as u64, "counted twice: {counted}");
        (counted == expected as u64).then_some(())
    })
    .await;
}

/// Returns the ids of the leads in received webhooks.
pub(crate) fn delivered_leads(receiver: &Receiver) -> BTreeSet<String> {
    receiver.received().iter().map(|one| text(&one.json()["data"], "id").to_owned()).collect()
}

pub(crate) async fn create_leads(caller: &Caller, numbers: std::ops::Range<usize>) -> BTreeSet<String> {
    let mut created = BTreeSet::new();
    for number in numbers {
        let lead = caller.post("/v2/leads", leads::numbered(number)).await.expect(201);
        created.insert(text(&lead, "id").to_owned());
    }
    created
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_record_hinders_no_other() {
    for place in [0, BATCH / 2, BATCH - 1] {
        let (server, faults) = faulty_server(1.0).await;
        let native = Caller::native(&server);
        let receiver = Receiver::new().await;
        native.subscribe(&receiver.url).await;
        let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().unwrap().to_owned();
        hold_dispatch(&faults);
        let mut created = create_leads(&native, 0..place).await;
        store_unreadable_lead(&server, &tenant).await;
        created.append(&mut create_leads(&native, place..BATCH - 1).await);
        faults.clear();
        receiver.wait_for(BATCH - 1, EFFECT_TIMEOUT).await;
        assert_eq!(delivered_leads(&receiver), created, "the poisoned record at {place}");
        wait_for_counted_leads(&native, BATCH - 1).await;
        for consumer in ["dispatch", "bookkeeping"] {
            let records = parked(&server, consumer).await;
            assert_eq!(records.len(), 1, "{consumer}, the poisoned record at {place}");
            let record = &records[0];
            assert_eq!((&*record.consumer, &*record.reason), (consumer, "an item cannot be read: a lead"));
            let whole = record.record(&server.store).await.unwrap().unwrap();
            assert_eq!(whole["dynamodb"]["NewImage"]["name"], json!({ "N": "7" }), "the whole record");
            assert_eq!(whole["dynamodb"]["SequenceNumber"], json!(record.sequence_number));
            assert_eq!(whole["eventID"], json!(record.event_id));
        }
        server.stop().await;
    }
}

/// A parked record is encrypted under its lead's key, like everything about a person outside the lead's item.
#[tokio::test(flavor = "multi_thread")]
async fn erasure_makes_parked_records_unreadable() {
    let (server, faults) = faulty_server(1.0).await;
    let native = Caller::native(&server);
    native.subscribe(&Receiver::new().await.url).await;
    faults.fail_all("PutItem", "\"D#", error_response(400, "ValidationException"));
    let lead = native.post("/v2/leads", leads::with_email_and_message()).await.expect(201);
    let records = eventually(EFFECT_TIMEOUT, "the record is parked", || async {
        Some(parked(&server, "dispatch").await).filter(|records| records.len() == 1)
    })
    .await;
    faults.clear();
    let stored = serde_json::to_string(&records[0]).unwrap();
    for personal in ["Jane", "jane@example.com", "roof"] {
        assert!(!stored.contains(personal), "{personal} in {stored}");
    }
    let whole = records[0].record(&server.store).await.unwrap().unwrap();
    assert_eq!(whole["dynamodb"]["NewImage"]["email"], json!({ "S": "jane@example.com" }));
    native.delete(&format!("/v2/leads/{}", text(&lead, "id"))).await.expect(204);
    assert_eq!(records[0].record(&server.store).await.unwrap(), None, "nothing follows from it any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_conflicts_delay_no_webhook() {
    let (server, faults) = faulty_server(1.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    faults.fail_all("TransactWriteItems", COUNTERS, error_response(400, "TransactionConflictException"));
    // More than a batch: a consumer that waits for the counters would never reach the last ones.
    let created = create_leads(&native, 0..BATCH + 20).await;
    receiver.wait_for(created.len(), DELIVERY_TIMEOUT).await;
    assert_eq!(delivered_leads(&receiver), created);
    assert_eq!(native.get("/v2/analytics/kpis").await.expect(200)["leads"], 0);
    assert!(faults.clear() > 0, "nothing was to be counted");
    wait_for_counted_leads(&native, created.len()).await;
    assert_eq!(parked(&server, "bookkeeping").await, []);
}

/// Stores a lead as if it had been created this long ago, and returns its id.
async fn store_lead_of_before(server: &LocalServer, caller: &Caller, age: Duration) -> LeadId {
    let me = caller.get("/v2/me").await.expect(200);
    let environment = Environment { tenant: TenantId::parse(text(&me, "tenantId")).unwrap(), mode: Mode::Live };
    let businesses = server.store.businesses(environment.tenant).await.unwrap();
    let (business, created_at) = (&businesses[0], runtime::SystemClock.now().before(age));
    let new = leads::new_lead(business.id, Some("jane@example.com"));
    let lead = Lead::new(LeadId::derived(&[b"older"]), Contract::Native, new, &business.time_zone, created_at);
    server.store.create_lead(environment, &lead, None, created_at).await.unwrap();
    lead.id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_gets_no_older_changes() {
    let (server, faults) = faulty_server(1.0).await;
    let native = Caller::native(&server);
    // As when the stream is read anew from its beginning: the changes come after the subscription was created.
    hold_dispatch(&faults);
    let older = store_lead_of_before(&server, &native, Duration::from_mins(2)).await;
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let newer = native.post("/v2/leads", leads::numbered(2)).await.expect(201);
    let older = native.patch(&format!("/v2/leads/{older}"), json!({ "status": "WON" })).await.expect(200);
    faults.clear();
    receiver.wait_for(3, DELIVERY_TIMEOUT).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let received: BTreeSet<_> = receiver
        .received()
        .iter()
        .map(|one| (one.header("x-event").to_owned(), text(&one.json()["data"], "id").to_owned()))
        .collect();
    let event = |name: &str, lead: &Value| (name.to_owned(), text(lead, "id").to_owned());
    let expected = [event("lead.created", &newer), event("lead.status_changed", &older), event("lead.won", &older)];
    assert_eq!(received, BTreeSet::from(expected), "the older lead's changes since, but not its creation");
}

/// Ten minutes on a clock that runs sixty times as fast.
#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_table_loses_and_parks_nothing() {
    let (server, faults) = faulty_server(60.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    hold_dispatch(&faults);
    let created = create_leads(&native, 0..40).await;
    faults.fail_all("", "", error_response(400, "ThrottlingException"));
    tokio::time::sleep(Duration::from_secs(5)).await;
    native.post("/v2/leads", leads::numbered(40)).await.expect(503);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(faults.clear() > 0);
    let deliveries = native.wait_for_deliveries(created.len(), EFFECT_TIMEOUT).await;
    assert!(deliveries.iter().all(|one| one["attemptCount"] == 1), "every webhook is sent once");
    assert_eq!(delivered_leads(&receiver), created);
    assert_eq!(receiver.received().len(), created.len());
    wait_for_counted_leads(&native, created.len()).await;
    for consumer in ["dispatch", "bookkeeping"] {
        assert_eq!(parked(&server, consumer).await, [], "{consumer}");
    }
}
