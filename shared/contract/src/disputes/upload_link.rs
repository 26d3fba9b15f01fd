//! Links for the upload of evidence files.

use domain::{EvidenceId, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A signed link for the upload of a file.
#[derive(Clone, Debug)]
pub struct UploadLink {
    /// URL for a PUT request.
    pub url: String,
    /// Headers that the request must have.
    pub headers: BTreeMap<String, String>,
    /// Time after which the link is rejected.
    pub expires_at: Timestamp,
}

impl UploadLink {
    /// Returns the fields of a response that change with each link. Its headers follow from the declared file.
    pub fn expiring_fields(&self) -> [(&'static str, String); 2] {
        [("uploadUrl", self.url.clone()), ("uploadExpiresAt", self.expires_at.to_string())]
    }
}

/// Returns the evidence whose upload link a response shows, or `None` if it shows none.
pub fn awaited_upload(response: &[u8]) -> Option<EvidenceId> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ShownUploadLink {
        id: String,
        #[serde(rename = "uploadUrl")]
        _upload_url: String,
        #[serde(rename = "uploadExpiresAt")]
        _upload_expires_at: String,
    }
    let shown: ShownUploadLink = serde_json::from_slice(response).ok()?;
    EvidenceId::parse(&shown.id)
}
