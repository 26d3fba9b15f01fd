//! What must not lie open, AES-256-GCM: answers with a secret under a key that is derived from a master key; what is
//! told of a lead, webhook bodies and receivers' words among it, under the lead's own, which erasing destroys.

use crate::compression::{pack, unpack};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use domain::ProtectedText;
use serde_bytes::ByteBuf;
use std::fmt;

/// A 256-bit key that seals what a record holds.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey([u8; 32]);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

const NONCE_BYTES: usize = 12;

impl DataKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key nobody has seen before.
    pub(crate) fn random() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok().map(|()| Self(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that these bytes are, if they are one.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Seals `plain`, bound to `context`: nonce, then ciphertext with its tag. `None` without a source of randomness.
    pub(crate) fn encrypt(&self, plain: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let cipher = Aes256Gcm::new_from_slice(&self.0).ok()?;
        let encrypted = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context }).ok()?;
        let mut whole = nonce.to_vec();
        whole.extend(encrypted);
        Some(whole)
    }

    /// Packs words and seals them for the place that `context` names; those that are sealed already stay as they are. `None`
    /// without a source of randomness.
    pub(crate) fn encrypt_text(&self, words: &ProtectedText, context: &[u8]) -> Option<ProtectedText> {
        match words {
            ProtectedText::Plain(text) if text.is_empty() => Some(words.clone()),
            ProtectedText::Plain(text) => {
                Some(ProtectedText::Encrypted(ByteBuf::from(self.encrypt(&pack(text), context)?)))
            }
            ProtectedText::Encrypted(_) => Some(words.clone()),
        }
    }

    /// Opens what [`DataKey::encrypt`] made for the same `context`; `None` for anything else.
    pub(crate) fn decrypt(&self, encrypted: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, encrypted) = encrypted.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = Aes256Gcm::new_from_slice(&self.0).ok()?;
        cipher.decrypt(&Nonce::from(*nonce), Payload { msg: encrypted, aad: context }).ok()
    }
}

/// The text of words that stand in the place that `context` names; `None` when they are sealed and the key is not
/// theirs, or gone.
pub(crate) fn decrypt_text(words: &ProtectedText, key: Option<&DataKey>, context: &[u8]) -> Option<String> {
    match words {
        ProtectedText::Plain(text) => Some(text.clone()),
        ProtectedText::Encrypted(encrypted) => unpack(&key?.decrypt(encrypted, context)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_in_its_place() {
        let key = DataKey::new([7; 32]);
        let encrypted = key.encrypt(b"secret", b"here").expect("randomness");
        assert_eq!(key.decrypt(&encrypted, b"here").as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.decrypt(&encrypted, b"there"), None);
        assert_eq!(DataKey::new([8; 32]).decrypt(&encrypted, b"here"), None);
        assert_eq!(key.decrypt(&encrypted[..10], b"here"), None);
        assert_ne!(key.encrypt(b"secret", b"here"), Some(encrypted));
    }
}
