//! Customers, transactions, disputes and evidence, which Revenue Defenders spells alike but for changes.

use crate::json::Json;
use domain::file::FileType;
use domain::leads::contact::{Email, Phone};
use domain::text::{MultiLine, SingleLine};
use domain::{Customer, Dispute, Evidence, LeadId, Timestamp, Transaction};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireCustomer<'a> {
    id: String,
    business_id: String,
    lead_id: Option<String>,
    name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    created_at: String,
}

/// A customer.
pub(crate) fn customer(customer: &Customer) -> Json {
    Json::of(&WireCustomer {
        id: customer.id.to_string(),
        business_id: customer.business.to_string(),
        lead_id: customer.lead.map(|lead| lead.to_string()),
        name: customer.name.as_str(),
        email: customer.email.as_ref().map(Email::as_str),
        phone: customer.phone.as_ref().map(Phone::as_str),
        created_at: customer.created_at.to_string(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireTransaction<'a> {
    id: String,
    business_id: String,
    customer_id: Option<String>,
    amount_cents: i64,
    currency: &'a str,
    status: &'static str,
    description: Option<&'a str>,
    occurred_at: String,
    created_at: String,
}

/// A transaction.
pub(crate) fn transaction(transaction: &Transaction) -> Json {
    Json::of(&WireTransaction {
        id: transaction.id.to_string(),
        business_id: transaction.business.to_string(),
        customer_id: transaction.customer.map(|customer| customer.to_string()),
        amount_cents: transaction.money.cents,
        currency: transaction.money.currency.as_str(),
        status: transaction.status.name(),
        description: transaction.description.as_ref().map(MultiLine::as_str),
        occurred_at: transaction.occurred_at.to_string(),
        created_at: transaction.created_at.to_string(),
    })
}

/// With what changes leave behind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Versioned<T> {
    #[serde(flatten)]
    what: T,
    updated_at: String,
    version: u64,
}

fn versioned<T: Serialize>(what: T, updated_at: Timestamp, version: u64) -> Json {
    Json::of(&Versioned { what, updated_at: updated_at.to_string(), version })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireDispute<'a> {
    id: String,
    business_id: String,
    reason: &'static str,
    amount_cents: i64,
    currency: &'a str,
    status: &'static str,
    customer_id: Option<String>,
    transaction_id: Option<String>,
    lead_id: Option<String>,
    customer_claim: Option<&'a str>,
    evidence_due_by: String,
    created_at: String,
}

fn wire_dispute(dispute: &Dispute) -> WireDispute<'_> {
    WireDispute {
        id: dispute.id.to_string(),
        business_id: dispute.business.to_string(),
        reason: dispute.reason.name(),
        amount_cents: dispute.money.cents,
        currency: dispute.money.currency.as_str(),
        status: dispute.status.name(),
        customer_id: dispute.customer.map(|customer| customer.to_string()),
        transaction_id: dispute.transaction.map(|transaction| transaction.to_string()),
        lead_id: dispute.lead.map(|lead| lead.to_string()),
        customer_claim: dispute.customer_claim.as_ref().map(MultiLine::as_str),
        evidence_due_by: dispute.evidence_due_by.to_string(),
        created_at: dispute.created_at.to_string(),
    }
}

/// A dispute.
pub(crate) fn dispute(dispute: &Dispute) -> Json {
    versioned(wire_dispute(dispute), dispute.updated_at, dispute.version)
}

/// A dispute, and nothing of its changes.
pub(crate) fn bare_dispute(dispute: &Dispute) -> Json {
    Json::of(&wire_dispute(dispute))
}

#[derive(Serialize)]
struct SnakeDispute<'a> {
    id: String,
    business_id: String,
    reason: &'static str,
    amount_cents: i64,
    currency: &'a str,
    status: &'static str,
    customer_id: Option<String>,
    transaction_id: Option<String>,
    lead_id: Option<String>,
    customer_claim: Option<&'a str>,
    evidence_due_by: String,
    created_at: String,
    updated_at: String,
}

/// A dispute in the payloads of contracts that write in snake_case, the lead's id as `lead_id` writes it.
pub(crate) fn dispute_in_snake_case(dispute: &Dispute, lead_id: impl Fn(LeadId) -> String) -> Json {
    let profile = wire_dispute(dispute);
    Json::of(&SnakeDispute {
        id: profile.id,
        business_id: profile.business_id,
        reason: profile.reason,
        amount_cents: profile.amount_cents,
        currency: profile.currency,
        status: profile.status,
        customer_id: profile.customer_id,
        transaction_id: profile.transaction_id,
        lead_id: dispute.lead.map(lead_id),
        customer_claim: profile.customer_claim,
        evidence_due_by: profile.evidence_due_by,
        created_at: profile.created_at,
        updated_at: dispute.updated_at.to_string(),
    })
}

/// The links of a piece of evidence, which expire and are made anew at each reading.
#[derive(Clone, Debug, Default)]
pub struct EvidenceLinks {
    /// Where its file is read.
    pub file: Option<String>,
    /// Where its file is put.
    pub upload: Option<UploadLink>,
}

/// Where and how a file is put.
#[derive(Clone, Debug)]
pub struct UploadLink {
    /// Where.
    pub url: String,
    /// What must be sent with it.
    pub headers: BTreeMap<String, String>,
    /// Until when.
    pub expires_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireFile<'a> {
    name: Option<&'a str>,
    content_type: &'static str,
    size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireEvidence<'a> {
    id: String,
    business_id: String,
    category: &'static str,
    dispute_id: Option<String>,
    lead_id: Option<String>,
    title: Option<&'a str>,
    description: Option<&'a str>,
    status: &'static str,
    file: Option<WireFile<'a>>,
    file_url: Option<String>,
    sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_expires_at: Option<String>,
    created_at: String,
}

fn wire_evidence(evidence: &Evidence, links: EvidenceLinks) -> WireEvidence<'_> {
    let (upload_url, upload_headers, upload_expires_at) = links
        .upload
        .map(|upload| (upload.url, upload.headers, upload.expires_at.to_string()))
        .map_or((None, None, None), |(url, headers, expires_at)| (Some(url), Some(headers), Some(expires_at)));
    WireEvidence {
        id: evidence.id.to_string(),
        business_id: evidence.business.to_string(),
        category: evidence.category.name(),
        dispute_id: evidence.dispute.map(|dispute| dispute.to_string()),
        lead_id: evidence.lead.map(|lead| lead.to_string()),
        title: evidence.title.as_ref().map(SingleLine::as_str),
        description: evidence.description.as_ref().map(MultiLine::as_str),
        status: evidence.file_status().name(),
        file: evidence.file.as_ref().map(|file| WireFile {
            name: file.name.as_ref().map(SingleLine::as_str),
            content_type: FileType::name(file.content_type),
            size: file.size,
        }),
        file_url: links.file,
        sha256: evidence.sha256.as_ref().map(domain::file::FileHash::as_str),
        upload_url,
        upload_headers,
        upload_expires_at,
        created_at: evidence.created_at.to_string(),
    }
}

/// A piece of evidence.
pub(crate) fn evidence(evidence: &Evidence, links: EvidenceLinks) -> Json {
    versioned(wire_evidence(evidence, links), evidence.updated_at, evidence.version)
}

/// A piece of evidence, and nothing of its changes.
pub(crate) fn bare_evidence(evidence: &Evidence, links: EvidenceLinks) -> Json {
    Json::of(&wire_evidence(evidence, links))
}
