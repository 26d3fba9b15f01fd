//! Random faults under load: a tenth of all operations fails in some way while leads arrive, the queue rejects
//! messages or keeps messages that it reported as rejected, and the process is killed meanwhile.

use super::checks::all_attempts_are_shown;
use super::scenario::{MARGIN, is_unavailable};
use super::test_system::TestSystem;
use crate::harness::{ApiResponse, Caller, CannedResponse, EFFECT_TIMEOUT, Receiver, eventually, leads, text};
use futures_util::StreamExt;
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Constant seed; the order in which operations draw numbers still depends on the machine.
const SEED: u64 = 20_260_525;

/// Share of all operations that fail.
const SHARE: f64 = 0.1;

const LEADS: usize = 200;

/// Number of leads that are created concurrently.
const CONCURRENCY: usize = 8;

/// Creates a lead, repeating the call until it is accepted; `None` if the server was killed.
async fn accepted(caller: &Caller, number: usize) -> Option<ApiResponse> {
    let lead = leads::numbered(number);
    let key = format!("form-{number}");
    loop {
        let body = Some(lead.to_string().into_bytes());
        let reply = caller.try_send(Method::POST, "/v2/leads", &[("Idempotency-Key", &key)], body).await.ok()?;
        if reply.status == 201 {
            return Some(reply);
        }
        is_unavailable(&reply);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_faults_lose_and_duplicate_nothing() {
    let started = Instant::now();
    let mut test_system = TestSystem::new(1_200.0, MARGIN).await;
    let sound = Receiver::new().await;
    let failing = Receiver::responding(|number| {
        CannedResponse::status(if number <= LEADS && number.is_multiple_of(5) { 503 } else { 200 })
    })
    .await;
    let mut subscriptions = BTreeMap::new();
    for receiver in [&sound, &failing] {
        let subscription = test_system.native().subscribe(&receiver.url).await;
        subscriptions.insert(text(&subscription, "id").to_owned(), receiver);
    }

    let mut replies = BTreeMap::new();
    let mut faults = 0;
    for (run, numbers) in [0..LEADS / 2, LEADS / 2..LEADS].into_iter().enumerate() {
        test_system.injection().at_random(SHARE, SEED + run as u64);
        let native = test_system.native();
        let posting = futures_util::stream::iter(numbers)
            .map(|number| {
                let native = native.clone();
                async move { (number, accepted(&native, number).await) }
            })
            .buffer_unordered(CONCURRENCY);
        replies.extend(posting.collect::<Vec<_>>().await);
        // Gives the work that follows the last leads time to meet faults as well.
        tokio::time::sleep(Duration::from_secs(run as u64 * 2)).await;
        if run == 0 {
            faults += test_system.injection().occurred();
            test_system.crash().await;
        }
    }
    test_system.injection().clear();
    faults += test_system.injection().occurred();
    assert!(faults >= 50, "{faults} faults");

    let native = test_system.native();
    let deliveries = eventually(Duration::from_mins(3), "every delivery has arrived", || async {
        let deliveries = native.all_items("/v2/deliveries").await;
        if deliveries.iter().filter(|one| one["status"] == "DELIVERED").count() >= 2 * LEADS {
            return Some(deliveries);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        None
    })
    .await;
    assert_eq!(deliveries.len(), 2 * LEADS, "one delivery for each lead and subscription");
    let leads: BTreeMap<_, _> =
        native.all_items("/v2/leads").await.into_iter().map(|lead| (text(&lead, "id").to_owned(), lead)).collect();
    assert_eq!(leads.len(), LEADS);
    for reply in replies.values() {
        let lead = reply.as_ref().unwrap().json();
        assert_eq!(leads[text(&lead, "id")], lead, "the stored lead equals the response");
    }
    let ids: BTreeSet<_> =
        replies.values().map(|reply| text(&reply.as_ref().unwrap().json(), "id").to_owned()).collect();
    assert_eq!(ids.len(), LEADS, "every call created a separate lead");
    let mut sent = 0;
    for (subscription, receiver) in &subscriptions {
        let listed: BTreeSet<_> = deliveries
            .iter()
            .filter(|one| text(one, "webhookId") == subscription)
            .map(|one| text(one, "id").to_owned())
            .collect();
        let mut deliveries_by_lead: BTreeMap<String, String> = BTreeMap::new();
        for received in receiver.received() {
            sent += 1;
            let lead = text(&received.json()["data"], "id").to_owned();
            let delivery = received.header("x-delivery").to_owned();
            assert_eq!(
                *deliveries_by_lead.entry(lead).or_insert_with(|| delivery.clone()),
                delivery,
                "the id never changes"
            );
        }
        assert_eq!(deliveries_by_lead.keys().cloned().collect::<BTreeSet<_>>(), ids, "every lead is delivered");
        assert_eq!(deliveries_by_lead.into_values().collect::<BTreeSet<_>>(), listed, "and nothing else");
    }
    eventually(EFFECT_TIMEOUT, "every lead is counted", || async {
        let counted = native.get("/v2/analytics/kpis").await.expect(200)["leads"].as_u64().unwrap();
        assert!(counted <= LEADS as u64, "counted twice: {counted}");
        (counted == LEADS as u64).then_some(())
    })
    .await;
    assert_eq!(test_system.parked_records().await, 0, "no fault is permanent");
    let shown = deliveries.iter().map(|delivery| all_attempts_are_shown(&native, delivery));
    futures_util::stream::iter(shown).buffer_unordered(CONCURRENCY).collect::<()>().await;
    print(faults, sent, started.elapsed());
}

#[expect(clippy::print_stdout, reason = "the counts show the load")]
fn print(faults: usize, sent: usize, elapsed: Duration) {
    println!("{faults} faults, {sent} sends for {} deliveries, {elapsed:?}", 2 * LEADS);
}
