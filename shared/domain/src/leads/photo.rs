//! The photo that came with a lead, such as that of a driving licence.

use crate::disputes::evidence::FileType;
use crate::id::{LeadId, PhotoId};
use serde::{Deserialize, Serialize};

/// Which file a lead's photo is. The file itself lies apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Photo {
    /// Its id.
    pub id: PhotoId,
    /// What it is.
    pub content_type: FileType,
}

impl PhotoId {
    /// The id of the photo that came with `lead` in a body of this SHA-256. Another body that is sent under the same
    /// idempotency key, and so would make the same lead, does not touch the first one's file; the same body once more
    /// finds it.
    pub fn for_lead(lead: LeadId, body: &[u8; 32]) -> Self {
        Self::derived(&[b"photo", lead.bytes(), body])
    }
}
