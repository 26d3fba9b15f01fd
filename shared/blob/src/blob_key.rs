//! Keys of files: `<tenant>/<L or T>/<kind>/<id>`. They hold nothing about a person.

use domain::{Environment, EvidenceId, Mode, PackageId, PhotoId, TenantId};
use std::fmt;

/// The kind of evidence files. Part of stored keys, so it never changes.
const EVIDENCE: &str = "evidence";

/// The kind of photos of leads. Part of stored keys, so it never changes.
const PHOTO: &str = "photo";

/// The kind of documents of evidence packages. Part of stored keys, so it never changes.
const PACKAGE: &str = "package";

/// The key of one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobKey(String);

/// Returns the prefix of all keys of an environment.
pub(crate) fn prefix(environment: Environment) -> String {
    let letter = match environment.mode {
        Mode::Live => 'L',
        Mode::Test => 'T',
    };
    format!("{}/{letter}", environment.tenant.simple())
}

/// Splits a key of this kind into its environment and its last part.
fn parse_key<'a>(text: &'a str, kind: &str) -> Option<(Environment, &'a str)> {
    let mut parts = text.split('/');
    let tenant = TenantId::parse(parts.next()?)?;
    let mode = match parts.next()? {
        "L" => Mode::Live,
        "T" => Mode::Test,
        _ => return None,
    };
    let name = Some(parts.next()?).filter(|found| *found == kind).and_then(|_| parts.next())?;
    parts.next().is_none().then_some((Environment { tenant, mode }, name))
}

impl BlobKey {
    /// Returns the key of an evidence file.
    pub fn of_evidence(environment: Environment, evidence: EvidenceId) -> Self {
        Self(format!("{}/{EVIDENCE}/{}", prefix(environment), evidence.simple()))
    }

    /// Returns the key of a lead's photo.
    pub fn of_photo(environment: Environment, photo: PhotoId) -> Self {
        Self(format!("{}/{PHOTO}/{}", prefix(environment), photo.simple()))
    }

    /// Returns the key of the document that an attempt to generate a package stores. Attempts do not touch each other's: one
    /// whose claim has run out may still be at work.
    pub fn of_package(environment: Environment, package: PackageId, attempt: u32) -> Self {
        Self(format!("{}/{PACKAGE}/{}-{attempt}", prefix(environment), package.simple()))
    }

    /// Returns the key in a link whose signature has been verified. Leadhouse itself has written it, so it is valid.
    pub(crate) fn from_verified_link(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Parses the key of an evidence file. Returns `None` for any other text.
    pub fn parse_evidence(text: &str) -> Option<(Self, Environment, EvidenceId)> {
        let (environment, name) = parse_key(text, EVIDENCE)?;
        let evidence = EvidenceId::parse(name)?;
        let key = Self::of_evidence(environment, evidence);
        // Ids have several text forms, but a key has only one.
        (key.0 == text).then_some((key, environment, evidence))
    }

    /// Parses the key of a package's document, with the attempt that stored it. Returns `None` for any other text.
    pub fn parse_package(text: &str) -> Option<(Self, Environment, PackageId, u32)> {
        let (environment, name) = parse_key(text, PACKAGE)?;
        let (package, attempt) = name.split_once('-')?;
        let (package, attempt) = (PackageId::parse(package)?, attempt.parse().ok()?);
        let key = Self::of_package(environment, package, attempt);
        (key.0 == text).then_some((key, environment, package, attempt))
    }

    /// Returns the key's text.
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
    fn only_the_canonical_form_of_a_key_is_parsed() {
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
        let package = PackageId::derived(&[b"p"]);
        let document = BlobKey::of_package(environment, package, 2);
        assert_eq!(BlobKey::parse_package(document.as_str()), Some((document.clone(), environment, package, 2)));
        assert_eq!(BlobKey::parse_evidence(document.as_str()), None);
        for other in [format!("{document}/x"), document.as_str().replace("-2", "-02"), key.to_string()] {
            assert_eq!(BlobKey::parse_package(&other), None, "{other}");
        }
        let photo = BlobKey::of_photo(environment, PhotoId::derived(&[b"p"]));
        assert_eq!(BlobKey::parse_evidence(photo.as_str()), None, "{photo}");
    }
}
