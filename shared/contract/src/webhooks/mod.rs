//! Webhooks: headers of deliveries, and subscriptions in their payloads.

mod header_scheme;
pub(crate) mod payload_schema;
pub(crate) mod subscription;

pub use header_scheme::{SignedContent, WebhookHeaderScheme};
