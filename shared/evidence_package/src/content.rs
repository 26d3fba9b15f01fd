//! The input: everything that a package shows. Texts are those of people, in any script; the renderer removes control
//! characters and isolates text that runs from right to left.

use domain::accounts::business::Channel;
use domain::disputes::dispute::{DisputeReason, DisputeStatus};
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::money::Money;
use domain::disputes::transaction::TransactionStatus;
use domain::file::{FileHash, FileType};
use domain::follow_up::message::MessageStatus;
use domain::{DisputeId, EvidenceId, PackageId, Timestamp, TransactionId};

/// Everything that a package shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageContent {
    /// Id of the package.
    pub package: PackageId,
    /// Business that answers the dispute.
    pub merchant: Merchant,
    /// Customer who disputes.
    pub customer: Option<Customer>,
    /// The dispute.
    pub dispute: DisputeFacts,
    /// Disputed transaction.
    pub transaction: Option<TransactionFacts>,
    /// Summary of the answer to the claim. A blank line begins a paragraph.
    pub rebuttal: String,
    /// Evidence that the reason of the dispute asks for.
    pub checklist: Vec<ChecklistItem>,
    /// History of the case, in order of time.
    pub timeline: Vec<TimelineEntry>,
    /// Exhibits, in the order in which the document shows them.
    pub exhibits: Vec<Exhibit>,
    /// Records that the document was made from.
    pub sources: Vec<Source>,
    /// Time at which the package is generated. Part of the document, so that it comes from the caller.
    pub generated_at: Timestamp,
}

/// The business that answers the dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct Merchant {
    /// Name of the business.
    pub name: String,
    /// Id by which the acquirer knows the business, address, and the like: one line each.
    pub details: Vec<String>,
}

/// The customer who disputes.
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    /// Name of the person.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// The facts of the dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct DisputeFacts {
    /// Id of the dispute.
    pub id: DisputeId,
    /// Reason of the dispute.
    pub reason: DisputeReason,
    /// Status of the dispute.
    pub status: DisputeStatus,
    /// Disputed amount.
    pub money: Money,
    /// Card network, if it is known.
    pub network: Option<String>,
    /// Time at which the dispute was recorded.
    pub opened_at: Timestamp,
    /// Time until which the network accepts evidence.
    pub respond_by: Timestamp,
    /// Statement of the customer.
    pub claim: Option<String>,
}

/// The facts of the disputed transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionFacts {
    /// Id of the transaction.
    pub id: TransactionId,
    /// Amount paid.
    pub money: Money,
    /// Status of the transaction.
    pub status: TransactionStatus,
    /// Description of the payment.
    pub description: Option<String>,
    /// Time of the payment.
    pub occurred_at: Timestamp,
}

/// A piece of evidence that the reason of the dispute asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct ChecklistItem {
    /// Name of the evidence, such as "Proof of delivery".
    pub name: String,
    /// Explanation of what the network looks for.
    pub explanation: Option<String>,
    /// Exhibits that are this evidence. The item is missing if there is none and `in_timeline` is false.
    pub exhibits: Vec<EvidenceId>,
    /// True if the timeline shows this evidence, such as a consent or messages.
    pub in_timeline: bool,
}

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// Time at which it happened.
    pub at: Timestamp,
    /// One line that says what happened.
    pub title: String,
    /// One line with details, such as where an inquiry came from.
    pub detail: Option<String>,
    /// Text in full: of the consent or the message.
    pub text: Option<String>,
    /// Channel of a message.
    pub channel: Option<Channel>,
    /// Delivery status of a message.
    pub delivery: Option<MessageStatus>,
    /// Exhibit that shows it.
    pub exhibit: Option<EvidenceId>,
}

/// A piece of evidence, with or without a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Exhibit {
    /// Id of the evidence.
    pub evidence: EvidenceId,
    /// Importance for the reason of the dispute: one is the most important. Exhibits with the largest number are left out
    /// first if the limits of the profile leave no room; among equals, the later.
    pub priority: u32,
    /// Category of the evidence.
    pub category: EvidenceCategory,
    /// Title of the evidence.
    pub title: Option<String>,
    /// Description of the evidence.
    pub description: Option<String>,
    /// Time at which the evidence was recorded.
    pub recorded_at: Timestamp,
    /// File of the evidence, if one was uploaded.
    pub file: Option<ExhibitFile>,
}

/// The file of an exhibit. [`EvidenceFiles`](crate::EvidenceFiles) has its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ExhibitFile {
    /// File name.
    pub name: Option<String>,
    /// File type as declared. The bytes decide how the file is shown.
    pub file_type: FileType,
    /// SHA-256 hash, as recorded when the file was uploaded.
    pub sha256: FileHash,
}

/// A record that the document was made from, with the hash of its canonical form.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Name, such as "Dispute record, version 3".
    pub name: String,
    /// SHA-256 of the record.
    pub sha256: FileHash,
}
