//! Text that may hold personal data, stored encrypted.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A text that is either plain or encrypted under a person's data key. Deleting the key erases the text
/// (crypto-shredding).
///
/// The variants are distinguished by their stored type: a string is plain, bytes are encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ProtectedText {
    /// Plain text.
    Plain(String),
    /// Ciphertext, unreadable without the data key.
    Encrypted(ByteBuf),
}

impl ProtectedText {
    /// Returns the text, or `None` if it is encrypted.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Encrypted(_) => None,
        }
    }

    /// Returns whether the text is plain and empty.
    pub fn is_empty(&self) -> bool {
        self.text().is_some_and(str::is_empty)
    }
}

impl Default for ProtectedText {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl From<String> for ProtectedText {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}
