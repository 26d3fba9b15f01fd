//! The document of a package, as it is stored with the package: what it shows of each exhibit, without texts of people.

use crate::file::FileHash;
use crate::id::EvidenceId;
use serde::{Deserialize, Serialize};

/// Maximum number of exhibits of a package: many more than any network reads, and few enough that the package with its
/// manifest fits into one item of 400 KB.
pub const MAX_EXHIBITS: usize = 500;

/// A document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageDocument {
    /// Number of pages.
    pub pages: u32,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 hash.
    pub sha256: FileHash,
    /// Attempt that stored the document, which is part of the file's key.
    pub attempt: u32,
    /// Every exhibit, in the order of the document.
    pub exhibits: Vec<PackageExhibit>,
}

impl PackageDocument {
    /// Returns the exhibits that the document does not show.
    pub fn left_out(&self) -> impl Iterator<Item = &PackageExhibit> {
        self.exhibits.iter().filter(|exhibit| exhibit.shown == ShownAs::LeftOut)
    }
}

/// The way in which a document shows an exhibit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShownAs {
    /// Its text: it has no file.
    Text,
    /// Its file in full.
    Full,
    /// Its file with fewer pixels.
    DownSampled,
    /// The first pages of its file.
    FirstPages,
    /// The beginning of its text.
    Abridged,
    /// The name and hash of a file that paper cannot show, such as a recording.
    Listed,
    /// Only its line in the manifest.
    LeftOut,
}

impl ShownAs {
    /// Every way.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Full, Self::DownSampled, Self::FirstPages, Self::Abridged, Self::Listed, Self::LeftOut];

    /// Returns the name in API responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Full => "FULL",
            Self::DownSampled => "DOWN_SAMPLED",
            Self::FirstPages => "FIRST_PAGES",
            Self::Abridged => "ABRIDGED",
            Self::Listed => "LISTED",
            Self::LeftOut => "LEFT_OUT",
        }
    }
}

/// An exhibit of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageExhibit {
    /// Evidence that the exhibit is.
    pub evidence: EvidenceId,
    /// Number in the document, from one.
    pub number: u32,
    /// SHA-256 hash of the file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<FileHash>,
    /// First page that shows the exhibit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_page: Option<u32>,
    /// Last page that shows the exhibit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_page: Option<u32>,
    /// The way in which the document shows the exhibit.
    pub shown: ShownAs,
    /// Code of the reason why the exhibit is left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The reason in words, without texts of people; or what part of the exhibit is shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub explanation: Option<String>,
}
