//! Tenants and their two environments, live and test.

use crate::accounts::tier::Tier;
use crate::id::TenantId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The mode of an environment. Live and test data, subscriptions and rate limits are separate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Real data. Messages are sent to people.
    Live,
    /// Test data. No message is ever sent to a person.
    Test,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Live, Self::Test];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// The live or test data of a tenant. Every stored record belongs to exactly one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Environment {
    /// Tenant that the data belongs to.
    pub tenant: TenantId,
    /// Mode of the data.
    pub mode: Mode,
}

/// A company that uses Leadhouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Id of the tenant.
    pub id: TenantId,
    /// Name of the company.
    pub name: String,
    /// Default tier of the tenant's API keys.
    pub tier: Tier,
    /// Time of creation.
    pub created_at: Timestamp,
}
