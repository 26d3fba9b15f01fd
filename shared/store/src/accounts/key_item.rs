//! The item of an API key in the access table: what authentication needs, and the counters of its rate limits.
//!
//! The tenant's own view of the key is another item, in the single table ([`super::api_key`]); the two are created and
//! changed in one transaction. The partition key is the SHA-256 of the whole key, so that the table holds no key that
//! could be used.

use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, number, text, to_item};
use crate::table::key_schema::PK;
use crate::table::write::{Table, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::business::{Country, LeadBusiness, TimeZone};
use domain::accounts::rate_limit::Limits;
use domain::accounts::rate_limit::Quota;
use domain::{
    BusinessId, Contract, Environment, KeyId, KeyRecord, KeyRights, Mode, Scope, Scopes, TenantId, Tier, Timestamp,
};
use serde::{Deserialize, Serialize};

/// Attribute: the scopes of the key, a string set; absent if there are none.
const SCOPES: &str = "sc";

/// The item of a key. Attribute names are short because the item is written at every call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeyItem {
    #[serde(rename = "k")]
    pub(super) id: KeyId,
    #[serde(rename = "t")]
    pub(super) tenant: TenantId,
    #[serde(rename = "w")]
    pub(super) mode: Mode,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none", default)]
    pub(super) business: Option<BusinessId>,
    #[serde(rename = "c")]
    pub(super) contract: Contract,
    #[serde(rename = "ti")]
    pub(super) tier: Tier,
    #[serde(rename = "sc", default)]
    pub(super) scopes: Scopes,
    /// Calls per minute.
    #[serde(rename = "ml", skip_serializing_if = "Option::is_none", default)]
    pub(super) minute_limit: Option<u64>,
    /// Calls per day.
    #[serde(rename = "dl", skip_serializing_if = "Option::is_none", default)]
    pub(super) day_limit: Option<u64>,
    /// The time at which the key expires, in epoch milliseconds.
    #[serde(rename = "xp", skip_serializing_if = "Option::is_none", default)]
    pub(super) expires: Option<i64>,
    /// The time at which the key was revoked, in epoch milliseconds.
    #[serde(rename = "rv", skip_serializing_if = "Option::is_none", default)]
    pub(super) revoked: Option<i64>,
    /// The minute that the counters belong to, since the epoch; its day is the day that the day's counter belongs to.
    #[serde(rename = "m")]
    pub(super) minute: i64,
    /// Calls counted in that minute.
    #[serde(rename = "mc")]
    pub(super) minute_count: u64,
    /// Calls counted in that minute's day.
    #[serde(rename = "dc")]
    pub(super) day_count: u64,
    /// The copy of the key's business: its id. See [`super::key_business`].
    #[serde(rename = "bi", skip_serializing_if = "Option::is_none", default)]
    pub(super) copied_business: Option<BusinessId>,
    /// The copy of the country.
    #[serde(rename = "bc", skip_serializing_if = "Option::is_none", default)]
    pub(super) copied_country: Option<Country>,
    /// The copy of the time zone.
    #[serde(rename = "bz", skip_serializing_if = "Option::is_none", default)]
    pub(super) copied_time_zone: Option<TimeZone>,
    /// The time of the copy, in epoch milliseconds.
    #[serde(rename = "bt", skip_serializing_if = "Option::is_none", default)]
    pub(super) copied_at: Option<i64>,
}

/// A copy of the business that a key means where a request names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessCopy {
    /// The business.
    pub business: LeadBusiness,
    /// The time of the copy.
    pub copied_at: Timestamp,
}

/// The key that a call was authenticated with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatedKey {
    /// The id of the key.
    pub id: KeyId,
    /// The environment that the key gives access to.
    pub environment: Environment,
    /// The business that the key is bound to; `None` if it sees all of the tenant's.
    pub business: Option<BusinessId>,
    /// The contract whose prefix the key has.
    pub contract: Contract,
    /// The tier that the key was issued with.
    pub tier: Tier,
    /// The rate limits of the key.
    pub limits: Limits,
    /// The scopes of the key.
    pub scopes: Scopes,
    /// The time at which the key expires; `None` if it does not.
    pub expires_at: Option<Timestamp>,
    /// A copy of the business that the key means where a request names none; `None` if it has none yet.
    pub business_copy: Option<BusinessCopy>,
}

impl AuthenticatedKey {
    /// Returns what the key permits.
    pub fn rights(&self) -> KeyRights {
        KeyRights {
            mode: self.environment.mode,
            scopes: self.scopes,
            business: self.business,
            limits: self.limits,
            expires_at: self.expires_at,
        }
    }
}

impl KeyItem {
    /// Reads the item of a key.
    pub(super) fn read(item: Item) -> Result<Self, StoreError> {
        from_item(item, "an API key")
    }

    /// Returns the limits and the counters.
    pub(super) fn quota(&self) -> Quota {
        Quota {
            limits: Limits { minute: self.minute_limit, day: self.day_limit },
            minute: self.minute,
            minute_count: self.minute_count,
            day_count: self.day_count,
        }
    }

    /// Returns the key as its caller sees it.
    pub(super) fn key(&self) -> AuthenticatedKey {
        AuthenticatedKey {
            id: self.id,
            environment: Environment { tenant: self.tenant, mode: self.mode },
            business: self.business,
            contract: self.contract,
            tier: self.tier,
            limits: Limits { minute: self.minute_limit, day: self.day_limit },
            scopes: self.scopes,
            expires_at: self.expires.map(Timestamp::from_millis),
            business_copy: self.business_copy(),
        }
    }

    fn business_copy(&self) -> Option<BusinessCopy> {
        let business = LeadBusiness {
            id: self.copied_business?,
            country: self.copied_country.clone()?,
            time_zone: self.copied_time_zone.clone()?,
        };
        Some(BusinessCopy { business, copied_at: Timestamp::from_millis(self.copied_at?) })
    }
}

/// Returns the partition key of the key with this SHA-256, in hexadecimal.
pub(super) fn partition_key(hash: &str) -> String {
    format!("k#{hash}")
}

/// Returns the write of a new key's item, with counters at zero.
pub(super) fn put_key_item(record: &KeyRecord) -> Result<Write, StoreError> {
    let item = KeyItem {
        id: record.id,
        tenant: record.tenant,
        mode: record.mode,
        business: record.business,
        contract: record.contract,
        tier: record.tier,
        scopes: record.scopes,
        minute_limit: record.limits.minute,
        day_limit: record.limits.day,
        expires: record.expires_at.map(Timestamp::millis),
        revoked: record.revoked_at.map(Timestamp::millis),
        minute: 0,
        minute_count: 0,
        day_count: 0,
        copied_business: None,
        copied_country: None,
        copied_time_zone: None,
        copied_at: None,
    };
    let mut item = to_item(&item)?;
    // A set, because `contains` on a string would accept a part of a name.
    let names: Vec<_> = record.scopes.iter().map(Scope::name).map(str::to_owned).collect();
    if names.is_empty() {
        // DynamoDB has no empty sets.
        item.remove(SCOPES);
    } else {
        item.insert(SCOPES.to_owned(), AttributeValue::Ss(names));
    }
    item.insert(PK.to_owned(), text(partition_key(&record.hash)));
    Ok(Write::put_without_nonce(Table::Access, item).require_absent())
}

/// Returns the write that makes a key expire at `at`.
pub(super) fn expire_key_item(hash: &str, at: Timestamp) -> Write {
    Write::update_access(&partition_key(hash), "SET xp = :at").require_exists().value(":at", number(at.millis()))
}

/// Returns the write that revokes a key.
pub(super) fn revoke_key_item(hash: &str, at: Timestamp) -> Write {
    Write::update_access(&partition_key(hash), "SET rv = :at").require_exists().value(":at", number(at.millis()))
}

/// Returns the write that sets the rate limits of a key.
pub(super) fn set_key_item_limits(hash: &str, limits: Limits) -> Write {
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for (name, placeholder, limit) in [("ml", ":ml", limits.minute), ("dl", ":dl", limits.day)] {
        match limit {
            Some(limit) => set.push((name, placeholder, limit)),
            None => remove.push(name),
        }
    }
    let mut clauses = Vec::new();
    if !set.is_empty() {
        let assignments: Vec<_> = set.iter().map(|(name, placeholder, _)| format!("{name} = {placeholder}")).collect();
        clauses.push(format!("SET {}", assignments.join(", ")));
    }
    if !remove.is_empty() {
        clauses.push(format!("REMOVE {}", remove.join(", ")));
    }
    let write = Write::update_access(&partition_key(hash), clauses.join(" ")).require_exists();
    set.into_iter().fold(write, |write, (_, placeholder, limit)| write.value(placeholder, number(limit)))
}
