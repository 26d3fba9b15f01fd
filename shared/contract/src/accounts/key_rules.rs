//! The API keys of a contract: prefixes, binding to a business, default tier.

use domain::{Mode, Tier};

/// The differences between API keys of one contract and those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRules {
    /// The prefixes of its keys, and with them the modes that it has keys for.
    pub prefixes: KeyPrefixes,
    /// True if each key must be bound to one business.
    pub business: BusinessBinding,
    /// The tier of a key that is created without one.
    pub default_tier: DefaultTier,
}

/// The prefixes of a contract's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPrefixes {
    /// The contract has live keys only.
    LiveOnly(&'static str),
    /// The contract has live and test keys.
    ByMode {
        /// Prefix of live keys.
        live: &'static str,
        /// Prefix of test keys.
        test: &'static str,
    },
}

/// The rule for the binding of a contract's keys to one business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessBinding {
    /// A key may be bound to a business.
    Optional,
    /// Every key is bound to a business.
    Required,
}

/// The tier of a key that is created without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultTier {
    /// The tier of the tenant.
    Tenant,
    /// The same tier for every tenant.
    Fixed(Tier),
}

impl KeyRules {
    /// Returns the prefix of keys in `mode`; `None` if the contract has no keys in that mode.
    pub const fn prefix(&self, mode: Mode) -> Option<&'static str> {
        match (self.prefixes, mode) {
            (KeyPrefixes::LiveOnly(live) | KeyPrefixes::ByMode { live, .. }, Mode::Live) => Some(live),
            (KeyPrefixes::ByMode { test, .. }, Mode::Test) => Some(test),
            (KeyPrefixes::LiveOnly(_), Mode::Test) => None,
        }
    }

    /// Returns the tier of a key that is created without one for a tenant of `tenant_tier`.
    pub const fn tier(&self, tenant_tier: Tier) -> Tier {
        match self.default_tier {
            DefaultTier::Tenant => tenant_tier,
            DefaultTier::Fixed(tier) => tier,
        }
    }
}
