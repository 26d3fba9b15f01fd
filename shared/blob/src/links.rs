//! Types that the links of both storages share.

use domain::Timestamp;
use domain::file::{FileHash, FileType};
use std::collections::BTreeMap;
use std::time::Duration;

/// Time for which a link works: long enough to upload a file over a slow connection, too short to be passed on.
pub const LINK_LIFETIME: Duration = Duration::from_mins(15);

/// The properties that an uploaded file must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredUpload {
    /// The media type.
    pub content_type: FileType,
    /// The exact length, in bytes.
    pub size: u64,
    /// The SHA-256, if it was declared.
    pub sha256: Option<FileHash>,
}

/// A link to upload a file with PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadLink {
    /// The URL.
    pub url: String,
    /// The headers that the request must have.
    pub headers: BTreeMap<String, String>,
    /// The time at which the link expires.
    pub expires_at: Timestamp,
}
