//! Evidence for disputes, and the files that belong to it.

use crate::file::{FileHash, FileType};
use crate::id::{BusinessId, DisputeId, EvidenceId, LeadId};
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Maximum size of a file in bytes: 20 MiB.
pub const MAX_FILE_BYTES: u64 = 20 * 1024 * 1024;

/// Time after which a declared file is looked for, because the event of its upload may be lost: when the first upload link
/// has expired, and an upload that it began has ended.
pub const FIRST_UPLOAD_CHECK: Duration = Duration::from_mins(30);

/// Maximum time for which a declared file is awaited: as long as repeating the declaration under its idempotency key gives
/// a new upload link (a day and ten minutes), then the lifetime of that link, and the duration of an upload.
pub const MAX_UPLOAD_WAIT: Duration = Duration::from_hours(26);

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

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Consent => "Consent",
            Self::Contract => "Contract",
            Self::Photo => "Photo",
            Self::Invoice => "Invoice",
            Self::Receipt => "Receipt",
            Self::Delivery => "Proof of delivery",
            Self::Other => "Other evidence",
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
    /// The file was not uploaded in time. Nothing waits for it any more.
    Expired,
}

impl FileStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::None, Self::AwaitingUpload, Self::Ready, Self::Expired];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwaitingUpload => "AWAITING_UPLOAD",
            Self::Ready => "READY",
            Self::Expired => "EXPIRED",
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
    /// Time at which the file had not been uploaded and was not awaited any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upload_expired_at: Option<Timestamp>,
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
            upload_expired_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Returns the status of the file.
    pub fn file_status(&self) -> FileStatus {
        match (&self.file, &self.sha256, self.upload_expired_at) {
            (None, _, _) => FileStatus::None,
            (Some(_), Some(_), _) => FileStatus::Ready,
            (Some(_), None, None) => FileStatus::AwaitingUpload,
            (Some(_), None, Some(_)) => FileStatus::Expired,
        }
    }

    /// Returns the evidence after its file, with the hash `sha256`, was uploaded at `now`: also if it had not been awaited
    /// any more.
    pub fn with_uploaded_file(&self, sha256: FileHash, now: Timestamp) -> Self {
        Self { sha256: Some(sha256), upload_expired_at: None, ..self.changed_at(now) }
    }

    /// Returns the evidence after its file was given up at `now`.
    pub fn with_expired_upload(&self, now: Timestamp) -> Self {
        Self { upload_expired_at: Some(now), ..self.changed_at(now) }
    }

    fn changed_at(&self, now: Timestamp) -> Self {
        Self { updated_at: now.max(self.updated_at), version: self.version + 1, ..self.clone() }
    }

    /// Returns when to look for the first time whether the file has arrived; `None` if it is not awaited.
    pub fn first_upload_check(&self) -> Option<Timestamp> {
        (self.file_status() == FileStatus::AwaitingUpload).then(|| self.created_at.after(FIRST_UPLOAD_CHECK))
    }

    /// Returns when to look again for a file that has not arrived at `now`, or `None` if it is to be given up. The
    /// intervals double.
    pub fn next_upload_check(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.created_at.after(MAX_UPLOAD_WAIT);
        (now < last).then(|| now.after(now.since(self.created_at).max(FIRST_UPLOAD_CHECK)).min(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn evidence() -> Evidence {
        let file = DeclaredFile { content_type: FileType::Png, size: 5, sha256: None, name: None };
        let new = NewEvidence {
            business: BusinessId::derived(&[b"b"]),
            category: EvidenceCategory::Photo,
            dispute: None,
            lead: None,
            title: None,
            description: None,
            file: Some(file),
        };
        Evidence::new(EvidenceId::derived(&[b"e"]), new, CREATED)
    }

    #[test]
    fn a_file_is_looked_for_until_it_is_given_up() {
        let evidence = evidence();
        let mut checks = vec![evidence.first_upload_check().expect("awaited")];
        while let Some(next) = evidence.next_upload_check(*checks.last().expect("some")) {
            checks.push(next);
        }
        let minutes: Vec<_> = checks.iter().map(|check| check.since(CREATED).as_secs() / 60).collect();
        assert_eq!(minutes, [30, 60, 120, 240, 480, 960, 1_560]);
        let expired = evidence.with_expired_upload(checks[6]);
        assert_eq!((expired.file_status(), expired.first_upload_check()), (FileStatus::Expired, None));
    }

    #[test]
    fn a_late_file_is_ready() {
        let hash = FileHash::from_bytes([7; 32]);
        let late = evidence().with_expired_upload(CREATED).with_uploaded_file(hash, CREATED);
        assert_eq!((late.file_status(), late.upload_expired_at, late.version), (FileStatus::Ready, None, 3));
    }
}
