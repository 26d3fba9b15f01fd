//! Cost budgets: the maximum number of sequential database round trips and of write units for each operation.
//!
//! Write units are computed from the items before and after each write and from the index keys, and are compared with
//! the capacity that the database reports.

mod measurement;
mod usual_lead;

use self::measurement::{Measured, Seen, is_authentication, is_businesses, is_counting, is_logging, is_sweep, trips};
use crate::harness::{Caller, CannedResponse, Receiver, leads};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let send = async |method: Method, path: &str, key: &str, body: Value| {
        let headers = [("Idempotency-Key", key)];
        let headers = if key.is_empty() { &[][..] } else { &headers[..] };
        native.send(method, path, headers, Some(body.to_string().into_bytes())).await
    };
    let made = send(Method::POST, "/v2/leads", "", leads::with_email_and_message()).await.expect(201);
    let path = format!("/v2/leads/{}", made["id"].as_str().unwrap());
    measured.call("read one", (1, 0), async { native.get(&path).await.status }).await;
    measured.call("list a page", (1, 0), async { native.get("/v2/leads").await.status }).await;
    measured
        .call("list a page in a status", (1, 0), async { native.get("/v2/leads?status=NEW&limit=5").await.status })
        .await;
    let post = async |key: &str, body: Value| send(Method::POST, "/v2/leads", key, body).await.status;
    measured.call("create a lead without e-mail", (1, 3), post("", leads::with_phone_and_message())).await;
    measured.call("create a lead without e-mail, with a key", (1, 3), post("a", leads::with_phone_and_message())).await;
    measured.call("create a lead with e-mail", (1, 7), post("", leads::with_email_and_message())).await;
    measured.call("create a lead with e-mail, with a key", (1, 7), post("b", leads::with_email_and_message())).await;
    let pad = async |key: &str, email: &str| {
        let body = json!({ "first_name": "Jane", "email": email, "event_date": "2026-09-14" });
        send(Method::POST, "/api/v1/developer/leads", key, body).await.status
    };
    measured.call("create a lead through VendorPad", (1, 7), pad("", "a@example.com")).await;
    measured.call("create a lead through VendorPad, with a key", (1, 7), pad("p", "b@example.com")).await;
    let event = json!({ "visitor_id": "v", "event_type": "pageview", "event_name": "prices" });
    let record = send(Method::POST, "/api/v1/developer/events", "", event);
    measured.call("record an event", (1, 3), async { record.await.status }).await;
    let events = native.get("/v2/events?visitorId=v");
    measured.call("list a visitor's events", (1, 0), async { events.await.status }).await;
    let patch = async |key: &str, body: Value| send(Method::PATCH, &path, key, body).await.status;
    let some = json!({ "leads": vec![leads::with_phone_and_message(); 3] });
    let batch = async |key: &str| send(Method::POST, "/v2/leads/batch", key, some.clone()).await.status;
    measured.call("create three leads in a batch", (1, 9), batch("")).await;
    measured.call("create three leads in a batch, with a key", (2, 10), batch("e")).await;
    measured.call("change a lead's status", (2, 7), patch("", json!({ "status": "CONTACTED" }))).await;
    measured.call("change a lead's message", (2, 7), patch("", json!({ "message": "Call me" }))).await;
    let moved = json!({ "email": "jane.smith@example.com" });
    measured.call("change a lead's e-mail address", (3, 8), patch("", moved)).await;
    let keyed = "change a lead's status, with a key";
    measured.call(keyed, (2, 7), patch("c", json!({ "status": "QUALIFIED" }))).await;
    let keyed = "change a lead's message, with a key";
    measured.call(keyed, (2, 7), patch("d", json!({ "message": "Call me again" }))).await;
    measured.call("read a page of the audit log", (4, 0), async { native.get("/v2/audit-log").await.status }).await;
    let full = "read a page of the audit log that one month fills";
    measured.call(full, (1, 0), async { native.get("/v2/audit-log?limit=1").await.status }).await;
    measured.end().await;
}

/// Authentication and the write: the key's item has a copy of the business that the lead belongs to.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_create_is_two_trips() {
    for body in [leads::with_phone_and_message(), leads::with_email_and_message()] {
        let measured = Measured::new(1.0).await;
        let native = Caller::native(&measured.server);
        // Begins the key's window of this minute, and reads no business.
        native.get("/v2/me").await.expect(200);
        measured.settle().await;
        native.post("/v2/leads", body).await.expect(201);
        let mut seen = measured.watch.take();
        let stores = |seen: &Seen| seen.operation != "Query" && seen.body.contains("\"L#");
        let stored = seen.iter().find(|seen| stores(seen)).expect("the write").began;
        // What reads the stream begins later.
        seen.retain(|seen| seen.began <= stored && !is_sweep(seen));
        let (authentication, rest): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_authentication);
        // One more if a new minute has begun since.
        assert!((1..=2).contains(&authentication.len()), "{authentication:#?}");
        assert_eq!((rest.len(), trips(&rest)), (1, 1), "{rest:#?}");
        measured.server.stop().await;
    }
}

/// No published budget covers these calls. They read the tenant's businesses as well.
#[tokio::test(flavor = "multi_thread")]
async fn erasure_and_purge_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let test = Caller::native_test(&measured.server);
    let erase = async |path: String| native.send(Method::DELETE, &path, &[], None).await.status;
    let path_of = |made: Value| format!("/v2/leads/{}", made["id"].as_str().unwrap());
    let bare = path_of(native.post("/v2/leads", leads::with_email_and_message()).await.expect(201));
    measured.call("erase a lead", (5, 9), erase(bare)).await;
    let made = native.post("/v2/leads", leads::with_email_and_message()).await.expect(201);
    native.post("/v2/customers", json!({ "name": "Jane Smith", "leadId": made["id"] })).await.expect(201);
    measured.call("erase a lead that became a customer", (7, 12), erase(path_of(made))).await;
    let empty = async { test.send(Method::DELETE, "/v2/test-data", &[], None).await.status };
    measured.call("purge test data when there are none", (12, 9), empty).await;
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispute_calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let post = async |path: &str, key: &str, body: Value| {
        if key.is_empty() { native.post(path, body).await } else { native.post_idempotent(path, key, body).await }
    };
    let lead = post("/v2/leads", "", leads::with_phone_and_message()).await.expect(201)["id"].clone();
    let jane = leads::with_email();
    let of_lead = json!({ "name": "Jane Smith", "leadId": lead });
    let (customers, transactions, disputes) = ("/v2/customers", "/v2/transactions", "/v2/disputes");
    let status = async |path: &str, key: &str, body: &Value| post(path, key, body.clone()).await.status;
    measured.call("add a customer", (1, 2), status(customers, "", &jane)).await;
    measured.call("add a customer, with a key", (2, 5), status(customers, "a", &jane)).await;
    measured.call("add a customer who was a lead", (2, 7), status(customers, "", &of_lead)).await;
    measured.call("add a customer who was a lead, with a key", (3, 9), status(customers, "b", &of_lead)).await;
    let customer = post(customers, "", of_lead.clone()).await.expect(201)["id"].clone();
    let paid = json!({ "amountCents": 100, "customerId": customer });
    measured
        .call("add a transaction without a customer", (1, 3), status(transactions, "", &json!({ "amountCents": 1 })))
        .await;
    measured.call("add a transaction of a customer who was a lead", (3, 8), status(transactions, "", &paid)).await;
    let open = json!({ "reason": "GENERAL", "amountCents": 100 });
    measured.call("open a dispute", (1, 3), status(disputes, "", &open)).await;
    measured.call("open a dispute, with a key", (2, 6), status(disputes, "c", &open)).await;
    let of_customer = json!({ "reason": "GENERAL", "amountCents": 100, "customerId": customer });
    let name_with_key = "open a dispute of a customer who was a lead, with a key";
    measured.call(name_with_key, (4, 10), status(disputes, "d", &of_customer)).await;
    let id = post(disputes, "", open).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("{disputes}/{id}");
    let file = json!({ "category": "PHOTO", "file": { "contentType": "image/png", "size": 5 } });
    // One unit for its entry in the due index: a file is never awaited for ever.
    measured.call("add evidence with a file", (1, 4), status("/v2/evidence", "", &file)).await;
    measured.call("add evidence with a file, with a key", (2, 7), status("/v2/evidence", "f", &file)).await;
    let of_dispute = json!({ "category": "PHOTO", "disputeId": id });
    measured.call("add evidence of a dispute", (2, 3), status("/v2/evidence", "", &of_dispute)).await;
    let of_dispute = format!("/v2/evidence?disputeId={id}");
    measured.call("list a dispute's evidence", (2, 0), async { native.get(&of_dispute).await.status }).await;
    // With its evidence and packages, which are read at the same time.
    measured.call("read a dispute", (1, 0), async { native.get(&path).await.status }).await;
    let of_lead = post(disputes, "", of_customer).await.expect(201)["id"].as_str().unwrap().to_owned();
    let of_lead = format!("{disputes}/{of_lead}");
    // Then its lead and the newest messages, which are read at the same time.
    measured.call("read a dispute of a lead", (2, 0), async { native.get(&of_lead).await.status }).await;
    let packages = format!("{path}/packages");
    measured.call("request a package", (3, 4), status(&packages, "", &json!({}))).await;
    let visa = json!({ "profile": "VISA" });
    measured.call("request a package, with a key", (4, 7), status(&packages, "p", &visa)).await;
    measured.call("request a package that there is", (4, 5), status(&packages, "", &json!({}))).await;
    measured
        .call("list disputes in a status", (1, 0), async { native.get("/v2/disputes?status=OPEN").await.status })
        .await;
    let won = async { native.patch(&path, json!({ "status": "WON" })).await.status };
    measured.call("change a dispute's status", (2, 4), won).await;
    let headers = [("Idempotency-Key", "e")];
    let lost = Some(json!({ "status": "LOST" }).to_string().into_bytes());
    let lost = async { native.send(Method::PATCH, &path, &headers, lost).await.status };
    measured.call("change a dispute's status, with a key", (2, 7), lost).await;
    measured.end().await;
}

/// Returns a template with a first message on this day and a last one a week later.
fn template(day: u16) -> Value {
    let text = "Hi {{first_name}}, it is {{business}}. How was the {{car_model|drive}}? Just answer this message.";
    json!({ "name": "Two", "category": "EVENT", "steps": [
        { "day": day, "text": text }, { "day": day + 7, "text": text },
    ] })
}

#[tokio::test(flavor = "multi_thread")]
async fn sequence_calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let templates = "/v2/sequence-templates";
    measured.call("make a template", (1, 6), async { native.post(templates, template(3)).await.status }).await;
    let keyed = async { native.post_idempotent(templates, "t", template(3)).await.status };
    measured.call("make a template, with a key", (2, 8), keyed).await;
    let made = native.get(templates).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{templates}/{made}");
    measured.call("read a template", (1, 0), async { native.get(&path).await.status }).await;
    measured.call("list templates", (1, 0), async { native.get(templates).await.status }).await;
    let other = async { native.patch(&path, json!({ "name": "Other" })).await.status };
    measured.call("change a template", (2, 6), other).await;
    measured.call("delete a template", (2, 6), async { native.delete(&path).await.status }).await;

    let agreed = json!({
        "name": "Jane Smith", "phone": "+15551234567", "email": "jane@example.com", "category": "EVENT",
        "consent": { "given": true },
    });
    // The first step is days away, so only the call itself does any work.
    let lead = async || native.post("/v2/leads", agreed.clone()).await.expect(201)["id"].as_str().unwrap().to_owned();
    let (first, second) = (lead().await, lead().await);
    let of = |lead: &str| json!({ "leadId": lead });
    let start = async { native.post("/v2/sequences", of(&first)).await.status };
    measured.call("start a sequence", (3, 7), start).await;
    let keyed = async { native.post_idempotent("/v2/sequences", "s", of(&second)).await.status };
    measured.call("start a sequence, with a key", (4, 9), keyed).await;
    let shown = format!("/v2/leads/{first}/sequence");
    measured.call("read a sequence", (2, 0), async { native.get(&shown).await.status }).await;
    let messages = format!("/v2/leads/{first}/messages");
    measured.call("list a lead's messages", (1, 0), async { native.get(&messages).await.status }).await;
    let rescue = format!("/v1/leads/l_{}", first.replace('-', ""));
    // Its sequence is running: whether it is suppressed depends on the lead's number and address.
    measured.call("read a lead with its running sequence", (2, 0), async { native.get(&rescue).await.status }).await;
    let stop = |lead: &str| format!("/v2/sequences/{lead}/stop");
    let stop_first = async { native.post(&stop(&first), json!({})).await.status };
    measured.call("stop a sequence", (4, 3), stop_first).await;
    let stop_second = async { native.post_idempotent(&stop(&second), "x", json!({})).await.status };
    measured.call("stop a sequence, with a key", (5, 6), stop_second).await;
    measured.call("read a lead with its history", (1, 0), async { native.get(&rescue).await.status }).await;
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_message_stays_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    native.post("/v2/sequence-templates", template(0)).await.expect(201);
    let agreed = json!({
        "name": "Jane Smith", "email": "jane@example.com", "category": "EVENT", "consent": { "given": true },
    });
    let lead = native.post("/v2/leads", agreed).await.expect(201)["id"].clone();
    measured.settle().await;
    native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201);
    while measured.server.sent_messages.messages().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let seen = measured.take_operations();
    // The call that starts a sequence reads suppressions in this way too.
    let of_lead = |seen: &Seen| seen.operation == "BatchGetItem" && seen.body.contains("\"L#");
    let read = seen.iter().position(of_lead).unwrap();
    let read = seen[read].began;
    let (counting, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_counting);
    let of_step: Vec<_> = seen.into_iter().filter(|seen| seen.began >= read && !is_sweep(seen)).collect();
    measured.note("a message of a sequence that is sent", (4, 18), &of_step);
    assert_eq!(counting.len(), 1, "a message is counted once: {counting:#?}");
    measured.note("counting a message that comes alone", (1, 4), &counting);
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn suppression_calls_stay_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let path = "/v2/suppressions";
    let email = |name: &str| json!({ "email": format!("{name}@example.com") });
    let add = async { native.post(path, email("jane")).await.status };
    measured.call("add a suppression", (3, 8), add).await;
    let keyed = async { native.post_idempotent(path, "s", email("joan")).await.status };
    measured.call("add a suppression, with a key", (4, 10), keyed).await;
    let again = async { native.post(path, email("jane")).await.status };
    measured.call("add a suppression that there is", (2, 0), again).await;
    let found = async { native.post("/v2/suppressions/lookup", email("jane")).await.status };
    measured.call("look up a suppression", (1, 0), found).await;
    measured.call("list suppressions", (1, 0), async { native.get(path).await.status }).await;
    let listed = native.get(path).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let lift = async { native.delete(&format!("{path}/{listed}")).await.status };
    measured.call("lift a suppression", (1, 6), lift).await;
    let lead = native.post("/v2/leads", leads::with_email()).await.expect(201)["id"].as_str().unwrap().to_owned();
    let opt_out = json!({ "status": "OPTED_OUT" });
    let opt_out = async { native.patch(&format!("/v2/leads/{lead}"), opt_out).await.status };
    measured.call("opt a lead out that never consented", (3, 14), opt_out).await;
    measured.end_with_business_reads().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_stays_within_budget() {
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", leads::with_phone_and_message()).await.expect(201);
    receiver.wait_for(1, Duration::from_secs(10)).await;
    measured.settle().await;
    native.post("/v2/leads", leads::with_phone_and_message()).await.expect(201);
    receiver.wait_for(2, Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut seen = measured.take_operations();
    let is_lead = |seen: &Seen| seen.operation == "PutItem" && seen.body.contains("\"L#");
    seen.retain(|seen| !is_authentication(seen) && !is_sweep(seen) && !is_lead(seen) && !is_businesses(seen));
    let (counting, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_counting);
    let (logging, seen): (Vec<_>, Vec<_>) = seen.into_iter().partition(is_logging);
    measured.note("recording an event that comes alone", (2, 1), &logging);
    measured.note("a delivery that succeeds at the first attempt", (4, 8), &seen);
    assert_eq!(counting.len(), 1, "a lead is counted once: {counting:#?}");
    measured.note("counting a lead that comes alone", (1, 4), &counting);
    measured.end().await;
}

/// Changes that arrive together are counted together.
#[tokio::test(flavor = "multi_thread")]
async fn kpi_counting_is_cheap_in_batches() {
    const LEADS: u64 = 50;
    let mut measured = Measured::new(1.0).await;
    let native = Caller::native(&measured.server);
    native.post("/v2/leads", leads::with_phone_and_message()).await.expect(201);
    measured.settle().await;
    let leads = vec![leads::with_phone_and_message(); usize::try_from(LEADS).unwrap()];
    native.post("/v2/leads/batch", json!({ "leads": leads })).await.expect(200);
    let all_counted = || async { native.get("/v2/analytics/kpis").await.expect(200)["leads"] == LEADS + 1 };
    while !all_counted().await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = measured.take_operations();
    let logging: Vec<_> = seen.iter().filter(|seen| is_logging(seen)).cloned().collect();
    measured.note("recording fifty events that come together", (20, LEADS), &logging);
    let counting: Vec<_> = seen.into_iter().filter(is_counting).collect();
    // The stream is read while leads still arrive, so some of its batches hold few.
    measured.note("counting fifty leads of one batch", (10, 40), &counting);
    // However many it counts, a transaction costs what the cost model computes with for a full one, or less if all
    // fall into one period.
    let full = model::cost::measured::COUNT_BATCH;
    assert!(counting.iter().all(|seen| seen.units <= full.write_units), "{counting:#?}");
    let counted = |seen: &Seen| seen.body.matches("NOT contains(#c").count();
    assert_eq!(counting.iter().map(counted).sum::<usize>(), usize::try_from(LEADS).unwrap());
    measured.settle().await;
    native.get("/v2/event-log").await.expect(200);
    let mut reading = measured.take_operations();
    reading.retain(|seen| !is_authentication(seen) && !is_sweep(seen));
    measured.note("read a page of the event log", (2, 0), &reading);
    measured.call("KPIs of a year", (1, 0), async { native.get("/v2/analytics/kpis?range=365d").await.status }).await;
    measured.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_stays_within_budget() {
    // Half an hour passes in two seconds: more than the local server's queue takes, so that the sweeper re-enqueues it.
    let mut measured = Measured::new(900.0).await;
    let native = Caller::native(&measured.server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 3 { 503 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", leads::with_email_and_message()).await.expect(201);
    let received = receiver.wait_for(4, Duration::from_secs(30)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = measured.watch.take();
    // From the response to one attempt until the next attempt: the recorded outcome, and the re-enqueue of a long
    // wait.
    for (name, attempt) in
        [("a failed attempt", 1), ("a failed attempt, re-enqueued", 2), ("a failed attempt, re-enqueued late", 3)]
    {
        let (from, to) = (received[attempt - 1].at, received[attempt].at);
        let of_attempt: Vec<_> =
            seen.iter().filter(|seen| seen.began >= from && seen.ended <= to && !is_sweep(seen)).cloned().collect();
        let re_enqueues = of_attempt.iter().filter(|seen| seen.body.contains(":seen")).count();
        assert_eq!(re_enqueues, usize::from(attempt > 1), "{name}: {of_attempt:#?}");
        measured.note(name, (usize::MAX, 9), &of_attempt);
    }
    measured.end().await;
}
