//! How a subscription's receiver is doing, and whether it is called at all.
//!
//! After many failures in a row a breaker opens: deliveries wait without losing an attempt. When the wait is over
//! one of them probes; it closes the breaker or opens it for longer.

use crate::time::{Speedup, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Failures in a row, of whatever deliveries, that open the breaker. A receiver that gets little is left to the
/// retry schedule, which is gentle enough by itself.
pub const FAILURES_TO_OPEN: u32 = 100;

/// How long the breaker stays open at first; twice as long after each probe that fails.
const INITIAL_OPEN_TIME: Duration = Duration::from_mins(1);

/// How long the breaker stays open at most.
const MAX_OPEN_TIME: Duration = Duration::from_mins(30);

/// After this long of nothing but failures the subscription is disabled.
pub const DISABLE_AFTER: Duration = Duration::from_hours(5 * 24);

/// What is known of a receiver since its last success; nothing while all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointHealth {
    /// When the first failure since the last success came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_since: Option<Timestamp>,
    /// Failures since the last success.
    #[serde(default)]
    pub failures: u32,
    /// How often the breaker has opened since the last success.
    #[serde(default)]
    pub opened: u32,
    /// Until when the breaker is open; when that is past, until a probe succeeds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub open_until: Option<Timestamp>,
    /// Until when a probe under way keeps others from probing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub probe_until: Option<Timestamp>,
}

/// Whether a delivery may be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitState {
    /// It may.
    Closed,
    /// It may, if it is the one that probes.
    HalfOpen,
    /// It waits at least until then.
    OpenUntil(Timestamp),
}

impl EndpointHealth {
    /// Whether a delivery may be attempted at `now`.
    pub fn circuit_state(&self, now: Timestamp) -> CircuitState {
        match (self.open_until, self.probe_until) {
            (None, _) => CircuitState::Closed,
            (Some(open_until), _) if now < open_until => CircuitState::OpenUntil(open_until),
            (Some(_), Some(probe_until)) if now < probe_until => CircuitState::OpenUntil(probe_until),
            (Some(_), _) => CircuitState::HalfOpen,
        }
    }

    /// What is known after another failure at `now`.
    pub fn after_failure(&self, now: Timestamp, speedup: Speedup) -> Self {
        let failures = self.failures.saturating_add(1);
        let was_open = self.open_until.is_some_and(|until| now < until);
        let opens = failures >= FAILURES_TO_OPEN && !was_open;
        // Attempts that were under way when it opened end while it is open: they open it no further.
        let (opened, open_until) = if opens {
            let wait = INITIAL_OPEN_TIME.saturating_mul(1 << self.opened.min(10)).min(MAX_OPEN_TIME);
            (self.opened.saturating_add(1), Some(now.after(speedup.shorten(wait))))
        } else {
            (self.opened, self.open_until)
        };
        Self { failing_since: self.failing_since.or(Some(now)), failures, opened, open_until, probe_until: None }
    }

    /// Whether nothing but failures has come for so long that the subscription is to be disabled.
    pub fn should_disable(&self, now: Timestamp, speedup: Speedup) -> bool {
        self.failing_since.is_some_and(|since| now.since(since) >= speedup.shorten(DISABLE_AFTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn failed(times: u32, now: Timestamp) -> EndpointHealth {
        (0..times).fold(EndpointHealth::default(), |health, _| health.after_failure(now, Speedup::NONE))
    }

    #[test]
    fn a_receiver_that_fails_now_and_then_is_left_to_the_schedule() {
        let health = failed(FAILURES_TO_OPEN - 1, at(0));
        assert_eq!(health.circuit_state(at(0)), CircuitState::Closed);
        assert_eq!(health.failing_since, Some(at(0)));
    }

    #[test]
    fn an_open_breaker_lets_one_probe_through_when_its_wait_is_over() {
        let open = failed(FAILURES_TO_OPEN, at(0));
        assert_eq!(open.circuit_state(at(59)), CircuitState::OpenUntil(at(60)));
        assert_eq!(open.circuit_state(at(60)), CircuitState::HalfOpen);
        let probing = EndpointHealth { probe_until: Some(at(80)), ..open.clone() };
        assert_eq!(probing.circuit_state(at(61)), CircuitState::OpenUntil(at(80)));
        assert_eq!(probing.circuit_state(at(80)), CircuitState::HalfOpen);
        assert_eq!(open.after_failure(at(1), Speedup::NONE).open_until, Some(at(60)), "stragglers open it no further");
        assert_eq!(
            open.after_failure(at(60), Speedup::NONE).circuit_state(at(61)),
            CircuitState::OpenUntil(at(60 + 120))
        );
    }

    #[test]
    fn waits_double_up_to_half_an_hour() {
        let mut health = failed(FAILURES_TO_OPEN, at(0));
        for _ in 0..20 {
            let now = health.open_until.expect("open");
            health = health.after_failure(now, Speedup::NONE);
            assert!(health.open_until.expect("open").since(now) <= MAX_OPEN_TIME);
        }
        let now = health.open_until.expect("open");
        assert_eq!(health.after_failure(now, Speedup::NONE).open_until, Some(now.after(MAX_OPEN_TIME)));
    }

    #[test]
    fn five_days_of_nothing_but_failures_are_hopeless() {
        let health = failed(1, at(0));
        assert!(!health.should_disable(at(5 * 86_400 - 1), Speedup::NONE));
        assert!(health.should_disable(at(5 * 86_400), Speedup::NONE));
        assert!(health.should_disable(at(120), Speedup::new(3_600.0)));
        assert!(!EndpointHealth::default().should_disable(at(i64::MAX / 1_000), Speedup::NONE));
    }
}
