//! The circuit breaker of webhook endpoints, and the automatic disabling of endpoints that keep failing.
//!
//! The circuit of a subscription is *closed* while its endpoint works: deliveries are attempted. After
//! [`FAILURE_THRESHOLD`] consecutive failures it *opens*: deliveries wait, without using up an attempt. After
//! `INITIAL_OPEN_TIME` it is *half-open*: one delivery is attempted as a probe while the others keep waiting. If the
//! probe succeeds, the circuit closes; if it fails, the circuit opens again for twice as long, up to
//! `MAX_OPEN_TIME`. A success resets everything.
//!
//! A subscription whose endpoint has only failed for [`DISABLE_AFTER`] is disabled. (One that responds with 410 is
//! disabled immediately, whatever its health.) Only a time in which the endpoint was tried counts: failures that are
//! further apart than [`MAX_FAILURE_GAP`] prove nothing about the time between them, so a quiet endpoint is not disabled
//! for two failures.

use crate::time::{Speedup, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Number of consecutive failures, of any deliveries, that opens the circuit. An endpoint with little traffic does not
/// reach it within the retry schedule, which limits the load by itself.
pub const FAILURE_THRESHOLD: u32 = 100;

/// Time for which the circuit opens first. Doubled after each failed probe.
const INITIAL_OPEN_TIME: Duration = Duration::from_mins(1);

/// Maximum time for which the circuit opens.
const MAX_OPEN_TIME: Duration = Duration::from_mins(30);

/// Time without a success after which a failing subscription is disabled.
pub const DISABLE_AFTER: Duration = Duration::from_hours(5 * 24);

/// Maximum time between two failures that count as failing continuously. Longer than the longest wait between two
/// attempts of one delivery: 24 hours with ten percent of jitter, then the longest time that a circuit is open.
pub const MAX_FAILURE_GAP: Duration = Duration::from_hours(36);

/// The failures of an endpoint since its last success, and whether it is slow. Empty while the endpoint works promptly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointHealth {
    /// Time of the first failure since the last success.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_since: Option<Timestamp>,
    /// Time since which no gap between two failures was longer than [`MAX_FAILURE_GAP`]. Missing in what releases without
    /// it have stored: the time then begins with the next failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_continuously_since: Option<Timestamp>,
    /// Time of the last failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_failure_at: Option<Timestamp>,
    /// Number of failures since the last success.
    #[serde(default)]
    pub failures: u32,
    /// Number of times that the circuit has opened since the last success.
    #[serde(default)]
    pub opened: u32,
    /// Time until which the circuit is open. Afterwards it is half-open until a probe succeeds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub open_until: Option<Timestamp>,
    /// Time until which a probe in progress keeps other deliveries from probing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub probe_until: Option<Timestamp>,
    /// Set while the endpoint is slow: the time from which a prompt success ends that. The health of an endpoint that
    /// does not fail has nothing else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slow_until: Option<Timestamp>,
}

/// The state of the circuit, which decides whether a delivery may be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitState {
    /// Deliveries may be attempted.
    Closed,
    /// One delivery may be attempted, as the probe.
    HalfOpen,
    /// Deliveries must wait at least until this time.
    OpenUntil(Timestamp),
}

impl EndpointHealth {
    /// Returns the state of the circuit at `now`.
    pub fn circuit_state(&self, now: Timestamp) -> CircuitState {
        match (self.open_until, self.probe_until) {
            (None, _) => CircuitState::Closed,
            (Some(open_until), _) if now < open_until => CircuitState::OpenUntil(open_until),
            (Some(_), Some(probe_until)) if now < probe_until => CircuitState::OpenUntil(probe_until),
            (Some(_), _) => CircuitState::HalfOpen,
        }
    }

    /// Returns the health after another failure at `now`.
    pub fn after_failure(&self, now: Timestamp, speedup: Speedup) -> Self {
        let failures = self.failures.saturating_add(1);
        let was_open = self.open_until.is_some_and(|until| now < until);
        let opens = failures >= FAILURE_THRESHOLD && !was_open;
        // Attempts that were in progress when the circuit opened fail while it is open: they must not extend it.
        let (opened, open_until) = if opens {
            let wait = INITIAL_OPEN_TIME.saturating_mul(1 << self.opened.min(10)).min(MAX_OPEN_TIME);
            (self.opened.saturating_add(1), Some(now.after(speedup.shorten(wait))))
        } else {
            (self.opened, self.open_until)
        };
        let continuous = self.failing_continuously_since.filter(|_| !self.was_quiet(now, speedup));
        Self {
            failing_since: self.failing_since.or(Some(now)),
            failing_continuously_since: continuous.or(Some(now)),
            last_failure_at: Some(now),
            failures,
            opened,
            open_until,
            probe_until: None,
            slow_until: self.slow_until,
        }
    }

    /// Returns whether the last failure before one at `now` is so long ago that the endpoint was not tried in between.
    pub fn was_quiet(&self, now: Timestamp, speedup: Speedup) -> bool {
        self.last_failure_at.is_none_or(|last| now.since(last) > speedup.shorten(MAX_FAILURE_GAP))
    }

    /// Returns whether the endpoint has failed for so long that the subscription is to be disabled.
    pub fn should_disable(&self, now: Timestamp, speedup: Speedup) -> bool {
        self.failing_continuously_since.is_some_and(|since| now.since(since) >= speedup.shorten(DISABLE_AFTER))
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
    fn few_failures_do_not_open_the_circuit() {
        let health = failed(FAILURE_THRESHOLD - 1, at(0));
        assert_eq!(health.circuit_state(at(0)), CircuitState::Closed);
        assert_eq!(health.failing_since, Some(at(0)));
    }

    #[test]
    fn an_open_circuit_allows_one_probe_after_a_while() {
        let open = failed(FAILURE_THRESHOLD, at(0));
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
    fn open_times_double_up_to_the_maximum() {
        let mut health = failed(FAILURE_THRESHOLD, at(0));
        for _ in 0..20 {
            let now = health.open_until.expect("open");
            health = health.after_failure(now, Speedup::NONE);
            assert!(health.open_until.expect("open").since(now) <= MAX_OPEN_TIME);
        }
        let now = health.open_until.expect("open");
        assert_eq!(health.after_failure(now, Speedup::NONE).open_until, Some(now.after(MAX_OPEN_TIME)));
    }

    const HOUR: i64 = 3_600;

    /// Returns the health after failures at these hours.
    fn failed_at(hours: &[i64]) -> EndpointHealth {
        let fail = |health: EndpointHealth, hour: &i64| health.after_failure(at(hour * HOUR), Speedup::NONE);
        hours.iter().fold(EndpointHealth::default(), fail)
    }

    #[test]
    fn endpoints_failing_for_five_days_are_disabled() {
        let health = failed(1, at(0));
        assert!(!health.should_disable(at(5 * 86_400 - 1), Speedup::NONE));
        assert!(health.should_disable(at(5 * 86_400), Speedup::NONE));
        assert!(health.should_disable(at(120), Speedup::new(3_600.0)));
        assert!(!EndpointHealth::default().should_disable(at(i64::MAX / 1_000), Speedup::NONE));
        for hours in [&[0, 24, 48, 72, 96, 120][..], &[0, 1, 3, 15, 39, 74, 75, 77, 89, 113, 120]] {
            assert!(failed_at(hours).should_disable(at(120 * HOUR), Speedup::NONE), "{hours:?}");
        }
    }

    #[test]
    fn a_quiet_endpoint_is_not_disabled() {
        for hours in [&[0, 120][..], &[0, 60, 121], &[0, 1, 2, 300], &[0, 24, 48, 96, 120, 144]] {
            let last = hours.last().expect("some");
            let health = failed_at(hours);
            assert!(!health.should_disable(at(last * HOUR), Speedup::NONE), "{hours:?}");
            assert_eq!(health.failing_since, Some(at(0)), "the first failure is shown all the same");
        }
        // Stored by a release that knew only the first failure.
        let before = EndpointHealth { failing_since: Some(at(0)), failures: 1, ..EndpointHealth::default() };
        assert!(!before.after_failure(at(120 * HOUR), Speedup::NONE).should_disable(at(120 * HOUR), Speedup::NONE));
    }
}
