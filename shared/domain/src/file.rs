//! Files that callers upload: their types and hashes.

use crate::id::hex;
use serde::{Deserialize, Serialize};

macro_rules! file_types {
    ($($variant:ident $name:literal $title:literal $doc:literal),* $(,)?) => {
        /// An accepted file type: types that banks take as evidence and that no browser executes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FileType { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl FileType {
            /// Every accepted type.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the media type in its registered spelling.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Returns the name for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

file_types! {
    Jpeg "image/jpeg" "JPEG image" "A JPEG image.",
    Png "image/png" "PNG image" "A PNG image.",
    Webp "image/webp" "WebP image" "A WebP image.",
    Pdf "application/pdf" "PDF document" "A PDF document.",
    Text "text/plain" "text file" "A plain text.",
    Mp3 "audio/mpeg" "MP3 recording" "An MP3 recording.",
    Mp4Audio "audio/mp4" "MPEG-4 recording" "An MPEG-4 recording.",
    Ogg "audio/ogg" "Ogg recording" "An Ogg recording.",
    Wav "audio/wav" "WAV recording" "A WAV recording.",
}

/// Media types that programs write instead of the registered ones.
const ALIASES: &[(&str, FileType)] = &[
    ("image/jpg", FileType::Jpeg),
    ("image/pjpeg", FileType::Jpeg),
    ("image/jfif", FileType::Jpeg),
    ("image/x-png", FileType::Png),
    ("image/x-webp", FileType::Webp),
    ("application/x-pdf", FileType::Pdf),
    ("text/pdf", FileType::Pdf),
    ("audio/mp3", FileType::Mp3),
    ("audio/x-mp3", FileType::Mp3),
    ("audio/mpeg3", FileType::Mp3),
    ("audio/m4a", FileType::Mp4Audio),
    ("audio/x-m4a", FileType::Mp4Audio),
    ("audio/mp4a-latm", FileType::Mp4Audio),
    ("application/ogg", FileType::Ogg),
    ("audio/x-ogg", FileType::Ogg),
    ("audio/wave", FileType::Wav),
    ("audio/x-wav", FileType::Wav),
    ("audio/vnd.wave", FileType::Wav),
];

/// Formats of photos that must be converted before they are sent: banks cannot open them.
const CONVERT_FIRST: [&str; 5] =
    ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif"];

impl FileType {
    /// Parses a media type in the spellings that are in use: in any case, with parameters, as the beginning of a data URL,
    /// or by a name that was never registered. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix("data:").unwrap_or(&text);
        let essence = text.split([';', ',']).next().unwrap_or_default().trim();
        let registered = Self::ALL.iter().copied().find(|known| known.name() == essence);
        let alias = || ALIASES.iter().find(|(alias, _)| *alias == essence).map(|(_, known)| *known);
        if let Some(known) = registered.or_else(alias) {
            return Ok(known);
        }
        let names = Self::ALL.iter().map(|known| known.name()).collect::<Vec<_>>().join(", ");
        let advice = if CONVERT_FIRST.contains(&essence) { "; convert the photo to image/jpeg first" } else { "" };
        Err(format!("must be one of {names}{advice}"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_read_in_every_spelling() {
        for (text, expected) in [
            ("image/jpeg", FileType::Jpeg),
            ("image/jpg", FileType::Jpeg),
            ("IMAGE/JPEG", FileType::Jpeg),
            (" Image/Jpg; quality=90 ", FileType::Jpeg),
            ("data:image/png;base64", FileType::Png),
            ("data:image/webp;base64,UklGRg", FileType::Webp),
            ("text/plain;charset=UTF-8", FileType::Text),
            ("application/x-pdf", FileType::Pdf),
            ("audio/ogg; codecs=opus", FileType::Ogg),
            ("audio/x-wav", FileType::Wav),
            ("audio/x-m4a", FileType::Mp4Audio),
            ("audio/mp3", FileType::Mp3),
        ] {
            assert_eq!(FileType::parse(text), Ok(expected), "{text}");
        }
        for known in FileType::ALL {
            assert_eq!(FileType::parse(known.name()), Ok(*known));
        }
        for text in ["", "image", "image/svg+xml", "text/html", "application/octet-stream", "jpg", ";image/png"] {
            assert!(FileType::parse(text).is_err(), "{text}");
        }
        for text in ["image/heic", "IMAGE/HEIF", "image/avif"] {
            let reason = FileType::parse(text).expect_err("no accepted type");
            assert!(reason.contains("image/jpeg first"), "{reason}");
        }
    }
}
