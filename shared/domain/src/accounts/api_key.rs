//! What is known of an API key besides its secret.

use crate::accounts::scope::Scopes;
use crate::accounts::tenant::{Limits, Mode, Tier};
use crate::contract::Contract;
use crate::id::{BusinessId, KeyId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An API key as its tenant sees it; the key itself is shown once and never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub tenant: TenantId,
    /// What its owner calls it.
    pub name: String,
    /// The public beginning of the key.
    pub prefix: String,
    /// SHA-256 of the whole key, in hexadecimal: where the access table keeps it.
    pub hash: String,
    /// The world it opens.
    pub mode: Mode,
    /// The contract whose prefix it has.
    pub contract: Contract,
    /// What it may do.
    pub scopes: Scopes,
    /// The business it is bound to, if it is bound to one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// The tier it was issued with.
    pub tier: Tier,
    /// What it may spend: its tier's limits, unless the operator set others.
    pub limits: Limits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if it does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
    /// The key that replaced it, if it was rotated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rotated_to: Option<KeyId>,
}
