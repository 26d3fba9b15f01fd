//! Words that may tell of a person.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// Words that are open, or sealed under a key of the person's that erasure destroys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ProtectedText {
    /// As they are.
    Plain(String),
    /// Sealed: nobody reads them without the key.
    Encrypted(ByteBuf),
}

impl ProtectedText {
    /// The words, where they are open.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Encrypted(_) => None,
        }
    }

    /// Whether there are none.
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
