//! A case as structured data, as the dispute APIs of payment providers take it: named texts and files by kind.
//!
//! The names are those of the evidence of Stripe's Disputes API (<https://docs.stripe.com/api/disputes/evidence_object>),
//! which other providers' tools read too.

use crate::disputes::case::DisputeCase;
use crate::disputes::checklist::{ChecklistItem, ChecklistStatus};
use crate::disputes::dispute::DisputeReason;
use crate::disputes::evidence::{Evidence, EvidenceCategory, FileStatus};
use crate::disputes::rebuttal::count;
use crate::file::{FileHash, FileType};
use crate::follow_up::message::{Direction, Message};
use crate::id::EvidenceId;

/// Maximum number of characters of all texts (Stripe's limit of the whole evidence).
pub const MAX_SUMMARY_CHARS: usize = 150_000;

/// Maximum number of characters of one text (Stripe's limit of each field).
pub const MAX_SUMMARY_FIELD_CHARS: usize = 20_000;

/// A named text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryText {
    /// Name of the field.
    pub name: &'static str,
    /// The text.
    pub text: String,
    /// Set if a part of the text was left out because of the limits.
    pub is_shortened: bool,
}

/// A file of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryFile {
    /// Name of the field that takes the file.
    pub kind: &'static str,
    /// Evidence that has the file.
    pub evidence: EvidenceId,
    /// File name.
    pub name: Option<String>,
    /// File type.
    pub content_type: FileType,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 hash.
    pub sha256: FileHash,
}

/// A case as structured data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceSummary {
    /// Texts with something in them, in a fixed order.
    pub texts: Vec<SummaryText>,
    /// Files that have been uploaded, the most important first.
    pub files: Vec<SummaryFile>,
}

impl EvidenceSummary {
    /// Returns the number of characters of all texts.
    pub fn characters(&self) -> usize {
        self.texts.iter().map(|text| text.text.chars().count()).sum()
    }
}

/// Returns the name of the field that takes a file of `category` in a dispute for `reason`.
fn file_kind(reason: DisputeReason, category: EvidenceCategory) -> &'static str {
    match (category, reason) {
        (EvidenceCategory::Message, _) => "customer_communication",
        (EvidenceCategory::Contract, DisputeReason::Cancelled) => "cancellation_policy",
        (EvidenceCategory::Contract, DisputeReason::CreditNotProcessed) => "refund_policy",
        (EvidenceCategory::Contract | EvidenceCategory::Consent, _) => "customer_signature",
        (EvidenceCategory::Invoice | EvidenceCategory::Receipt, DisputeReason::Duplicate) => {
            "duplicate_charge_documentation"
        }
        (EvidenceCategory::Invoice | EvidenceCategory::Receipt, _) => "receipt",
        (EvidenceCategory::Delivery, DisputeReason::NotReceived) => "shipping_documentation",
        (EvidenceCategory::Delivery | EvidenceCategory::Photo, _) => "service_documentation",
        (EvidenceCategory::Other, _) => "uncategorized_file",
    }
}

/// Returns the name of the field for the merchant's explanation, if the reason has one of its own.
fn explanation_field(reason: DisputeReason) -> &'static str {
    match reason {
        DisputeReason::Cancelled => "cancellation_rebuttal",
        DisputeReason::CreditNotProcessed => "refund_refusal_explanation",
        DisputeReason::Duplicate => "duplicate_charge_explanation",
        DisputeReason::NotAsDescribed
        | DisputeReason::NotReceived
        | DisputeReason::Fraudulent
        | DisputeReason::ProductUnacceptable
        | DisputeReason::General => "uncategorized_text",
    }
}

impl DisputeCase {
    /// Returns the case as structured data. What exceeds a limit is left out from the end, and marked.
    pub fn evidence_summary(&self) -> EvidenceSummary {
        let explanation = explanation_field(self.dispute.reason);
        let name = self.customer.as_ref().map(|customer| customer.name.as_str());
        let name = name.or_else(|| self.lead.as_ref().map(|lead| lead.name.as_str()));
        let email = self.customer.as_ref().and_then(|customer| customer.email.as_ref());
        let email = email.or_else(|| self.lead.as_ref().and_then(|lead| lead.email.as_ref()));
        let mut sections = vec![
            ("customer_name", name.unwrap_or_default().to_owned()),
            ("customer_email_address", email.map_or("", |email| email.as_str()).to_owned()),
            ("product_description", self.product_description()),
        ];
        let rebuttal = join(&[self.rebuttal(), submitted_in_words(&self.checklist())], "\n\n");
        let rest = self.record_in_words();
        if explanation == "uncategorized_text" {
            sections.push((explanation, join(&[rebuttal, rest], "\n\n")));
        } else {
            sections.extend([(explanation, rebuttal), ("uncategorized_text", rest)]);
        }
        let mut left = MAX_SUMMARY_CHARS;
        let texts = sections.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| {
            let limit = MAX_SUMMARY_FIELD_CHARS.min(left);
            let is_shortened = text.chars().count() > limit;
            let text = if is_shortened { text.chars().take(limit).collect() } else { text };
            left -= text.chars().count();
            SummaryText { name, text, is_shortened }
        });
        EvidenceSummary { texts: texts.collect(), files: self.files() }
    }

    fn product_description(&self) -> String {
        let bought = self.transaction.as_ref().and_then(|transaction| transaction.description.as_ref());
        let asked_for = self.lead.as_ref().and_then(|lead| lead.service_interest.as_ref());
        let bought = bought.map(|text| text.as_str().to_owned()).unwrap_or_default();
        let asked_for = asked_for.map(|text| text.as_str().to_owned()).filter(|text| *text != bought);
        join(&[bought, asked_for.unwrap_or_default()], "\n")
    }

    /// Returns the consent, the descriptions of the evidence and the messages: what is longest comes last.
    fn record_in_words(&self) -> String {
        let consent = self.lead.as_ref().and_then(|lead| lead.consent.as_ref()).filter(|consent| consent.given);
        let consent = consent.map(|consent| {
            let text = consent.text.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
            format!("Consent to be contacted, recorded {}{text}", consent.at.minute_in_words())
        });
        let described = self.exhibits().into_iter().filter_map(evidence_in_words);
        let messages = self.messages.iter().map(message_in_words);
        join(&consent.into_iter().chain(described).chain(messages).collect::<Vec<_>>(), "\n")
    }

    fn files(&self) -> Vec<SummaryFile> {
        let file = |evidence: &Evidence| {
            let (declared, sha256) = (evidence.file.as_ref()?, evidence.sha256.clone()?);
            (evidence.file_status() == FileStatus::Ready).then(|| SummaryFile {
                kind: file_kind(self.dispute.reason, evidence.category),
                evidence: evidence.id,
                name: declared.name.as_ref().map(|name| name.as_str().to_owned()),
                content_type: declared.content_type,
                size: declared.size,
                sha256,
            })
        };
        self.exhibits().into_iter().filter_map(file).collect()
    }
}

/// Returns what is submitted of the evidence that the reason asks for; an empty text if nothing is.
fn submitted_in_words(checklist: &[ChecklistItem]) -> String {
    let present = checklist.iter().filter(|item| item.status == ChecklistStatus::Present);
    let submitted: Vec<_> = present
        .map(|item| {
            let title = item.wanted.title.to_lowercase();
            match (item.evidence.len(), item.in_timeline) {
                (0, _) => format!("{title} (in the record below)"),
                (number, false) => format!("{title} ({})", count(number, "exhibit")),
                (number, true) => format!("{title} ({}, and in the record below)", count(number, "exhibit")),
            }
        })
        .collect();
    if submitted.is_empty() { String::new() } else { format!("Submitted: {}.", submitted.join("; ")) }
}

/// Joins the texts that are not empty.
fn join(texts: &[String], separator: &str) -> String {
    let texts: Vec<_> = texts.iter().filter(|text| !text.is_empty()).map(String::as_str).collect();
    texts.join(separator)
}

/// Returns a line about evidence whose title or description says something.
fn evidence_in_words(evidence: &Evidence) -> Option<String> {
    let title = evidence.title.as_ref().map(|title| title.as_str().to_owned()).unwrap_or_default();
    let description = evidence.description.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default();
    let text = join(&[title, description], ": ");
    let (category, recorded) = (evidence.category.title(), evidence.created_at.minute_in_words());
    (!text.is_empty()).then(|| format!("{category}, recorded {recorded}: {text}"))
}

/// Returns a message with its time, its way and its delivery status.
fn message_in_words(message: &Message) -> String {
    let way = match message.direction {
        Direction::Inbound => "from the customer",
        Direction::Outbound => "to the customer",
    };
    let at = message.at.unwrap_or(message.created_at).minute_in_words();
    let (channel, status) = (message.channel.title(), message.status.title());
    format!("Message {way} by {channel}, {at} ({status}): {}", message.body)
}
