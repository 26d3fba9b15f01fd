//! The parameters of a stack: what AWS documents, what `template.yaml` sets, and how long handlers take.

use domain::timing::Timing;
use std::time::Duration;

/// Grouping of messages of the delivery queue. SQS holds back the groups that take up a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By subscription.
    Subscription,
    /// By tenant.
    Tenant,
}

/// The queues that deliveries go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// One queue for all.
    One,
    /// Prompt endpoints and slow ones have a queue each, with this concurrency of the slow one.
    PromptAndSlow {
        /// `MaximumConcurrency` of the slow queue.
        slow_concurrency: u32,
    },
}

/// Entries of the due index for new deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueEntries {
    /// Each delivery has one of its own.
    Own,
    /// The deliveries of a run of `dispatch` are named by batches, which have one each.
    OfBatches,
}

/// Write units of what the stack writes, as the budget tests measure them.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    /// A lead: in the table and its e-mail index entry; each of the indexes `business` and `status` takes one.
    pub lead: f64,
    /// A new delivery, without its index entry.
    pub delivery: f64,
    /// A recorded success, without its index entry.
    pub success: f64,
    /// A change, counted in a full batch.
    pub counted: f64,
    /// An event in the event log.
    pub logged: f64,
}

/// A stack with its quotas.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// Name.
    pub name: &'static str,
    /// Seed of all randomness.
    pub seed: u64,
    /// Partitions of the table, of each of its indexes and of the access table: a thousandth of their warm throughput.
    pub partitions: usize,
    /// Shards of deliveries in the due index.
    pub due_shards: usize,
    /// Entries of new deliveries in it.
    pub due_entries: DueEntries,
    /// Grouping of messages.
    pub grouping: Grouping,
    /// Queues of deliveries.
    pub lanes: Lanes,
    /// `MaximumConcurrency` of the delivery queue (of prompt endpoints).
    pub deliver_concurrency: u32,
    /// Concurrent executions of the account.
    pub account_concurrency: u32,
    /// Batches of a stream shard that `dispatch` processes concurrently.
    pub stream_parallelism: usize,
    /// Due items that the sweeper re-enqueues in a second, all processes together.
    pub sweeper_per_second: f64,
    /// Write units.
    pub units: Units,
    /// Changes of a business that are counted in a transaction.
    pub counted_together: usize,
    /// Check times of the due index, and the retry schedule's speed.
    pub timing: Timing,
    /// Durations.
    pub durations: Durations,
}

/// Durations of requests and of handlers.
#[derive(Clone, Copy, Debug)]
pub struct Durations {
    /// A request to the database.
    pub database: Duration,
    /// A transaction.
    pub transaction: Duration,
    /// A request to a queue.
    pub queue: Duration,
    /// From a poll that finds work to the function's first instruction.
    pub invoke: Duration,
    /// Start of a new execution environment.
    pub cold_start: Duration,
    /// CPU time of `leads` for a call, at its share of a CPU.
    pub leads_cpu: Duration,
    /// CPU time of `dispatch` for a delivery, at its share of a CPU.
    pub dispatch_cpu: Duration,
    /// CPU time of `deliver` for an attempt, at its share of a CPU.
    pub deliver_cpu: Duration,
    /// Interval in which Lambda polls a shard of the stream.
    pub stream_poll: Duration,
}

impl Durations {
    /// The durations of all scenarios.
    pub const MEASURED: Self = Self {
        database: Duration::from_millis(5),
        transaction: Duration::from_millis(10),
        queue: Duration::from_millis(8),
        invoke: Duration::from_millis(10),
        cold_start: Duration::from_millis(150),
        leads_cpu: Duration::from_millis(3),
        dispatch_cpu: Duration::from_millis(1),
        deliver_cpu: Duration::from_millis(2),
        stream_poll: Duration::from_millis(250),
    };
}

/// Write units that a partition takes in a second.
pub const PARTITION_WRITE_UNITS: f64 = 1_000.0;

/// Partitions of a new table on demand, whose warm throughput is 4,000 write units a second.
const NEW_TABLE_PARTITIONS: usize = 4;

/// Concurrent executions of an account, unless raised.
const DEFAULT_ACCOUNT_CONCURRENCY: u32 = 1_000;

impl Parameters {
    /// A stack of the release before: eight shards, one queue grouped by subscription, one sweeper that sends singly.
    pub const BEFORE: Self = Self {
        name: "before",
        seed: 1,
        partitions: NEW_TABLE_PARTITIONS,
        due_shards: 8,
        due_entries: DueEntries::Own,
        grouping: Grouping::Subscription,
        lanes: Lanes::One,
        deliver_concurrency: 50,
        account_concurrency: DEFAULT_ACCOUNT_CONCURRENCY,
        stream_parallelism: 10,
        // One process with a seventh of a CPU, which takes 0.4 ms for an item, for 40 of 60 seconds.
        sweeper_per_second: 240.0,
        units: Units { lead: 4.0, delivery: 2.0, success: 2.0, counted: 2.08, logged: 0.7 },
        counted_together: 25,
        timing: Timing::DEPLOYED,
        durations: Durations::MEASURED,
    };

    /// This release with default parameters and quotas.
    pub const AFTER: Self = Self {
        name: "after",
        due_shards: 64,
        due_entries: DueEntries::OfBatches,
        grouping: Grouping::Tenant,
        lanes: Lanes::PromptAndSlow { slow_concurrency: 20 },
        // Messages go out in tens; under backlog shards are divided among four invocations.
        sweeper_per_second: 4_000.0,
        units: Units { lead: 4.0, delivery: 1.0, success: 1.0, counted: 0.12, logged: 0.7 },
        counted_together: 50,
        ..Self::BEFORE
    };

    /// This release with the quotas raised that `docs/scale.md` names.
    pub const RAISED: Self = Self {
        name: "after, quotas raised",
        partitions: 100,
        deliver_concurrency: 1_000,
        lanes: Lanes::PromptAndSlow { slow_concurrency: 200 },
        account_concurrency: 5_000,
        ..Self::AFTER
    };

    /// Returns the stack with the table of one that has taken this load before: partitions as raised.
    #[must_use]
    pub const fn warmed(self) -> Self {
        Self { partitions: Self::RAISED.partitions, ..self }
    }
}
