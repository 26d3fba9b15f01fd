//! The evidence of a dispute as structured data.

use crate::json::Json;
use crate::schema::{DisputeReasonName, FileTypeName, Sha256, Time, Url, Uuid};
use domain::disputes::evidence_summary::{EvidenceSummary, MAX_SUMMARY_CHARS, SummaryFile};
use domain::file::FileHash;
use domain::{Dispute, EvidenceId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A file of a kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidenceSummaryFile")]
#[serde(rename_all = "camelCase")]
struct FileJson<'a> {
    kind: &'static str,
    #[schemars(with = "Uuid")]
    evidence_id: String,
    name: Option<&'a str>,
    #[schemars(with = "FileTypeName")]
    content_type: &'static str,
    size: u64,
    #[schemars(with = "Sha256")]
    sha256: &'a str,
    #[schemars(with = "Url")]
    file_url: String,
}

/// The evidence of a dispute as structured data.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidenceSummary")]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvidenceSummaryJson<'a> {
    #[schemars(with = "Uuid")]
    dispute_id: String,
    #[schemars(with = "DisputeReasonName")]
    reason: &'static str,
    #[schemars(with = "Time")]
    evidence_due_by: String,
    evidence: BTreeMap<&'static str, &'a str>,
    files: Vec<FileJson<'a>>,
    characters: usize,
    max_characters: usize,
    shortened: Vec<&'static str>,
}

/// Returns the evidence of `dispute` as structured data. `file_url` returns an expiring link to a file.
pub fn evidence_summary_json(
    dispute: &Dispute,
    summary: &EvidenceSummary,
    file_url: &dyn Fn(EvidenceId) -> String,
) -> Json {
    Json::of(&EvidenceSummaryJson {
        dispute_id: dispute.id.to_string(),
        reason: dispute.reason.name(),
        evidence_due_by: dispute.evidence_due_by.to_string(),
        evidence: summary.texts.iter().map(|text| (text.name, text.text.as_str())).collect(),
        files: summary.files.iter().map(|file| file_json(file, file_url)).collect(),
        characters: summary.characters(),
        max_characters: MAX_SUMMARY_CHARS,
        shortened: summary.texts.iter().filter(|text| text.is_shortened).map(|text| text.name).collect(),
    })
}

fn file_json<'a>(file: &'a SummaryFile, file_url: &dyn Fn(EvidenceId) -> String) -> FileJson<'a> {
    FileJson {
        kind: file.kind,
        evidence_id: file.evidence.to_string(),
        name: file.name.as_deref(),
        content_type: file.content_type.name(),
        size: file.size,
        sha256: FileHash::as_str(&file.sha256),
        file_url: file_url(file.evidence),
    }
}
