//! Concurrency of Lambda: the account's limit, the rate at which a function grows, and cold starts.

use super::partitions::Micros;

/// Environments that a function may gain in ten seconds.
const BURST: f64 = 1_000.0;

/// The functions of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// Calls that create leads.
    Leads,
    /// The prompt reader of the stream.
    Dispatch,
    /// The batched reader of the stream.
    Bookkeeping,
    /// Attempts to prompt endpoints, or to all.
    Deliver,
    /// Attempts to slow endpoints.
    DeliverSlow,
}

/// Number of functions.
const FUNCTIONS: usize = 5;

#[derive(Clone, Copy, Debug)]
struct Running {
    now: u32,
    environments: u32,
    allowance: f64,
    allowance_at: Micros,
}

/// The account's executions.
#[derive(Debug)]
pub(super) struct Account {
    limit: u32,
    running: [Running; FUNCTIONS],
    /// Invocations that were throttled.
    pub(super) throttled: u64,
    /// The first time at which one was.
    pub(super) first_throttled: Option<Micros>,
    /// Most executions at the same time.
    pub(super) most: u32,
}

/// An execution that began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// In an environment that existed.
    Warm,
    /// In a new one.
    Cold,
}

impl Account {
    /// Creates an account without executions.
    pub(super) fn new(limit: u32) -> Self {
        let running = Running { now: 0, environments: 0, allowance: BURST, allowance_at: 0 };
        Self { limit, running: [running; FUNCTIONS], throttled: 0, first_throttled: None, most: 0 }
    }

    /// Begins an execution; `None` if it is throttled.
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    pub(super) fn start(&mut self, function: Function, now: Micros) -> Option<Start> {
        let total: u32 = self.running.iter().map(|running| running.now).sum();
        let running = &mut self.running[function as usize];
        let gained = now.saturating_sub(running.allowance_at) as f64 / 10e6 * BURST;
        running.allowance = (running.allowance + gained).min(BURST);
        running.allowance_at = now;
        let is_cold = running.now >= running.environments;
        if total >= self.limit || (is_cold && running.allowance < 1.0) {
            self.throttled += 1;
            self.first_throttled.get_or_insert(now);
            return None;
        }
        running.now += 1;
        self.most = self.most.max(total + 1);
        if is_cold {
            running.allowance -= 1.0;
            running.environments += 1;
            return Some(Start::Cold);
        }
        Some(Start::Warm)
    }

    /// Ends an execution.
    pub(super) fn end(&mut self, function: Function) {
        let running = &mut self.running[function as usize];
        running.now = running.now.saturating_sub(1);
    }

    /// Returns the share of the limit that was used at the busiest moment.
    pub(super) fn utilisation(&self) -> f64 {
        f64::from(self.most) / f64::from(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_gains_a_thousand_environments_in_ten_seconds() {
        let mut account = Account::new(10_000);
        let mut start = |now| (0..5_000).filter(|_| account.start(Function::Leads, now).is_some()).count();
        assert_eq!(start(0), 1_000);
        assert_eq!(start(5_000_000), 500);
    }

    #[test]
    fn the_account_has_a_limit() {
        let mut account = Account::new(3);
        assert_eq!(account.start(Function::Leads, 0), Some(Start::Cold));
        account.end(Function::Leads);
        assert_eq!(account.start(Function::Leads, 0), Some(Start::Warm));
        assert!(account.start(Function::Deliver, 0).is_some());
        assert!(account.start(Function::Deliver, 0).is_some());
        assert_eq!(account.start(Function::Deliver, 0), None);
    }
}
