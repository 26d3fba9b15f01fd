//! Retention: how long each kind of record is kept (section "Data Retention" of the property-leads document).
//!
//! A record past its retention is no longer shown, even while the database has not removed it yet.

use crate::time::Timestamp;
use std::time::Duration;

/// Retention of deliveries and their attempts: 30 days.
pub const DELIVERY_LOGS: Duration = Duration::from_hours(30 * 24);

/// Retention of the event log: 30 days, as of deliveries.
pub const EVENT_LOG: Duration = DELIVERY_LOGS;

/// Retention of idempotency records and of the encrypted secrets in them: 24 hours, and a margin for clock skew.
pub const IDEMPOTENCY_RECORDS: Duration = Duration::from_mins(24 * 60 + 10);

/// Retention of the records of events that were counted in KPIs. Longer than a change can be repeated: the stream keeps
/// changes for one day, and changes that could not be processed can be put back for 14 days.
pub const COUNTED_EVENTS: Duration = Duration::from_hours(30 * 24);

/// Returns the time at which an audit entry of `at` expires: 12 calendar months later.
pub fn audit_entry_expires_at(at: Timestamp) -> Timestamp {
    at.plus_months(12)
}

/// Returns the time at which a lead created at `created_at` expires with its child records: 24 calendar months later.
pub fn lead_expires_at(created_at: Timestamp) -> Timestamp {
    created_at.plus_months(24)
}

/// Returns the time at which a customer, transaction, dispute or piece of evidence created at `created_at` expires: 24
/// calendar months later, with or without a lead.
pub fn record_expires_at(created_at: Timestamp) -> Timestamp {
    created_at.plus_months(24)
}

/// Returns the time at which the KPI counters of a period that ends at `end` expire: 24 calendar months later, as the
/// leads that they count.
pub fn kpi_counters_expire_at(end: Timestamp) -> Timestamp {
    end.plus_months(24)
}

/// Returns the time at which the item of a sequence template created at `created_at` is removed. A template holds
/// nobody's data and does not expire: a hundred years stand for never, because every item has a time to live.
pub fn template_expires_at(created_at: Timestamp) -> Timestamp {
    created_at.plus_months(12 * 100)
}
