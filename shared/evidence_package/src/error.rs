//! Reasons why no document is made.

use domain::EvidenceId;

/// The reason why no document is made. Its text is a sentence for the people who asked for the package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The caller stopped the rendering: it took too long, or the process is to end.
    #[error("The package could not be generated in time.")]
    Stopped,
    /// A file could not be read at this time, with the reason for the log. A later attempt may succeed.
    #[error("The file of evidence {evidence} could not be read.")]
    FileUnavailable {
        /// Evidence that the file belongs to.
        evidence: EvidenceId,
        /// Reason, without personal data.
        reason: String,
    },
    /// The texts alone are above the limits of the profile.
    #[error("The dispute's own texts take {pages} pages and {bytes} bytes, more than the profile {profile} accepts.")]
    TextsTooLong {
        /// Name of the profile.
        profile: &'static str,
        /// Pages of a document without exhibits.
        pages: u32,
        /// Bytes of a document without exhibits.
        bytes: u64,
    },
    /// The document could not be written, which is a defect of the renderer.
    #[error("The document could not be written.")]
    Document(String),
}
