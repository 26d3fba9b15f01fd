//! Evidence for disputes, and the files that belong to it.

use crate::file::{FileHash, FileType};
use crate::id::{BusinessId, DisputeId, EvidenceId, LeadId};
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum size of a file in bytes: 20 MiB.
pub const MAX_FILE_BYTES: u64 = 20 * 1024 * 1024;

/// The category of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EvidenceCategory {
    /// A message.
    Message,
    /// A consent.
    Consent,
    /// A contract.
    Contract,
    /// A photo.
    Photo,
    /// An invoice.
    Invoice,
    /// A receipt.
    Receipt,
    /// A proof of delivery.
    Delivery,
    /// Any other evidence.
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

    /// Returns the name in API requests and responses.
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

/// A file that a caller has declared and is to upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredFile {
    /// File type.
    pub content_type: FileType,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 hash, if the caller declared one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<FileHash>,
    /// File name. Never part of the key in the object store.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<SingleLine>,
}

/// The status of a piece of evidence's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// No file was declared.
    None,
    /// A file was declared and has not been uploaded.
    AwaitingUpload,
    /// The file has been uploaded.
    Ready,
}

impl FileStatus {
    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwaitingUpload => "AWAITING_UPLOAD",
            Self::Ready => "READY",
        }
    }
}

/// The validated input that creates evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvidence {
    /// Business that the evidence belongs to.
    pub business: BusinessId,
    /// Category of the evidence.
    pub category: EvidenceCategory,
    /// Dispute that the evidence is for.
    pub dispute: Option<DisputeId>,
    /// Lead that the evidence concerns.
    pub lead: Option<LeadId>,
    /// Title of the evidence.
    pub title: Option<SingleLine>,
    /// Description of the evidence.
    pub description: Option<MultiLine>,
    /// File that is to be uploaded.
    pub file: Option<DeclaredFile>,
}

/// Stored evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Id of the evidence.
    pub id: EvidenceId,
    /// Business that the evidence belongs to.
    pub business: BusinessId,
    /// Category of the evidence.
    pub category: EvidenceCategory,
    /// Dispute that the evidence is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dispute: Option<DisputeId>,
    /// Lead that the evidence concerns. Erasing the lead erases the evidence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Title of the evidence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<SingleLine>,
    /// Description of the evidence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<MultiLine>,
    /// File as declared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<DeclaredFile>,
    /// SHA-256 hash of the uploaded file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<FileHash>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

impl Evidence {
    /// Creates evidence at `now`.
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

    /// Returns the status of the file.
    pub fn file_status(&self) -> FileStatus {
        match (&self.file, &self.sha256) {
            (None, _) => FileStatus::None,
            (Some(_), None) => FileStatus::AwaitingUpload,
            (Some(_), Some(_)) => FileStatus::Ready,
        }
    }

    /// Returns the evidence after its file, with the hash `sha256`, was uploaded at `now`.
    pub fn with_uploaded_file(&self, sha256: FileHash, now: Timestamp) -> Self {
        let updated_at = now.max(self.updated_at);
        Self { sha256: Some(sha256), updated_at, version: self.version + 1, ..self.clone() }
    }
}
