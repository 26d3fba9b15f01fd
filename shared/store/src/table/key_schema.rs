//! The keys of both tables and their indexes. Every key is built in this module and nowhere else.
//!
//! Every partition key of data of a tenant begins with a kind and an environment (or a tenant), so that no request can
//! name data of another tenant or mode. `docs/data-model.md` lists all items with their keys. Kinds and prefixes are
//! stored data and must never change.

use domain::{
    AuditId, BusinessId, CountedEventId, DeliveryBatchId, DeliveryId, Environment, KeyId, LeadId, MessageId, Mode,
    SubscriptionId, SuppressionId, TenantId,
};

/// Attribute: partition key of both tables.
pub(crate) const PK: &str = "pk";
/// Attribute: sort key of the single table.
pub(crate) const SK: &str = "sk";
/// Attribute: time after which DynamoDB may remove the item, in epoch seconds.
pub(crate) const TTL: &str = "ttl";
/// Attribute: partition key of the index `business`.
pub(crate) const BUSINESS_PK: &str = "bp";
/// Attribute: partition key of the index `status`.
pub(crate) const STATUS_PK: &str = "sp";
/// Attribute: sort key of the indexes `business` and `status`, the milliseconds of the creation and the id.
pub(crate) const AT: &str = "at";
/// Attribute: partition key of the index `due`, one of a few shards.
pub(crate) const DUE_SHARD: &str = "dp";
/// Attribute: sort key of the index `due`, the time in epoch milliseconds at which the sweeper checks the item.
pub(crate) const DUE_CHECK: &str = "da";

/// Index: all records of one kind of a business, by creation time.
pub(crate) const BUSINESS_INDEX: &str = "business";
/// Index: the records of one kind of a business with one index value, such as a status, by creation time.
pub(crate) const STATUS_INDEX: &str = "status";
/// Index: unfinished work, by check time.
pub(crate) const DUE_INDEX: &str = "due";

/// A key of the single table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    /// Returns what kind of thing the item with this key is, as callers of the API know it.
    pub(crate) fn description(&self) -> &'static str {
        let kind = self.pk.split('#').next().unwrap_or_default();
        match (kind, self.sk.split('#').next().unwrap_or_default()) {
            (LEAD_KIND, LEAD_KIND) => "the lead",
            (LEAD_KIND, SEQUENCE_SK) => "the sequence",
            (LEAD_KIND, "M") => "the message",
            (SUBSCRIPTION_KIND, "S" | "X") => "the webhook subscription",
            (DISPUTE_KIND, _) => "the dispute",
            (EVIDENCE_KIND, _) => "the evidence",
            (PACKAGE_KIND, _) => "the evidence package",
            ("CU", _) => "the customer",
            ("TX", _) => "the transaction",
            ("VE", _) => "the event",
            ("ST", _) => "the sequence template",
            ("D" | "A", _) => "the webhook delivery",
            ("T", "B") => "the business",
            ("T", "K") => "the API key",
            ("Y", _) => "the audit entry",
            _ => "the item",
        }
    }
}

/// Returns the code of a mode in keys.
fn mode_code(mode: Mode) -> char {
    match mode {
        Mode::Live => 'L',
        Mode::Test => 'T',
    }
}

/// Returns a partition key of `environment`.
fn in_environment(kind: &str, environment: Environment, rest: &str) -> String {
    format!("{kind}#{}#{}#{rest}", environment.tenant.simple(), mode_code(environment.mode))
}

/// Splits a partition key into its kind, its environment and the rest; `None` if it belongs to no environment.
pub(crate) fn parse_environment(pk: &str) -> Option<(&str, Environment, &str)> {
    let mut parts = pk.splitn(4, '#');
    let kind = parts.next()?;
    let tenant = TenantId::parse(parts.next()?)?;
    let mode = match parts.next()? {
        "L" => Mode::Live,
        "T" => Mode::Test,
        _ => return None,
    };
    Some((kind, Environment { tenant, mode }, parts.next()?))
}

// --- Records of a business ---

/// Returns the key of a record of a business; `kind` is what its partition keys begin with.
pub(crate) fn record(kind: &str, environment: Environment, id: &str) -> Key {
    Key { pk: in_environment(kind, environment, id), sk: kind.to_owned() }
}

/// Returns the partition of the index `business` with all records of a kind of a business.
pub(crate) fn business_records(kind: &str, environment: Environment, business: BusinessId) -> String {
    in_environment(&format!("B{kind}"), environment, &business.simple())
}

/// Returns the partition of the index `status` with the records of a kind of a business that have this index value.
pub(crate) fn indexed_records(kind: &str, environment: Environment, business: BusinessId, value: &str) -> String {
    format!("{}#{value}", business_records(kind, environment, business))
}

// --- Leads: each has a partition, which also holds its sequence, its messages and references to its child records ---

/// Kind of leads. The functions that read the stream filter by it.
pub(crate) const LEAD_KIND: &str = "L";

pub(crate) fn lead(environment: Environment, lead: LeadId) -> Key {
    record(LEAD_KIND, environment, &lead.simple())
}

/// Returns the key of an entry of the unique e-mail index; `digest` is the hash of the address.
pub(crate) fn unique_email(environment: Environment, business: BusinessId, digest: &str) -> Key {
    record("EM", environment, &format!("{}#{digest}", business.simple()))
}

/// Prefix of the sort keys of references to child records, in their lead's partition.
pub(crate) const CHILD_PREFIX: &str = "H#";

/// Returns the key of the reference to a child record.
pub(crate) fn child_record(environment: Environment, lead_id: LeadId, kind: &str, id: &str) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: format!("{CHILD_PREFIX}{kind}#{id}") }
}

// --- Follow-up ---

/// Sort key of a lead's follow-up sequence, in the lead's partition.
pub(crate) const SEQUENCE_SK: &str = "S";

pub(crate) fn sequence(environment: Environment, lead_id: LeadId) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: SEQUENCE_SK.to_owned() }
}

/// Prefix of the sort keys of a lead's messages, in the lead's partition.
pub(crate) const MESSAGE_PREFIX: &str = "M#";

pub(crate) fn message(environment: Environment, lead_id: LeadId, message: MessageId) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: format!("{MESSAGE_PREFIX}{}", message.simple()) }
}

/// Returns the key of the record that an inbound event was processed, in its lead's partition; `digest` is the hash of
/// the event.
pub(crate) fn inbound_event(environment: Environment, lead_id: LeadId, digest: &str) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: format!("I#{digest}") }
}

/// Returns the key of the record that a lead has replied, in the lead's partition.
pub(crate) fn first_reply(environment: Environment, lead_id: LeadId) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: "FR".to_owned() }
}

/// Kind of suppressions, and of the contacts that are not suppressed.
pub(crate) const SUPPRESSION_KIND: &str = "SU";

/// Returns the key of a contact, suppressed or not.
pub(crate) fn suppression(environment: Environment, suppression: SuppressionId) -> Key {
    record(SUPPRESSION_KIND, environment, &suppression.simple())
}

/// Returns the partition of the index `business` with all suppressions of an environment: they belong to no business.
pub(crate) fn suppressions(environment: Environment) -> String {
    in_environment(&format!("B{SUPPRESSION_KIND}"), environment, "")
}

/// Returns the key of the secrets that inbound events of an environment are signed with.
pub(crate) fn inbound_secret(environment: Environment) -> Key {
    Key { pk: tenant(environment.tenant).pk, sk: format!("I#{}", mode_code(environment.mode)) }
}

// --- Disputes and evidence ---

/// Kind of disputes. The functions that read the stream filter by it.
pub(crate) const DISPUTE_KIND: &str = "DI";

/// Kind of evidence. The functions that read the stream filter by it, to delete the file of removed evidence.
pub(crate) const EVIDENCE_KIND: &str = "EV";

/// Kind of evidence packages. The functions that read the stream filter by it.
pub(crate) const PACKAGE_KIND: &str = "PA";

// --- Accounts: a tenant has a partition ---

/// Prefix of the partition keys of tenants.
pub(crate) const TENANT_PREFIX: &str = "T#";
/// Sort key of the tenant itself, in its partition.
pub(crate) const TENANT_SORT_KEY: &str = "T";
/// Partition of the index `business` with all tenants, for the operator's list of them.
pub(crate) const TENANTS: &str = "T";

pub(crate) fn tenant(tenant: TenantId) -> Key {
    Key { pk: format!("{TENANT_PREFIX}{}", tenant.simple()), sk: TENANT_SORT_KEY.to_owned() }
}

/// Prefix of the sort keys of a tenant's businesses.
pub(crate) const BUSINESS_PREFIX: &str = "B#";

pub(crate) fn business(tenant_id: TenantId, business: BusinessId) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: format!("{BUSINESS_PREFIX}{}", business.simple()) }
}

/// Returns the key of the item that makes a brand id unique within its tenant.
pub(crate) fn brand_id(tenant_id: TenantId, brand_id: u32) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: format!("M#{brand_id}") }
}

/// Returns the key of the number of a tenant's businesses.
pub(crate) fn business_count(tenant_id: TenantId) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: "N#businesses".to_owned() }
}

/// Prefix of the sort keys of a tenant's API keys.
pub(crate) const API_KEY_PREFIX: &str = "K#";

pub(crate) fn api_key(tenant_id: TenantId, key: KeyId) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: format!("{API_KEY_PREFIX}{}", key.simple()) }
}

/// Returns the key of the number of an environment's active API keys.
pub(crate) fn key_count(environment: Environment) -> Key {
    Key { pk: tenant(environment.tenant).pk, sk: format!("N#keys#{}", mode_code(environment.mode)) }
}

// --- Webhooks: the subscriptions of an environment have a partition; deliveries and attempts have their own ---

/// Kind of subscriptions. The functions that read the stream filter by it.
pub(crate) const SUBSCRIPTION_KIND: &str = "W";
/// Prefix of the sort keys of subscriptions.
pub(crate) const SUBSCRIPTION_PREFIX: &str = "S#";
/// Prefix of the sort keys of deleted subscriptions, which are kept as long as their deliveries.
pub(crate) const DELETED_SUBSCRIPTION_PREFIX: &str = "X#";
/// Prefix of the sort keys of the health of failing endpoints.
pub(crate) const HEALTH_PREFIX: &str = "H#";

/// Returns the partition of an environment's subscriptions.
pub(crate) fn subscriptions(environment: Environment) -> String {
    in_environment(SUBSCRIPTION_KIND, environment, "")
}

pub(crate) fn subscription(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: subscriptions(environment), sk: format!("{SUBSCRIPTION_PREFIX}{}", subscription.simple()) }
}

pub(crate) fn deleted_subscription(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: subscriptions(environment), sk: format!("{DELETED_SUBSCRIPTION_PREFIX}{}", subscription.simple()) }
}

pub(crate) fn endpoint_health(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: subscriptions(environment), sk: format!("{HEALTH_PREFIX}{}", subscription.simple()) }
}

/// Returns the key of the number of an environment's subscriptions.
pub(crate) fn subscription_count(environment: Environment) -> Key {
    Key { pk: subscriptions(environment), sk: "N".to_owned() }
}

/// Kind of deliveries.
pub(crate) const DELIVERY_KIND: &str = "D";

/// Returns the partition of the deliveries to the subscriptions with this tag. Two subscriptions may share a tag.
pub(crate) fn deliveries(environment: Environment, tag: &str) -> String {
    in_environment(DELIVERY_KIND, environment, tag)
}

pub(crate) fn delivery(environment: Environment, delivery: DeliveryId) -> Key {
    Key { pk: deliveries(environment, &delivery.subscription_tag()), sk: delivery.simple() }
}

/// Kind of batches of deliveries. Their keys are the only ones without a tenant: a batch names deliveries of several, and
/// only the sweeper reads it.
pub(crate) const DELIVERY_BATCH_KIND: &str = "DB";

pub(crate) fn delivery_batch(batch: DeliveryBatchId) -> Key {
    Key { pk: format!("{DELIVERY_BATCH_KIND}#{}", batch.simple()), sk: DELIVERY_BATCH_KIND.to_owned() }
}

/// Returns the batch of deliveries with this partition key; `None` if it is of another kind.
pub(crate) fn parse_delivery_batch(pk: &str) -> Option<DeliveryBatchId> {
    DeliveryBatchId::parse(pk.strip_prefix(DELIVERY_BATCH_KIND)?.strip_prefix('#')?)
}

/// Returns the partition of a delivery's attempts.
pub(crate) fn attempts(environment: Environment, delivery: DeliveryId) -> String {
    in_environment("A", environment, &delivery.simple())
}

pub(crate) fn attempt(environment: Environment, delivery: DeliveryId, number: u32) -> Key {
    Key { pk: attempts(environment, delivery), sk: format!("{number:06}") }
}

/// Kind of a subscription's parked deliveries and of the entry that is in the due index for them.
pub(crate) const PARKED_KIND: &str = "PD";

/// Prefix of the sort keys of parked deliveries.
pub(crate) const PARKED_DELIVERY_PREFIX: &str = "D#";

/// Returns the partition of the parked deliveries of a subscription.
pub(crate) fn parked_deliveries(environment: Environment, subscription: SubscriptionId) -> String {
    in_environment(PARKED_KIND, environment, &subscription.simple())
}

/// Returns the key of the entry of the due index for a subscription's parked deliveries.
pub(crate) fn parked_entry(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: parked_deliveries(environment, subscription), sk: "P".to_owned() }
}

pub(crate) fn parked_delivery(environment: Environment, subscription: SubscriptionId, delivery: DeliveryId) -> Key {
    let sk = format!("{PARKED_DELIVERY_PREFIX}{}", delivery.simple());
    Key { pk: parked_deliveries(environment, subscription), sk }
}

/// Returns the partition of an environment's event log.
pub(crate) fn event_log(environment: Environment) -> String {
    in_environment("EL", environment, "")
}

/// Returns the sort key of a batch of the event log, whose text order is the order of the numbers.
pub(crate) fn event_log_sort_key(number: u64) -> String {
    format!("{number:016x}")
}

/// Returns the key of a batch of the event log.
pub(crate) fn event_log_batch(environment: Environment, number: u64) -> Key {
    Key { pk: event_log(environment), sk: event_log_sort_key(number) }
}

/// Returns the key of the number that batches of the event log are counted from. Sorts after every batch.
pub(crate) fn event_log_start(environment: Environment) -> Key {
    Key { pk: event_log(environment), sk: "start".to_owned() }
}

// --- Analytics ---

/// Returns the partition of a business's KPI counters.
pub(crate) fn kpi_counters(environment: Environment, business: BusinessId) -> String {
    in_environment("KP", environment, &business.simple())
}

/// Returns the key of an item of KPI counters; `month` is a calendar month such as `2026-05`.
pub(crate) fn kpi_counter_item(environment: Environment, business: BusinessId, month: &str, shard: u8) -> Key {
    Key { pk: kpi_counters(environment, business), sk: format!("{month}#{shard:02}") }
}

/// Returns the key of the item that names the events of a business that were added to its KPI counters, of those that
/// happened in one period.
pub(crate) fn counted_events(environment: Environment, business: BusinessId, period: i64) -> Key {
    record("KC", environment, &format!("{}#{period}", business.simple()))
}

/// Returns the key of the record that an event was added to the KPI counters, of a release that had one for each event.
pub(crate) fn counted_event(environment: Environment, event: CountedEventId) -> Key {
    record("KM", environment, &event.simple())
}

// --- Audit log ---

/// Returns the partition of an environment's audit entries of one calendar month, such as `2026-05`.
pub(crate) fn audit_log(environment: Environment, month: &str) -> String {
    in_environment("Y", environment, month)
}

pub(crate) fn audit_entry(environment: Environment, month: &str, entry: AuditId) -> Key {
    Key { pk: audit_log(environment, month), sk: entry.simple() }
}

// --- Purge of test data ---

/// Kind of the items about an environment's purge.
pub(crate) const PURGE_KIND: &str = "J";

/// Returns the key of the item that is in the due index while an environment's purge is unfinished.
pub(crate) fn purge_request(environment: Environment) -> Key {
    Key { pk: in_environment(PURGE_KIND, environment, ""), sk: "empty".to_owned() }
}

/// Returns the key of the time of an environment's last purge.
pub(crate) fn purge_time(environment: Environment) -> Key {
    Key { pk: in_environment(PURGE_KIND, environment, ""), sk: "emptied".to_owned() }
}
