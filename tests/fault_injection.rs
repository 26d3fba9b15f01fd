//! Between every two steps of what the house does, everything that can go wrong: nothing is lost, nothing is made
//! twice, and a caller is told either what was done or to try again.

mod at_random;
mod injection;
mod scenario;
mod test_system;

use crate::harness::Receiver;
use futures_util::StreamExt;
use injection::{Fault, SEND, Step};
use scenario::Scenario;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use test_system::TestSystem;

/// Cells that are tried at once.
const AT_ONCE: usize = 16;

/// The same where a day passes in a second, and ten sweeps with it.
const FAST_AT_ONCE: usize = 4;

/// A step under its name, in the scenario in which it fails.
type Named = (&'static str, Scenario, Step);

const fn step(operation: &'static str, holds: &'static [&'static str]) -> Step {
    Step { operation, holds, at_once: 1 }
}

/// The admission's write, in the access table.
const ADMISSION: Step = step("UpdateItem", &["\"k#"]);
/// A lead itself, and its sequence, by their sort keys.
const LEAD: &str = "\"sk\":{\"S\":\"L\"}";
const SEQUENCE: &str = "\"sk\":{\"S\":\"S\"}";
/// The search for a first answer.
const RECORD: Step = step("GetItem", &["\"i#"]);

const STEPS: &[Named] = &[
    ("create: admission", Scenario::Create, ADMISSION),
    ("create: businesses read", Scenario::Create, step("Query", &["\"B#\""])),
    ("create: lead put", Scenario::Create, step("PutItem", &["\"L#"])),
    ("create without a key: lead put", Scenario::CreateBare, step("PutItem", &["\"L#"])),
    ("create with e-mail: transaction", Scenario::Mark, step("TransactWriteItems", &["\"L#", "\"EM#"])),
    ("create through VendorPad: transaction", Scenario::Take, step("TransactWriteItems", &["\"L#", "\"EM#"])),
    ("duplicate: transaction that fails", Scenario::Known, step("TransactWriteItems", &["\"EM#", "\"seal\""])),
    ("duplicate: first lead read", Scenario::Known, step("GetItem", &["\"L#"])),
    ("duplicate: answer kept", Scenario::Known, step("TransactWriteItems", &["\"known\""])),
    ("change: admission", Scenario::Change, ADMISSION),
    ("change: record read", Scenario::Change, RECORD),
    ("change: lead read", Scenario::Change, step("GetItem", &["\"L#"])),
    ("change: transaction", Scenario::Change, step("TransactWriteItems", &["\"L#"])),
    ("change without a key: lead put", Scenario::ChangeBare, step("PutItem", &["\"L#"])),
    ("erase: lead read", Scenario::Erase, step("GetItem", &["\"L#"])),
    ("erase: transaction", Scenario::Erase, step("TransactWriteItems", &["erasedAt"])),
    ("erase: partition read", Scenario::Erase, step("Query", &["\"L#"])),
    ("subscribe: admission", Scenario::Subscribe, ADMISSION),
    ("subscribe: record read", Scenario::Subscribe, RECORD),
    ("subscribe: transaction", Scenario::Subscribe, step("TransactWriteItems", &["\"S#"])),
    ("rotate secret: transaction", Scenario::Rotate, step("TransactWriteItems", &["\"S#"])),
    ("retry delivery: transaction", Scenario::Retry, step("TransactWriteItems", &["\"D#"])),
    ("retry delivery: enqueue", Scenario::Retry, step(SEND, &["\"attempt\":2"])),
    ("dispatch: subscriptions read", Scenario::Healthy, step("Query", &["\"S#\""])),
    ("dispatch: delivery put", Scenario::Healthy, step("PutItem", &["\"D#"])),
    ("dispatch: changes counted", Scenario::Healthy, step("TransactWriteItems", &["\"KP#"])),
    ("dispatch: enqueue", Scenario::Healthy, step(SEND, &["\"attempt\":1"])),
    ("deliver: batch read", Scenario::Healthy, step("BatchGetItem", &["\"D#"])),
    ("deliver: outcome, success", Scenario::Healthy, step("UpdateItem", &["attempts = :number", "\"DELIVERED\""])),
    ("deliver: attempt put, failure", Scenario::Failing, step("PutItem", &["\"A#"])),
    ("deliver: outcome, failure", Scenario::Failing, step("UpdateItem", &["attempts = :number", ":due"])),
    ("deliver: enqueue of the retry", Scenario::Failing, step(SEND, &["\"attempt\":2"])),
    ("deliver: health, failure", Scenario::Failing, step("UpdateItem", &["ADD failures"])),
    ("deliver: health forgotten", Scenario::Failing, step("DeleteItem", &["\"H#"])),
    ("deliver: subscription read, 410", Scenario::Gone, step("GetItem", &["\"S#"])),
    ("deliver: subscription disabled", Scenario::Gone, step("TransactWriteItems", &["\"S#"])),
    ("sweep: due query", Scenario::Swept, Step { at_once: 8, ..step("Query", &["\"due\""]) }),
    ("sweep: promotion, overdue", Scenario::Swept, step("UpdateItem", &["da = :next"])),
    ("sweep: enqueue, overdue", Scenario::Swept, step(SEND, &["\"attempt\":1"])),
    ("start: lead read", Scenario::Start, step("GetItem", &["\"L#", LEAD])),
    ("start: sequence read", Scenario::Start, step("GetItem", &["\"L#", SEQUENCE])),
    ("start: template found", Scenario::Start, step("Query", &["BST#"])),
    ("start: transaction", Scenario::Start, step("TransactWriteItems", &["\"i#", "\"RUNNING\""])),
    ("start with the lead: transaction", Scenario::Drive, step("TransactWriteItems", &["\"i#", "\"RUNNING\""])),
    ("follow-up: batch read", Scenario::Followed, step("BatchGetItem", &["\"L#", SEQUENCE])),
    ("follow-up: claim", Scenario::Followed, step("TransactWriteItems", &["\"SENDING\""])),
    ("follow-up: settle", Scenario::Followed, step("TransactWriteItems", &["\"M#", "\"SENT\""])),
    ("follow-up: promotion", Scenario::Followed, step("UpdateItem", &["\"L#", "da = :next"])),
    ("stop: sequence read", Scenario::Stop, step("GetItem", &["\"L#", SEQUENCE])),
    ("stop: transaction", Scenario::Stop, step("TransactWriteItems", &["\"STOPPED\""])),
    ("change that stops: transaction", Scenario::Won, step("TransactWriteItems", &["\"i#", LEAD])),
    ("change that stops: sequence put", Scenario::Won, step("PutItem", &["\"STOPPED\""])),
    ("sweep: promotion, comes due", Scenario::ComesDue, step("UpdateItem", &["da = :next"])),
    ("sweep: enqueue, comes due", Scenario::ComesDue, step(SEND, &["\"attempt\":3"])),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_loses_or_duplicates_a_delivery() {
    try_all(|scenario| !scenario.writes_to_people(), AT_ONCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_duplicates_or_ends_follow_up() {
    try_all(Scenario::writes_to_people, FAST_AT_ONCE).await;
}

/// Tries every fault at every step of these scenarios.
async fn try_all(meant: impl Fn(Scenario) -> bool, at_once: usize) {
    let cells = STEPS.iter().filter(|(_, scenario, _)| meant(*scenario)).flat_map(|(name, scenario, step)| {
        let faults = Fault::ALL.into_iter().filter(|fault| fault.strikes(step.operation));
        faults.map(move |fault| (*name, *scenario, *step, fault))
    });
    let tried: BTreeMap<_, _> = futures_util::stream::iter(cells)
        .map(|(name, scenario, step, fault)| async move {
            let ended = tokio::spawn(scenario::run(scenario, step, fault)).await;
            ((name, fault.name()), ended.map_err(|panic| panic.to_string()))
        })
        .buffer_unordered(at_once)
        .collect()
        .await;
    print(&tried);
    let failed: Vec<_> = tried.iter().filter(|(_, ended)| ended.is_err()).collect();
    assert!(failed.is_empty(), "{} of {} cells: {failed:#?}", failed.len(), tried.len());
}

/// Where the sweep would not look for a minute, only what knows its own write goes on at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_write_is_recognised() {
    let steps = ["deliver: outcome, failure", "sweep: promotion, comes due"];
    let meant = STEPS.iter().filter(|(name, _, _)| steps.contains(name));
    let delayed = futures_util::future::join_all(meant.map(|(name, scenario, step)| async move {
        (name, scenario::run_patiently(*scenario, *step, Fault::TimedOut).await)
    }));
    for (name, waited) in delayed.await {
        assert!(waited < Duration::from_secs(15), "{name}: {waited:?}");
    }
}

/// What was read before something could not be read is not forgotten with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_partial_batch_failure_loses_nothing() {
    let estate = TestSystem::new(60.0, scenario::MARGIN).await;
    let (native, test) = (estate.native(), estate.native_test());
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let lead = || json!({ "name": "Jane Smith", "email": "jane@example.com" });
    // The first lead comes again, and the second, of another world, with it; whose subscriptions cannot be read.
    estate.injection().arm(step("PutItem", &["\"D#"]), Fault::Refused);
    estate.injection().arm(step("Query", &["\"S#\"", "#T#"]), Fault::Refused);
    native.post("/v2/leads", lead()).await.expect(201);
    test.post("/v2/leads", lead()).await.expect(201);
    receiver.wait_for(1, Duration::from_secs(10)).await;
}

#[expect(clippy::print_stdout, reason = "the table is what the promise shows")]
fn print(tried: &BTreeMap<(&str, &str), Result<String, String>>) {
    println!("| step | fault | what came of it |\n| --- | --- | --- |");
    for (name, _, _) in STEPS {
        for fault in Fault::ALL {
            let cell = match tried.get(&(*name, fault.name())) {
                None => continue,
                Some(Ok(seen)) => seen.as_str(),
                Some(Err(_)) => "BROKEN",
            };
            println!("| {name} | {} | {cell} |", fault.name());
        }
    }
}
