//! Webhooks: events, subscriptions, deliveries with their retry schedule, and the circuit breaker.

pub mod circuit_breaker;
pub mod delivery;
pub mod event;
pub mod retry;
pub mod subscription;
