//! The key schema: every key of both tables is built here and nowhere else.
//!
//! Every key of the single table begins with a kind and a world (or a tenant), so that what belongs to another
//! tenant or mode cannot be named.

use domain::{
    AuditId, BusinessId, CountedEventId, DeliveryId, Environment, KeyId, LeadId, MessageId, Mode, SubscriptionId,
    TenantId,
};

/// Partition key of both tables.
pub(crate) const PK: &str = "pk";
/// Sort key of the single table.
pub(crate) const SK: &str = "sk";
/// When DynamoDB may remove the item, in epoch seconds.
pub(crate) const TTL: &str = "ttl";
/// Index `business`: partition key.
pub(crate) const BUSINESS_PK: &str = "bp";
/// Index `status`: partition key.
pub(crate) const STATUS_PK: &str = "sp";
/// Sort key of the indexes `business` and `status`: milliseconds and id.
pub(crate) const AT: &str = "at";
/// Index `due`: partition key, one of a few shards.
pub(crate) const DUE_SHARD: &str = "dp";
/// Index `due`: when the sweep is to look at the item, in epoch milliseconds.
pub(crate) const DUE_CHECK: &str = "da";

/// What belongs to a business, newest first.
pub(crate) const BUSINESS_INDEX: &str = "business";
/// What belongs to a business under a word such as a status, newest first.
pub(crate) const STATUS_INDEX: &str = "status";
/// Whatever must still happen, by check time.
pub(crate) const DUE_INDEX: &str = "due";

/// The two parts of a key of the single table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

fn letter(mode: Mode) -> char {
    match mode {
        Mode::Live => 'L',
        Mode::Test => 'T',
    }
}

fn in_environment(kind: &str, environment: Environment, rest: &str) -> String {
    format!("{kind}#{}#{}#{rest}", environment.tenant.simple(), letter(environment.mode))
}

/// The kind and the world that a partition key begins with, and what follows.
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

pub(crate) fn tenant(tenant: TenantId) -> Key {
    Key { pk: format!("T#{}", tenant.simple()), sk: "T".to_owned() }
}

/// Partition keys of notes that a world is to be emptied begin with this.
pub(crate) const PURGE_KIND: &str = "J";

pub(crate) fn purge_request(environment: Environment) -> Key {
    Key { pk: in_environment(PURGE_KIND, environment, ""), sk: "empty".to_owned() }
}

/// When a world was last emptied: answers that were kept before tell of what is no more.
pub(crate) fn purge_time(environment: Environment) -> Key {
    Key { pk: in_environment(PURGE_KIND, environment, ""), sk: "emptied".to_owned() }
}

/// Prefix of the sort keys of a tenant's businesses.
pub(crate) const BUSINESS_PREFIX: &str = "B#";

pub(crate) fn business(tenant_id: TenantId, business: BusinessId) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: format!("{BUSINESS_PREFIX}{}", business.simple()) }
}

/// The mark of the business that has a number of its tenant's: no two can have one.
pub(crate) fn brand(tenant_id: TenantId, brand: u32) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: format!("M#{brand}") }
}

/// How many businesses a tenant has.
pub(crate) fn business_count(tenant_id: TenantId) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: "N#businesses".to_owned() }
}

/// Prefix of the sort keys of a tenant's API keys.
pub(crate) const KEY_PREFIX: &str = "K#";

pub(crate) fn api_key(tenant_id: TenantId, key: KeyId) -> Key {
    Key { pk: tenant(tenant_id).pk, sk: format!("{KEY_PREFIX}{}", key.simple()) }
}

/// Which secrets prove what comes in to a world.
pub(crate) fn inbound_secret(environment: Environment) -> Key {
    Key { pk: tenant(environment.tenant).pk, sk: format!("I#{}", letter(environment.mode)) }
}

/// The mark of an event that came in, in its lead's own partition; `digest` stands for the event.
pub(crate) fn inbound_event(environment: Environment, lead_id: LeadId, digest: &str) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: format!("I#{digest}") }
}

/// The mark of a lead's first reply, in its own partition.
pub(crate) fn first_reply(environment: Environment, lead_id: LeadId) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: "FR".to_owned() }
}

/// Partition keys of leads begin with this: what the stream's reader filters by.
pub(crate) const LEAD_KIND: &str = "L";

pub(crate) fn lead(environment: Environment, lead: LeadId) -> Key {
    record(LEAD_KIND, environment, &lead.simple())
}

/// Partition keys of disputes begin with this: what the stream's reader filters by.
pub(crate) const DISPUTE_KIND: &str = "DI";

/// Something that belongs to a business; `kind` is what its partition keys begin with.
pub(crate) fn record(kind: &str, environment: Environment, id: &str) -> Key {
    Key { pk: in_environment(kind, environment, id), sk: kind.to_owned() }
}

/// All of a kind that belongs to a business.
pub(crate) fn business_records(kind: &str, environment: Environment, business: BusinessId) -> String {
    in_environment(&format!("B{kind}"), environment, &business.simple())
}

/// All of a kind that belongs to a business and is listed under a word.
pub(crate) fn indexed_records(kind: &str, environment: Environment, business: BusinessId, word: &str) -> String {
    format!("{}#{word}", business_records(kind, environment, business))
}

/// Partition keys of evidence begin with this: when one goes, its file is to go.
pub(crate) const EVIDENCE_KIND: &str = "EV";

/// The mark of an e-mail address in a business; `digest` stands for the address.
pub(crate) fn unique_email(environment: Environment, business: BusinessId, digest: &str) -> Key {
    record("EM", environment, &format!("{}#{digest}", business.simple()))
}

/// Prefix of the sort keys, in a lead's own partition, that tell what hangs on it.
pub(crate) const CHILD_PREFIX: &str = "H#";

pub(crate) fn child_record(environment: Environment, lead_id: LeadId, kind: &str, id: &str) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: format!("{CHILD_PREFIX}{kind}#{id}") }
}

/// Sort key, in a lead's own partition, of its sequence.
pub(crate) const SEQUENCE_SK: &str = "S";

pub(crate) fn sequence(environment: Environment, lead_id: LeadId) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: SEQUENCE_SK.to_owned() }
}

/// Prefix of the sort keys, in a lead's own partition, of its messages.
pub(crate) const MESSAGE_PREFIX: &str = "M#";

pub(crate) fn message(environment: Environment, lead_id: LeadId, message: MessageId) -> Key {
    Key { pk: lead(environment, lead_id).pk, sk: format!("{MESSAGE_PREFIX}{}", message.simple()) }
}

/// Partition keys of subscriptions begin with this.
pub(crate) const SUBSCRIPTION_KIND: &str = "W";
/// Prefix of the sort keys of a world's subscriptions.
pub(crate) const SUBSCRIPTION_PREFIX: &str = "S#";
/// Prefix of the sort keys of deleted subscriptions, kept as long as their deliveries are shown.
pub(crate) const DELETED_PREFIX: &str = "X#";

pub(crate) fn subscriptions(environment: Environment) -> String {
    in_environment(SUBSCRIPTION_KIND, environment, "")
}

pub(crate) fn subscription(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: subscriptions(environment), sk: format!("{SUBSCRIPTION_PREFIX}{}", subscription.simple()) }
}

pub(crate) fn deleted_subscription(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: subscriptions(environment), sk: format!("{DELETED_PREFIX}{}", subscription.simple()) }
}

/// Prefix of the sort keys of what is known of failing receivers.
pub(crate) const HEALTH_PREFIX: &str = "H#";

pub(crate) fn endpoint_health(environment: Environment, subscription: SubscriptionId) -> Key {
    Key { pk: subscriptions(environment), sk: format!("{HEALTH_PREFIX}{}", subscription.simple()) }
}

/// How many subscriptions a world has.
pub(crate) fn subscription_count(environment: Environment) -> Key {
    Key { pk: subscriptions(environment), sk: "N".to_owned() }
}

pub(crate) fn deliveries(environment: Environment, tag: &str) -> String {
    in_environment("D", environment, tag)
}

pub(crate) fn delivery(environment: Environment, delivery: DeliveryId) -> Key {
    Key { pk: deliveries(environment, &delivery.subscription_tag()), sk: delivery.simple() }
}

/// A world's audit log of one calendar month.
pub(crate) fn audit_log(environment: Environment, month: &str) -> String {
    in_environment("Y", environment, month)
}

pub(crate) fn audit_entry(environment: Environment, month: &str, entry: AuditId) -> Key {
    Key { pk: audit_log(environment, month), sk: entry.simple() }
}

/// All figures of a business.
pub(crate) fn kpis(environment: Environment, business: BusinessId) -> String {
    in_environment("KP", environment, &business.simple())
}

/// Some figures of a business and a calendar month.
pub(crate) fn kpi_counters(environment: Environment, business: BusinessId, month: &str, shard: u8) -> Key {
    Key { pk: kpis(environment, business), sk: format!("{month}#{shard:02}") }
}

/// The mark of a change that was counted.
pub(crate) fn counted_event(environment: Environment, change: CountedEventId) -> Key {
    record("KM", environment, &change.simple())
}

pub(crate) fn attempts(environment: Environment, delivery: DeliveryId) -> String {
    in_environment("A", environment, &delivery.simple())
}

pub(crate) fn attempt(environment: Environment, delivery: DeliveryId, number: u32) -> Key {
    Key { pk: attempts(environment, delivery), sk: format!("{number:06}") }
}
