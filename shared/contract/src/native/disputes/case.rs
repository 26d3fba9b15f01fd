//! A dispute with what its reason asks for and the packages that were made for it.

use super::package_names::NetworkProfileName;
use crate::disputes::dispute::VersionedDispute;
use crate::disputes::package::PackageStatusName;
use crate::json::Json;
use crate::profile::ShownCase;
use crate::schema::{EvidenceCategoryName, Time, Uuid, names};
use domain::disputes::checklist::{ChecklistItem, ChecklistStatus};
use domain::{Dispute, Package};
use schemars::JsonSchema;
use serde::Serialize;

names! {
    /// Presence of a kind of evidence.
    ChecklistStatusName = ChecklistStatus::ALL, ChecklistStatus::name;
}

/// A kind of evidence that the reason asks for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WantedEvidence")]
#[serde(rename_all = "camelCase")]
struct WantedJson {
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
    #[schemars(with = "Vec<EvidenceCategoryName>")]
    categories: Vec<&'static str>,
    #[schemars(with = "ChecklistStatusName")]
    status: &'static str,
    #[schemars(with = "Vec<Uuid>")]
    evidence_ids: Vec<String>,
    in_timeline: bool,
}

/// The evidence that the reason asks for, and the part of it that is there.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EvidenceChecklist")]
#[serde(rename_all = "camelCase")]
struct ChecklistJson {
    wanted: Vec<WantedJson>,
    present: Vec<&'static str>,
    missing: Vec<&'static str>,
}

/// A package in its dispute.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PackageReference")]
#[serde(rename_all = "camelCase")]
struct PackageReference {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "NetworkProfileName")]
    profile: &'static str,
    #[schemars(with = "PackageStatusName")]
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
}

/// A dispute with what answers it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DisputeCase")]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisputeCaseJson<'a> {
    #[serde(flatten)]
    dispute: VersionedDispute<'a>,
    evidence_checklist: ChecklistJson,
    packages: Vec<PackageReference>,
}

fn checklist(items: &[ChecklistItem]) -> ChecklistJson {
    let wanted = items.iter().map(|item| WantedJson {
        code: item.wanted.code,
        title: item.wanted.title,
        explanation: item.wanted.explanation,
        categories: item.wanted.categories.iter().map(|category| category.name()).collect(),
        status: item.status.name(),
        evidence_ids: item.evidence.iter().map(ToString::to_string).collect(),
        in_timeline: item.in_timeline,
    });
    let codes = |holds: fn(ChecklistStatus) -> bool| {
        items.iter().filter(|item| holds(item.status)).map(|item| item.wanted.code).collect()
    };
    ChecklistJson {
        wanted: wanted.collect(),
        present: codes(|status| status == ChecklistStatus::Present),
        missing: codes(|status| status != ChecklistStatus::Present),
    }
}

fn reference(package: &Package) -> PackageReference {
    PackageReference {
        id: package.id.to_string(),
        profile: package.profile.name(),
        status: package.status.name(),
        created_at: package.created_at.to_string(),
    }
}

/// Returns a dispute with what answers it.
pub(crate) fn dispute_case_json(dispute: &Dispute, case: &ShownCase<'_>) -> Json {
    Json::of(&DisputeCaseJson {
        dispute: VersionedDispute::of(dispute),
        evidence_checklist: checklist(case.checklist),
        packages: case.packages.iter().map(reference).collect(),
    })
}
