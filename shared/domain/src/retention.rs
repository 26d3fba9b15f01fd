//! How long things are kept (the property-leads document, "Data Retention").

use crate::time::Timestamp;
use std::time::Duration;

/// Delivery logs: 30 days.
pub const DELIVERY_LOGS: Duration = Duration::from_hours(30 * 24);

/// Idempotency records, and with them sealed secrets: 24 hours and a margin for clocks that disagree.
pub const IDEMPOTENCY_RECORDS: Duration = Duration::from_mins(24 * 60 + 10);

/// When an audit entry of `at` is no longer shown: 12 calendar months later.
pub fn audit_entry_expires_at(at: Timestamp) -> Timestamp {
    at.plus_months(12)
}

/// When a lead made at `created_at`, and what hangs on it, is no longer shown: 24 calendar months later.
pub fn lead_expires_at(created_at: Timestamp) -> Timestamp {
    created_at.plus_months(24)
}

/// When a customer, a transaction, a dispute or a piece of evidence made at `created_at` is no longer shown: as what
/// hangs on a lead, and as long where it hangs on none.
pub fn record_expires_at(created_at: Timestamp) -> Timestamp {
    created_at.plus_months(24)
}
