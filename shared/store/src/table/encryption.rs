//! Encryption of what must not be readable in a copy of the tables: AES-256-GCM under a data key.
//!
//! There are two kinds of data keys:
//!
//! - **A lead's own key** is random and stored in the lead's item. Everything outside that item that holds the
//!   person's data (webhook bodies, endpoints' responses, stored responses of the API) is encrypted under it. Erasing
//!   the lead deletes the key, and with it, in one write, the content of every copy: *crypto-shredding*. The deletion
//!   of those copies may then take its time.
//! - **A key derived from a master key** encrypts stored responses that hold a secret and belong to no lead. It is
//!   derived by the caller and never stored; records name the number of the master key.
//!
//! Every ciphertext is bound to a *context* (associated data), such as the id of its delivery: moved into another
//! item, it does not decrypt. Contexts are part of what is stored and must never change.

use crate::table::compression::{compress, compress_payload, decompress};
use crate::table::error::StoreError;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use domain::ProtectedText;
use serde_bytes::ByteBuf;
use std::fmt;

/// Size in bytes of the nonce that precedes each ciphertext (NIST SP 800-38D recommends 96 bits for GCM).
///
/// Nonces are random. A data key encrypts far less than the 2³² texts that SP 800-38D allows with random nonces.
const NONCE_BYTES: usize = 12;

/// Context of encrypted stream records.
const STREAM_RECORD: &[u8] = b"stream record";

/// A 256-bit key that encrypts data at rest.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey([u8; 32]);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl DataKey {
    /// Returns the key with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Generates a random key.
    pub(crate) fn generate() -> Result<Self, StoreError> {
        random_bytes().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads a stored key; `None` if the length is wrong.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Encrypts `plaintext`, bound to `context`. Returns the nonce, then the ciphertext with its tag.
    pub(crate) fn encrypt(&self, plaintext: &[u8], context: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE_BYTES] = random_bytes()?;
        let ciphertext = Aes256Gcm::new_from_slice(&self.0)
            .ok()
            .and_then(|cipher| cipher.encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: context }).ok())
            .ok_or_else(|| StoreError::Internal("a text cannot be encrypted".to_owned()))?;
        Ok([&nonce[..], &ciphertext].concat())
    }

    /// Decrypts what [`DataKey::encrypt`] returned for the same `context`; `None` for anything else.
    pub(crate) fn decrypt(&self, encrypted: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = encrypted.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = Aes256Gcm::new_from_slice(&self.0).ok()?;
        cipher.decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad: context }).ok()
    }

    /// Encrypts a stream record that is kept outside the tables. The context never changes: it is part of what is stored.
    pub fn encrypt_record(&self, record: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.encrypt(record, STREAM_RECORD)
    }

    /// Decrypts what [`DataKey::encrypt_record`] returned; `None` for anything else.
    pub fn decrypt_record(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        self.decrypt(encrypted, STREAM_RECORD)
    }

    /// Compresses and encrypts `text`, bound to `context`. A text that is empty or encrypted already stays as it is.
    pub(crate) fn encrypt_text(&self, text: &ProtectedText, context: &[u8]) -> Result<ProtectedText, StoreError> {
        self.encrypt_compressed(text, compress, context)
    }

    /// Does the same with the payload of an event, which is compressed further. Earlier releases take the result for a
    /// text whose key is gone, so it belongs only into an item that they cannot read.
    pub(crate) fn encrypt_payload(&self, text: &ProtectedText, context: &[u8]) -> Result<ProtectedText, StoreError> {
        self.encrypt_compressed(text, compress_payload, context)
    }

    fn encrypt_compressed(
        &self,
        text: &ProtectedText,
        compress: fn(&str) -> Vec<u8>,
        context: &[u8],
    ) -> Result<ProtectedText, StoreError> {
        match text {
            ProtectedText::Plain(plain) if !plain.is_empty() => {
                Ok(ProtectedText::Encrypted(ByteBuf::from(self.encrypt(&compress(plain), context)?)))
            }
            ProtectedText::Plain(_) | ProtectedText::Encrypted(_) => Ok(text.clone()),
        }
    }
}

/// Returns a text in the clear. `None` if it is encrypted and `key` is another key, or was erased.
pub(crate) fn decrypt_text(text: &ProtectedText, key: Option<&DataKey>, context: &[u8]) -> Option<String> {
    match text {
        ProtectedText::Plain(plain) => Some(plain.clone()),
        ProtectedText::Encrypted(encrypted) => decompress(&key?.decrypt(encrypted, context)?),
    }
}

fn random_bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_| StoreError::Internal("the system's random number generator failed".to_owned()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_context_decrypt() {
        let key = DataKey::new([7; 32]);
        let encrypted = key.encrypt(b"secret", b"here").expect("randomness");
        assert_eq!(key.decrypt(&encrypted, b"here").as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.decrypt(&encrypted, b"there"), None);
        assert_eq!(DataKey::new([8; 32]).decrypt(&encrypted, b"here"), None);
        assert_eq!(key.decrypt(&encrypted[..10], b"here"), None);
        assert_ne!(key.encrypt(b"secret", b"here").expect("randomness"), encrypted);
    }
}
