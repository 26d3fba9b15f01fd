//! Whether the last of many leads is as quick as the first.
//!
//! `cargo bench -p local --bench long_life`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on has failed; it prints a table"
)]
#![expect(
    clippy::cast_precision_loss,
    dead_code,
    reason = "figures are rounded when they are shown; the load is shared"
)]

mod load;

use load::{Load, process_cpu};

/// Leads of the whole run, and of each stretch that is timed.
const LEADS: usize = 50_000;
const STRETCH: usize = 1_000;

#[tokio::main]
async fn main() {
    let load = Load::start(&["--unlimited"]).await;
    load.run(200, "warm").await;
    println!("| leads | accepted a second | delivered a second | CPU for each lead, ms |");
    println!("| --- | --- | --- | --- |");
    let mut rates = Vec::new();
    for stretch in 0..LEADS / STRETCH {
        let cpu_before = process_cpu(load.pid());
        let run = load.run(STRETCH, &format!("stretch-{stretch}")).await;
        let cpu = process_cpu(load.pid()).saturating_sub(cpu_before);
        rates.push(run.delivered_per_second());
        if stretch % 7 == 0 || stretch + 1 == LEADS / STRETCH {
            println!(
                "| {} | {:.0} | {:.0} | {:.2} |",
                (stretch + 1) * STRETCH,
                run.accepted_per_second(),
                run.delivered_per_second(),
                cpu.as_secs_f64() * 1_000.0 / STRETCH as f64
            );
        }
    }
    load.stop().await;
    println!("| last ÷ first | | {:.2} | |", rates.last().unwrap() / rates.first().unwrap());
}
