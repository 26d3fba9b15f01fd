//! A standard queue of SQS whose messages have groups (fair queue), and the pollers that Lambda reads it with.

use super::partitions::Micros;
use std::collections::{HashMap, VecDeque};

/// A message: a delivery.
pub(super) type Message = u32;

/// Minimum number of messages in flight of a group that SQS holds back.
const NOISY_MESSAGES: u32 = 30;

/// Share of all messages in flight, or of all recent processing time, above which SQS holds a group back.
const NOISY_SHARE: f64 = 0.1;

/// Time constant of "recent" processing time. SQS documents none; an assumption.
const RECENT: f64 = 30e6;

/// Batches that Lambda begins with.
const FIRST_POLLERS: f64 = 5.0;

/// Batches that Lambda adds in a microsecond while messages wait: 300 a minute.
const ADDED_POLLERS: f64 = 300.0 / 60e6;

/// Maximum number of messages in a batch.
pub(super) const BATCH_SIZE: usize = 10;

/// A time that decays.
#[derive(Clone, Copy, Debug, Default)]
struct Decaying {
    value: f64,
    at: Micros,
}

impl Decaying {
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    fn at(self, now: Micros) -> f64 {
        self.value * (-(now.saturating_sub(self.at) as f64) / RECENT).exp()
    }

    fn add(&mut self, value: f64, now: Micros) {
        *self = Self { value: self.at(now) + value, at: now };
    }
}

/// State of a group, as SQS knows it.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    in_flight: u32,
    processing: Decaying,
}

/// A fair queue.
#[derive(Debug)]
pub(super) struct FairQueue {
    /// Name in reports.
    pub(super) name: &'static str,
    waiting: VecDeque<(Message, u32)>,
    /// Messages of groups that were held back.
    held_back: VecDeque<(Message, u32)>,
    groups: HashMap<u32, Group>,
    all: Group,
    max_concurrency: u32,
    pollers: f64,
    pollers_at: Micros,
    /// Batches in progress.
    pub(super) active: u32,
    busy: f64,
    busy_at: Micros,
    reset_at: Micros,
    /// The first time at which messages waited while all of the allowed batches were in progress.
    pub(super) full_since: Option<Micros>,
}

impl FairQueue {
    /// Creates an empty queue.
    pub(super) fn new(name: &'static str, max_concurrency: u32) -> Self {
        Self {
            name,
            waiting: VecDeque::new(),
            held_back: VecDeque::new(),
            groups: HashMap::new(),
            all: Group::default(),
            max_concurrency,
            pollers: FIRST_POLLERS.min(f64::from(max_concurrency)),
            pollers_at: 0,
            active: 0,
            busy: 0.0,
            busy_at: 0,
            reset_at: 0,
            full_since: None,
        }
    }

    /// Adds a message of `group`.
    pub(super) fn push(&mut self, message: Message, group: u32) {
        self.waiting.push_back((message, group));
    }

    /// Returns the number of messages that wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.held_back.len()
    }

    /// Returns whether no message waits.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn is_noisy(&self, group: u32, now: Micros) -> bool {
        let Some(known) = self.groups.get(&group) else { return false };
        let in_flight = f64::from(known.in_flight) > NOISY_SHARE * f64::from(self.all.in_flight);
        let time = self.all.processing.at(now);
        (known.in_flight >= NOISY_MESSAGES && in_flight)
            || (time > 1e6 && known.processing.at(now) > NOISY_SHARE * time)
    }

    /// Returns whether Lambda reads another batch at `now`.
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    pub(super) fn may_read(&mut self, now: Micros) -> bool {
        if self.is_empty() {
            self.pollers_at = now;
            return false;
        }
        let added = now.saturating_sub(self.pollers_at) as f64 * ADDED_POLLERS;
        self.pollers = (self.pollers + added).min(f64::from(self.max_concurrency));
        self.pollers_at = now;
        let may = f64::from(self.active) + 1.0 <= self.pollers;
        if !may && self.active >= self.max_concurrency && self.full_since.is_none() {
            self.full_since = Some(now);
        }
        may
    }

    /// Takes the next batch: groups that are held back come last.
    pub(super) fn read(&mut self, now: Micros) -> Vec<(Message, u32)> {
        self.account(now);
        let mut batch = Vec::with_capacity(BATCH_SIZE);
        while batch.len() < BATCH_SIZE {
            let Some((message, group)) = self.waiting.pop_front() else { break };
            if self.is_noisy(group, now) {
                self.held_back.push_back((message, group));
            } else {
                batch.push(self.take(message, group));
            }
        }
        while batch.len() < BATCH_SIZE {
            let Some((message, group)) = self.held_back.pop_front() else { break };
            batch.push(self.take(message, group));
        }
        self.active += 1;
        batch
    }

    fn take(&mut self, message: Message, group: u32) -> (Message, u32) {
        self.groups.entry(group).or_default().in_flight += 1;
        self.all.in_flight += 1;
        (message, group)
    }

    /// Ends a batch that was read at `began`.
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    pub(super) fn finish(&mut self, batch: &[(Message, u32)], began: Micros, now: Micros) {
        self.account(now);
        let each = now.saturating_sub(began) as f64;
        for (_, group) in batch {
            let known = self.groups.entry(*group).or_default();
            known.in_flight = known.in_flight.saturating_sub(1);
            known.processing.add(each, now);
            self.all.in_flight = self.all.in_flight.saturating_sub(1);
            self.all.processing.add(each, now);
        }
        self.active = self.active.saturating_sub(1);
    }

    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    fn account(&mut self, now: Micros) {
        // A batch that is not full takes part of what its place could do.
        let full_batches = f64::from(self.all.in_flight) / BATCH_SIZE as f64;
        self.busy += full_batches * now.saturating_sub(self.busy_at) as f64;
        self.busy_at = now;
    }

    /// Begins to measure utilisation at `now`.
    pub(super) fn reset(&mut self, now: Micros) {
        self.account(now);
        (self.busy, self.reset_at) = (0.0, now);
    }

    /// Returns the share of the allowed concurrency, in full batches, that was in use on average since the reset.
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    pub(super) fn utilisation(&mut self, now: Micros) -> f64 {
        self.account(now);
        self.busy / now.saturating_sub(self.reset_at) as f64 / f64::from(self.max_concurrency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noisy_group_waits_for_quiet_ones() {
        let mut queue = FairQueue::new("queue", 1_000);
        (0..200).for_each(|message| queue.push(message, 1));
        let first: Vec<_> = (0..10).map(|_| queue.read(0)).collect();
        assert_eq!(first.concat().len(), 100);
        queue.push(1_000, 2);
        assert_eq!(queue.read(1)[0], (1_000, 2), "behind a hundred messages of the noisy group");
        assert_eq!(queue.len(), 91);
    }

    #[test]
    fn many_small_groups_are_not_noisy() {
        let mut queue = FairQueue::new("queue", 1_000);
        (0..2_000).for_each(|message| queue.push(message, message % 50));
        (0..50).for_each(|_| drop(queue.read(0)));
        queue.push(5_000, 99);
        assert!(queue.read(1).iter().all(|(message, _)| *message != 5_000));
    }

    #[test]
    fn pollers_are_added_over_time() {
        let mut queue = FairQueue::new("queue", 50);
        (0..10_000).for_each(|message| queue.push(message, message));
        let started = |queue: &mut FairQueue, now| {
            let mut started = 0;
            while queue.may_read(now) {
                queue.read(now);
                started += 1;
            }
            started
        };
        assert_eq!(started(&mut queue, 0), 5);
        assert_eq!(started(&mut queue, 1_000_000), 5);
        assert_eq!(started(&mut queue, 60_000_000), 40, "the maximum");
    }
}
