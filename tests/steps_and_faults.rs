//! Between every two steps of what the house does, everything that can go wrong: nothing is lost, nothing is made
//! twice, and a caller is told either what was done or to try again.

mod estate;
mod injection;
mod scenario;

use futures_util::StreamExt;
use injection::{Fault, SEND, Step};
use scenario::Scenario;
use std::collections::BTreeMap;

/// Cells that are tried at once.
const AT_ONCE: usize = 16;

/// A step under its name, in the scenario in which it fails.
type Named = (&'static str, Scenario, Step);

const fn step(operation: &'static str, holds: &'static [&'static str]) -> Step {
    Step { operation, holds, at_once: 1 }
}

/// The admission's write, in the access table.
const ADMISSION: Step = step("UpdateItem", &["\"k#"]);
/// The search for a first answer.
const RECORD: Step = step("GetItem", &["\"i#"]);

const STEPS: &[Named] = &[
    ("create: admission", Scenario::Create, ADMISSION),
    ("create: businesses read", Scenario::Create, step("Query", &["\"B#\""])),
    ("create: lead put", Scenario::Create, step("PutItem", &["\"L#"])),
    ("create without a key: lead put", Scenario::CreateBare, step("PutItem", &["\"L#"])),
    ("change: admission", Scenario::Change, ADMISSION),
    ("change: record read", Scenario::Change, RECORD),
    ("change: lead read", Scenario::Change, step("GetItem", &["\"L#"])),
    ("change: transaction", Scenario::Change, step("TransactWriteItems", &["\"L#"])),
    ("change without a key: lead put", Scenario::ChangeBare, step("PutItem", &["\"L#"])),
    ("subscribe: admission", Scenario::Subscribe, ADMISSION),
    ("subscribe: record read", Scenario::Subscribe, RECORD),
    ("subscribe: transaction", Scenario::Subscribe, step("TransactWriteItems", &["\"S#"])),
    ("rotate secret: transaction", Scenario::Rotate, step("TransactWriteItems", &["\"S#"])),
    ("retry delivery: transaction", Scenario::Retry, step("TransactWriteItems", &["\"D#"])),
    ("retry delivery: enqueue", Scenario::Retry, step(SEND, &["\"attempt\":2"])),
    ("dispatch: subscriptions read", Scenario::Healthy, step("Query", &["\"S#\""])),
    ("dispatch: delivery put", Scenario::Healthy, step("PutItem", &["\"D#"])),
    ("dispatch: enqueue", Scenario::Healthy, step(SEND, &["\"attempt\":1"])),
    ("deliver: batch read", Scenario::Healthy, step("BatchGetItem", &["\"D#"])),
    ("deliver: attempt put, success", Scenario::Healthy, step("PutItem", &["\"A#"])),
    ("deliver: outcome, success", Scenario::Healthy, step("UpdateItem", &["attempts = :number", "\"DELIVERED\""])),
    ("deliver: attempt put, failure", Scenario::Failing, step("PutItem", &["\"A#"])),
    ("deliver: outcome, failure", Scenario::Failing, step("UpdateItem", &["attempts = :number", ":due"])),
    ("deliver: enqueue of the retry", Scenario::Failing, step(SEND, &["\"attempt\":2"])),
    ("deliver: health, failure", Scenario::Failing, step("UpdateItem", &["ADD failures"])),
    ("deliver: health forgotten", Scenario::Failing, step("DeleteItem", &["\"H#"])),
    ("deliver: subscription read, 410", Scenario::Gone, step("GetItem", &["\"S#"])),
    ("deliver: subscription disabled", Scenario::Gone, step("PutItem", &["\"S#"])),
    ("sweep: due query", Scenario::Swept, Step { at_once: 8, ..step("Query", &["\"due\""]) }),
    ("sweep: promotion, overdue", Scenario::Swept, step("UpdateItem", &["SET da = :next"])),
    ("sweep: enqueue, overdue", Scenario::Swept, step(SEND, &["\"attempt\":1"])),
    ("sweep: promotion, comes due", Scenario::ComesDue, step("UpdateItem", &["SET da = :next"])),
    ("sweep: enqueue, comes due", Scenario::ComesDue, step(SEND, &["\"attempt\":3"])),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_between_two_steps_loses_or_doubles_anything() {
    let cells = STEPS.iter().flat_map(|(name, scenario, step)| {
        let faults = Fault::ALL.into_iter().filter(|fault| fault.strikes(step.operation));
        faults.map(move |fault| (*name, *scenario, *step, fault))
    });
    let tried: BTreeMap<_, _> = futures_util::stream::iter(cells)
        .map(|(name, scenario, step, fault)| async move {
            let ended = tokio::spawn(scenario::run(scenario, step, fault)).await;
            ((name, fault.name()), ended.map_err(|panic| panic.to_string()))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    print(&tried);
    let failed: Vec<_> = tried.iter().filter(|(_, ended)| ended.is_err()).collect();
    assert!(failed.is_empty(), "{} of {} cells: {failed:#?}", failed.len(), tried.len());
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
