//! Names of the conditions that writes are made under.

/// A requirement that a conditional write has of the table. A failed commit names the condition that did not hold, so
/// that callers never count writes by their position in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// No item has this key yet.
    Absent,
    /// An item with this key exists.
    Exists,
    /// The item is as it was when it was read: its version, its status or its count of attempts.
    Unchanged,
    /// The lead exists: it was not erased.
    LeadExists,
    /// The lead is as it was when it was read and may receive messages: consent given, not opted out, status open.
    LeadContactable,
    /// The entry of the unique e-mail index is as it was when it was read, or has room for one more lead.
    EmailIndexEntry,
    /// The tenant has fewer than the maximum number of businesses.
    BusinessLimit,
    /// No other business of the tenant has this brand id.
    BrandIdUnused,
    /// The environment has fewer than the maximum number of active API keys, as far as they were counted.
    KeyLimit,
    /// The environment has fewer than the maximum number of webhook subscriptions.
    SubscriptionLimit,
    /// The inbound event was not recorded before.
    InboundEventNew,
    /// The telephone number or e-mail address is not suppressed, and has room for another lead.
    ContactNotSuppressed,
    /// The lead has no first reply yet.
    FirstReplyAbsent,
    /// The event was not added to the KPI counters before.
    KpiEventNew,
    /// The item of KPI counters has room for the event's lead sources.
    KpiSourcesFit,
    /// No idempotency record is kept under this idempotency key, or one of the same request.
    IdempotencyKeyUnused,
}
