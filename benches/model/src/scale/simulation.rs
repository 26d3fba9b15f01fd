//! The simulation: events in the order of a simulated clock, and the state that they change.

use super::concurrency::{Account, Function, Start};
use super::measurement::Measurement;
use super::parameters::{DueEntries, Lanes, Parameters};
use super::partitions::{Database, Micros};
use super::queue::{FairQueue, Message};
use super::workload::Workload;
use domain::Timestamp;
use domain::webhooks::circuit_breaker::EndpointHealth;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

/// Number of the queue of prompt endpoints, or of all.
pub(super) const PROMPT: usize = 0;
/// Number of the queue of slow endpoints.
pub(super) const SLOW: usize = 1;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A call creates a lead.
    Call,
    /// The lead of a tenant is committed.
    Committed { tenant: u32, key: u64 },
    /// Lambda polls a lane of the stream for `dispatch`.
    PollStream { lane: usize },
    /// `dispatch` ends a batch.
    Dispatched { lane: usize },
    /// Lambda polls a shard of the stream for `bookkeeping`.
    PollWindow { shard: usize },
    /// `bookkeeping` ends a batch.
    Booked { shard: usize },
    /// A message becomes visible.
    Visible { queue: usize, message: Message },
    /// Lambda reads a queue.
    ReadQueue { queue: usize },
    /// An attempt ends.
    Attempted { batch: usize, message: Message, latency_ms: u32, refused: bool },
    /// An attempt is found to be slow while it is still running.
    FoundSlow { endpoint: u32, latency_ms: u32 },
    /// A piece of a batch's work is over.
    Settled { batch: usize },
    /// The sweeper runs.
    Sweep,
    /// Utilisation is measured from now on.
    Measure,
}

/// A change in a lane of the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) tenant: u32,
    pub(super) at: Micros,
    pub(super) key: u64,
}

/// A lane of the stream: the changes of a shard that are processed in order.
#[derive(Debug, Default)]
pub(super) struct StreamLane {
    pub(super) waiting: VecDeque<Change>,
    pub(super) is_busy: bool,
    pub(super) is_polled: bool,
    busy: Micros,
}

impl StreamLane {
    pub(super) fn begin(&mut self, until: Micros, now: Micros) {
        self.is_busy = true;
        self.busy += until.saturating_sub(now);
    }
}

/// A delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub(super) endpoint: u32,
    pub(super) changed_at: Micros,
    pub(super) due_at: Micros,
    pub(super) check_at: Micros,
    pub(super) attempts: u32,
    /// The entry of the due index by which it is found.
    pub(super) due_entry: DueEntries,
    pub(super) is_delivered: bool,
    /// A first attempt was made.
    pub(super) is_attempted: bool,
    /// An attempt is being made.
    pub(super) is_in_progress: bool,
}

/// An endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoint {
    pub(super) tenant: u32,
    pub(super) health: EndpointHealth,
}

/// A batch that `deliver` handles.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) queue: usize,
    pub(super) messages: Vec<(Message, u32)>,
    pub(super) began: Micros,
    pub(super) unsettled: usize,
}

/// A stack under a workload.
pub(super) struct Simulation {
    pub(super) parameters: Parameters,
    pub(super) workload: Workload,
    pub(super) random: fastrand::Rng,
    pub(super) now: Micros,
    events: BinaryHeap<Reverse<(Micros, u64, Event)>>,
    scheduled: u64,
    pub(super) database: Database,
    pub(super) account: Account,
    pub(super) lanes: Vec<StreamLane>,
    pub(super) windows: Vec<StreamLane>,
    pub(super) queues: Vec<FairQueue>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) batches: Vec<Option<Batch>>,
    /// Entries of the due index: check time and delivery. Those that have moved since are passed over.
    pub(super) due: BinaryHeap<Reverse<(Micros, Message)>>,
    pub(super) measured: Measurement,
    pub(super) next_key: u64,
}

impl Simulation {
    pub(super) fn new(parameters: &Parameters, workload: Workload) -> Self {
        let queues = match parameters.lanes {
            Lanes::One => vec![FairQueue::new("concurrency of the delivery queue", parameters.deliver_concurrency)],
            Lanes::PromptAndSlow { slow_concurrency } => vec![
                FairQueue::new("concurrency of the delivery queue", parameters.deliver_concurrency),
                FairQueue::new("concurrency of the slow queue", slow_concurrency),
            ],
        };
        let lanes = parameters.partitions * parameters.stream_parallelism;
        let endpoints = (0..workload.tenants * workload.endpoints)
            .map(|endpoint| Endpoint { tenant: endpoint / workload.endpoints, ..Endpoint::default() })
            .collect();
        Self {
            random: fastrand::Rng::with_seed(parameters.seed),
            now: 0,
            events: BinaryHeap::new(),
            scheduled: 0,
            database: Database::new(parameters.partitions, parameters.due_shards),
            account: Account::new(parameters.account_concurrency),
            lanes: (0..lanes).map(|_| StreamLane::default()).collect(),
            windows: (0..parameters.partitions).map(|_| StreamLane::default()).collect(),
            queues,
            deliveries: Vec::new(),
            endpoints,
            batches: Vec::new(),
            due: BinaryHeap::new(),
            measured: Measurement::default(),
            next_key: 1,
            parameters: *parameters,
            workload,
        }
    }

    /// Schedules an event in `micros` from now.
    pub(super) fn after(&mut self, micros: Micros, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((self.now + micros, self.scheduled, event)));
    }

    /// Returns a simulated time as the domain's rules take it.
    pub(super) fn timestamp(at: Micros) -> Timestamp {
        Timestamp::from_millis(i64::try_from(at / 1_000).unwrap_or(i64::MAX))
    }

    /// Returns how long from now a time of the domain's rules is.
    pub(super) fn until(&self, at: Timestamp) -> Micros {
        (u64::try_from(at.millis()).unwrap_or(0) * 1_000).saturating_sub(self.now)
    }

    /// Begins an execution of `function`; returns the time to its first instruction, or `None` if it is throttled.
    pub(super) fn start(&mut self, function: Function) -> Option<Micros> {
        let durations = self.parameters.durations;
        let start = self.account.start(function, self.now)?;
        Some(micros(durations.invoke) + if start == Start::Cold { micros(durations.cold_start) } else { 0 })
    }

    /// Runs the workload to its end.
    pub(super) fn run(mut self) -> Measurement {
        self.add_slow_tenant();
        self.after(0, Event::Call);
        self.after(60_000_000, Event::Sweep);
        self.after(self.workload.duration / 2, Event::Measure);
        while let Some(Reverse((at, _, event))) = self.events.pop() {
            if at > self.workload.duration {
                break;
            }
            self.now = at;
            self.handle(event);
        }
        self.now = self.workload.duration;
        self.finish()
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Call => self.call(),
            Event::Committed { tenant, key } => self.committed(tenant, key),
            Event::PollStream { lane } => self.poll_stream(lane),
            Event::Dispatched { lane } => self.dispatched(lane),
            Event::PollWindow { shard } => self.poll_window(shard),
            Event::Booked { shard } => self.booked(shard),
            Event::Visible { queue, message } => self.visible(queue, message),
            Event::ReadQueue { queue } => self.read_queue(queue),
            Event::Attempted { batch, message, latency_ms, refused } => {
                self.attempted(batch, message, Duration::from_millis(latency_ms.into()), refused);
            }
            Event::FoundSlow { endpoint, latency_ms } => {
                self.found_slow(endpoint, Duration::from_millis(latency_ms.into()));
            }
            Event::Settled { batch } => self.settled(batch),
            Event::Sweep => self.sweep(),
            Event::Measure => {
                let now = self.now;
                self.database.tables.iter_mut().for_each(|table| table.reset(now));
                self.queues.iter_mut().for_each(|queue| queue.reset(now));
                self.lanes.iter_mut().chain(&mut self.windows).for_each(|lane| lane.busy = 0);
                self.account.most = 0;
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    fn finish(mut self) -> Measurement {
        let (now, half) = (self.now, self.workload.duration - self.workload.duration / 2);
        let busiest = |lanes: &[StreamLane]| {
            let most = lanes.iter().map(|lane| lane.busy).max().unwrap_or(0);
            (most as f64 / half as f64).min(1.0)
        };
        let mut measured = std::mem::take(&mut self.measured);
        for table in &self.database.tables {
            measured.use_of(table.name, table.utilisation(now), table.first_wait);
        }
        for queue in &mut self.queues {
            measured.use_of(queue.name, queue.utilisation(now), queue.full_since);
        }
        measured.use_of("a lane of the stream (`dispatch`)", busiest(&self.lanes), None);
        measured.use_of("a shard of the stream (`bookkeeping`)", busiest(&self.windows), None);
        measured.use_of("executions of the account", self.account.utilisation(), self.account.first_throttled);
        let unattempted = self.deliveries.iter().filter(|delivery| !delivery.is_attempted);
        let slow = self.workload.tenants;
        for delivery in unattempted {
            let is_slow = self.endpoints[delivery.endpoint as usize].tenant == slow;
            measured.attempted(is_slow, now - delivery.changed_at, delivery.changed_at >= now / 2, true);
        }
        let in_stream = self.lanes.iter().flat_map(|lane| &lane.waiting);
        for change in in_stream.filter(|change| change.at >= now / 2) {
            for _ in 0..self.workload.endpoints {
                measured.attempted(false, now - change.at, true, true);
            }
        }
        measured
    }
}

/// Returns a duration in microseconds.
pub(super) fn micros(duration: Duration) -> Micros {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
