//! Fault injection between every two steps of the service's work: nothing is lost, nothing is done twice, and a
//! caller learns either the result or that the call can be repeated.
//!
//! Begin with `scenario`, which lists the scenarios, and `checks`, the conditions that hold afterwards; `injection`
//! makes a step fail, and `test_system` is a server that can be killed and restarted.

mod at_random;
mod checks;
mod injection;
mod packages;
mod scenario;
mod test_system;

use crate::harness::{Receiver, leads};
use futures_util::StreamExt;
use injection::{Fault, SEND, Step};
use scenario::Scenario;
use std::collections::BTreeMap;
use std::time::Duration;
use test_system::TestSystem;

/// Number of fault and step combinations that run concurrently.
const CONCURRENCY: usize = 16;

/// The same for scenarios in which a day takes one second, because their sweeper runs ten times as often.
const FAST_CONCURRENCY: usize = 4;

/// Name of a step, the scenario in which it fails, and the step itself.
type NamedStep = (&'static str, Scenario, Step);

const fn step(operation: &'static str, body_contains: &'static [&'static str]) -> Step {
    Step { operation, body_contains, concurrency: 1 }
}

/// Write of authentication and rate limiting, in the access table.
const AUTHENTICATION: Step = step("UpdateItem", &["\"k#"]);
/// Sort key of a lead's own item; its sequence has another.
const LEAD: &str = "\"sk\":{\"S\":\"L\"}";
const SEQUENCE: &str = "\"sk\":{\"S\":\"S\"}";
/// End of the read of a whole item. What follows from a lead's creation reads nothing but the lead's data key, and may do so
/// at any time.
const WHOLE_ITEM: &str = "\"ConsistentRead\":true}";
/// Read of the idempotency record.
const READ_RECORD: Step = step("GetItem", &["\"i#"]);

const STEPS: &[NamedStep] = &[
    ("create: authentication", Scenario::Create, AUTHENTICATION),
    ("change: businesses read", Scenario::Change, step("Query", &["\"B#\""])),
    ("create: lead put", Scenario::Create, step("PutItem", &["\"L#"])),
    ("create without a key: lead put", Scenario::CreateBare, step("PutItem", &["\"L#"])),
    ("create with e-mail: transaction", Scenario::CreateWithEmail, step("TransactWriteItems", &["\"L#", "\"EM#"])),
    (
        "create through VendorPad: transaction",
        Scenario::CreateInVendorPad,
        step("TransactWriteItems", &["\"L#", "\"EM#"]),
    ),
    ("duplicate: transaction that fails", Scenario::Duplicate, step("TransactWriteItems", &["\"EM#", "\"seal\""])),
    ("duplicate: first lead read", Scenario::Duplicate, step("GetItem", &["\"L#", WHOLE_ITEM])),
    ("duplicate: response stored", Scenario::Duplicate, step("TransactWriteItems", &["\"known\""])),
    ("change: authentication", Scenario::Change, AUTHENTICATION),
    ("change: record read", Scenario::Change, READ_RECORD),
    ("change: lead read", Scenario::Change, step("GetItem", &["\"L#", WHOLE_ITEM])),
    ("change: transaction", Scenario::Change, step("TransactWriteItems", &["\"L#"])),
    ("change without a key: lead put", Scenario::ChangeBare, step("PutItem", &["\"L#"])),
    ("erase: lead read", Scenario::Erase, step("GetItem", &["\"L#", WHOLE_ITEM])),
    ("erase: transaction", Scenario::Erase, step("TransactWriteItems", &["erasedAt"])),
    ("erase: partition read", Scenario::Erase, step("Query", &["\"L#"])),
    ("subscribe: authentication", Scenario::Subscribe, AUTHENTICATION),
    ("subscribe: record read", Scenario::Subscribe, READ_RECORD),
    ("subscribe: transaction", Scenario::Subscribe, step("TransactWriteItems", &["\"S#"])),
    ("rotate secret: transaction", Scenario::Rotate, step("TransactWriteItems", &["\"S#"])),
    ("retry delivery: transaction", Scenario::Retry, step("TransactWriteItems", &["\"D#"])),
    ("retry delivery: enqueue", Scenario::Retry, step(SEND, &["\"attempt\":2"])),
    ("dispatch: subscriptions read", Scenario::Healthy, step("Query", &["\"S#\""])),
    ("dispatch: delivery put", Scenario::Healthy, step("PutItem", &["\"D#"])),
    ("bookkeeping: changes counted", Scenario::Healthy, step("TransactWriteItems", &["\"KP#"])),
    ("bookkeeping: end of the event log read", Scenario::Healthy, step("Query", &["\"EL#"])),
    ("bookkeeping: event log started", Scenario::Healthy, step("UpdateItem", &["\"EL#"])),
    ("bookkeeping: events logged", Scenario::Healthy, step("PutItem", &["\"EL#"])),
    ("bookkeeping: audit entry put", Scenario::Audit, step("PutItem", &["\"Y#"])),
    ("dispatch: enqueue", Scenario::Healthy, step(SEND, &["\"attempt\":1"])),
    ("deliver: batch read", Scenario::Healthy, step("BatchGetItem", &["\"D#"])),
    ("deliver: outcome, success", Scenario::Healthy, step("UpdateItem", &["attempts = :number", "\"DELIVERED\""])),
    ("deliver: attempt put, failure", Scenario::Failing, step("PutItem", &["\"A#"])),
    ("deliver: outcome, failure", Scenario::Failing, step("UpdateItem", &["attempts = :number", ":due"])),
    ("deliver: enqueue of the retry", Scenario::Failing, step(SEND, &["\"attempt\":2"])),
    ("deliver: health, failure", Scenario::Failing, step("UpdateItem", &["ADD failures"])),
    ("deliver: health deleted", Scenario::Failing, step("DeleteItem", &["\"H#"])),
    ("deliver: subscription read, 410", Scenario::Gone, step("GetItem", &["\"S#"])),
    ("deliver: subscription disabled", Scenario::Gone, step("TransactWriteItems", &["\"S#"])),
    ("sweep: due query", Scenario::MessageLost, Step { concurrency: 8, ..step("Query", &["\"due\""]) }),
    ("sweep: re-enqueue, overdue", Scenario::MessageLost, step("UpdateItem", &["da = :next"])),
    ("sweep: enqueue, overdue", Scenario::MessageLost, step(SEND, &["\"attempt\":1"])),
    ("dispatch: batch put", Scenario::Together, step("PutItem", &["\"DB#"])),
    ("dispatch: delivery of a batch put", Scenario::Together, step("PutItem", &["\"D#", "lead.won"])),
    ("sweep: batch read", Scenario::Together, step("GetItem", &["\"DB#"])),
    ("sweep: deliveries of a batch read", Scenario::Together, step("BatchGetItem", &["\"D#", "ProjectionExpression"])),
    ("sweep: entry for a delivery of a batch", Scenario::Together, step("UpdateItem", &["attribute_not_exists(da)"])),
    ("sweep: batch deleted", Scenario::Together, step("DeleteItem", &["\"DB#"])),
    ("sweep: enqueue, deliveries of a batch", Scenario::Together, step(SEND, &["\"attempt\":1"])),
    ("park: parked delivery put", Scenario::Parked, step("PutItem", &["\"PD#"])),
    ("park: entry", Scenario::Parked, step("UpdateItem", &["\"PD#", "if_not_exists"])),
    ("park: delivery postponed", Scenario::Parked, step("UpdateItem", &["\"D#", ":read"])),
    ("sweep: parked deliveries read", Scenario::Parked, step("Query", &["\"PD#"])),
    ("sweep: probe, entry moved", Scenario::Parked, step("UpdateItem", &["\"PD#", "da = :next"])),
    ("sweep: probe released", Scenario::Parked, step("UpdateItem", &["dueAt = :now"])),
    ("sweep: probe no longer parked", Scenario::Parked, step("DeleteItem", &["\"PD#", "\"D#"])),
    ("deliver: circuit closed", Scenario::Parked, step("DeleteItem", &["\"H#"])),
    ("deliver: entry hastened", Scenario::Parked, step("UpdateItem", &["\"PD#", "da = :check", "attribute_exists"])),
    ("sweep: entry deleted", Scenario::Parked, step("DeleteItem", &["\"PD#", ":seen"])),
    ("start: lead read", Scenario::Start, step("GetItem", &["\"L#", LEAD, WHOLE_ITEM])),
    ("start: sequence read", Scenario::Start, step("GetItem", &["\"L#", SEQUENCE])),
    ("start: template found", Scenario::Start, step("Query", &["BST#"])),
    ("start: transaction", Scenario::Start, step("TransactWriteItems", &["\"i#", "\"RUNNING\""])),
    ("start with the lead: transaction", Scenario::StartWithLead, step("TransactWriteItems", &["\"i#", "\"RUNNING\""])),
    ("follow-up: batch read", Scenario::FollowUp, step("BatchGetItem", &["\"L#", SEQUENCE])),
    ("follow-up: claim", Scenario::FollowUp, step("TransactWriteItems", &["\"SENDING\""])),
    ("follow-up: settle", Scenario::FollowUp, step("TransactWriteItems", &["\"M#", "\"SENT\""])),
    ("follow-up: re-enqueue", Scenario::FollowUp, step("UpdateItem", &["\"L#", "da = :next"])),
    ("stop: sequence read", Scenario::Stop, step("GetItem", &["\"L#", SEQUENCE])),
    ("stop: transaction", Scenario::Stop, step("TransactWriteItems", &["\"STOPPED\""])),
    ("change that stops: transaction", Scenario::Won, step("TransactWriteItems", &["\"i#", LEAD])),
    ("change that stops: sequence put", Scenario::Won, step("PutItem", &["\"STOPPED\""])),
    ("sweep: re-enqueue, comes due", Scenario::ComesDue, step("UpdateItem", &["da = :next"])),
    ("sweep: enqueue, comes due", Scenario::ComesDue, step(SEND, &["\"attempt\":3"])),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_loses_or_duplicates_a_delivery() {
    try_all(|scenario| !scenario.sends_messages(), CONCURRENCY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_duplicates_or_ends_follow_up() {
    try_all(Scenario::sends_messages, FAST_CONCURRENCY).await;
}

/// Tries every fault at every step of the selected scenarios.
async fn try_all(selected: impl Fn(Scenario) -> bool, concurrency: usize) {
    let cases = STEPS.iter().filter(|(_, scenario, _)| selected(*scenario)).flat_map(|(name, scenario, step)| {
        let faults = Fault::ALL.into_iter().filter(|fault| fault.applies_to(step.operation));
        faults.map(move |fault| (*name, *scenario, *step, fault))
    });
    let results: BTreeMap<_, _> = futures_util::stream::iter(cases)
        .map(|(name, scenario, step, fault)| async move {
            let ended = tokio::spawn(scenario::run(scenario, step, fault)).await;
            ((name, fault.name()), ended.map_err(|panic| panic.to_string()))
        })
        .buffer_unordered(concurrency)
        .collect()
        .await;
    print(&results);
    let failed: Vec<_> = results.iter().filter(|(_, ended)| ended.is_err()).collect();
    assert!(failed.is_empty(), "{} of {} cells: {failed:#?}", failed.len(), results.len());
}

/// With a sweep interval of a minute, only recognising its own write lets an operation continue immediately.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_write_is_recognised() {
    let steps = ["deliver: outcome, failure", "sweep: re-enqueue, comes due"];
    let selected = STEPS.iter().filter(|(name, _, _)| steps.contains(name));
    let delayed = futures_util::future::join_all(selected.map(|(name, scenario, step)| async move {
        (name, scenario::run_with_slow_sweep(*scenario, *step, Fault::TimedOut).await)
    }));
    for (name, waited) in delayed.await {
        assert!(waited < Duration::from_secs(15), "{name}: {waited:?}");
    }
}

/// Records that were read before a failed read are still processed.
#[tokio::test(flavor = "multi_thread")]
async fn a_partial_batch_failure_loses_nothing() {
    let test_system = TestSystem::new(60.0, scenario::MARGIN).await;
    let (native, test) = (test_system.native(), test_system.native_test());
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let lead = leads::with_email;
    // The first lead is handed over again, together with a second one of another environment that has unreadable
    // subscriptions.
    test_system.injection().arm(step("PutItem", &["\"D#"]), Fault::ServerError);
    test_system.injection().arm(step("Query", &["\"S#\"", "#T#"]), Fault::ServerError);
    native.post("/v2/leads", lead()).await.expect(201);
    test.post("/v2/leads", lead()).await.expect(201);
    receiver.wait_for(1, Duration::from_secs(10)).await;
}

#[expect(clippy::print_stdout, reason = "the table is the result of the test")]
fn print(results: &BTreeMap<(&str, &str), Result<String, String>>) {
    println!("| step | fault | outcome |\n| --- | --- | --- |");
    for (name, _, _) in STEPS {
        for fault in Fault::ALL {
            let outcome = match results.get(&(*name, fault.name())) {
                None => continue,
                Some(Ok(seen)) => seen.as_str(),
                Some(Err(_)) => "BROKEN",
            };
            println!("| {name} | {} | {outcome} |", fault.name());
        }
    }
}
