//! Measures throughput while the number of stored leads grows. It must not drop.
//!
//! `cargo bench -p local --bench data_growth`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a failed step ends the benchmark; it prints a table")]
#![expect(
    clippy::cast_precision_loss,
    dead_code,
    reason = "numbers are rounded when printed; the module `load` is shared"
)]

mod load;

use load::{Load, process_cpu};

/// Number of leads in total.
const LEADS: usize = 50_000;

/// Number of leads in each measured interval.
const INTERVAL: usize = 1_000;

/// Every how many intervals a row is printed.
const ROW_EVERY: usize = 7;

#[tokio::main]
async fn main() {
    let load = Load::start(&["--unlimited"]).await;
    load.run(200, "warm-up").await;
    println!("| leads | accepted per second | delivered per second | CPU per lead, ms |");
    println!("| --- | --- | --- | --- |");
    let mut rates = Vec::new();
    for interval in 0..LEADS / INTERVAL {
        let cpu_before = process_cpu(load.pid());
        let run = load.run(INTERVAL, &format!("interval-{interval}")).await;
        let cpu = process_cpu(load.pid()).saturating_sub(cpu_before);
        rates.push(run.delivered_per_second());
        if interval % ROW_EVERY == 0 || interval + 1 == LEADS / INTERVAL {
            println!(
                "| {} | {:.0} | {:.0} | {:.2} |",
                (interval + 1) * INTERVAL,
                run.accepted_per_second(),
                run.delivered_per_second(),
                cpu.as_secs_f64() * 1_000.0 / INTERVAL as f64
            );
        }
    }
    load.stop().await;
    println!("| last ÷ first | | {:.2} | |", rates.last().unwrap() / rates.first().unwrap());
}
