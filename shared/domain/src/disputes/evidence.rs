//! Evidence: what shows that a business did what it promised.

use crate::id::{BusinessId, DisputeId, EvidenceId, LeadId};
use crate::leads::{MultiLine, SingleLine};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes of a file at most: 20 MB.
pub const MAX_FILE_BYTES: u64 = 20 * 1024 * 1024;

/// What a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EvidenceCategory {
    /// Something that was written.
    Message,
    /// Somebody agreed.
    Consent,
    /// What was agreed.
    Contract,
    /// A picture.
    Photo,
    /// What was charged.
    Invoice,
    /// What was paid.
    Receipt,
    /// It was handed over.
    Delivery,
    /// Anything else.
    Other,
}

impl EvidenceCategory {
    /// Every category.
    pub const ALL: [Self; 8] = [
        Self::Message,
        Self::Consent,
        Self::Contract,
        Self::Photo,
        Self::Invoice,
        Self::Receipt,
        Self::Delivery,
        Self::Other,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "MESSAGE",
            Self::Consent => "CONSENT",
            Self::Contract => "CONTRACT",
            Self::Photo => "PHOTO",
            Self::Invoice => "INVOICE",
            Self::Receipt => "RECEIPT",
            Self::Delivery => "DELIVERY",
            Self::Other => "OTHER",
        }
    }
}

macro_rules! file_types {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// What a file may be: what banks take as evidence, and what no browser runs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FileType { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl FileType {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The media type.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

file_types! {
    Jpeg "image/jpeg" "A picture.",
    Png "image/png" "A picture.",
    Webp "image/webp" "A picture.",
    Pdf "application/pdf" "A document.",
    Text "text/plain" "A text.",
    Mp3 "audio/mpeg" "A recording.",
    Mp4Audio "audio/mp4" "A recording.",
    Ogg "audio/ogg" "A recording.",
    Wav "audio/wav" "A recording.",
}

/// SHA-256 of a file, 64 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileHash(String);

impl FileHash {
    /// Reads 64 hexadecimal digits in either case.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("must be a SHA-256 of 64 hexadecimal digits".to_owned())
        }
    }

    /// The hash of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(crate::id::hex(&bytes))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a caller says of the file that is to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredFile {
    /// What it is.
    pub content_type: FileType,
    /// How many bytes it has.
    pub size: u64,
    /// What they hash to, if the caller knows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<FileHash>,
    /// What it is called; never part of where it lies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<SingleLine>,
}

/// What has become of a piece of evidence's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// None was declared.
    None,
    /// It was declared and has not arrived.
    AwaitingUpload,
    /// It is there.
    Ready,
}

impl FileStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwaitingUpload => "AWAITING_UPLOAD",
            Self::Ready => "READY",
        }
    }
}

/// Evidence as a caller hands it in, already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvidence {
    /// Whose.
    pub business: BusinessId,
    /// What it is.
    pub category: EvidenceCategory,
    /// What it is evidence in.
    pub dispute: Option<DisputeId>,
    /// The lead that it tells of.
    pub lead: Option<LeadId>,
    /// What to call it.
    pub title: Option<SingleLine>,
    /// What it shows.
    pub description: Option<MultiLine>,
    /// The file that is to come.
    pub file: Option<DeclaredFile>,
}

/// Stored evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// Whose.
    pub business: BusinessId,
    /// What it is.
    pub category: EvidenceCategory,
    /// What it is evidence in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dispute: Option<DisputeId>,
    /// The lead that it tells of: erasing that erases this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// What to call it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<SingleLine>,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<MultiLine>,
    /// Its file, as it was declared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<DeclaredFile>,
    /// What the file that arrived hashes to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<FileHash>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from one.
    pub version: u64,
}

impl Evidence {
    /// Evidence that is added at `now`.
    pub fn new(id: EvidenceId, new: NewEvidence, now: Timestamp) -> Self {
        Self {
            id,
            business: new.business,
            category: new.category,
            dispute: new.dispute,
            lead: new.lead,
            title: new.title,
            description: new.description,
            file: new.file,
            sha256: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// What has become of its file.
    pub fn file_status(&self) -> FileStatus {
        match (&self.file, &self.sha256) {
            (None, _) => FileStatus::None,
            (Some(_), None) => FileStatus::AwaitingUpload,
            (Some(_), Some(_)) => FileStatus::Ready,
        }
    }

    /// The evidence once its file has arrived at `now` and hashes to `sha256`.
    pub fn with_file_arrived(&self, sha256: FileHash, now: Timestamp) -> Self {
        let updated_at = now.max(self.updated_at);
        Self { sha256: Some(sha256), updated_at, version: self.version + 1, ..self.clone() }
    }
}
