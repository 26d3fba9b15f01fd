//! API keys: `<prefix><8 base62>_<38 base62 random><6 base62 CRC-32 of all before>`.
//!
//! The checksum refuses a malformed key without touching the database and lets secret scanners tell a key from a
//! look-alike. Only the SHA-256 of the whole key is ever stored.

use domain::{Contract, Mode};
use sha2::{Digest, Sha256};
use std::fmt;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of the public id behind the prefix.
const PUBLIC: usize = 8;
/// Random characters: 38 of base62 are 226 bits.
const RANDOM: usize = 38;
/// Characters of the checksum: 62^6 exceeds 2^32.
const CHECKSUM: usize = 6;

/// The beginnings that keys are issued with, by contract and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPrefix(&'static str);

impl KeyPrefix {
    const ALL: [&'static str; 7] =
        ["rd_", "lr_sk_live_", "lr_sk_test_", "vp_live_", "vp_test_", "lh_live_", "lh_test_"];

    /// The prefix of a contract's keys in a mode; Revenue Defenders has one for both.
    pub const fn of(contract: Contract, mode: Mode) -> Self {
        Self(match (contract, mode) {
            (Contract::RevenueDefenders, _) => "rd_",
            (Contract::LeadRescue, Mode::Live) => "lr_sk_live_",
            (Contract::LeadRescue, Mode::Test) => "lr_sk_test_",
            (Contract::VendorPad, Mode::Live) => "vp_live_",
            (Contract::VendorPad, Mode::Test) => "vp_test_",
            (Contract::Native, Mode::Live) => "lh_live_",
            (Contract::Native, Mode::Test) => "lh_test_",
        })
    }

    /// The text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// A well-formed API key. Shows only its public beginning.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    text: String,
    public: usize,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}…)", self.prefix())
    }
}

impl ApiKey {
    /// Reads a key; `None` unless prefix, alphabet, length and checksum are right.
    pub fn parse(text: &str) -> Option<Self> {
        let prefix = KeyPrefix::ALL.into_iter().find(|prefix| text.starts_with(prefix))?;
        let public = prefix.len() + PUBLIC + 1;
        if text.len() != public + RANDOM + CHECKSUM || !text.is_ascii() {
            return None;
        }
        let (before, checksum) = text.split_at(text.len() - CHECKSUM);
        let body = &before[prefix.len()..];
        let fits = body.bytes().enumerate().all(|(place, byte)| match place {
            PUBLIC => byte == b'_',
            _ => byte.is_ascii_alphanumeric(),
        });
        (fits && checksum == checksum_of(before)).then(|| Self { text: text.to_owned(), public })
    }

    /// A key that these 64 random bytes give. The caller keeps nothing of them.
    pub fn from_random(prefix: KeyPrefix, random: &[u8; 64]) -> Self {
        // A byte modulo 62 favours eight characters by a quarter: 38 of them still hold over 220 bits.
        let character = |byte: &u8| char::from(BASE62[usize::from(*byte) % 62]);
        let mut text = prefix.as_str().to_owned();
        text.extend(random[..PUBLIC].iter().map(character));
        text.push('_');
        let public = text.len();
        text.extend(random[PUBLIC..PUBLIC + RANDOM].iter().map(character));
        let checksum = checksum_of(&text);
        text.push_str(&checksum);
        Self { text, public }
    }

    /// A key nobody has seen before; `None` without a source of randomness.
    pub fn mint(prefix: KeyPrefix) -> Option<Self> {
        let mut random = [0; 64];
        getrandom::fill(&mut random).ok()?;
        Some(Self::from_random(prefix, &random))
    }

    /// The public beginning, up to and with the underscore.
    pub fn prefix(&self) -> &str {
        &self.text[..self.public]
    }

    /// SHA-256 of the whole key, in hexadecimal.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text.as_bytes()))
    }

    /// The whole key, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

fn checksum_of(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut characters = [b'0'; CHECKSUM];
    for place in characters.iter_mut().rev() {
        *place = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    characters.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minted_key_has_the_documents_form() {
        let key = ApiKey::from_random(KeyPrefix::of(Contract::RevenueDefenders, Mode::Live), &[7; 64]);
        assert_eq!(key.prefix().len(), 12, "the Revenue Defenders document: the first 12 characters identify the key");
        assert_eq!(key.reveal().len(), "rd_a1b2c3d4_e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6".len());
        for contract in Contract::ALL {
            for mode in [Mode::Live, Mode::Test] {
                let key = ApiKey::mint(KeyPrefix::of(contract, mode)).expect("randomness");
                assert_eq!(ApiKey::parse(key.reveal()), Some(key));
            }
        }
    }

    #[test]
    fn the_checksum_refuses_every_single_slip() {
        let key = ApiKey::from_random(KeyPrefix::of(Contract::Native, Mode::Live), &[42; 64]);
        let text = key.reveal();
        for place in 0..text.len() {
            let mut slipped = text.as_bytes().to_vec();
            slipped[place] = if slipped[place] == b'x' { b'y' } else { b'x' };
            let slipped = String::from_utf8(slipped).expect("ascii");
            assert!(ApiKey::parse(&slipped).is_none(), "{slipped}");
        }
        for bad in ["", "lh_live_", "lh_live_é", &text[..text.len() - 1], &format!("{text}0"), &format!(" {text}")] {
            assert!(ApiKey::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_key_never_shows_itself_in_logs() {
        let key = ApiKey::from_random(KeyPrefix::of(Contract::Native, Mode::Live), &[42; 64]);
        assert_eq!(format!("{key:?}"), format!("ApiKey({}…)", key.prefix()));
    }
}
