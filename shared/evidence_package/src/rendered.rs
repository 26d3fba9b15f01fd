//! The output: the document, and what it shows of each exhibit.

use crate::file_size::file_size;
use domain::EvidenceId;
use domain::file::FileHash;

/// A document that answers a dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderedPackage {
    /// The document.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub page_count: u32,
    /// Exhibits and sources with their hashes, as the document's last pages list them.
    pub manifest: Manifest,
}

impl RenderedPackage {
    /// Returns the exhibits that the document does not show, in document order.
    pub fn left_out(&self) -> impl Iterator<Item = LeftOut> + '_ {
        self.manifest.exhibits.iter().filter_map(|exhibit| match &exhibit.shown {
            Shown::LeftOut(reason) => Some(LeftOut { evidence: exhibit.evidence, reason: reason.clone() }),
            _ => None,
        })
    }
}

/// The list of everything that the document was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Every exhibit of the input, in document order.
    pub exhibits: Vec<ManifestExhibit>,
    /// Every source of the input.
    pub sources: Vec<crate::Source>,
}

/// An exhibit in the manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct ManifestExhibit {
    /// Number in the document, from one.
    pub number: u32,
    /// Evidence that the exhibit is.
    pub evidence: EvidenceId,
    /// SHA-256 of the file, computed from its bytes where they were read.
    pub sha256: Option<FileHash>,
    /// Size of the file in bytes, where it was read.
    pub bytes: Option<u64>,
    /// First and last page that show the exhibit.
    pub pages: Option<(u32, u32)>,
    /// Way in which the document shows the exhibit.
    pub shown: Shown,
}

/// Way in which the document shows an exhibit.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// The text of the exhibit, which has no file to show.
    Text,
    /// The file, in full resolution.
    Full,
    /// The file, with fewer pixels or as an image of its pages.
    DownSampled,
    /// The first pages of the file.
    FirstPages {
        /// Number of pages that are shown.
        shown: u32,
        /// Number of pages of the file.
        of: u32,
    },
    /// The beginning of a text.
    Abridged {
        /// Number of characters that are shown.
        shown: u32,
        /// Number of characters of the text.
        of: u32,
    },
    /// The name and hash of a file that paper cannot show, such as a recording.
    Listed,
    /// Only the manifest, with the reason.
    LeftOut(LeftOutReason),
}

/// An exhibit that the document does not show.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Evidence that the exhibit is.
    pub evidence: EvidenceId,
    /// Reason.
    pub reason: LeftOutReason,
}

/// The reason why the document does not show an exhibit. Its text completes "not shown: …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftOutReason {
    /// The exhibits before it take all pages that the profile accepts.
    #[error("more important exhibits take the {0} pages that are accepted")]
    PageLimit(u32),
    /// The exhibits before it take all bytes that the profile accepts.
    #[error("more important exhibits take the {} that are accepted", file_size(*_0))]
    SizeLimit(u64),
    /// The file was erased.
    #[error("the file was erased")]
    Erased,
    /// The file has no bytes, or no text but blanks.
    #[error("the file is empty")]
    Empty,
    /// The file differs from the one that was uploaded.
    #[error("the file differs from the one whose hash was recorded when it was uploaded")]
    HashMismatch,
    /// The file needs a password.
    #[error("the document is encrypted and needs a password")]
    Encrypted,
    /// The image has more pixels than are decoded.
    #[error("the image has too many pixels")]
    TooManyPixels,
    /// The file cannot be decoded.
    #[error("the file is damaged or not of its type")]
    Damaged,
}

impl LeftOutReason {
    /// Returns the name in API responses.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PageLimit(_) => "PAGE_LIMIT",
            Self::SizeLimit(_) => "SIZE_LIMIT",
            Self::Erased => "ERASED",
            Self::Empty => "EMPTY_FILE",
            Self::HashMismatch => "HASH_MISMATCH",
            Self::Encrypted => "ENCRYPTED",
            Self::TooManyPixels => "TOO_MANY_PIXELS",
            Self::Damaged => "DAMAGED",
        }
    }
}
