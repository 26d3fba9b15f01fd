//! How long things are kept (the property-leads document, "Data Retention").

use crate::time::Timestamp;
use std::time::Duration;

/// Delivery logs: 30 days.
pub const DELIVERIES: Duration = Duration::from_hours(30 * 24);

/// Idempotency records, and with them sealed secrets: 24 hours and a margin for clocks that disagree.
pub const IDEMPOTENCY: Duration = Duration::from_mins(24 * 60 + 10);

/// When an audit entry of `at` is no longer shown: 12 calendar months later.
pub fn audit_expires(at: Timestamp) -> Timestamp {
    at.plus_months(12)
}

/// When a lead made at `created_at`, and what hangs on it, is no longer shown: 24 calendar months later.
pub fn lead_expires(created_at: Timestamp) -> Timestamp {
    created_at.plus_months(24)
}
