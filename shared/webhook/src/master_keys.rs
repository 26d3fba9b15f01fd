//! Secrets that are derived, not stored: the house's numbered master keys, and the signing secrets they give.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Environment, SubscriptionId};
use hkdf::Hkdf;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

pub use domain::webhooks::subscription::SecretRef;

/// What every derivation starts with, so that no other program's use of the same master gives the same bytes.
const LABEL_PREFIX: &[u8] = b"leadhouse";

/// What a signing secret is derived for.
const SIGNING_LABEL: &str = "webhook-signing";

/// What an inbound secret is derived for.
const INBOUND_LABEL: &str = "inbound-signing";

/// Characters of a generated key at least: where they are drawn from letters and digits alone, each holds
/// log2(62) = 5.95 bits, so that 43 hold 256.
const MIN_GENERATED_KEY_LENGTH: usize = 43;

/// A subscription names a master key that this process was not given: it was removed while still in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("master key {0} is not among the configured ones")]
pub struct UnknownMasterKey(pub u32);

/// The configured master keys cannot be read. Says where, never what stands there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeysError {
    /// Not JSON of the documented shape.
    #[error(r#"the master keys must be JSON such as {{"current":1,"keys":{{"1":"<base64>"}}}} (column {0})"#)]
    Shape(usize),
    /// A name beside `current` and `keys` is not the number of a key.
    #[error("beside \"current\" and \"keys\" stand generated master keys only, each under its number")]
    Name,
    /// One key is not 32 bytes in base64.
    #[error("master key {0} must be the base64 of 32 bytes")]
    Length(u32),
    /// One generated key cannot hold 256 bits.
    #[error("generated master key {0} must be at least {MIN_GENERATED_KEY_LENGTH} visible ASCII characters")]
    Generated(u32),
    /// One number stands for two keys.
    #[error("master key {0} stands there twice, among \"keys\" and beside them")]
    Twice(u32),
    /// The current key is not among the keys.
    #[error("the current master key {0} is not among the keys")]
    NoCurrent(u32),
}

/// The house's numbered master keys: the one that new secrets are derived from, and all that are still in use.
///
/// Rotating means adding a key and naming it current: what was derived before keeps naming the number of its own.
#[derive(Clone)]
pub struct MasterKeys {
    current: u32,
    keys: BTreeMap<u32, [u8; 32]>,
}

/// [`MasterKeys`] as Secrets Manager holds them.
#[derive(Deserialize)]
struct StoredMasterKeys {
    current: u32,
    #[serde(default)]
    keys: BTreeMap<u32, String>,
    #[serde(flatten)]
    generated: BTreeMap<String, String>,
}

impl MasterKeys {
    /// One master key, number 1: what a new house starts with.
    pub fn first(key: [u8; 32]) -> Self {
        Self { current: 1, keys: BTreeMap::from([(1, key)]) }
    }

    /// Reads `{"current":1,"keys":{"1":"<base64 of 32 bytes>"}}`, `{"current":1,"1":"<generated>"}`, or both at once.
    ///
    /// Secrets Manager can generate a random string under a name of the outermost object, but no base64 of 32 bytes
    /// and nothing nested. Such a string, of at least 43 visible ASCII characters, stands for its SHA-256.
    pub fn parse(json: &str) -> Result<Self, MasterKeysError> {
        // The parser's own message may quote the input, which is secret.
        let written: StoredMasterKeys =
            serde_json::from_str(json).map_err(|error| MasterKeysError::Shape(error.column()))?;
        let mut keys = BTreeMap::new();
        for (number, text) in written.keys {
            let bytes = STANDARD.decode(text).map_err(|_| MasterKeysError::Length(number))?;
            keys.insert(number, bytes.try_into().map_err(|_| MasterKeysError::Length(number))?);
        }
        for (name, text) in written.generated {
            let number = number_of(&name).ok_or(MasterKeysError::Name)?;
            if keys.insert(number, generated_key(&text).ok_or(MasterKeysError::Generated(number))?).is_some() {
                return Err(MasterKeysError::Twice(number));
            }
        }
        if keys.contains_key(&written.current) {
            Ok(Self { current: written.current, keys })
        } else {
            Err(MasterKeysError::NoCurrent(written.current))
        }
    }

    /// JSON that [`parse`](Self::parse) reads, every key in the clear and in base64: for whoever keeps them.
    pub fn reveal(&self) -> String {
        let keys: serde_json::Map<_, _> =
            self.keys.iter().map(|(number, key)| (number.to_string(), STANDARD.encode(key).into())).collect();
        serde_json::json!({ "current": self.current, "keys": keys }).to_string()
    }

    /// The number of the key that new secrets are derived from.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// The numbers of all keys that are still in use.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.keys.keys().copied()
    }

    /// The secret that signs what `subscription` receives in `environment`.
    pub fn signing_secret(
        &self,
        environment: &Environment,
        subscription: SubscriptionId,
        secret: SecretRef,
    ) -> Result<SigningSecret, UnknownMasterKey> {
        let context: [&[u8]; 4] = [
            environment.tenant.bytes(),
            environment.mode.name().as_bytes(),
            subscription.bytes(),
            &secret.version.to_be_bytes(),
        ];
        self.derive(secret.master, SIGNING_LABEL, &context).map(SigningSecret)
    }

    /// The secret that signs what comes in to `environment`.
    pub fn inbound_secret(
        &self,
        environment: &Environment,
        secret: SecretRef,
    ) -> Result<SigningSecret, UnknownMasterKey> {
        let context: [&[u8]; 3] =
            [environment.tenant.bytes(), environment.mode.name().as_bytes(), &secret.version.to_be_bytes()];
        self.derive(secret.master, INBOUND_LABEL, &context).map(SigningSecret)
    }

    /// The 32 bytes that master key number `master` gives for `purpose` and `context`: HKDF-SHA256 (RFC 5869)
    /// without salt. Another purpose or another context gives bytes that say nothing about these.
    pub fn derive(&self, master: u32, purpose: &str, context: &[&[u8]]) -> Result<[u8; 32], UnknownMasterKey> {
        let master = self.keys.get(&master).ok_or(UnknownMasterKey(master))?;
        let mut info = Vec::new();
        for part in [LABEL_PREFIX, purpose.as_bytes()].iter().chain(context) {
            // Lengths go in, so that ("ab", "c") and ("a", "bc") differ.
            info.extend_from_slice(&(part.len() as u64).to_be_bytes());
            info.extend_from_slice(part);
        }
        let mut derived = [0; 32];
        Hkdf::<Sha256>::new(None, master)
            .expand(&info, &mut derived)
            .expect("32 bytes are fewer than the 255 blocks that HKDF can give");
        Ok(derived)
    }
}

/// The number that `name` is, written the one way a number is written: "01" would be a second name of key 1.
fn number_of(name: &str) -> Option<u32> {
    name.parse::<u32>().ok().filter(|number| number.to_string() == name)
}

/// The 32 bytes that a generated string stands for, if it can hold as many.
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

/// What signs the deliveries of one subscription: 32 bytes, shown to its owner once.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl SigningSecret {
    /// The secret of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As its owner holds it: `whsec_` and the base64 of the bytes.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Mode, TenantId};

    const SECRET: SecretRef = SecretRef { master: 1, version: 1 };

    fn environment(tenant: &str, mode: Mode) -> Environment {
        Environment { tenant: TenantId::derived(&[tenant.as_bytes()]), mode }
    }

    fn subscription(name: &str) -> SubscriptionId {
        SubscriptionId::derived(&[name.as_bytes()])
    }

    #[test]
    fn keys_are_read_as_secrets_manager_holds_them() {
        let json = format!(r#"{{"current":2,"keys":{{"1":"{0}","2":"{0}"}}}}"#, STANDARD.encode([7; 32]));
        let keys = MasterKeys::parse(&json).expect("two keys");
        assert_eq!(keys.current(), 2);
        assert_eq!(keys.reveal(), json);
        assert_eq!(MasterKeys::parse(&MasterKeys::first([9; 32]).reveal()).expect("one key").current(), 1);
    }

    /// As Secrets Manager generates it: 64 letters and digits.
    const GENERATED: &str = "k3VtQ9sXb7Lw2RfYp8ZcN5hJm1TdGa4Eu6KxHvBqSnWyCjPoAzDrMiFgUeOl0I79";

    #[test]
    fn a_generated_string_stands_for_its_sha_256() {
        let keys = MasterKeys::parse(&format!(r#"{{"current":1,"1":"{GENERATED}"}}"#)).expect("a generated key");
        // Python's hashlib and base64 give the same.
        let revealed = r#"{"current":1,"keys":{"1":"uWWV73op7BvBmSOJyRhhc2OpVHwFH7N9u3vSWa9e9GI="}}"#;
        assert_eq!(keys.reveal(), revealed);
        assert_eq!(MasterKeys::parse(revealed).expect("what was revealed").reveal(), revealed);
    }

    #[test]
    fn a_key_is_added_beside_the_generated_one_in_either_form() {
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
    fn bad_keys_are_refused_without_being_quoted() {
        let key = STANDARD.encode([7; 32]);
        let short = &GENERATED[..MIN_GENERATED_KEY_LENGTH - 1];
        let cases = [
            (String::new(), MasterKeysError::Shape(0)),
            (format!(r#"{{"current":2,"keys":{{"1":"{key}"}}}}"#), MasterKeysError::NoCurrent(2)),
            (r#"{"current":1,"keys":{"1":"c2hvcnQ="}}"#.to_owned(), MasterKeysError::Length(1)),
            (format!(r#"{{"current":1,"keys":{{"1":"{key}="}}}}"#), MasterKeysError::Length(1)),
            (r#"{"current":1}"#.to_owned(), MasterKeysError::NoCurrent(1)),
            (format!(r#"{{"current":1,"1":"{short}"}}"#), MasterKeysError::Generated(1)),
            (format!(r#"{{"current":1,"1":"{short} "}}"#), MasterKeysError::Generated(1)),
            (format!(r#"{{"current":1,"01":"{GENERATED}"}}"#), MasterKeysError::Name),
            (format!(r#"{{"current":1,"key":"{GENERATED}"}}"#), MasterKeysError::Name),
            (format!(r#"{{"current":1,"keys":{{"1":"{key}"}},"1":"{GENERATED}"}}"#), MasterKeysError::Twice(1)),
        ];
        for (json, error) in cases {
            assert_eq!(MasterKeys::parse(&json).map(|keys| keys.reveal()), Err(error), "{json}");
        }
        let told = MasterKeys::parse(&format!(r#"{{"current":1,"keys":"{key}"}}"#)).expect_err("no map").to_string();
        assert!(!told.contains(&key), "{told}");
    }

    #[test]
    fn derivation_is_rfc_5869s() {
        // From RFC 5869 written out with Python's hmac and hashlib, the info string as `derive` composes it.
        let derived = MasterKeys::first([7; 32]).derive(1, "sealing", &[b"a", b"bc"]).expect("master 1");
        assert_eq!(hex::encode(derived), "1c17be76ac5ad10ee470517b41bee596835a7eba8c917c162eb19db0ba25262a");
    }

    #[test]
    fn every_part_of_where_a_secret_belongs_changes_it() {
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
    fn a_new_current_key_leaves_older_secrets_as_they_were() {
        let key = |bytes: [u8; 32]| STANDARD.encode(bytes);
        let json = format!(r#"{{"current":2,"keys":{{"1":"{}","2":"{}"}}}}"#, key([7; 32]), key([8; 32]));
        let (before, after) = (MasterKeys::first([7; 32]), MasterKeys::parse(&json).expect("two keys"));
        let of = |keys: &MasterKeys, master: u32| {
            keys.signing_secret(&environment("t", Mode::Live), subscription("s"), SecretRef { master, version: 1 })
        };
        assert_eq!(of(&before, 1), of(&after, 1));
        assert_ne!(of(&after, 1), of(&after, 2));
        assert_eq!(of(&before, 2), Err(UnknownMasterKey(2)));
    }

    #[test]
    fn nothing_secret_is_printed_by_accident() {
        let keys = MasterKeys::first([7; 32]);
        let secret = SigningSecret::from_bytes([7; 32]);
        let printed = format!("{keys:?} {secret:?}");
        assert_eq!(printed, "MasterKeys { current: 1, numbers: [1], .. } SigningSecret(…)");
    }
}
