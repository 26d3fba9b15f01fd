//! The photo that came with a lead, such as that of a driving licence.

use crate::file::FileType;
use crate::id::{LeadId, PhotoId};
use serde::{Deserialize, Serialize};

/// A reference to a lead's photo. The file itself is stored in the object store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Photo {
    /// Id of the photo.
    pub id: PhotoId,
    /// File type of the stored photo.
    pub content_type: FileType,
}

impl PhotoId {
    /// Returns the id of the photo that came with `lead` in a request body with the SHA-256 `body`.
    ///
    /// The body is part of the id because the lead's id may be derived from an idempotency key: a second request with
    /// the same key and another photo must not overwrite the first one's file, and the same request must find it.
    pub fn for_lead(lead: LeadId, body: &[u8; 32]) -> Self {
        Self::derived(&[b"photo", lead.bytes(), body])
    }
}
