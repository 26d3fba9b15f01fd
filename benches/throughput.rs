//! What the local house does a second, beside what its database could do at most, measured in one run.
//!
//! `cargo bench -p local --bench throughput`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on has failed; it prints a table"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded when they are shown")]

mod load;

use load::{CALLERS, Load, percentile, process_cpu};
use std::time::Duration;

/// Leads of a run.
const LEADS: usize = 5_000;

#[tokio::main]
async fn main() {
    let ceiling = load::ceiling(LEADS).await;
    let operations = load::operations_per_lead(500).await;
    let load = Load::start(&["--unlimited"]).await;
    load.run(200, "warm").await;

    let cpu_before = process_cpu(load.pid());
    let run = load.run(LEADS, "run").await;
    let cpu = process_cpu(load.pid()).saturating_sub(cpu_before);

    let delivered = run.delivered_per_second();
    let quarter = load.run_at(delivered / 4.0, LEADS / 4, "quarter").await;
    load.stop().await;

    let aim = 0.75 * ceiling / operations;
    println!("| figure | measured |");
    println!("| --- | --- |");
    println!("| the database's ceiling, conditional updates a second, {CALLERS} callers | {ceiling:.0} |");
    println!("| database operations for each lead, accepted and delivered | {operations:.2} |");
    println!("| aim: 0.75 × ceiling ÷ operations, leads a second | {aim:.0} |");
    println!("| leads accepted a second | {:.0} |", run.accepted_per_second());
    println!("| webhooks delivered a second | {delivered:.0} |");
    println!("| delivered ÷ aim | {:.2} |", delivered / aim);
    println!("| CPU for each lead, ms | {:.2} |", cpu.as_secs_f64() * 1_000.0 / LEADS as f64);
    let rate = delivered / 4.0;
    println!(
        "| accepted → delivered at a quarter of the rate ({rate:.0}/s), p50, ms | {:.1} |",
        millis(percentile(&quarter, 50))
    );
    println!("| accepted → delivered at a quarter of the rate, p99, ms | {:.1} |", millis(percentile(&quarter, 99)));
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
