//! Issues API keys: the same for a tenant that creates one by a call and for the operator.

use crate::api_key::ApiKey;
use contract::{BusinessBinding, profile};
use domain::accounts::rate_limit::Limits;
use domain::id::RandomBytes;
use domain::{BusinessId, Contract, KeyId, KeyRecord, Mode, Scopes, TenantId, Tier, Timestamp};

/// The properties of a key that is to be issued.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The tenant that the key belongs to.
    pub tenant: TenantId,
    /// The name that its owner gives it.
    pub name: String,
    /// The environment that it opens: live or test data.
    pub mode: Mode,
    /// The contract that decides its prefix.
    pub contract: Contract,
    /// The scopes that it grants.
    pub scopes: Scopes,
    /// The business that it is bound to, if it is bound to one.
    pub business: Option<BusinessId>,
    /// Its tier.
    pub tier: Tier,
    /// Its rate limits.
    pub limits: Limits,
    /// The time at which it stops working, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A key that has been generated, but not stored yet.
#[derive(Clone, Debug)]
pub struct IssuedKey {
    /// The key, to be shown once.
    pub key: ApiKey,
    /// The record that is stored of it.
    pub record: KeyRecord,
}

/// The reason why no key was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The contract has no keys in the mode.
    #[error("{} has no {} keys", profile(*.0).display_name(), .1.name())]
    ModeUnavailable(Contract, Mode),
    /// The contract's keys are always bound to a business.
    #[error("{} keys are always bound to a business", profile(*.0).display_name())]
    BusinessRequired(Contract),
    /// The system's random number generator failed.
    #[error("the system's random number generator failed")]
    NoRandomness,
}

impl IssuedKey {
    /// Generates a key with the properties of `old`, to replace it.
    pub fn successor_of(old: &KeyRecord, now: Timestamp) -> Result<Self, IssueError> {
        let successor = NewKey {
            tenant: old.tenant,
            name: old.name.clone(),
            mode: old.mode,
            contract: old.contract,
            scopes: old.scopes,
            business: old.business,
            tier: old.tier,
            limits: old.limits,
            expires_at: old.expires_at,
        };
        successor.issue(now)
    }
}

impl NewKey {
    /// Generates the key. It works once its record has been stored.
    pub fn issue(self, now: Timestamp) -> Result<IssuedKey, IssueError> {
        let rules = profile(self.contract).key_rules();
        if rules.business == BusinessBinding::Required && self.business.is_none() {
            return Err(IssueError::BusinessRequired(self.contract));
        }
        let prefix = rules.prefix(self.mode).ok_or(IssueError::ModeUnavailable(self.contract, self.mode))?;
        let key = ApiKey::generate(prefix).ok_or(IssueError::NoRandomness)?;
        let record = self.record(KeyId::new(now, random()?), &key, now);
        Ok(IssuedKey { key, record })
    }

    /// Returns what is stored of `key`, issued with these properties.
    pub fn record(self, id: KeyId, key: &ApiKey, now: Timestamp) -> KeyRecord {
        KeyRecord {
            id,
            tenant: self.tenant,
            name: self.name,
            prefix: key.prefix().to_owned(),
            hash: key.hash(),
            mode: self.mode,
            contract: self.contract,
            scopes: self.scopes,
            business: self.business,
            tier: self.tier,
            limits: self.limits,
            created_at: now,
            expires_at: self.expires_at,
            revoked_at: None,
            rotated_to: None,
        }
    }
}

fn random() -> Result<RandomBytes, IssueError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| IssueError::NoRandomness)?;
    Ok(bytes)
}
