//! The rights of an API key, compared with those of another: no key may create, see, manage or be shown a key that can
//! do more than itself.

use crate::accounts::rate_limit::Limits;
use crate::accounts::scope::Scopes;
use crate::accounts::tenant::Mode;
use crate::id::BusinessId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The rights of a key: its scopes, data, limits and expiry. Keys of different tenants are never
/// compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRights {
    /// Mode whose data the key gives access to.
    pub mode: Mode,
    /// Scopes that the key grants.
    pub scopes: Scopes,
    /// Business that the key is restricted to, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<BusinessId>,
    /// Rate limits.
    pub limits: Limits,
    /// Time from which on the key is not accepted, if it expires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
}

impl KeyRights {
    /// Returns whether the data that these rights open is also open to `other`: a live key opens test keys too.
    pub fn opens_no_more_data_than(&self, other: &Self) -> bool {
        let mode = other.mode == Mode::Live || self.mode == Mode::Test;
        mode && (other.business.is_none() || self.business == other.business)
    }

    /// Returns whether a key with these rights can do nothing that a key with `other` cannot. How often and how long is
    /// not compared: a key with a low rate limit can revoke one with a high limit.
    pub fn permits_no_more_than(&self, other: &Self) -> bool {
        self.opens_no_more_data_than(other) && self.scopes.difference(other.scopes).is_empty()
    }

    /// Returns whether a key with these rights can do nothing that a key with `other` cannot, neither more often nor
    /// for longer.
    pub fn is_within(&self, other: &Self) -> bool {
        let outlives = other.expires_at.is_some_and(|other| self.expires_at.is_none_or(|own| own > other));
        self.permits_no_more_than(other) && self.limits.is_within(other.limits) && !outlives
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::scope::Scope;

    fn rights() -> KeyRights {
        KeyRights {
            mode: Mode::Test,
            scopes: [Scope::LeadsRead, Scope::KeysWrite].into_iter().collect(),
            business: Some(BusinessId::derived(&[b"first"])),
            limits: Limits { minute: Some(60), day: Some(1_000) },
            expires_at: Some(Timestamp::from_millis(1_000)),
        }
    }

    #[test]
    fn equal_rights_are_within_each_other() {
        assert!(rights().is_within(&rights()));
    }

    #[test]
    fn each_wider_right_is_beyond() {
        let wider = [
            KeyRights { mode: Mode::Live, ..rights() },
            KeyRights { scopes: [Scope::LeadsWrite].into_iter().collect(), ..rights() },
            KeyRights { business: None, ..rights() },
            KeyRights { business: Some(BusinessId::derived(&[b"second"])), ..rights() },
        ];
        for wider in wider {
            assert!(!wider.permits_no_more_than(&rights()), "{wider:?}");
            assert!(!wider.is_within(&rights()), "{wider:?}");
        }
    }

    #[test]
    fn higher_limits_and_later_expiry_are_beyond_only_for_is_within() {
        let wider = [
            KeyRights { limits: Limits { minute: Some(61), day: Some(1_000) }, ..rights() },
            KeyRights { limits: Limits::UNLIMITED, ..rights() },
            KeyRights { expires_at: Some(Timestamp::from_millis(1_001)), ..rights() },
            KeyRights { expires_at: None, ..rights() },
        ];
        for wider in wider {
            assert!(wider.permits_no_more_than(&rights()), "{wider:?}");
            assert!(!wider.is_within(&rights()), "{wider:?}");
        }
    }

    #[test]
    fn narrower_rights_are_within() {
        let narrower =
            KeyRights { scopes: Scopes::default(), limits: Limits { minute: Some(1), day: Some(1) }, ..rights() };
        let unbound = KeyRights { mode: Mode::Live, business: None, expires_at: None, ..rights() };
        assert!(narrower.is_within(&rights()));
        assert!(rights().is_within(&unbound));
    }
}
