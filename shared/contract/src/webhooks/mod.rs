//! Webhooks: the headers that a contract's deliveries carry.

mod header_scheme;

pub use header_scheme::{SignedContent, WebhookHeaderScheme};
