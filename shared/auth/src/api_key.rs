//! API keys: `<prefix><8 base62>_<38 base62 random><6 base62 CRC-32 of all before>`, the prefix as the contract has it.
//!
//! The checksum rejects a malformed key without a database look-up and lets secret scanners distinguish a key from a
//! similar string. Only the SHA-256 of the whole key is stored.

use contract::key_prefixes;
use sha2::{Digest, Sha256};
use std::fmt;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of the public id after the prefix.
const PUBLIC_ID_LENGTH: usize = 8;
/// Random characters: 38 of base62 are 226 bits.
const RANDOM_LENGTH: usize = 38;
/// Characters of the checksum: 62^6 exceeds 2^32.
const CHECKSUM_LENGTH: usize = 6;

/// A well-formed API key. Its `Debug` output shows only the public prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    text: String,
    prefix_length: usize,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}…)", self.prefix())
    }
}

impl ApiKey {
    /// Parses a key. Returns `None` unless prefix, alphabet, length and checksum are right.
    pub fn parse(text: &str) -> Option<Self> {
        let prefix = key_prefixes().find(|prefix| text.starts_with(prefix))?;
        let prefix_length = prefix.len() + PUBLIC_ID_LENGTH + 1;
        if text.len() != prefix_length + RANDOM_LENGTH + CHECKSUM_LENGTH || !text.is_ascii() {
            return None;
        }
        let (before, checksum) = text.split_at(text.len() - CHECKSUM_LENGTH);
        let body = &before[prefix.len()..];
        let well_formed = body.bytes().enumerate().all(|(position, byte)| match position {
            PUBLIC_ID_LENGTH => byte == b'_',
            _ => byte.is_ascii_alphanumeric(),
        });
        (well_formed && checksum == checksum_of(before)).then(|| Self { text: text.to_owned(), prefix_length })
    }

    /// Builds a key of a contract's prefix from 64 random bytes, which must be used for nothing else.
    pub fn from_random(prefix: &str, random: &[u8; 64]) -> Self {
        // A byte modulo 62 favors eight of the characters by a quarter: 38 characters still hold over 220 bits.
        let character = |byte: &u8| char::from(BASE62[usize::from(*byte) % 62]);
        let mut text = prefix.to_owned();
        text.extend(random[..PUBLIC_ID_LENGTH].iter().map(character));
        text.push('_');
        let prefix_length = text.len();
        text.extend(random[PUBLIC_ID_LENGTH..PUBLIC_ID_LENGTH + RANDOM_LENGTH].iter().map(character));
        let checksum = checksum_of(&text);
        text.push_str(&checksum);
        Self { text, prefix_length }
    }

    /// Generates a key of a contract's prefix. Returns `None` if the system's random number generator fails.
    pub fn generate(prefix: &str) -> Option<Self> {
        let mut random = [0; 64];
        getrandom::fill(&mut random).ok()?;
        Some(Self::from_random(prefix, &random))
    }

    /// Returns the public part of the key: prefix and public id, with the underscore behind it.
    pub fn prefix(&self) -> &str {
        &self.text[..self.prefix_length]
    }

    /// Returns the SHA-256 of the whole key in hexadecimal.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text.as_bytes()))
    }

    /// Returns the whole key, which is shown once.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

/// Returns the CRC-32 of `text` in base62, padded with zeros.
fn checksum_of(text: &str) -> String {
    let mut remainder = crc32fast::hash(text.as_bytes());
    let mut characters = [b'0'; CHECKSUM_LENGTH];
    for place in characters.iter_mut().rev() {
        *place = BASE62[(remainder % 62) as usize];
        remainder /= 62;
    }
    characters.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_keys_have_the_documented_format() {
        let key = ApiKey::from_random("rd_", &[7; 64]);
        assert_eq!(key.prefix().len(), 12, "the Revenue Defenders document: the first 12 characters identify the key");
        assert_eq!(key.reveal().len(), "rd_a1b2c3d4_e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6".len());
        for prefix in key_prefixes() {
            let key = ApiKey::generate(prefix).expect("randomness");
            assert_eq!(ApiKey::parse(key.reveal()), Some(key));
        }
    }

    #[test]
    fn checksum_detects_every_changed_character() {
        let key = ApiKey::from_random("lh_live_", &[42; 64]);
        let text = key.reveal();
        for place in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("ascii");
            assert!(ApiKey::parse(&changed).is_none(), "{changed}");
        }
        for bad in ["", "lh_live_", "lh_live_é", &text[..text.len() - 1], &format!("{text}0"), &format!(" {text}")] {
            assert!(ApiKey::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn debug_output_shows_only_the_prefix() {
        let key = ApiKey::from_random("lh_live_", &[42; 64]);
        assert_eq!(format!("{key:?}"), format!("ApiKey({}…)", key.prefix()));
    }
}
