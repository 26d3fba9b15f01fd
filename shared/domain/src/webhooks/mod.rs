//! Webhooks: event types and events, subscriptions, deliveries with their attempts and retry schedule, batches of them, the circuit
//! breaker, and the lanes of prompt and slow endpoints.

pub mod attempt;
pub mod circuit_breaker;
pub mod delivery;
pub mod delivery_batch;
pub mod delivery_lane;
pub mod event;
pub mod event_log;
pub mod event_type;
pub mod retry;
pub mod subscription;
