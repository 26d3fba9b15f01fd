//! Master keys, and the derivation of signing secrets from them.
//!
//! Signing secrets are derived, never stored: a subscription's item holds only a [`SecretRef`] (the number of a master
//! key and a version), so a copy of the tables signs nothing. The derivation is HKDF-SHA256 (RFC 5869) of the master
//! key without salt. Its `info` is a list of parts, each preceded by its length as eight bytes: a fixed label, the
//! purpose, and the context (tenant, mode, subscription, version). Different purposes or contexts therefore give
//! independent secrets, and the lengths keep `("ab", "c")` and `("a", "bc")` apart.
//!
//! To rotate the master key, add a key under a new number and make it current. New secrets derive from the new key;
//! existing ones keep naming the number of theirs. To rotate one subscription's secret, its version is increased.

use crate::signing_secret::SigningSecret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Environment, SubscriptionId, SuppressionKey};
use hkdf::Hkdf;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

pub use domain::signing_secret::SecretRef;

/// The first part of every derivation, so that another program with the same master key derives other bytes. Changing
/// it, or one of the labels below, would change every secret.
const LABEL_PREFIX: &[u8] = b"leadhouse";

/// The purpose of a secret that signs a subscription's deliveries.
const SIGNING_LABEL: &str = "webhook-signing";

/// The purpose of a secret that signs an environment's inbound messages.
const INBOUND_LABEL: &str = "inbound-signing";

/// The purpose of the key under which suppressed numbers and addresses are hashed.
const SUPPRESSION_LABEL: &str = "suppressions";

/// Number of the master key that the suppression key is derived from: the one that every deployment began with. What is
/// hashed under it must be found for good, so it does not follow the current key, and this key must never be removed.
const FIRST_MASTER_KEY: u32 = 1;

/// Minimum length of a generated key, in characters. A random letter or digit holds log2(62) = 5.95 bits, so 43 of them
/// hold 256.
const MIN_GENERATED_KEY_LENGTH: usize = 43;

/// A secret names a master key that is not configured: it was removed while still in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("master key {0} is not configured")]
pub struct UnknownMasterKeyError(pub u32);

/// The configured master keys are invalid. The texts say where, and never quote the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeysError {
    /// The text is not JSON of the documented shape. Holds the column.
    #[error(r#"the master keys must be JSON such as {{"current":1,"keys":{{"1":"<base64>"}}}} (column {0})"#)]
    Shape(usize),
    /// A field other than `current` and `keys` is not the number of a key.
    #[error("fields other than \"current\" and \"keys\" must be generated master keys, each under its number")]
    InvalidNumber,
    /// A key is not 32 bytes in base64. Holds its number.
    #[error("master key {0} must be the base64 of 32 bytes")]
    InvalidKey(u32),
    /// A generated key is too short to hold 256 bits, or has other characters. Holds its number.
    #[error("generated master key {0} must be at least {MIN_GENERATED_KEY_LENGTH} visible ASCII characters")]
    InvalidGeneratedKey(u32),
    /// Two keys have the same number.
    #[error("master key {0} is given twice, in \"keys\" and as a generated key")]
    Duplicate(u32),
    /// `current` names a key that is not given.
    #[error("the current master key {0} is missing")]
    MissingCurrent(u32),
}

/// The numbered master keys: the current one, which new secrets are derived from, and all that are still in use.
#[derive(Clone)]
pub struct MasterKeys {
    current: u32,
    keys: BTreeMap<u32, [u8; 32]>,
}

/// The JSON form of [`MasterKeys`], as Secrets Manager stores it.
#[derive(Deserialize)]
struct StoredMasterKeys {
    current: u32,
    #[serde(default)]
    keys: BTreeMap<u32, String>,
    #[serde(flatten)]
    generated: BTreeMap<String, String>,
}

impl MasterKeys {
    /// Creates a set with one key, number 1, as a new deployment has it.
    pub fn first(key: [u8; 32]) -> Self {
        Self { current: 1, keys: BTreeMap::from([(1, key)]) }
    }

    /// Parses `{"current":1,"keys":{"1":"<base64 of 32 bytes>"}}`, `{"current":1,"1":"<generated>"}`, or a mixture.
    ///
    /// Secrets Manager can generate a random string under a top-level field, but neither base64 of 32 bytes nor a
    /// nested field. The key of such a string, which needs at least 43 visible ASCII characters, is its SHA-256.
    pub fn parse(json: &str) -> Result<Self, MasterKeysError> {
        // The parser's own message may quote the input, which is secret, so only the column is kept.
        let written: StoredMasterKeys =
            serde_json::from_str(json).map_err(|error| MasterKeysError::Shape(error.column()))?;
        let mut keys = BTreeMap::new();
        for (number, text) in written.keys {
            let bytes = STANDARD.decode(text).map_err(|_| MasterKeysError::InvalidKey(number))?;
            keys.insert(number, bytes.try_into().map_err(|_| MasterKeysError::InvalidKey(number))?);
        }
        for (name, text) in written.generated {
            let number = number_of(&name).ok_or(MasterKeysError::InvalidNumber)?;
            if keys.insert(number, generated_key(&text).ok_or(MasterKeysError::InvalidGeneratedKey(number))?).is_some()
            {
                return Err(MasterKeysError::Duplicate(number));
            }
        }
        if keys.contains_key(&written.current) {
            Ok(Self { current: written.current, keys })
        } else {
            Err(MasterKeysError::MissingCurrent(written.current))
        }
    }

    /// Returns the JSON that [`parse`](Self::parse) reads, with every key in base64 and in the clear.
    pub fn reveal(&self) -> String {
        let keys: serde_json::Map<_, _> =
            self.keys.iter().map(|(number, key)| (number.to_string(), STANDARD.encode(key).into())).collect();
        serde_json::json!({ "current": self.current, "keys": keys }).to_string()
    }

    /// Returns the number of the key that new secrets are derived from.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// Returns the numbers of all keys.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.keys.keys().copied()
    }

    /// Returns the secret that signs the deliveries to `subscription` in `environment`.
    pub fn signing_secret(
        &self,
        environment: &Environment,
        subscription: SubscriptionId,
        secret: SecretRef,
    ) -> Result<SigningSecret, UnknownMasterKeyError> {
        let context: [&[u8]; 4] = [
            environment.tenant.bytes(),
            environment.mode.name().as_bytes(),
            subscription.bytes(),
            &secret.version.to_be_bytes(),
        ];
        self.derive(secret.master, SIGNING_LABEL, &context).map(SigningSecret::from_bytes)
    }

    /// Returns the secret that signs the inbound messages of `environment`.
    pub fn inbound_secret(
        &self,
        environment: &Environment,
        secret: SecretRef,
    ) -> Result<SigningSecret, UnknownMasterKeyError> {
        let context: [&[u8]; 3] =
            [environment.tenant.bytes(), environment.mode.name().as_bytes(), &secret.version.to_be_bytes()];
        self.derive(secret.master, INBOUND_LABEL, &context).map(SigningSecret::from_bytes)
    }

    /// Returns the key under which suppressed numbers and addresses are hashed. It stays the same through every rotation.
    pub fn suppression_key(&self) -> Result<SuppressionKey, UnknownMasterKeyError> {
        self.derive(FIRST_MASTER_KEY, SUPPRESSION_LABEL, &[]).map(SuppressionKey::new)
    }

    /// Derives 32 bytes from master key number `master` for `purpose` and `context`, as the module describes. Bytes
    /// derived for another purpose or context reveal nothing about these.
    pub fn derive(&self, master: u32, purpose: &str, context: &[&[u8]]) -> Result<[u8; 32], UnknownMasterKeyError> {
        let master = self.keys.get(&master).ok_or(UnknownMasterKeyError(master))?;
        let mut info = Vec::new();
        for part in [LABEL_PREFIX, purpose.as_bytes()].iter().chain(context) {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            info.extend_from_slice(&(part.len() as u64).to_be_bytes());
            info.extend_from_slice(part);
        }
        let mut derived = [0; 32];
        Hkdf::<Sha256>::new(None, master)
            .expand(&info, &mut derived)
            .expect("HKDF expands to at most 255 blocks, and 32 bytes is one");
        Ok(derived)
    }
}

/// Parses the number of a key. Only the canonical form is accepted: "01" would be a second name of key 1.
fn number_of(name: &str) -> Option<u32> {
    name.parse::<u32>().ok().filter(|number| number.to_string() == name)
}

/// Returns the key that a generated string stands for, or `None` if it cannot hold 256 bits.
fn generated_key(text: &str) -> Option<[u8; 32]> {
    let enough = text.len() >= MIN_GENERATED_KEY_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
    enough.then(|| Sha256::digest(text).into())
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKeys")
            .field("current", &self.current)
            .field("numbers", &self.keys.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::follow_up::suppression::Contact;
    use domain::leads::contact::Email;
    use domain::{Mode, TenantId};

    const SECRET: SecretRef = SecretRef { master: 1, version: 1 };

    fn environment(tenant: &str, mode: Mode) -> Environment {
        Environment { tenant: TenantId::derived(&[tenant.as_bytes()]), mode }
    }

    fn subscription(name: &str) -> SubscriptionId {
        SubscriptionId::derived(&[name.as_bytes()])
    }

    #[test]
    fn keys_are_parsed_in_their_stored_form() {
        let json = format!(r#"{{"current":2,"keys":{{"1":"{0}","2":"{0}"}}}}"#, STANDARD.encode([7; 32]));
        let keys = MasterKeys::parse(&json).expect("two keys");
        assert_eq!(keys.current(), 2);
        assert_eq!(keys.reveal(), json);
        assert_eq!(MasterKeys::parse(&MasterKeys::first([9; 32]).reveal()).expect("one key").current(), 1);
    }

    /// A string as Secrets Manager generates it: 64 letters and digits.
    const GENERATED: &str = "k3VtQ9sXb7Lw2RfYp8ZcN5hJm1TdGa4Eu6KxHvBqSnWyCjPoAzDrMiFgUeOl0I79";

    #[test]
    fn a_generated_key_is_the_sha_256_of_its_text() {
        let keys = MasterKeys::parse(&format!(r#"{{"current":1,"1":"{GENERATED}"}}"#)).expect("a generated key");
        // Python's hashlib and base64 give the same.
        let revealed = r#"{"current":1,"keys":{"1":"uWWV73op7BvBmSOJyRhhc2OpVHwFH7N9u3vSWa9e9GI="}}"#;
        assert_eq!(keys.reveal(), revealed);
        assert_eq!(MasterKeys::parse(revealed).expect("what was revealed").reveal(), revealed);
    }

    #[test]
    fn a_key_can_be_added_in_either_form() {
        let first = MasterKeys::parse(&format!(r#"{{"current":1,"1":"{GENERATED}"}}"#)).expect("a generated key");
        let second = STANDARD.encode([8; 32]);
        let both = MasterKeys::parse(&format!(r#"{{"current":2,"keys":{{"2":"{second}"}},"1":"{GENERATED}"}}"#));
        let both = both.expect("two keys");
        assert_eq!(both.current(), 2);
        assert_eq!(both.derive(1, "sealing", &[]), first.derive(1, "sealing", &[]));
        assert_eq!(both.derive(2, "sealing", &[]), MasterKeys::first([8; 32]).derive(1, "sealing", &[]));
        let longer = format!("{GENERATED}2");
        let generated = MasterKeys::parse(&format!(r#"{{"current":2,"1":"{GENERATED}","2":"{longer}"}}"#));
        assert_eq!(generated.expect("two generated keys").derive(1, "sealing", &[]), first.derive(1, "sealing", &[]));
    }

    #[test]
    fn invalid_keys_are_rejected_without_quoting() {
        let key = STANDARD.encode([7; 32]);
        let short = &GENERATED[..MIN_GENERATED_KEY_LENGTH - 1];
        let cases = [
            (String::new(), MasterKeysError::Shape(0)),
            (format!(r#"{{"current":2,"keys":{{"1":"{key}"}}}}"#), MasterKeysError::MissingCurrent(2)),
            (r#"{"current":1,"keys":{"1":"c2hvcnQ="}}"#.to_owned(), MasterKeysError::InvalidKey(1)),
            (format!(r#"{{"current":1,"keys":{{"1":"{key}="}}}}"#), MasterKeysError::InvalidKey(1)),
            (r#"{"current":1}"#.to_owned(), MasterKeysError::MissingCurrent(1)),
            (format!(r#"{{"current":1,"1":"{short}"}}"#), MasterKeysError::InvalidGeneratedKey(1)),
            (format!(r#"{{"current":1,"1":"{short} "}}"#), MasterKeysError::InvalidGeneratedKey(1)),
            (format!(r#"{{"current":1,"01":"{GENERATED}"}}"#), MasterKeysError::InvalidNumber),
            (format!(r#"{{"current":1,"key":"{GENERATED}"}}"#), MasterKeysError::InvalidNumber),
            (format!(r#"{{"current":1,"keys":{{"1":"{key}"}},"1":"{GENERATED}"}}"#), MasterKeysError::Duplicate(1)),
        ];
        for (json, error) in cases {
            assert_eq!(MasterKeys::parse(&json).map(|keys| keys.reveal()), Err(error), "{json}");
        }
        let text = MasterKeys::parse(&format!(r#"{{"current":1,"keys":"{key}"}}"#))
            .expect_err("keys is not an object")
            .to_string();
        assert!(!text.contains(&key), "{text}");
    }

    #[test]
    fn derivation_matches_rfc_5869() {
        // From RFC 5869 written out with Python's hmac and hashlib, the info string as `derive` composes it.
        let derived = MasterKeys::first([7; 32]).derive(1, "sealing", &[b"a", b"bc"]).expect("master 1");
        assert_eq!(hex::encode(derived), "1c17be76ac5ad10ee470517b41bee596835a7eba8c917c162eb19db0ba25262a");
    }

    #[test]
    fn every_part_of_the_context_changes_the_secret() {
        let keys = MasterKeys::first([7; 32]);
        let of = |environment: Environment, name: &str, secret: SecretRef| {
            keys.signing_secret(&environment, subscription(name), secret).expect("master 1").reveal()
        };
        let secret = of(environment("t", Mode::Live), "s", SECRET);
        assert_eq!(secret, of(environment("t", Mode::Live), "s", SECRET));
        assert_ne!(secret, of(environment("u", Mode::Live), "s", SECRET));
        assert_ne!(secret, of(environment("t", Mode::Test), "s", SECRET));
        assert_ne!(secret, of(environment("t", Mode::Live), "r", SECRET));
        assert_ne!(secret, of(environment("t", Mode::Live), "s", SecretRef { version: 2, ..SECRET }));
        assert_ne!(keys.derive(1, "a", &[b"b"]), keys.derive(1, "ab", &[b""]));
    }

    #[test]
    fn a_new_current_key_keeps_older_secrets() {
        let key = |bytes: [u8; 32]| STANDARD.encode(bytes);
        let json = format!(r#"{{"current":2,"keys":{{"1":"{}","2":"{}"}}}}"#, key([7; 32]), key([8; 32]));
        let (before, after) = (MasterKeys::first([7; 32]), MasterKeys::parse(&json).expect("two keys"));
        let of = |keys: &MasterKeys, master: u32| {
            keys.signing_secret(&environment("t", Mode::Live), subscription("s"), SecretRef { master, version: 1 })
        };
        assert_eq!(of(&before, 1), of(&after, 1));
        assert_ne!(of(&after, 1), of(&after, 2));
        assert_eq!(of(&before, 2), Err(UnknownMasterKeyError(2)));
    }

    #[test]
    fn the_suppression_key_survives_rotations() {
        let key = |bytes: [u8; 32]| STANDARD.encode(bytes);
        let rotated = format!(r#"{{"current":2,"keys":{{"1":"{}","2":"{}"}}}}"#, key([7; 32]), key([8; 32]));
        let only_new = format!(r#"{{"current":2,"keys":{{"2":"{}"}}}}"#, key([8; 32]));
        let id = |keys: &MasterKeys| {
            let contact = Contact::of_email(&Email::parse("jane@example.com").expect("an address"));
            keys.suppression_key().map(|key| key.id(environment("t", Mode::Live), &contact))
        };
        let before = id(&MasterKeys::first([7; 32])).expect("master 1");
        assert_eq!(id(&MasterKeys::parse(&rotated).expect("two keys")), Ok(before));
        assert_eq!(id(&MasterKeys::parse(&only_new).expect("one key")), Err(UnknownMasterKeyError(1)));
    }

    #[test]
    fn debug_output_hides_secrets() {
        let keys = MasterKeys::first([7; 32]);
        let secret = SigningSecret::from_bytes([7; 32]);
        let printed = format!("{keys:?} {secret:?}");
        assert_eq!(printed, "MasterKeys { current: 1, numbers: [1], .. } SigningSecret(…)");
    }
}
