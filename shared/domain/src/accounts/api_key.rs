//! Records of API keys, without the keys themselves.

use crate::accounts::key_rights::KeyRights;
use crate::accounts::rate_limit::Limits;
use crate::accounts::scope::Scopes;
use crate::accounts::tenant::{Environment, Mode};
use crate::accounts::tier::Tier;
use crate::contract::Contract;
use crate::id::{BusinessId, KeyId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum number of active keys of a tenant in each mode, unless the operator sets another. Each key has its own rate
/// limits, so that without a maximum a tenant could multiply its limits at will. Fifty are enough for a key for each of a
/// company's systems.
pub const DEFAULT_MAX_ACTIVE_KEYS: u64 = 50;

/// The record of an API key. The key itself is shown once, when it is created, and never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    /// Id of the record.
    pub id: KeyId,
    /// Tenant that the key belongs to.
    pub tenant: TenantId,
    /// Name chosen by the tenant.
    pub name: String,
    /// Public prefix of the key.
    pub prefix: String,
    /// SHA-256 of the whole key in hexadecimal, under which the access table stores the key.
    pub hash: String,
    /// Mode whose data the key gives access to.
    pub mode: Mode,
    /// Contract whose key prefix the key has.
    pub contract: Contract,
    /// Scopes that the key grants.
    pub scopes: Scopes,
    /// Business that the key is restricted to, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// Tier that the key was issued with.
    pub tier: Tier,
    /// Rate limits: those of the tier, unless the operator set others.
    pub limits: Limits,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time from which on the key is not accepted, if it expires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// Time of revocation, if the key was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
    /// Key that replaced this one, if it was rotated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rotated_to: Option<KeyId>,
}

impl KeyRecord {
    /// Returns the environment that the key gives access to.
    pub fn environment(&self) -> Environment {
        Environment { tenant: self.tenant, mode: self.mode }
    }

    /// Returns what the key permits.
    pub fn rights(&self) -> KeyRights {
        KeyRights {
            mode: self.mode,
            scopes: self.scopes,
            business: self.business,
            limits: self.limits,
            expires_at: self.expires_at,
        }
    }
}
