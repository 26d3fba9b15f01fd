//! Errors of the file storage.

/// The file storage failed. None of these errors is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The file storage returned an error, or did not respond.
    #[error("file storage is unavailable: {0}")]
    Unavailable(String),
    /// The file storage cannot be used with the given settings.
    #[error("file storage is misconfigured: {0}")]
    Misconfigured(String),
}

impl BlobError {
    /// Returns whether the same request fails however often it is repeated. None does: every error is that of a storage
    /// that is out of reach, or of a deployment that can be repaired.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Misconfigured(_) => false,
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        // The text may contain a key, which holds ids only and nothing about a person.
        Self::Unavailable(error.to_string())
    }
}
