//! The content of a document, from the records of a case.

use domain::disputes::case::DisputeCase;
use domain::disputes::checklist::ChecklistItem as WantedItem;
use domain::file::FileHash;
use domain::follow_up::message::{Direction, Message};
use domain::{Evidence, Lead, Package, Timestamp, Transaction};
use evidence_package::{
    ChecklistItem, Customer, DisputeFacts, Exhibit, ExhibitFile, Merchant, PackageContent, Source, TimelineEntry,
    TransactionFacts,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Returns the content of a package's document of `case`, generated at `now`.
pub(crate) fn package_content(case: &DisputeCase, package: &Package, now: Timestamp) -> PackageContent {
    let exhibits = case.exhibits();
    PackageContent {
        package: package.id,
        merchant: Merchant {
            name: case.business.as_ref().map_or_else(|| "Merchant".to_owned(), |business| business.name.clone()),
            details: vec![format!("Reference {}", case.dispute.business)],
        },
        customer: customer(case),
        dispute: dispute_facts(case, package.profile.network()),
        transaction: case.transaction.as_ref().map(transaction_facts),
        rebuttal: case.rebuttal(),
        checklist: case.checklist().into_iter().map(checklist_item).collect(),
        timeline: timeline(case, &exhibits),
        exhibits: exhibits.iter().map(|evidence| exhibit(case, evidence)).collect(),
        sources: sources(case),
        generated_at: now,
    }
}

/// Returns the customer who disputes, or else the lead of the dispute.
fn customer(case: &DisputeCase) -> Option<Customer> {
    let of_record = case.customer.as_ref().map(|customer| Customer {
        name: customer.name.as_str().to_owned(),
        email: customer.email.as_ref().map(|email| email.as_str().to_owned()),
        phone: customer.phone.as_ref().map(|phone| phone.as_str().to_owned()),
    });
    of_record.or_else(|| {
        case.lead.as_ref().map(|lead| Customer {
            name: lead.name.as_str().to_owned(),
            email: lead.email.as_ref().map(|email| email.as_str().to_owned()),
            phone: lead.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        })
    })
}

fn dispute_facts(case: &DisputeCase, network: Option<&str>) -> DisputeFacts {
    let dispute = &case.dispute;
    DisputeFacts {
        id: dispute.id,
        reason: dispute.reason,
        status: dispute.status,
        money: dispute.money.clone(),
        network: network.map(str::to_owned),
        opened_at: dispute.created_at,
        respond_by: dispute.evidence_due_by,
        claim: dispute.customer_claim.as_ref().map(|claim| claim.as_str().to_owned()),
    }
}

fn transaction_facts(transaction: &Transaction) -> TransactionFacts {
    TransactionFacts {
        id: transaction.id,
        money: transaction.money.clone(),
        status: transaction.status,
        description: transaction.description.as_ref().map(|text| text.as_str().to_owned()),
        occurred_at: transaction.occurred_at,
    }
}

fn checklist_item(item: WantedItem) -> ChecklistItem {
    ChecklistItem {
        name: item.wanted.title.to_owned(),
        explanation: Some(item.wanted.explanation.to_owned()),
        exhibits: item.evidence,
        in_timeline: item.in_timeline,
    }
}

fn exhibit(case: &DisputeCase, evidence: &Evidence) -> Exhibit {
    let file = evidence.file.as_ref().zip(evidence.sha256.clone()).map(|(declared, sha256)| ExhibitFile {
        name: declared.name.as_ref().map(|name| name.as_str().to_owned()),
        file_type: declared.content_type,
        sha256,
    });
    Exhibit {
        evidence: evidence.id,
        priority: case.dispute.reason.priority(evidence.category),
        category: evidence.category,
        title: evidence.title.as_ref().map(|title| title.as_str().to_owned()),
        description: evidence.description.as_ref().map(|text| text.as_str().to_owned()),
        recorded_at: evidence.created_at,
        file,
    }
}

/// Returns an entry of the timeline with nothing but a title.
fn entry(at: Timestamp, title: impl Into<String>) -> TimelineEntry {
    TimelineEntry { at, title: title.into(), detail: None, text: None, channel: None, delivery: None, exhibit: None }
}

/// Returns the history of a case, in order of time.
fn timeline(case: &DisputeCase, exhibits: &[&Evidence]) -> Vec<TimelineEntry> {
    let mut timeline: Vec<_> = case.lead.iter().flat_map(lead_entries).collect();
    timeline.extend(case.messages.iter().map(message_entry));
    timeline.extend(case.transaction.as_ref().map(transaction_entry));
    timeline.extend(exhibits.iter().map(|evidence| evidence_entry(evidence)));
    timeline.push(entry(case.dispute.created_at, format!("Dispute of {} recorded", case.dispute.money.in_words())));
    timeline.sort_by_key(|entry| entry.at);
    timeline
}

/// Returns that a lead came in, and its decision about messages.
fn lead_entries(lead: &Lead) -> Vec<TimelineEntry> {
    let mut entries = vec![TimelineEntry {
        detail: Some(format!("Source: {}", lead.source.title())),
        text: lead.message.as_ref().map(|message| message.as_str().to_owned()),
        ..entry(lead.created_at, "Inquiry of the customer")
    }];
    entries.extend(lead.consent.as_ref().map(|consent| TimelineEntry {
        text: consent.text.clone(),
        ..entry(
            consent.at,
            if consent.given { "Consent to be contacted given" } else { "Consent to be contacted not given" },
        )
    }));
    entries.extend(lead.opted_out_at.map(|at| entry(at, "Consent to be contacted withdrawn")));
    entries
}

fn message_entry(message: &Message) -> TimelineEntry {
    let title = match message.direction {
        Direction::Inbound if message.opt_out => "Opt-out of the customer",
        Direction::Inbound => "Message from the customer",
        Direction::Outbound => "Message to the customer",
    };
    let subject = message.subject.as_ref().map(|subject| format!("{title}: {subject}"));
    TimelineEntry {
        text: Some(message.body.clone()).filter(|body| !body.is_empty()),
        channel: Some(message.channel),
        delivery: Some(message.status),
        ..entry(message.at.unwrap_or(message.created_at), subject.unwrap_or_else(|| title.to_owned()))
    }
}

fn transaction_entry(transaction: &Transaction) -> TimelineEntry {
    TimelineEntry {
        detail: Some(format!("Status: {}", transaction.status.title())),
        text: transaction.description.as_ref().map(|text| text.as_str().to_owned()),
        ..entry(transaction.occurred_at, format!("Payment of {}", transaction.money.in_words()))
    }
}

fn evidence_entry(evidence: &Evidence) -> TimelineEntry {
    let title = evidence.title.as_ref().map_or_else(|| evidence.category.title(), |title| title.as_str());
    TimelineEntry { exhibit: Some(evidence.id), ..entry(evidence.created_at, format!("Evidence recorded: {title}")) }
}

/// Returns the records that the document is made from, each with the hash of its JSON.
fn sources(case: &DisputeCase) -> Vec<Source> {
    let messages =
        (!case.messages.is_empty()).then(|| source(format!("Messages ({})", case.messages.len()), &case.messages));
    [
        Some(source(format!("Dispute record, version {}", case.dispute.version), &case.dispute)),
        case.customer.as_ref().map(|customer| source("Customer record".to_owned(), customer)),
        case.transaction.as_ref().map(|transaction| source("Transaction record".to_owned(), transaction)),
        case.lead.as_ref().map(|lead| source(format!("Lead record, version {}", lead.version), lead)),
        messages,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn source(name: String, record: &impl Serialize) -> Source {
    // Records are stored as they are serialized, so serializing them does not fail.
    let bytes = serde_json::to_vec(record).unwrap_or_default();
    Source { name, sha256: FileHash::from_bytes(Sha256::digest(bytes).into()) }
}
