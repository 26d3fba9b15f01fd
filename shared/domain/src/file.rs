//! Files that callers upload: their types and hashes.

use crate::id::hex;
use serde::{Deserialize, Serialize};

macro_rules! file_types {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// An accepted file type: types that banks take as evidence and that no browser executes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FileType { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl FileType {
            /// Every accepted type.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the media type.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

file_types! {
    Jpeg "image/jpeg" "A JPEG image.",
    Png "image/png" "A PNG image.",
    Webp "image/webp" "A WebP image.",
    Pdf "application/pdf" "A PDF document.",
    Text "text/plain" "A plain text.",
    Mp3 "audio/mpeg" "An MP3 recording.",
    Mp4Audio "audio/mp4" "An MPEG-4 recording.",
    Ogg "audio/ogg" "An Ogg recording.",
    Wav "audio/wav" "A WAV recording.",
}

/// The SHA-256 hash of a file: 64 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileHash(String);

impl FileHash {
    /// Parses 64 hexadecimal digits in either case. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("must be a SHA-256 hash of 64 hexadecimal digits".to_owned())
        }
    }

    /// Creates a hash from its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(hex(&bytes))
    }

    /// Returns the hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
