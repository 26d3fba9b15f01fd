//! Webhooks: event types and events, subscriptions, deliveries with their attempts and retry schedule, and the circuit
//! breaker.

pub mod attempt;
pub mod circuit_breaker;
pub mod delivery;
pub mod event;
pub mod event_log;
pub mod event_type;
pub mod retry;
pub mod subscription;
