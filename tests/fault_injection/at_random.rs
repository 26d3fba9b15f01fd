//! Everything at once and at random: a tenth of all operations fails in some way while leads come in, the queue
//! refuses messages or takes what it says it refused, and the house dies in the middle.

use super::scenario::{MARGIN, all_attempts_are_told, is_unavailable};
use super::test_system::TestSystem;
use crate::harness::{ApiResponse, Caller, CannedResponse, Receiver, eventually};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Always the same dice; who throws them first is up to the machine.
const SEED: u64 = 20_260_525;

/// The share of all operations that fails.
const SHARE: f64 = 0.1;

const LEADS: usize = 200;

/// Leads that come in at once.
const AT_ONCE: usize = 8;

/// Posts a lead until it is accepted; only the dead do not answer at all.
async fn accepted(caller: &Caller, number: usize) -> Option<ApiResponse> {
    let lead = json!({ "name": format!("Jane {number}"), "email": format!("jane{number}@example.com") });
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

/// Every item of a list.
async fn all(caller: &Caller, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("{path}?limit=100{cursor}")).await.expect(200);
        items.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn field<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn random_faults_lose_and_duplicate_nothing() {
    let started = Instant::now();
    let mut estate = TestSystem::new(1_200.0, MARGIN).await;
    let sound = Receiver::new().await;
    let moody = Receiver::answering(|number| {
        CannedResponse::status(if number <= LEADS && number.is_multiple_of(5) { 503 } else { 200 })
    })
    .await;
    let mut subscriptions = BTreeMap::new();
    for receiver in [&sound, &moody] {
        let subscription = estate.native().subscribe(&receiver.url).await;
        subscriptions.insert(field(&subscription, "id").to_owned(), receiver);
    }

    let mut answers = BTreeMap::new();
    let mut struck = 0;
    for (life, numbers) in [0..LEADS / 2, LEADS / 2..LEADS].into_iter().enumerate() {
        estate.injection().at_random(SHARE, SEED + life as u64);
        let native = estate.native();
        let posting = futures_util::stream::iter(numbers)
            .map(|number| {
                let native = native.clone();
                async move { (number, accepted(&native, number).await) }
            })
            .buffer_unordered(AT_ONCE);
        answers.extend(posting.collect::<Vec<_>>().await);
        // What the last leads set off is to have its share.
        tokio::time::sleep(Duration::from_secs(life as u64 * 2)).await;
        if life == 0 {
            struck += estate.injection().struck();
            estate.crash().await;
        }
    }
    estate.injection().lift();
    struck += estate.injection().struck();
    assert!(struck >= 50, "{struck} faults");

    let native = estate.native();
    let deliveries = eventually(Duration::from_mins(3), "every delivery has arrived", || async {
        let deliveries = all(&native, "/v2/deliveries").await;
        if deliveries.iter().filter(|one| one["status"] == "DELIVERED").count() >= 2 * LEADS {
            return Some(deliveries);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        None
    })
    .await;
    assert_eq!(deliveries.len(), 2 * LEADS, "one delivery for each lead and subscription");
    let leads: BTreeMap<_, _> =
        all(&native, "/v2/leads").await.into_iter().map(|lead| (field(&lead, "id").to_owned(), lead)).collect();
    assert_eq!(leads.len(), LEADS);
    for reply in answers.values() {
        let lead = reply.as_ref().unwrap().json();
        assert_eq!(leads[field(&lead, "id")], lead, "what was accepted is what is there");
    }
    let ids: BTreeSet<_> =
        answers.values().map(|reply| field(&reply.as_ref().unwrap().json(), "id").to_owned()).collect();
    assert_eq!(ids.len(), LEADS, "every call made a lead of its own");
    let mut sent = 0;
    for (subscription, receiver) in &subscriptions {
        let listed: BTreeSet<_> = deliveries
            .iter()
            .filter(|one| field(one, "webhookId") == subscription)
            .map(|one| field(one, "id").to_owned())
            .collect();
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        for received in receiver.received() {
            sent += 1;
            let lead = field(&received.json()["data"], "id").to_owned();
            let delivery = received.header("x-delivery").to_owned();
            assert_eq!(*told.entry(lead).or_insert_with(|| delivery.clone()), delivery, "the id never changes");
        }
        assert_eq!(told.keys().cloned().collect::<BTreeSet<_>>(), ids, "every lead is told");
        assert_eq!(told.into_values().collect::<BTreeSet<_>>(), listed, "and nothing else");
    }
    let shown = deliveries.iter().map(|delivery| all_attempts_are_told(&native, delivery));
    futures_util::stream::iter(shown).buffer_unordered(AT_ONCE).collect::<()>().await;
    print(struck, sent, started.elapsed());
}

#[expect(clippy::print_stdout, reason = "how hard it was tried is worth knowing")]
fn print(struck: usize, sent: usize, took: Duration) {
    println!("{struck} faults, {sent} sends for {} deliveries, {took:?}", 2 * LEADS);
}
