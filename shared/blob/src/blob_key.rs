//! Where a file lies: tenant, mode, kind and id, and nothing of a person.

use domain::{Environment, EvidenceId, Mode, PhotoId, TenantId};
use std::fmt;

/// What keys of evidence have behind the world.
const EVIDENCE: &str = "evidence";

/// What keys of leads' photos have behind the world.
const PHOTO: &str = "photo";

/// The key of one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobKey(String);

/// What the keys of a world begin with.
pub(crate) fn prefix(environment: Environment) -> String {
    let letter = match environment.mode {
        Mode::Live => 'L',
        Mode::Test => 'T',
    };
    format!("{}/{letter}", environment.tenant.simple())
}

impl BlobKey {
    /// The file of a piece of evidence.
    pub fn of_evidence(environment: Environment, evidence: EvidenceId) -> Self {
        Self(format!("{}/{EVIDENCE}/{}", prefix(environment), evidence.simple()))
    }

    /// A lead's photo.
    pub fn of_photo(environment: Environment, photo: PhotoId) -> Self {
        Self(format!("{}/{PHOTO}/{}", prefix(environment), photo.simple()))
    }

    /// The key in a link whose signature has been checked: the house itself has written it.
    pub(crate) fn from_verified_link(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whose piece of evidence's file a key names; `None` for anything else.
    pub fn parse_evidence(text: &str) -> Option<(Self, Environment, EvidenceId)> {
        let mut parts = text.split('/');
        let tenant = TenantId::parse(parts.next()?)?;
        let mode = match parts.next()? {
            "L" => Mode::Live,
            "T" => Mode::Test,
            _ => return None,
        };
        let environment = Environment { tenant, mode };
        if parts.next()? != EVIDENCE {
            return None;
        }
        let evidence = EvidenceId::parse(parts.next()?)?;
        let key = Self::of_evidence(environment, evidence);
        // The one way a key is written: no other names it.
        (key.0 == text).then_some((key, environment, evidence))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_the_one_way_it_is_written() {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Test };
        let evidence = EvidenceId::derived(&[b"e"]);
        let key = BlobKey::of_evidence(environment, evidence);
        assert_eq!(BlobKey::parse_evidence(key.as_str()), Some((key.clone(), environment, evidence)));
        let others = [
            key.as_str().replace('T', "X"),
            key.as_str().replace("evidence", "photo"),
            format!("{key}/x"),
            format!("/{key}"),
            key.as_str().replace(&evidence.simple(), &evidence.to_string()),
            key.as_str().replace(&evidence.simple(), ".."),
            String::new(),
        ];
        for other in others {
            assert_eq!(BlobKey::parse_evidence(&other), None, "{other}");
        }
        let photo = BlobKey::of_photo(environment, PhotoId::derived(&[b"p"]));
        assert_eq!(BlobKey::parse_evidence(photo.as_str()), None, "{photo}");
    }
}
