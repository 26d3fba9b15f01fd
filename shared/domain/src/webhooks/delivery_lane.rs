//! The two lanes of deliveries, and the decision about each message: fairness between endpoints that respond promptly
//! and those that do not.
//!
//! The *prompt* lane attempts deliveries to endpoints that respond at once. An attempt there may take the full time that
//! the contracts allow and is never cut off, because the endpoint would receive the event twice; but it begins only
//! while the endpoint is not known to be slow. Everything else goes to the *slow* lane, which has a queue and a
//! concurrency of its own: deliveries to endpoints that are slow or new, and probes of endpoints whose circuit is
//! half-open. So a tenant with many slow endpoints and a long backlog fills the slow lane only, and there the queue is
//! fair between tenants.
//!
//! Whether an endpoint is slow is part of its health ([`EndpointHealth::slow_until`]), and costs nothing while it is
//! not: an endpoint is marked slow when an attempt is still running after [`SLOW_ATTEMPT`], and returns to the prompt
//! lane with the first prompt success after [`SLOW_TIME`] without a slow attempt. A new endpoint is proven by its first
//! prompt success.
//!
//! While a circuit is open, deliveries are parked: they leave the queues, and a single entry of the due index for the
//! subscription decides when the endpoint is probed and when they are released ([`EndpointHealth::parked_action`]).

use crate::time::{Speedup, Timestamp};
use crate::webhooks::circuit_breaker::{CircuitState, EndpointHealth};
use std::time::Duration;

/// Duration after which an attempt counts as slow. Long for an endpoint that enqueues what it receives, and far below
/// the five seconds within which any tenant's change is to be attempted.
pub const SLOW_ATTEMPT: Duration = Duration::from_secs(2);

/// Time after the last slow attempt for which an endpoint stays slow. An endpoint that alternates between prompt and
/// slow responses therefore holds up the prompt lane at most once in this time, and by one attempt at a time.
pub const SLOW_TIME: Duration = Duration::from_hours(1);

/// Maximum time for which a delivery is parked before it comes back by itself. The deliveries of a circuit that closes
/// are released at once, so this matters only if the entry that releases them is lost: for a release that does not know
/// parked deliveries.
pub const MAX_PARKED_TIME: Duration = Duration::from_hours(6);

/// Time after which the endpoint is probed again if a probe has had no consequence: its message was lost, or the
/// delivery was attempted meanwhile. Longer than an attempt may take.
pub const PROBE_INTERVAL: Duration = Duration::from_mins(1);

/// A lane of deliveries: a queue with its own concurrency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryLane {
    /// Deliveries to endpoints that respond promptly.
    Prompt,
    /// Deliveries to endpoints that are slow or new, and probes.
    Slow,
}

/// The handling of a message that asks for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAction {
    /// The delivery is attempted.
    Attempt,
    /// The delivery is attempted if it can claim the probe of the half-open circuit, and parked otherwise.
    Probe,
    /// The message is handed over to the slow lane. Nothing is sent to the endpoint.
    HandOver,
    /// The circuit is open: the delivery is parked.
    Park,
}

/// The handling of a subscription's parked deliveries when they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParkedAction {
    /// The circuit is closed: all are released.
    Release,
    /// The circuit is half-open: one is enqueued to probe the endpoint.
    Probe,
    /// The circuit is open: they are checked again at this time.
    WaitUntil(Timestamp),
}

impl EndpointHealth {
    /// Returns the health of a new endpoint, or one that is enabled again: slow until its first prompt success.
    pub fn unproven(now: Timestamp) -> Self {
        Self { slow_until: Some(now), ..Self::default() }
    }

    /// Returns the lane of deliveries to the endpoint.
    pub fn lane(&self) -> DeliveryLane {
        if self.slow_until.is_some() || self.open_until.is_some() { DeliveryLane::Slow } else { DeliveryLane::Prompt }
    }

    /// Returns what becomes of a message that `lane` has received. The slow lane attempts everything itself, so that no
    /// message goes to and fro.
    pub fn next_action(&self, lane: DeliveryLane, now: Timestamp) -> NextAction {
        match (self.circuit_state(now), lane, self.lane()) {
            (CircuitState::OpenUntil(_), _, _) => NextAction::Park,
            (_, DeliveryLane::Prompt, DeliveryLane::Slow) => NextAction::HandOver,
            (CircuitState::HalfOpen, _, _) => NextAction::Probe,
            (CircuitState::Closed, _, _) => NextAction::Attempt,
        }
    }

    /// Returns what becomes of parked deliveries at `now`.
    pub fn parked_action(&self, now: Timestamp) -> ParkedAction {
        match self.circuit_state(now) {
            CircuitState::Closed => ParkedAction::Release,
            CircuitState::HalfOpen => ParkedAction::Probe,
            CircuitState::OpenUntil(until) => ParkedAction::WaitUntil(until),
        }
    }

    /// Returns the health after an attempt, whatever its outcome, has taken `latency` until `now`.
    ///
    /// The time is extended only when half of it has passed, so that a slow endpoint costs few writes.
    pub fn after_latency(&self, latency: Duration, now: Timestamp, speedup: Speedup) -> Self {
        let slow_time = speedup.shorten(SLOW_TIME);
        let is_recent = self.slow_until.is_some_and(|until| until > now.after(slow_time / 2));
        let slow_until =
            if latency >= SLOW_ATTEMPT && !is_recent { Some(now.after(slow_time)) } else { self.slow_until };
        Self { slow_until, ..self.clone() }
    }

    /// Returns the health after a success that took `latency` until `now`: without failures, and no longer slow if it
    /// was prompt and the last slow attempt is long enough ago.
    pub fn after_success(&self, latency: Duration, now: Timestamp, speedup: Speedup) -> Self {
        let is_proven = |until: &Timestamp| latency < SLOW_ATTEMPT && *until <= now;
        let slow_until = self.after_latency(latency, now, speedup).slow_until.filter(|until| !is_proven(until));
        Self { slow_until, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::circuit_breaker::FAILURE_THRESHOLD;

    const PROMPT: Duration = Duration::from_millis(50);
    const SLOW: Duration = Duration::from_secs(14);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn action(health: &EndpointHealth, lane: DeliveryLane, now: i64) -> NextAction {
        health.next_action(lane, at(now))
    }

    #[test]
    fn prompt_endpoints_cost_no_write() {
        let health = EndpointHealth::default();
        assert_eq!(health.after_success(PROMPT, at(0), Speedup::NONE), health);
        assert_eq!(action(&health, DeliveryLane::Prompt, 0), NextAction::Attempt);
        assert_eq!(action(&health, DeliveryLane::Slow, 0), NextAction::Attempt, "no message goes to and fro");
    }

    #[test]
    fn a_slow_success_moves_the_endpoint() {
        let slow = EndpointHealth::default().after_success(SLOW, at(0), Speedup::NONE);
        assert_eq!(action(&slow, DeliveryLane::Prompt, 0), NextAction::HandOver);
        assert_eq!(action(&slow, DeliveryLane::Prompt, 1_000_000), NextAction::HandOver, "time alone proves nothing");
        assert_eq!(action(&slow, DeliveryLane::Slow, 0), NextAction::Attempt);
        assert_eq!(slow.after_success(SLOW, at(1_000), Speedup::NONE), slow, "extended with few writes");
        assert_eq!(slow.after_success(SLOW, at(1_900), Speedup::NONE).slow_until, Some(at(1_900 + 3_600)));
    }

    #[test]
    fn an_alternating_endpoint_stays_slow() {
        let slow = EndpointHealth::default().after_success(SLOW, at(0), Speedup::NONE);
        assert_eq!(slow.after_success(PROMPT, at(3_599), Speedup::NONE), slow);
        assert_eq!(slow.after_success(PROMPT, at(3_600), Speedup::NONE), EndpointHealth::default());
        assert_eq!(slow.after_success(PROMPT, at(36), Speedup::new(100.0)).slow_until, slow.slow_until);
    }

    #[test]
    fn the_first_prompt_success_proves_an_endpoint() {
        let new = EndpointHealth::unproven(at(5));
        assert_eq!(action(&new, DeliveryLane::Prompt, 5), NextAction::HandOver);
        assert_eq!(new.after_failure(at(6), Speedup::NONE).slow_until, Some(at(5)), "a failure proves nothing");
        assert_eq!(new.after_success(PROMPT, at(5), Speedup::NONE), EndpointHealth::default());
        assert_eq!(new.after_success(SLOW, at(20), Speedup::NONE).lane(), DeliveryLane::Slow);
    }

    #[test]
    fn timeouts_are_slow_whatever_their_outcome() {
        let timed_out = EndpointHealth::default().after_latency(Duration::from_secs(15), at(15), Speedup::NONE);
        let failing = timed_out.after_failure(at(15), Speedup::NONE);
        assert_eq!((failing.lane(), failing.failures), (DeliveryLane::Slow, 1));
        let refused = EndpointHealth::default().after_latency(PROMPT, at(15), Speedup::NONE);
        assert_eq!(refused.after_failure(at(15), Speedup::NONE).lane(), DeliveryLane::Prompt);
    }

    #[test]
    fn open_circuits_park_and_half_open_ones_probe() {
        let fail = |health: EndpointHealth, _| health.after_failure(at(0), Speedup::NONE);
        let open = (0..FAILURE_THRESHOLD).fold(EndpointHealth::default(), fail);
        for lane in [DeliveryLane::Prompt, DeliveryLane::Slow] {
            assert_eq!(action(&open, lane, 59), NextAction::Park);
        }
        assert_eq!(action(&open, DeliveryLane::Prompt, 60), NextAction::HandOver);
        assert_eq!(action(&open, DeliveryLane::Slow, 60), NextAction::Probe);
        assert_eq!(open.parked_action(at(59)), ParkedAction::WaitUntil(at(60)));
        assert_eq!(open.parked_action(at(60)), ParkedAction::Probe);
        let closed = open.after_success(PROMPT, at(61), Speedup::NONE);
        assert_eq!(closed.parked_action(at(61)), ParkedAction::Release);
    }
}
