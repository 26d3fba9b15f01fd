//! Calls that create leads, and the two readers of the stream.

use super::concurrency::Function;
use super::parameters::DueEntries;
use super::partitions::{ACCESS, BUSINESS, DUE, MAX_THROTTLED, Micros, Part, STATUS, TABLE};
use super::queue::BATCH_SIZE;
use super::simulation::{Change, Delivery, Event, PROMPT, Simulation, micros};
use domain::webhooks::delivery_batch::{ENVIRONMENT_BYTES, ID_BYTES, MAX_ID_BYTES, MIN_DELIVERIES};
use std::collections::HashMap;

/// Changes in a batch of `dispatch`, as in `template.yaml`.
const DISPATCH_BATCH: usize = 100;

/// Changes in a batch of `bookkeeping`, and the time for which they are collected, as in `template.yaml`.
const BOOKKEEPING_BATCH: usize = 500;
const BOOKKEEPING_WINDOW: Micros = 5_000_000;

/// Writes of a batch that are made concurrently.
const CONCURRENT_WRITES: usize = 32;

/// Time after which Lambda repeats an invocation that was throttled or failed.
const RETRY: Micros = 1_000_000;

impl Simulation {
    pub(super) fn call(&mut self) {
        // Exponential times between calls.
        let mean = self.workload.mean_interval(self.now);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds")]
        let next = (-mean * (1.0 - self.random.f64()).ln()) as Micros;
        self.after(next, Event::Call);
        self.measured.all_calls += 1;
        let tenant = self.random.u32(0..self.workload.tenants);
        let key = self.next_key;
        self.next_key += 1;
        let started = self.start(Function::Leads);
        let units = self.parameters.units;
        let parts = [
            Part { table: ACCESS, key: tenant.into(), units: 1.0 },
            // The lead and its entry of the e-mail index are in different partitions.
            Part { table: TABLE, key, units: units.lead / 2.0 },
            Part { table: TABLE, key: !key, units: units.lead / 2.0 },
            Part { table: BUSINESS, key: tenant.into(), units: 1.0 },
            Part { table: STATUS, key: tenant.into(), units: 1.0 },
        ];
        let Some(begun) = started else {
            self.measured.refused_calls += 1;
            return;
        };
        let durations = self.parameters.durations;
        let Some(wait) = self.database.write(&parts, self.now) else {
            self.measured.refused_calls += 1;
            self.account.end(Function::Leads);
            return;
        };
        let took = begun + micros(durations.database + durations.transaction + durations.leads_cpu) + wait;
        self.measured.called(took, self.now >= self.workload.duration / 2);
        self.after(took, Event::Committed { tenant, key });
    }

    pub(super) fn committed(&mut self, tenant: u32, key: u64) {
        self.account.end(Function::Leads);
        let change = Change { tenant, at: self.now, key };
        let shard = self.database.tables[TABLE].of(key);
        let parallelism = self.parameters.stream_parallelism;
        let lane = shard * parallelism + usize::try_from(key).unwrap_or(0) % parallelism;
        self.lanes[lane].waiting.push_back(change);
        if !self.lanes[lane].is_busy && !self.lanes[lane].is_polled {
            self.lanes[lane].is_polled = true;
            let wait = self.random.u64(0..=micros(self.parameters.durations.stream_poll));
            self.after(wait, Event::PollStream { lane });
        }
        let window = &mut self.windows[shard];
        window.waiting.push_back(change);
        if !window.is_busy && !window.is_polled {
            window.is_polled = true;
            self.after(BOOKKEEPING_WINDOW, Event::PollWindow { shard });
        } else if !window.is_busy && window.waiting.len() == BOOKKEEPING_BATCH {
            self.after(0, Event::PollWindow { shard });
        }
    }

    pub(super) fn poll_stream(&mut self, lane: usize) {
        self.lanes[lane].is_polled = false;
        if self.lanes[lane].is_busy || self.lanes[lane].waiting.is_empty() {
            return;
        }
        let Some(begun) = self.start(Function::Dispatch) else {
            self.lanes[lane].is_polled = true;
            self.after(RETRY, Event::PollStream { lane });
            return;
        };
        let durations = self.parameters.durations;
        let taken = self.lanes[lane].waiting.len().min(DISPATCH_BATCH);
        let changes: Vec<_> = self.lanes[lane].waiting.drain(..taken).collect();
        let tenants: std::collections::HashSet<_> = changes.iter().map(|change| change.tenant).collect();
        // The subscriptions of the tenants, 32 of them concurrently.
        let reads = u32::try_from(tenants.len().div_ceil(CONCURRENT_WRITES)).unwrap_or(1);
        let mut until = begun + micros(durations.database * reads);
        let first = self.deliveries.len();
        let mut wave = 0;
        let count = changes.len() * usize::try_from(self.workload.endpoints).unwrap_or(1);
        let due_entries = if count < MIN_DELIVERIES { DueEntries::Own } else { self.parameters.due_entries };
        // The batches come before their deliveries.
        let mut slowest = match due_entries {
            DueEntries::Own => 0,
            DueEntries::OfBatches => {
                until += micros(durations.database);
                self.write_batches(count, tenants.len())
            }
        };
        for (index, change) in changes.iter().enumerate() {
            let Some(wait) = self.create_deliveries(*change, due_entries) else {
                // The stream hands over again what follows the first failure.
                changes[index..].iter().rev().for_each(|change| self.lanes[lane].waiting.push_front(*change));
                until += RETRY;
                break;
            };
            slowest = slowest.max(wait);
            wave += usize::try_from(self.workload.endpoints).unwrap_or(1);
            if wave >= CONCURRENT_WRITES || index + 1 == changes.len() {
                let waves = u32::try_from(wave.div_ceil(CONCURRENT_WRITES)).unwrap_or(1);
                until += micros(durations.database * waves);
                wave = 0;
            }
        }
        let created: Vec<_> = (first..self.deliveries.len()).filter_map(|id| u32::try_from(id).ok()).collect();
        until += slowest + micros(durations.dispatch_cpu) * created.len() as u64;
        for chunk in created.chunks(BATCH_SIZE) {
            until += micros(durations.queue);
            for message in chunk {
                self.after(until, Event::Visible { queue: PROMPT, message: *message });
            }
        }
        self.lanes[lane].begin(self.now + until, self.now);
        self.after(until, Event::Dispatched { lane });
    }

    /// Stores the deliveries of a change. Returns how long the slowest write waits; `None` if one is refused.
    fn create_deliveries(&mut self, change: Change, due_entries: DueEntries) -> Option<Micros> {
        let endpoints = self.workload.endpoints;
        let mut slowest = 0;
        for number in 0..endpoints {
            let id = u64::from(change.tenant) << 40 | change.key << 6 | u64::from(number);
            let shard = self.random.u64(0..self.parameters.due_shards as u64);
            let mut parts = vec![Part { table: TABLE, key: id, units: self.parameters.units.delivery }];
            if due_entries == DueEntries::Own {
                parts.push(Part { table: DUE, key: shard, units: 1.0 });
            }
            // What was stored before the refusal is found again by its id when the change comes again.
            let wait = self.database.write(&parts, self.now)?;
            slowest = slowest.max(wait);
        }
        for number in 0..endpoints {
            self.add_delivery(change.tenant * endpoints + number, change.at, due_entries);
        }
        Some(slowest)
    }

    /// Writes the batches of so many deliveries of so many tenants. Their deletion, minutes later, is counted with it.
    /// Returns how long the slowest write waits. One that is refused is as one that waits for longest.
    fn write_batches(&mut self, deliveries: usize, tenants: usize) -> Micros {
        let batches = (deliveries * ID_BYTES + tenants * ENVIRONMENT_BYTES).div_ceil(MAX_ID_BYTES);
        let waits = (0..batches).map(|_| {
            let shard = self.random.u64(0..self.parameters.due_shards as u64);
            let key = self.random.u64(..);
            let parts = [Part { table: TABLE, key, units: 2.0 }, Part { table: DUE, key: shard, units: 2.0 }];
            self.database.write(&parts, self.now).unwrap_or(MAX_THROTTLED)
        });
        waits.max().unwrap_or(0)
    }

    pub(super) fn add_delivery(&mut self, endpoint: u32, changed_at: Micros, due_entries: DueEntries) {
        let check_at = self.parameters.timing.check_at_when_enqueued(Self::timestamp(self.now));
        let check_at = self.now + self.until(check_at);
        let delivery = Delivery {
            endpoint,
            changed_at,
            due_at: self.now,
            check_at,
            attempts: 0,
            due_entry: due_entries,
            is_delivered: false,
            is_attempted: false,
            is_in_progress: false,
        };
        self.due.push(std::cmp::Reverse((check_at, u32::try_from(self.deliveries.len()).unwrap_or(u32::MAX))));
        self.deliveries.push(delivery);
    }

    pub(super) fn dispatched(&mut self, lane: usize) {
        self.account.end(Function::Dispatch);
        self.lanes[lane].is_busy = false;
        self.poll_stream(lane);
    }

    pub(super) fn poll_window(&mut self, shard: usize) {
        if self.windows[shard].is_busy || self.windows[shard].waiting.is_empty() {
            return;
        }
        let Some(begun) = self.start(Function::Bookkeeping) else {
            self.after(RETRY, Event::PollWindow { shard });
            return;
        };
        self.windows[shard].is_polled = false;
        let taken = self.windows[shard].waiting.len().min(BOOKKEEPING_BATCH);
        let changes: Vec<_> = self.windows[shard].waiting.drain(..taken).collect();
        let mut by_tenant: HashMap<u32, usize> = HashMap::new();
        for change in &changes {
            *by_tenant.entry(change.tenant).or_default() += 1;
        }
        let transactions: usize =
            by_tenant.values().map(|count| count.div_ceil(self.parameters.counted_together)).sum();
        let durations = self.parameters.durations;
        let rounds = u32::try_from(transactions.div_ceil(CONCURRENT_WRITES)).unwrap_or(1);
        let waited = self.book(&changes, &by_tenant);
        // What is throttled for too long is repeated with the rest of the batch.
        let wait = waited.unwrap_or(RETRY + MAX_THROTTLED);
        let took = begun + micros(durations.transaction * rounds + durations.database * 2) + wait;
        for change in &changes {
            self.measured.counted(self.now + took - change.at, change.at >= self.workload.duration / 2);
        }
        self.windows[shard].begin(self.now + took, self.now);
        self.after(took, Event::Booked { shard });
    }

    /// Writes counters and the event log of a batch. Returns how long the slowest write waits; `None` if one is refused.
    #[expect(clippy::cast_precision_loss, reason = "hundreds of changes")]
    fn book(&mut self, changes: &[Change], by_tenant: &HashMap<u32, usize>) -> Option<Micros> {
        let units = self.parameters.units;
        let mut slowest = Some(0);
        let mut note = |wait: Option<Micros>| slowest = slowest.zip(wait).map(|(slowest, wait)| slowest.max(wait));
        let now = self.now;
        let database = &mut self.database;
        for change in changes {
            note(database.write(&[Part { table: TABLE, key: change.key ^ 0xff << 48, units: units.counted }], now));
        }
        let mut tenants: Vec<_> = by_tenant.iter().collect();
        // In an order of its own: that of the map is random.
        tenants.sort_unstable();
        for (tenant, count) in tenants {
            let logged = (*count as f64 * units.logged).ceil();
            note(database.write(&[Part { table: TABLE, key: u64::from(*tenant) << 32, units: logged }], now));
        }
        slowest
    }

    pub(super) fn booked(&mut self, shard: usize) {
        self.account.end(Function::Bookkeeping);
        self.windows[shard].is_busy = false;
        let waiting = self.windows[shard].waiting.len();
        if waiting > 0 {
            self.windows[shard].is_polled = true;
            let wait = if waiting >= BOOKKEEPING_BATCH { 0 } else { BOOKKEEPING_WINDOW };
            self.after(wait, Event::PollWindow { shard });
        }
    }
}
