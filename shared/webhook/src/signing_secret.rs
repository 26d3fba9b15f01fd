//! The secret that signs webhook deliveries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A secret of 32 bytes that signs the deliveries of one subscription, or the inbound messages of one environment.
///
/// Its text form is shown to its owner once and never stored; [`MasterKeys`](crate::master_keys::MasterKeys) derives it
/// whenever it is needed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl SigningSecret {
    /// Creates the secret of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the text that its owner holds: `whsec_` and the base64 of the bytes.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// Parses the text that its owner holds; `None` if it is not `whsec_` and the base64 of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim().strip_prefix("whsec_")?).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Returns the bytes.
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

    #[test]
    fn a_secret_is_read_as_it_is_shown() {
        let secret = SigningSecret::from_bytes([7; 32]);
        assert!(SigningSecret::parse(&format!(" {} ", secret.reveal())) == Some(secret));
        for text in ["", "whsec_", "whsec_AAAA", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] {
            assert!(SigningSecret::parse(text).is_none(), "{text}");
        }
    }
}
