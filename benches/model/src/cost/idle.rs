//! Costs of a stack in a month in which nothing happens, and of stored data.

use super::measured::{DELIVERY, LEAD, LOGGED_EVENT};
use super::operations::Line;
use super::price::{self, Price};
use super::template::{alarm_metrics, counted_readers, memory_gb, polled_queues};

/// Minutes of a month of 30.4 days.
const MINUTES: f64 = 30.4 * 24.0 * 60.0;

/// Long polls a minute of a queue: five pollers that wait for 20 s each, as Lambda documents for queues whose
/// concurrency is bounded.
const POLLS_PER_MINUTE: f64 = 5.0 * 3.0;

/// Shards of the due index that `sweep` and `cleanup` read: of deliveries and steps, of packages, of deletions, of awaited files,
/// and of parked deliveries.
pub const DUE_SHARDS: f64 = 64.0 + 2.0 + 2.0 + 2.0 + 2.0;

/// Duration of a run of `sweep`, or of `cleanup`, that finds nothing, in seconds. Neither logs anything.
const IDLE_RUN_SECONDS: f64 = 0.05;

const GB: f64 = 1_073_741_824.0;

/// Overhead of each item and of each entry of an index, in bytes, that DynamoDB adds for storage.
const ITEM_OVERHEAD: f64 = 100.0;

/// Returns what an idle stack costs a month.
#[expect(clippy::cast_precision_loss, reason = "a handful")]
pub fn lines() -> Vec<Line> {
    let line = |what: &str, quantity, price: Price| Line { what: what.to_owned(), quantity, price };
    let memory = memory_gb("SweepFunction") + memory_gb("CleanupFunction");
    vec![
        line("alarms", alarm_metrics() as f64, price::ALARM),
        line("master keys", 1.0, price::SECRET),
        line("queues, polled by Lambda", polled_queues() as f64 * POLLS_PER_MINUTE * MINUTES, price::QUEUE),
        line("readers of the stream: numbers of events read", counted_readers() as f64, price::METRIC),
        line("`sweep` and `cleanup`: schedules", 2.0 * MINUTES, price::EVENT),
        line("`sweep` and `cleanup`: invocations", 2.0 * MINUTES, price::INVOCATION),
        line("`sweep` and `cleanup`: duration", MINUTES * IDLE_RUN_SECONDS * memory, price::DURATION),
        line("`sweep` and `cleanup`: queries of the due index", MINUTES * DUE_SHARDS * 0.5, price::READ),
    ]
}

/// Data that is kept.
pub struct Stored {
    /// Name.
    pub what: &'static str,
    /// Size of a million, with all entries of indexes, in GB.
    pub gb: f64,
    /// Size of a million in the table alone, which is what recovery copies.
    pub table_gb: f64,
    /// Months that it is kept.
    pub months: f64,
}

impl Stored {
    #[expect(clippy::cast_precision_loss, reason = "sizes of items")]
    fn new(what: &'static str, bytes: u64, copies: f64, months: f64) -> Self {
        let item_gb = (bytes as f64 + ITEM_OVERHEAD) * 1e6 / GB;
        Self { what, gb: item_gb * copies, table_gb: item_gb, months }
    }

    /// Returns the price of keeping a million for their time.
    pub fn usd(&self) -> f64 {
        (price::STORAGE.of(self.gb) + price::RECOVERY.of(self.table_gb)) * self.months
    }
}

/// Returns what keeping a million of each costs.
pub fn stored() -> [Stored; 3] {
    [
        // In the table, and whole in the indexes `business` and `status`.
        Stored::new("leads", LEAD.bytes, 3.0, 24.0),
        Stored::new("deliveries that succeeded", DELIVERY.bytes, 1.0, 1.0),
        Stored::new("events in the event log", LOGGED_EVENT.bytes, 1.0, 1.0),
    ]
}
