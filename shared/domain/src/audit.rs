//! The audit log: each entry has an action, an actor, a subject and a time. Entries hold no personal data except the
//! caller's IP address.

use crate::id::{AuditId, BusinessId, DeliveryId, KeyId, LeadId, SubscriptionId, SuppressionId, TemplateId, TenantId};
use crate::leads::{Lead, LeadStatus};
use crate::retention;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use uuid::Uuid;

macro_rules! actions {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// An audited action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl Action {
            /// Every action, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name in API responses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

actions! {
    TenantCreated "tenant.created" "A tenant was created.",
    TenantLimited "tenant.limited" "The maximum number of active API keys of a tenant was set.",
    BusinessCreated "business.created" "A business was created.",
    BusinessUpdated "business.updated" "A business was updated.",
    KeyCreated "key.created" "An API key was created.",
    KeyRotated "key.rotated" "An API key was replaced by a new one.",
    KeyRevoked "key.revoked" "An API key was revoked.",
    KeyLimited "key.limited" "The rate limits of an API key were set.",
    WebhookCreated "webhook.created" "A webhook subscription was created.",
    WebhookUpdated "webhook.updated" "A webhook subscription was updated.",
    WebhookDeleted "webhook.deleted" "A webhook subscription was deleted.",
    WebhookSecretRotated "webhook.secret_rotated" "The signing secret of a webhook subscription was rotated.",
    WebhookTested "webhook.tested" "A test event was sent to a webhook subscription.",
    WebhookRecovered "webhook.recovered" "Failed deliveries of a webhook subscription were resent.",
    WebhookDisabled "webhook.disabled"
        "A webhook subscription was disabled automatically because its endpoint kept failing or responded 410 Gone.",
    DeliveryRetried "delivery.retried" "A delivery was resent.",
    LeadStatusChanged "lead.status_changed" "The status of a lead changed.",
    TemplateCreated "sequence_template.created" "A sequence template was created.",
    TemplateUpdated "sequence_template.updated" "A sequence template was updated.",
    TemplateDeleted "sequence_template.deleted" "A sequence template was deleted.",
    InboundSecretCreated "inbound_secret.created" "The inbound secret of a tenant was created or rotated.",
    SuppressionCreated "suppression.created" "A number or address was suppressed through the API.",
    SuppressionLifted "suppression.lifted" "The suppression of a number or address was lifted.",
    LeadErased "lead.erased" "A lead and its child records were erased.",
    // The name says "emptied" because entries with it are stored.
    TestDataPurged "test_data.emptied" "All test data of a tenant was purged.",
}

/// The actor of an audited action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// An API key.
    #[serde(rename = "k")]
    Key {
        /// Id of the key.
        id: KeyId,
        /// Public prefix of the key.
        prefix: String,
        /// IP address of the caller.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        address: Option<IpAddr>,
    },
    /// The operator, by the command line.
    #[serde(rename = "o")]
    Operator,
    /// Leadhouse itself, for example when it disables the subscription of a failing endpoint.
    #[serde(rename = "h")]
    System,
}

/// The id of the entity that an action changed, of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubjectId(Uuid);

impl SubjectId {
    /// Parses an id of any entity, or returns `None`.
    pub fn parse(text: &str) -> Option<Self> {
        LeadId::parse(text).map(Self::from)
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

macro_rules! subjects {
    ($($id:ty),*) => {$(
        impl From<$id> for SubjectId {
            fn from(id: $id) -> Self {
                Self(Uuid::from_bytes(*id.bytes()))
            }
        }
    )*};
}

subjects!(BusinessId, DeliveryId, KeyId, LeadId, SubscriptionId, SuppressionId, TemplateId, TenantId);

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Id of the entry, which sorts by time.
    pub id: AuditId,
    /// The action.
    pub action: Action,
    /// The actor.
    pub actor: Actor,
    /// The changed entity.
    pub subject: SubjectId,
    /// The changed entity's business, or the business itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// A lead's status before and after the change, if the status changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statuses: Option<(LeadStatus, LeadStatus)>,
    /// Time of the action.
    #[serde(rename = "doneAt")]
    pub at: Timestamp,
}

impl AuditEntry {
    /// Returns the entry for a lead's change from `old` to `new` if its status changed. The id is derived from the
    /// change, so that a change that the stream delivers twice has one entry.
    pub fn for_lead_change(old: &Lead, new: &Lead, actor: Actor) -> Option<Self> {
        (old.status != new.status).then(|| Self {
            id: AuditId::derived_at(new.updated_at, &[b"lead", new.id.bytes(), &new.version.to_be_bytes()]),
            action: Action::LeadStatusChanged,
            actor,
            subject: new.id.into(),
            business: Some(new.business),
            statuses: Some((old.status, new.status)),
            at: new.updated_at,
        })
    }

    /// Returns the time at which the entry expires.
    pub fn expires_at(&self) -> Timestamp {
        retention::audit_entry_expires_at(self.at)
    }
}

/// Returns the calendar months (UTC, such as `2026-05`) from that of `last` back to that of `first`. The log is
/// partitioned by month, so that no partition grows without limit.
pub fn months_back(last: Timestamp, first: Timestamp) -> Vec<String> {
    let first = month(first);
    let mut months = Vec::new();
    let mut next = Some(month(last));
    while let Some(name) = next.filter(|name| *name >= first) {
        next = month_before(&name);
        months.push(name);
    }
    months
}

/// Returns the calendar month (UTC) of `at`, such as `2026-05`.
pub fn month(at: Timestamp) -> String {
    at.to_string().chars().take(7).collect()
}

fn month_before(name: &str) -> Option<String> {
    let (year, month) = name.split_once('-')?;
    let (year, month): (u16, u8) = (year.parse().ok()?, month.parse().ok()?);
    let (year, month) = if month == 1 { (year.checked_sub(1)?, 12) } else { (year, month - 1) };
    Some(format!("{year:04}-{month:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn months_of_a_range_are_listed_newest_first() {
        let months = months_back(at("2026-02-01T00:00:00Z"), at("2025-11-30T23:59:59.999Z"));
        assert_eq!(months, ["2026-02", "2026-01", "2025-12", "2025-11"]);
        assert_eq!(months_back(at("2026-02-28"), at("2026-02-01")), ["2026-02"]);
        assert_eq!(months_back(at("2026-02-28"), at("2026-03-01")), [""; 0]);
    }

    #[test]
    fn entry_ids_are_repeatable_and_sort_by_time() {
        let parts: [&[u8]; 2] = [b"lead", b"1"];
        let id = AuditId::derived_at(at("2026-02-28"), &parts);
        assert_eq!(id, AuditId::derived_at(at("2026-02-28"), &parts));
        assert!(id.simple().starts_with(&AuditId::time_prefix(at("2026-02-28"))));
        assert!(id.simple() < AuditId::derived_at(at("2026-03-01"), &[b"a"]).simple());
    }

    #[test]
    fn action_names_are_unique() {
        let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
