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

/// The ceiling is measured in this process, with the house's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use load::{CALLERS, Load, database_cpu, percentile, process_cpu};
use std::path::Path;
use std::time::Duration;

/// Leads of a run.
const LEADS: usize = 5_000;

/// What was measured of one kind of house.
struct Measured {
    ceiling: f64,
    operations: f64,
    write_units: f64,
    accepted: f64,
    delivered: f64,
    cpu: Duration,
    /// CPU of the database's thread, within `cpu`. It carries out one operation after the other: no house on it can
    /// take in more leads a second than this lets through.
    database: Duration,
    /// From accepted to delivered at a quarter of `delivered`, sorted.
    quarter: Vec<Duration>,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let in_memory = measure(None).await;
    let kept = measure(Some(folder.path())).await;
    let row = |name: &str, figure: &dyn Fn(&Measured) -> String| {
        println!("| {name} | {} | {} |", figure(&in_memory), figure(&kept));
    };
    println!("| figure, {CALLERS} callers | in memory | kept (`--data`) |");
    println!("| --- | --- | --- |");
    row("the database's ceiling, conditional updates a second", &|measured| format!("{:.0}", measured.ceiling));
    row("database operations for each lead, accepted and delivered", &|measured| format!("{:.2}", measured.operations));
    row("write units for each lead, accepted and delivered", &|measured| format!("{:.2}", measured.write_units));
    row("aim: 0.75 × ceiling ÷ operations, leads a second", &|measured| format!("{:.0}", measured.aim()));
    row("leads accepted a second", &|measured| format!("{:.0}", measured.accepted));
    row("webhooks delivered a second", &|measured| format!("{:.0}", measured.delivered));
    row("delivered ÷ aim", &|measured| format!("{:.2}", measured.delivered / measured.aim()));
    row("CPU for each lead, ms", &|measured| format!("{:.2}", millis(measured.cpu) / LEADS as f64));
    row("of it the database's own, ms", &|measured| format!("{:.2}", millis(measured.database) / LEADS as f64));
    row("delivered ÷ leads a second that the database's own time allows", &|measured| {
        format!("{:.2}", measured.delivered * measured.database.as_secs_f64() / LEADS as f64)
    });
    row("accepted → delivered at a quarter of the rate, p50, ms", &|measured| {
        format!("{:.1}", millis(percentile(&measured.quarter, 50)))
    });
    row("accepted → delivered at a quarter of the rate, p99, ms", &|measured| {
        format!("{:.1}", millis(percentile(&measured.quarter, 99)))
    });
}

impl Measured {
    fn aim(&self) -> f64 {
        0.75 * self.ceiling / self.operations
    }
}

/// Measures a house that keeps its data in `folder`, or in memory, and its database beside it.
async fn measure(folder: Option<&Path>) -> Measured {
    let ceiling = load::ceiling(folder, LEADS).await;
    let (operations, write_units) = load::cost_of_a_lead(500).await;
    let data = folder.map(|folder| folder.join("data").to_string_lossy().into_owned());
    let mut arguments = vec!["--unlimited"];
    arguments.extend(data.iter().flat_map(|data| ["--data", data]));
    let load = Load::start(&arguments).await;
    load.run(200, "warm").await;
    let before = (process_cpu(load.pid()), database_cpu(load.pid()));
    let run = load.run(LEADS, "run").await;
    let cpu = process_cpu(load.pid()).saturating_sub(before.0);
    let database = database_cpu(load.pid()).saturating_sub(before.1);
    let delivered = run.delivered_per_second();
    let quarter = load.run_at(delivered / 4.0, LEADS / 4, "quarter").await;
    load.stop().await;
    Measured {
        ceiling,
        operations,
        write_units,
        accepted: run.accepted_per_second(),
        delivered,
        cpu,
        database,
        quarter,
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
