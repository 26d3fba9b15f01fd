//! Attempts of deliveries, their outcomes, and the sweeper.

use super::concurrency::Function;
use super::parameters::{DueEntries, Grouping, Lanes};
use super::partitions::{DUE, Micros, Part, TABLE};
use super::queue::Message;
use super::simulation::{Batch, Endpoint, Event, PROMPT, SLOW, Simulation, micros};
use domain::webhooks::delivery_lane::{DeliveryLane, NextAction, SLOW_ATTEMPT};
use domain::webhooks::retry;
use std::cmp::Reverse;
use std::time::Duration;

/// Time after which Lambda repeats an invocation that was throttled.
const RETRY: Micros = 1_000_000;

/// Time after which a queue redelivers a message that failed, as in `template.yaml`.
const VISIBILITY_TIMEOUT: Micros = 180_000_000;

/// Median time that an endpoint takes to answer.
const ENDPOINT_MEDIAN_MS: f64 = 80.0;

/// Spread of that time: the 99th percentile is four times the median.
const ENDPOINT_SIGMA: f64 = 0.6;

/// Time between two runs of the sweeper, and for which one hands over work.
const SWEEP_INTERVAL: Micros = 60_000_000;

impl Simulation {
    pub(super) fn add_slow_tenant(&mut self) {
        let Some(slow) = self.workload.slow_tenant else { return };
        let first = u32::try_from(self.endpoints.len()).unwrap_or(0);
        let tenant = self.workload.tenants;
        self.endpoints.extend((0..slow.endpoints).map(|_| Endpoint { tenant, ..Endpoint::default() }));
        for number in 0..slow.pending {
            let message = u32::try_from(self.deliveries.len()).unwrap_or(u32::MAX);
            self.add_delivery(first + number % slow.endpoints, 0, DueEntries::Own);
            self.visible(PROMPT, message);
        }
    }

    fn group(&self, message: Message) -> u32 {
        let endpoint = self.deliveries[message as usize].endpoint;
        match self.parameters.grouping {
            Grouping::Subscription => endpoint,
            Grouping::Tenant => self.endpoints[endpoint as usize].tenant,
        }
    }

    pub(super) fn visible(&mut self, queue: usize, message: Message) {
        let group = self.group(message);
        self.queues[queue].push(message, group);
        self.read_queue(queue);
    }

    pub(super) fn read_queue(&mut self, queue: usize) {
        let function = if queue == SLOW { Function::DeliverSlow } else { Function::Deliver };
        while self.queues[queue].may_read(self.now) {
            let Some(begun) = self.start(function) else {
                self.after(RETRY, Event::ReadQueue { queue });
                return;
            };
            let messages = self.queues[queue].read(self.now);
            self.handle_batch(queue, messages, begun);
        }
    }

    fn handle_batch(&mut self, queue: usize, messages: Vec<(Message, u32)>, begun: Micros) {
        let durations = self.parameters.durations;
        let cpu = micros(durations.deliver_cpu) * messages.len() as u64;
        let begun = begun + micros(durations.database) + cpu;
        let number = self.batches.iter().rposition(Option::is_none).unwrap_or_else(|| {
            self.batches.push(None);
            self.batches.len() - 1
        });
        let unsettled = messages.len();
        for (message, _) in &messages {
            self.handle_message(number, queue, *message, begun);
        }
        self.batches[number] = Some(Batch { queue, messages, began: self.now, unsettled });
    }

    fn handle_message(&mut self, batch: usize, queue: usize, message: Message, begun: Micros) {
        let delivery = self.deliveries[message as usize];
        let at = Self::timestamp(self.now + begun);
        if delivery.is_delivered || delivery.is_in_progress || delivery.due_at > self.now + begun {
            // The message is a repetition.
            self.after(begun, Event::Settled { batch });
            return;
        }
        let health = &self.endpoints[delivery.endpoint as usize].health;
        let lane = if queue == SLOW { DeliveryLane::Slow } else { DeliveryLane::Prompt };
        let action = match self.parameters.lanes {
            Lanes::One => NextAction::Attempt,
            Lanes::PromptAndSlow { .. } => health.next_action(lane, at),
        };
        if action == NextAction::HandOver {
            let sent = begun + micros(self.parameters.durations.queue);
            self.after(sent, Event::Visible { queue: SLOW, message });
            self.after(sent, Event::Settled { batch });
            return;
        }
        let tenant = self.endpoints[delivery.endpoint as usize].tenant;
        let of_slow_tenant = tenant == self.workload.tenants;
        if !delivery.is_attempted {
            let latency = self.now + begun - delivery.changed_at;
            let is_measured = delivery.changed_at >= self.workload.duration / 2;
            self.measured.attempted(of_slow_tenant, latency, is_measured, false);
        }
        self.measured.attempts += 1;
        let delivery = &mut self.deliveries[message as usize];
        (delivery.is_attempted, delivery.is_in_progress) = (true, true);
        let endpoint = delivery.endpoint;
        let latency = self.endpoint_latency(of_slow_tenant);
        let refused = !of_slow_tenant && self.random.f64() < self.workload.refused_share;
        let latency_ms = u32::try_from(latency.as_millis()).unwrap_or(u32::MAX);
        self.after(begun + micros(latency), Event::Attempted { batch, message, latency_ms, refused });
        if latency >= SLOW_ATTEMPT {
            let found = Event::FoundSlow { endpoint, latency_ms };
            self.after(begun + micros(SLOW_ATTEMPT), found);
        }
    }

    fn endpoint_latency(&mut self, of_slow_tenant: bool) -> Duration {
        if let (true, Some(slow)) = (of_slow_tenant, self.workload.slow_tenant) {
            return slow.latency;
        }
        // Log-normal, by the method of Box and Muller.
        let radius = (-2.0 * (1.0 - self.random.f64()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.random.f64()).cos();
        Duration::from_secs_f64(ENDPOINT_MEDIAN_MS / 1_000.0 * (ENDPOINT_SIGMA * normal).exp())
    }

    pub(super) fn found_slow(&mut self, endpoint: u32, latency: Duration) {
        let (now, speedup) = (Self::timestamp(self.now), self.parameters.timing.speedup);
        let health = &mut self.endpoints[endpoint as usize].health;
        *health = health.after_latency(latency, now, speedup);
    }

    /// Records the outcome of an attempt.
    pub(super) fn attempted(&mut self, batch: usize, message: Message, latency: Duration, refused: bool) {
        let (now, timing) = (Self::timestamp(self.now), self.parameters.timing);
        let endpoint = self.deliveries[message as usize].endpoint;
        let health = &mut self.endpoints[endpoint as usize].health;
        *health = if refused {
            health.after_failure(now, timing.speedup)
        } else {
            health.after_success(latency, now, timing.speedup)
        };
        let shard = self.random.u64(0..self.parameters.due_shards as u64);
        let units = self.parameters.units.success;
        let mut parts = vec![Part { table: TABLE, key: u64::from(message) | 1 << 62, units }];
        if self.deliveries[message as usize].due_entry == DueEntries::Own || refused {
            parts.push(Part { table: DUE, key: shard, units: 1.0 });
        }
        let written = self.database.write(&parts, self.now);
        self.deliveries[message as usize].is_in_progress = false;
        let wait = match (written, refused) {
            (None, _) => {
                // The message comes again, and with it the attempt.
                let queue = self.batches[batch].as_ref().map_or(PROMPT, |batch| batch.queue);
                self.after(VISIBILITY_TIMEOUT, Event::Visible { queue, message });
                0
            }
            (Some(wait), false) => {
                self.deliveries[message as usize].is_delivered = true;
                wait
            }
            (Some(wait), true) => {
                self.schedule_retry(message);
                wait
            }
        };
        self.after(wait + micros(self.parameters.durations.database), Event::Settled { batch });
    }

    /// Schedules what follows a failure, by the domain's rules.
    fn schedule_retry(&mut self, message: Message) {
        let (now, timing) = (Self::timestamp(self.now), self.parameters.timing);
        let random = self.random.f64();
        let delivery = &mut self.deliveries[message as usize];
        delivery.attempts += 1;
        let Some(delay) = retry::delay_after_failure(delivery.attempts, random, None) else {
            delivery.is_delivered = true;
            return;
        };
        let due_at = now.after(timing.speedup.shorten(delay));
        let check_at = timing.check_at_when_scheduled(due_at, now);
        let (due, check) = (self.now + self.until(due_at), self.now + self.until(check_at));
        let delivery = &mut self.deliveries[message as usize];
        (delivery.due_at, delivery.check_at, delivery.due_entry) = (due, check, DueEntries::Own);
        self.due.push(Reverse((check, message)));
        if timing.fits_queue_delay(due_at, now) {
            self.after(due - self.now, Event::Visible { queue: PROMPT, message });
        }
    }

    pub(super) fn settled(&mut self, batch: usize) {
        let Some(handled) = self.batches[batch].as_mut() else { return };
        handled.unsettled -= 1;
        if handled.unsettled > 0 {
            return;
        }
        let Some(Batch { queue, messages, began, .. }) = self.batches[batch].take() else { return };
        self.queues[queue].finish(&messages, began, self.now);
        self.account.end(if queue == SLOW { Function::DeliverSlow } else { Function::Deliver });
        self.read_queue(queue);
    }

    /// Enqueues again what is overdue, as much as a run has time for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rate")]
    pub(super) fn sweep(&mut self) {
        self.after(SWEEP_INTERVAL, Event::Sweep);
        let most = self.parameters.sweeper_per_second * SWEEP_INTERVAL as f64 / 1e6;
        let each = 1e6 / self.parameters.sweeper_per_second;
        let mut handled = 0.0;
        while handled < most {
            let Some(Reverse((check_at, message))) = self.due.pop() else { return };
            if check_at > self.now {
                self.due.push(Reverse((check_at, message)));
                return;
            }
            let delivery = self.deliveries[message as usize];
            if delivery.is_delivered || delivery.check_at != check_at {
                continue;
            }
            let next = self
                .parameters
                .timing
                .check_at_when_reenqueued(Self::timestamp(delivery.due_at), Self::timestamp(self.now));
            let next = self.now + self.until(next);
            self.deliveries[message as usize].check_at = next;
            self.due.push(Reverse((next, message)));
            let wait = (handled * each) as Micros;
            handled += 1.0;
            self.after(wait, Event::Visible { queue: PROMPT, message });
        }
    }
}
