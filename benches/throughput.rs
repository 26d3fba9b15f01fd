//! Measures the throughput of the local server, and that of its database alone as an upper bound, in one run.
//!
//! `cargo bench -p local --bench throughput`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a failed step ends the benchmark; it prints a table")]
#![expect(clippy::cast_precision_loss, reason = "numbers are rounded when printed")]

mod load;

/// The database's throughput is measured in this process, with the allocator of the server's binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use load::{CALLERS, Load, percentile, process_cpu};
use std::path::Path;
use std::time::Duration;

/// Number of leads in a run.
const LEADS: usize = 5_000;

/// Leads per second of a small server, which leaves nothing to group: what a lead costs without saturation.
const SMALL_RATE: f64 = 100.0;

/// Number of leads at the small rate: ten seconds of them.
const LEADS_AT_SMALL_RATE: usize = 1_000;

/// Measurements of a server with one kind of storage.
struct Measurements {
    /// Conditional updates per second that the database alone executes.
    database_updates: f64,
    /// Database operations per lead.
    operations: f64,
    /// Write units per lead.
    write_units: f64,
    /// Leads accepted per second.
    accepted: f64,
    /// Webhooks delivered per second.
    delivered: f64,
    /// CPU time of the process.
    cpu: Duration,
    /// Times from accepted to delivered at a quarter of the rate `delivered`, sorted.
    latencies: Vec<Duration>,
    /// Times from accepted to delivered at the rate [`SMALL_RATE`], sorted.
    latencies_at_small_rate: Vec<Duration>,
    /// CPU time of the process at the rate [`SMALL_RATE`].
    cpu_at_small_rate: Duration,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let in_memory = measure(None).await;
    let persistent = measure(Some(folder.path())).await;
    let row = |name: &str, value: &dyn Fn(&Measurements) -> String| {
        println!("| {name} | {} | {} |", value(&in_memory), value(&persistent));
    };
    println!("| measurement, {CALLERS} callers | in memory | persistent (`--data`) |");
    println!("| --- | --- | --- |");
    row("conditional updates per second, database alone", &|measured| format!("{:.0}", measured.database_updates));
    row("database operations per lead, accepted and delivered", &|measured| format!("{:.2}", measured.operations));
    row("write units per lead, accepted and delivered", &|measured| format!("{:.2}", measured.write_units));
    row("target: 0.75 × updates per second ÷ operations per lead, leads per second", &|measured| {
        format!("{:.0}", measured.target())
    });
    row("leads accepted per second", &|measured| format!("{:.0}", measured.accepted));
    row("webhooks delivered per second", &|measured| format!("{:.0}", measured.delivered));
    row("delivered ÷ target", &|measured| format!("{:.2}", measured.delivered / measured.target()));
    row("CPU per lead, ms", &|measured| format!("{:.2}", millis(measured.cpu) / LEADS as f64));
    row("accepted → delivered at a quarter of the rate, p50, ms", &|measured| {
        format!("{:.1}", millis(percentile(&measured.latencies, 50)))
    });
    row("accepted → delivered at a quarter of the rate, p99, ms", &|measured| {
        format!("{:.1}", millis(percentile(&measured.latencies, 99)))
    });
    row("accepted → delivered at 100 a second, p50, ms", &|measured| {
        format!("{:.1}", millis(percentile(&measured.latencies_at_small_rate, 50)))
    });
    row("accepted → delivered at 100 a second, p99, ms", &|measured| {
        format!("{:.1}", millis(percentile(&measured.latencies_at_small_rate, 99)))
    });
    row("CPU per lead at 100 a second, ms", &|measured| {
        format!("{:.2}", millis(measured.cpu_at_small_rate) / LEADS_AT_SMALL_RATE as f64)
    });
    println!("\nload average: {}", load::load_average());
}

impl Measurements {
    /// Returns the rate to reach: three quarters of what the database alone would allow.
    fn target(&self) -> f64 {
        0.75 * self.database_updates / self.operations
    }
}

/// Measures a server that keeps its data in `folder`, or in memory, and its database alone.
async fn measure(folder: Option<&Path>) -> Measurements {
    let database_updates = load::database_updates_per_second(folder, LEADS).await;
    let (operations, write_units) = load::cost_per_lead(500).await;
    let data = folder.map(|folder| folder.join("data").to_string_lossy().into_owned());
    let mut arguments = vec!["--unlimited"];
    arguments.extend(data.iter().flat_map(|data| ["--data", data]));
    let load = Load::start(&arguments).await;
    load.run(200, "warm-up").await;
    let cpu_before = process_cpu(load.pid());
    let run = load.run(LEADS, "run").await;
    let cpu = process_cpu(load.pid()).saturating_sub(cpu_before);
    let delivered = run.delivered_per_second();
    let latencies = load.run_at(delivered / 4.0, LEADS / 4, "latency").await;
    let cpu_before = process_cpu(load.pid());
    let latencies_at_small_rate = load.run_at(SMALL_RATE, LEADS_AT_SMALL_RATE, "small-rate").await;
    let cpu_at_small_rate = process_cpu(load.pid()).saturating_sub(cpu_before);
    load.stop().await;
    Measurements {
        database_updates,
        operations,
        write_units,
        accepted: run.accepted_per_second(),
        delivered,
        cpu,
        latencies,
        latencies_at_small_rate,
        cpu_at_small_rate,
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
