//! Costs of a lead of usual size and of what follows from it: the numbers that the cost model computes with.
//!
//! [`Measured::note`] compares them with the model's.

use super::measurement::{Measured, Seen, is_authentication, is_counting, is_logging};
use crate::harness::{Caller, CannedResponse, Receiver, eventually};
use base64::Engine as _;
use model::cost::measured;
use serde_json::{Value, json};
use std::time::Duration;

/// Returns a lead as a contact form sends it.
fn usual_lead() -> Value {
    json!({
        "name": "Jane Smith", "email": "jane.smith@example.com", "phone": "+14155550132", "source": "WEB_FORM",
        "serviceInterest": "Roof repair",
        "message": "Hello, I saw your page and would like an estimate for a roof repair. The house is from 1978 and has \
                    two storeys. Are you available next week, best in the afternoon?",
        "utm": { "source": "google", "medium": "cpc", "campaign": "roof-repair-autumn" },
        "consent": { "given": true, "text": "I agree to be contacted about my request." },
        "attributes": { "propertyType": "House", "postcode": "94107" },
    })
}

fn usual_lead_without_email() -> Value {
    let mut lead = usual_lead();
    lead.as_object_mut().unwrap().remove("email");
    lead
}

/// Returns the size of an attribute in a request.
fn bytes_of(value: &Value) -> usize {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let texts = || value.as_array().unwrap().iter();
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        "N" => value.as_str().unwrap().len().div_ceil(2) + 1,
        "B" => base64::prelude::BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap().len(),
        "SS" => texts().map(|text| text.as_str().unwrap().len()).sum(),
        "M" => {
            3 + value.as_object().unwrap().iter().map(|(name, value)| 1 + name.len() + bytes_of(value)).sum::<usize>()
        }
        "L" => 3 + texts().map(|value| 1 + bytes_of(value)).sum::<usize>(),
        _ => 1,
    }
}

/// Returns the item that an operation puts, or the first one of a transaction.
fn put_item(seen: &Seen) -> Value {
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    let put = if body["Item"].is_object() { &body } else { &body["TransactItems"][0]["Put"] };
    put["Item"].clone()
}

fn item_bytes(item: &Value) -> usize {
    item.as_object().unwrap().iter().map(|(name, value)| name.len() + bytes_of(value)).sum()
}

/// Compares a size with the model's. Compressed sizes depend on ids and times, which are random.
#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "printed like the table; sizes are small")]
fn note_size(item: &str, bytes: usize) {
    println!("| {item} | {bytes} bytes |");
    let size = measured::SIZES.into_iter().find(|size| size.item == item).unwrap();
    let share = bytes as f64 / size.bytes as f64;
    assert!((0.95..=1.05).contains(&share), "{item}: {bytes} bytes, {} in the cost model", size.bytes);
}

fn of(seen: &[Seen], operation: &str, text: &str) -> Vec<Seen> {
    seen.iter().filter(|seen| seen.operation == operation && seen.body.contains(text)).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_usual_lead_costs_what_the_model_says() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::new().await;
    native.post("/v2/leads", usual_lead_without_email()).await.expect(201);
    measured.settle().await;
    native.post("/v2/leads", usual_lead_without_email()).await.expect(201);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = measured.take_operations();
    measured.note("create a usual lead without e-mail", (1, 3), &of(&seen, "PutItem", "\"L#"));
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", usual_lead()).await.expect(201);
    receiver.wait_for(1, Duration::from_secs(10)).await;
    measured.settle().await;

    native.post("/v2/leads", usual_lead()).await.expect(201);
    let received = receiver.wait_for(2, Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    let seen = measured.take_operations();
    let (authentication, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_authentication);
    measured.note("authorize a call", (1, 1), &authentication[..1]);
    let (counting, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_counting);
    measured.note("count a lead that comes alone", (1, 4), &counting);
    let (logging, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_logging);
    measured.note("log a usual event that comes alone", (2, 1), &logging);
    let lead = of(&seen, "TransactWriteItems", "\"L#");
    measured.note("create a usual lead", (1, 6), &lead);
    let delivery = of(&seen, "PutItem", "\"D#");
    measured.note("create a usual delivery", (1, 2), &delivery);
    measured.note("record a usual success", (1, 2), &of(&seen, "UpdateItem", "\"D#"));

    note_size("usual lead", item_bytes(&put_item(&lead[0])));
    note_size("usual delivery", item_bytes(&put_item(&delivery[0])));
    note_size("usual webhook body", received[1].body.len());
    let logged = of(&logging, "PutItem", "\"EL#");
    note_size("usual logged event", bytes_of(&put_item(&logged[0])["entries"]["L"][0]));
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_of_a_batch_cost_what_the_model_says() {
    const SUBSCRIPTIONS: usize = 50;
    // A sweep every half second, which checks the batch after twenty.
    let mut measured = Measured::new(900.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::new().await;
    for _ in 0..SUBSCRIPTIONS {
        native.subscribe(&receiver.url).await;
    }
    measured.settle().await;
    native.post("/v2/leads", usual_lead()).await.expect(201);
    receiver.wait_for(SUBSCRIPTIONS, Duration::from_secs(15)).await;
    eventually(Duration::from_mins(1), "the sweeper deletes the batch", || async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let seen = measured.watch.seen.lock().unwrap();
        seen.iter().any(|seen| seen.operation == "DeleteItem" && seen.body.contains("\"DB#")).then_some(())
    })
    .await;
    let seen = measured.take_operations();

    let batch = of(&seen, "PutItem", "\"DB#");
    measured.note("put a delivery batch", (1, 2), &batch);
    let (created, recorded) = (of(&seen, "PutItem", "\"D#"), of(&seen, "UpdateItem", "\"D#"));
    assert_eq!((created.len(), recorded.len()), (SUBSCRIPTIONS, SUBSCRIPTIONS), "nothing else writes deliveries");
    for (created, recorded) in created.iter().zip(&recorded) {
        assert!(batch[0].ended <= created.began, "the batch comes first");
        measured.note("create a usual delivery of a batch", (1, 1), std::slice::from_ref(created));
        measured.note("record a usual success of a batch", (1, 1), std::slice::from_ref(recorded));
    }
    let mut check = of(&seen, "DeleteItem", "\"DB#");
    check.extend(of(&seen, "GetItem", "\"DB#"));
    check.extend(of(&seen, "BatchGetItem", "ProjectionExpression"));
    measured.note("check a finished delivery batch", (3, 2), &check);
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_usual_failure_costs_what_the_model_says() {
    // Half an hour passes in two seconds: more than the local server's queue takes, so that the sweeper re-enqueues it.
    let mut measured = Measured::new(900.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 2 { 503 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", usual_lead()).await.expect(201);
    receiver.wait_for(3, Duration::from_secs(30)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = measured.watch.take();
    let re_enqueued = of(&seen, "UpdateItem", ":seen");
    measured.note("re-enqueue a usual delivery", (1, 3), &re_enqueued[..1]);
    // The first attempt's: its health, its item, and the next state of the delivery.
    let first = |found: Vec<Seen>| found.into_iter().next().unwrap();
    let health = of(&seen, "UpdateItem", "\"H#");
    let attempt = of(&seen, "PutItem", "\"A#");
    let recorded = of(&seen, "UpdateItem", "\":due\"");
    let failure: Vec<_> = [health, attempt, recorded].map(first).into();
    measured.note("record a usual failure", (3, 5), &failure);
    measured.end_with_business_reads().await;
}
