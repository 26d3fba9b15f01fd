//! The audit log: who did what to which thing, when and from where. No personal data but the caller's address.

use crate::id::{AuditId, BusinessId, DeliveryId, KeyId, LeadId, SubscriptionId, TemplateId, TenantId};
use crate::leads::{Lead, LeadStatus};
use crate::retention;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use uuid::Uuid;

macro_rules! actions {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl Action {
            /// Every action, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

actions! {
    TenantCreated "tenant.created" "A tenant was made.",
    BusinessCreated "business.created" "A business was added.",
    BusinessUpdated "business.updated" "A business was changed.",
    KeyCreated "key.created" "A key was made.",
    KeyRotated "key.rotated" "A key was replaced by a new one.",
    KeyRevoked "key.revoked" "A key was ended.",
    KeyLimited "key.limited" "A key's limits were set apart from its tier.",
    WebhookCreated "webhook.created" "A subscription was registered.",
    WebhookUpdated "webhook.updated" "A subscription was changed.",
    WebhookDeleted "webhook.deleted" "A subscription was deleted.",
    WebhookSecretRotated "webhook.secret_rotated" "A subscription got another signing secret.",
    WebhookTested "webhook.tested" "A subscription was sent a ping.",
    WebhookRecovered "webhook.recovered" "What had failed for a subscription was to be sent again.",
    WebhookDisabled "webhook.disabled" "The house disabled a subscription whose receiver kept failing.",
    DeliveryRetried "delivery.retried" "A delivery was to be sent again.",
    LeadStatusChanged "lead.status_changed" "A lead's status became another.",
    TemplateCreated "sequence_template.created" "A sequence template was made.",
    TemplateUpdated "sequence_template.updated" "A sequence template was changed.",
    TemplateDeleted "sequence_template.deleted" "A sequence template was deleted.",
    InboundSecretCreated "inbound_secret.created" "A tenant got another inbound secret.",
    LeadErased "lead.erased" "A lead was erased.",
    TestDataPurged "test_data.emptied" "Test mode was emptied.",
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A call with this key.
    #[serde(rename = "k")]
    Key {
        /// The key's id.
        id: KeyId,
        /// Its public beginning.
        prefix: String,
        /// Where the call came from.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        address: Option<IpAddr>,
    },
    /// Somebody at the command line.
    #[serde(rename = "o")]
    Operator,
    /// Nobody: a rule of the house.
    #[serde(rename = "h")]
    System,
}

/// What it was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubjectId(Uuid);

impl SubjectId {
    /// Reads the id of anything.
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

subjects!(BusinessId, DeliveryId, KeyId, LeadId, SubscriptionId, TemplateId, TenantId);

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id, which sorts by time.
    pub id: AuditId,
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub actor: Actor,
    /// What it was done to.
    pub subject: SubjectId,
    /// The business that the subject belongs to, or is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// The status before and after, where that is what changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statuses: Option<(LeadStatus, LeadStatus)>,
    /// When.
    #[serde(rename = "doneAt")]
    pub at: Timestamp,
}

impl AuditEntry {
    /// The entry of a lead's change from `old` to `new`: only of another status, and always the same for the same
    /// change.
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

    /// When it is no longer shown.
    pub fn expires_at(&self) -> Timestamp {
        retention::audit_entry_expires_at(self.at)
    }
}

/// The calendar months (UTC, such as `2026-05`) from the one of `last` back to the one of `first`: a log lies by
/// months, so that no part of it grows without end.
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

/// The calendar month (UTC) that `at` lies in, such as `2026-05`.
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
    fn a_range_of_time_lies_in_its_months_the_last_first() {
        let months = months_back(at("2026-02-01T00:00:00Z"), at("2025-11-30T23:59:59.999Z"));
        assert_eq!(months, ["2026-02", "2026-01", "2025-12", "2025-11"]);
        assert_eq!(months_back(at("2026-02-28"), at("2026-02-01")), ["2026-02"]);
        assert_eq!(months_back(at("2026-02-28"), at("2026-03-01")), [""; 0]);
    }

    #[test]
    fn the_same_change_has_the_same_id_which_tells_its_time() {
        let parts: [&[u8]; 2] = [b"lead", b"1"];
        let id = AuditId::derived_at(at("2026-02-28"), &parts);
        assert_eq!(id, AuditId::derived_at(at("2026-02-28"), &parts));
        assert!(id.simple().starts_with(&AuditId::time_prefix(at("2026-02-28"))));
        assert!(id.simple() < AuditId::derived_at(at("2026-03-01"), &[b"a"]).simple());
    }

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
