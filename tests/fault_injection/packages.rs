//! Faults at every step of an evidence package: it is generated nevertheless, and announced once.

use super::injection::{Fault, Injection, Step};
use super::scenario::MARGIN;
use super::step;
use super::test_system::TestSystem;
use crate::harness::packages::{dispute, finished};
use crate::harness::{EFFECT_TIMEOUT, Receiver, eventually};
use futures_util::StreamExt;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Number of cells that run concurrently.
const CONCURRENCY: usize = 8;

/// Each step of a package after its request.
const STEPS: &[(&str, Step)] = &[
    ("package read", step("GetItem", &["\"PA#"])),
    ("claim", step("PutItem", &["\"PA#", "\"claimedUntil\""])),
    ("dispute read", step("GetItem", &["\"DI#"])),
    ("evidence read", step("Query", &["BEV#"])),
    ("messages read", step("Query", &["\"M#\""])),
    ("binding of another lead", step("TransactWriteItems", &["\"PA#", "H#PA#", "ConditionCheck"])),
    ("records read again", step("BatchGetItem", &["\"EV#"])),
    ("finish", step("TransactWriteItems", &["\"PA#", "\"READY\""])),
    ("dispatch: delivery put", step("PutItem", &["\"D#"])),
];

/// Requests a package with `fault` at `step`, and checks that it is ready and announced once.
async fn run(step: Step, fault: Fault) {
    let mut system = TestSystem::new(3_600.0, MARGIN).await;
    let native = system.native();
    let receiver = Receiver::new().await;
    native.post("/v2/webhooks", json!({ "url": receiver.url, "events": ["package.generated"] })).await.expect(201);
    let lead = |name: &str| json!({ "name": name, "email": format!("{name}@example.com") });
    let jane = native.post("/v2/leads", lead("jane")).await.expect(201);
    let joan = native.post("/v2/leads", lead("joan")).await.expect(201);
    let path = dispute(&native, json!({ "leadId": jane["id"] })).await;
    let id = path.rsplit('/').next().unwrap();
    let about_joan = json!({ "category": "MESSAGE", "disputeId": id, "leadId": joan["id"], "description": "Hi" });
    native.post("/v2/evidence", about_joan).await.expect(201);
    system.injection().arm(step, fault);
    let requested = native.post_idempotent(&format!("{path}/packages"), "p", json!({})).await;
    let times = Injection::min_occurrences(step, fault);
    if requested.status == 201 {
        eventually(2 * EFFECT_TIMEOUT, "the fault occurs", || async {
            (system.injection().occurred() >= times).then_some(())
        })
        .await;
    }
    if fault.is_crash() {
        system.crash().await;
    } else {
        system.injection().clear();
    }
    let native = system.native();
    let package = native.post_idempotent(&format!("{path}/packages"), "p", json!({})).await.expect(201);
    let ready = finished(&native, &package).await;
    assert_eq!(ready["status"], "READY", "{ready}");
    receiver.wait_for(1, EFFECT_TIMEOUT).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let deliveries: BTreeSet<_> = receiver.received().iter().map(|one| one.header("x-delivery").to_owned()).collect();
    assert_eq!(deliveries.len(), 1, "announced once");
    assert_eq!(system.parked_records().await, 0, "no fault is permanent");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_loses_or_repeats_a_package() {
    let cells = STEPS.iter().flat_map(|(name, step)| {
        let faults = Fault::ALL.into_iter().filter(|fault| fault.applies_to(step.operation));
        faults.map(move |fault| (*name, *step, fault))
    });
    let results: Vec<_> = futures_util::stream::iter(cells)
        .map(|(name, step, fault)| async move {
            let ended = tokio::spawn(run(step, fault)).await;
            (name, fault.name(), ended.map_err(|panic| panic.to_string()))
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    let failed: Vec<_> = results.iter().filter(|(_, _, ended)| ended.is_err()).collect();
    assert!(failed.is_empty(), "{} of {} cells: {failed:#?}", failed.len(), results.len());
}
