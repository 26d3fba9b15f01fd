//! Evidence packages: generated and read.

use super::package_names::{NetworkProfileName, ShownAsName};
use crate::disputes::package::PackageStatusName;
use crate::fields::{Fields, text_format};
use crate::json::Json;
use crate::native::profile::Native;
use crate::profile::ContractProfile;
use crate::schema::{Sha256, Time, Url, Uuid};
use domain::disputes::package::PackageExhibit;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::file::FileHash;
use domain::{FieldErrors, Package, PackageId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Path of a package's document, below the base path of the contract.
pub(crate) const DOCUMENT_PATH: &str = "/packages/{id}/document";

/// Returns the address of a package's document on the server at `base_url`. It needs a key that may read packages, and
/// works as long as the package exists.
pub fn package_document_url(base_url: &str, package: PackageId) -> String {
    let path = DOCUMENT_PATH.replace("{id}", &package.to_string());
    format!("{}{}{path}", base_url.trim_end_matches('/'), Native.base_path())
}

/// Parses a request that generates a package. Without `profile`, the document keeps the limits of every profile.
pub fn parse_package_request(mut fields: Fields<'_>) -> Result<NetworkProfile, FieldErrors> {
    let profile = fields.optional("profile", text_format::network_profile());
    fields.finish()?;
    Ok(profile.unwrap_or_default())
}

/// The expiring link to a package's document, signed for each response.
#[derive(Clone, Debug)]
pub struct DocumentLink {
    /// URL of the document.
    pub url: String,
    /// Time after which the link is rejected.
    pub expires_at: Timestamp,
}

impl DocumentLink {
    /// Returns the fields of a response that change with each link.
    pub fn expiring_fields(&self) -> [(&'static str, String); 2] {
        [("documentUrl", self.url.clone()), ("documentUrlExpiresAt", self.expires_at.to_string())]
    }
}

/// The place of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DocumentLocation")]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentLocation<'a> {
    #[schemars(with = "Url")]
    document_url: &'a str,
    #[schemars(with = "Time")]
    document_url_expires_at: String,
}

/// Returns the place that a document's address leads to.
pub fn document_location_json(link: &DocumentLink) -> Json {
    Json::of(&DocumentLocation { document_url: &link.url, document_url_expires_at: link.expires_at.to_string() })
}

/// Returns the package whose document a response links to, or `None` if it links to none.
pub fn linked_document(response: &[u8]) -> Option<PackageId> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ShownLink {
        id: String,
        #[serde(rename = "documentUrl")]
        _document_url: String,
    }
    let shown: ShownLink = serde_json::from_slice(response).ok()?;
    PackageId::parse(&shown.id)
}

/// An exhibit that a document does not show.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LeftOutExhibit")]
#[serde(rename_all = "camelCase")]
struct LeftOutJson<'a> {
    #[schemars(with = "Uuid")]
    evidence_id: String,
    reason: &'a str,
    message: &'a str,
}

/// An exhibit of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PackageExhibit")]
#[serde(rename_all = "camelCase")]
struct ExhibitJson<'a> {
    number: u32,
    #[schemars(with = "Uuid")]
    evidence_id: String,
    #[schemars(with = "Option<Sha256>")]
    sha256: Option<&'a str>,
    #[schemars(with = "ShownAsName")]
    shown: &'static str,
    first_page: Option<u32>,
    last_page: Option<u32>,
    note: Option<&'a str>,
}

/// A package as it is created and read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidencePackage")]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageResource<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    dispute_id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "Option<Uuid>")]
    lead_id: Option<String>,
    #[schemars(with = "NetworkProfileName")]
    profile: &'static str,
    #[schemars(with = "PackageStatusName")]
    status: &'static str,
    #[schemars(with = "Option<Url>")]
    document_url: Option<String>,
    #[schemars(with = "Option<Time>")]
    document_url_expires_at: Option<String>,
    pages: Option<u32>,
    bytes: Option<u64>,
    #[schemars(with = "Option<Sha256>")]
    sha256: Option<&'a str>,
    exhibits: Vec<ExhibitJson<'a>>,
    left_out: Vec<LeftOutJson<'a>>,
    failure_reason: Option<&'a str>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

impl<'a> ExhibitJson<'a> {
    fn of(exhibit: &'a PackageExhibit) -> Self {
        Self {
            number: exhibit.number,
            evidence_id: exhibit.evidence.to_string(),
            sha256: exhibit.sha256.as_ref().map(FileHash::as_str),
            shown: exhibit.shown.name(),
            first_page: exhibit.first_page,
            last_page: exhibit.last_page,
            note: exhibit.explanation.as_deref(),
        }
    }
}

impl<'a> LeftOutJson<'a> {
    fn of(exhibit: &'a PackageExhibit) -> Self {
        Self {
            evidence_id: exhibit.evidence.to_string(),
            reason: exhibit.reason.as_deref().unwrap_or("OTHER"),
            message: exhibit.explanation.as_deref().unwrap_or_default(),
        }
    }
}

/// Returns a package with the expiring link to its document.
pub fn package_json(package: &Package, link: Option<DocumentLink>) -> Json {
    let document = package.document.as_ref();
    let (url, expires_at) = link.map(|link| (link.url, link.expires_at.to_string())).unzip();
    Json::of(&PackageResource {
        id: package.id.to_string(),
        dispute_id: package.dispute.to_string(),
        business_id: package.business.to_string(),
        lead_id: package.lead.map(|lead| lead.to_string()),
        profile: package.profile.name(),
        status: package.status.name(),
        document_url: url,
        document_url_expires_at: expires_at,
        pages: document.map(|document| document.pages),
        bytes: document.map(|document| document.bytes),
        sha256: document.map(|document| document.sha256.as_str()),
        exhibits: document.iter().flat_map(|document| document.exhibits.iter().map(ExhibitJson::of)).collect(),
        left_out: document.iter().flat_map(|document| document.left_out().map(LeftOutJson::of)).collect(),
        failure_reason: package.failure.as_deref(),
        created_at: package.created_at.to_string(),
        updated_at: package.updated_at.to_string(),
    })
}
