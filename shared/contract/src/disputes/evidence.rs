//! Evidence.

use super::upload_link::UploadLink;
use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::query::Query;
use crate::schema::{EvidenceCategoryName, FileStatusName, FileTypeName, Sha256, Time, Url, Uuid};
use domain::disputes::evidence::{DeclaredFile, EvidenceCategory, MAX_FILE_BYTES};
use domain::file::{FileHash, FileType};
use domain::text::{MultiLine, SingleLine};
use domain::time_range::TimeRange;
use domain::{BusinessId, DisputeId, Evidence, FieldErrors, LeadId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A request that creates evidence, before its business is known.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceRequest {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Category of the evidence.
    pub category: EvidenceCategory,
    /// Dispute that the evidence belongs to.
    pub dispute: Option<DisputeId>,
    /// Lead that the evidence is about.
    pub lead: Option<LeadId>,
    /// Title.
    pub title: Option<SingleLine>,
    /// Description.
    pub description: Option<MultiLine>,
    /// File to be uploaded.
    pub file: Option<DeclaredFile>,
}

impl EvidenceRequest {
    /// Parses a request; `category` is required.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let business = read_business_id(&mut fields);
        fields.require("category");
        let category = fields.one_of("category", &EvidenceCategory::ALL, EvidenceCategory::name);
        let dispute = fields.optional("disputeId", text_format::id(DisputeId::parse));
        let lead = fields.optional("leadId", text_format::id(LeadId::parse));
        let title = fields.optional("title", text_format::short_text());
        let description = fields.optional("description", text_format::long_text());
        let file = fields.object("file", read_declared_file).flatten();
        for read_only in ["fileUrl", "uploadUrl", "sha256"] {
            if fields.value(read_only).is_some() {
                let reason = "is read-only; to upload a file, send {\"file\": {\"contentType\", \"size\"}}";
                fields.add_error(read_only, reason);
            }
        }
        fields.finish()?;
        let category = required_value("category", category)?;
        Ok(Self { business, category, dispute, lead, title, description, file })
    }
}

/// Reads `{"contentType", "size", "sha256", "name"}`; the first two are required.
fn read_declared_file(fields: &mut Fields<'_>) -> Option<DeclaredFile> {
    fields.require("contentType");
    fields.require("size");
    let content_type = fields.optional("contentType", text_format::file_type());
    let size = fields.integer("size", 1..=i64::try_from(MAX_FILE_BYTES).unwrap_or(i64::MAX));
    let sha256 = fields.optional("sha256", text_format::sha256());
    let name = fields.optional("name", text_format::short_text());
    Some(DeclaredFile { content_type: content_type?, size: u64::try_from(size?).ok()?, sha256, name })
}

/// The filter of a list of evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvidenceListQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Only evidence of this category.
    pub category: Option<EvidenceCategory>,
    /// Only evidence of this dispute.
    pub dispute: Option<DisputeId>,
    /// Only evidence about this lead.
    pub lead: Option<LeadId>,
    /// Only evidence created in this range.
    pub created: TimeRange,
}

impl EvidenceListQuery {
    /// Reads every parameter.
    pub(crate) fn read(query: &mut Query) -> Self {
        let business_and_category = Self::read_business_and_category(query);
        let dispute = query.optional("disputeId", text_format::id(DisputeId::parse));
        let lead = query.optional("leadId", text_format::id(LeadId::parse));
        let created = query.range("createdFrom", "createdTo");
        Self { dispute, lead, created, ..business_and_category }
    }

    /// Reads the parameters `businessId` and `category`.
    pub(crate) fn read_business_and_category(query: &mut Query) -> Self {
        let business = business_id_parameter(query);
        let category = query.one_of("category", &EvidenceCategory::ALL, EvidenceCategory::name);
        Self { business, category, ..Self::default() }
    }
}

/// The expiring links of a piece of evidence, signed for each response.
#[derive(Clone, Debug, Default)]
pub struct EvidenceLinks {
    /// URL to download the file.
    pub file: Option<String>,
    /// URL to upload the file.
    pub upload: Option<UploadLink>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidenceFile")]
#[serde(rename_all = "camelCase")]
struct FileJson<'a> {
    name: Option<&'a str>,
    #[schemars(with = "FileTypeName")]
    content_type: &'static str,
    size: u64,
}

/// Evidence without what changes leave behind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvidenceJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "EvidenceCategoryName")]
    category: &'static str,
    #[schemars(with = "Option<Uuid>")]
    dispute_id: Option<String>,
    #[schemars(with = "Option<Uuid>")]
    lead_id: Option<String>,
    title: Option<&'a str>,
    description: Option<&'a str>,
    #[schemars(with = "FileStatusName")]
    status: &'static str,
    file: Option<FileJson<'a>>,
    #[schemars(with = "Option<Url>")]
    file_url: Option<String>,
    #[schemars(with = "Option<Sha256>")]
    sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Url")]
    upload_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BTreeMap<String, String>")]
    upload_headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    upload_expires_at: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
}

impl<'a> EvidenceJson<'a> {
    fn of(evidence: &'a Evidence, links: EvidenceLinks) -> Self {
        let (upload_url, upload_headers, upload_expires_at) = links
            .upload
            .map(|upload| (upload.url, upload.headers, upload.expires_at.to_string()))
            .map_or((None, None, None), |(url, headers, expires_at)| (Some(url), Some(headers), Some(expires_at)));
        Self {
            id: evidence.id.to_string(),
            business_id: evidence.business.to_string(),
            category: evidence.category.name(),
            dispute_id: evidence.dispute.map(|dispute| dispute.to_string()),
            lead_id: evidence.lead.map(|lead| lead.to_string()),
            title: evidence.title.as_ref().map(SingleLine::as_str),
            description: evidence.description.as_ref().map(MultiLine::as_str),
            status: evidence.file_status().name(),
            file: evidence.file.as_ref().map(|file| FileJson {
                name: file.name.as_ref().map(SingleLine::as_str),
                content_type: FileType::name(file.content_type),
                size: file.size,
            }),
            file_url: links.file,
            sha256: evidence.sha256.as_ref().map(FileHash::as_str),
            upload_url,
            upload_headers,
            upload_expires_at,
            created_at: evidence.created_at.to_string(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionedEvidence<'a> {
    #[serde(flatten)]
    evidence: EvidenceJson<'a>,
    #[schemars(with = "Time")]
    updated_at: String,
    version: u64,
}

/// Returns a piece of evidence.
pub(crate) fn evidence_json(evidence: &Evidence, links: EvidenceLinks) -> Json {
    Json::of(&EvidenceJson::of(evidence, links))
}

/// Returns a piece of evidence with `updatedAt` and `version`.
pub(crate) fn versioned_evidence_json(evidence: &Evidence, links: EvidenceLinks) -> Json {
    Json::of(&VersionedEvidence {
        evidence: EvidenceJson::of(evidence, links),
        updated_at: evidence.updated_at.to_string(),
        version: evidence.version,
    })
}
