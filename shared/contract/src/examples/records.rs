//! Records of the examples: disputes, follow-up and events.

use super::{NOW, business, environment, random_bytes, read};
use crate::disputes::{CustomerRequest, DisputeRequest, EvidenceLinks, EvidenceRequest, TransactionRequest};
use crate::native::{SubscriptionRequest, package_document_url};
use domain::accounts::business::Channel;
use domain::analytics::kpi::{Counter, Day, DayRange, KpiAccumulator, KpiReport};
use domain::disputes::package::network_profile::NetworkProfile;
use domain::disputes::package::{FinishedPackage, PackageDocument, PackageExhibit, ShownAs};
use domain::file::FileHash;
use domain::follow_up::message::{Direction, MessageStatus};
use domain::follow_up::sequence::{SendTimePolicy, SequenceStart};
use domain::follow_up::template::BuiltInTemplate;
use domain::signing_secret::SecretRef;
use domain::time::Speedup;
use domain::webhooks::event::Subject;
use domain::webhooks::event_type::SubjectKind;
use domain::webhooks::subscription::{DisabledReason, SubscriptionStatus};
use domain::{
    Contract, Customer, CustomerId, Dispute, DisputeId, DisputeStatus, Event, EventId, EventType, Evidence, EvidenceId,
    Lead, LeadChange, LeadStatus, Message, MessageId, NewDispute, NewEvidence, NewTransaction, Package, PackageId,
    Sequence, Subscription, SubscriptionId, Transaction, TransactionId,
};

const CUSTOMER: &str = r#"{ "name": "Sara Lindqvist", "email": "sara@example.com", "phone": "+46701740633" }"#;

const TRANSACTION: &str = r#"{
  "amountCents": 48500,
  "currency": "SEK",
  "status": "DISPUTED",
  "description": "Invoice 2026-118",
  "occurredAt": "2026-11-12T09:30:00Z"
}"#;

/// A request that opens a dispute.
pub(crate) const DISPUTE: &str = r#"{
  "reason": "NOT_AS_DESCRIBED",
  "amountCents": 48500,
  "currency": "SEK",
  "customerClaim": "The gutters were not replaced, although the invoice lists them."
}"#;

const EVIDENCE: &str = r#"{
  "category": "INVOICE",
  "title": "Invoice 2026-118",
  "description": "Sent to the customer on the day of the work.",
  "file": { "contentType": "application/pdf", "size": 182044, "name": "invoice-2026-118.pdf" }
}"#;

/// A request that creates a webhook subscription.
pub(crate) const SUBSCRIPTION: &str = r#"{
  "url": "https://crm.example.com/hooks/leadhouse",
  "events": ["lead.created", "lead.status_changed", "customer.reply"]
}"#;

/// Returns the customer of the examples.
pub(crate) fn customer() -> Customer {
    let request = read(CUSTOMER, CustomerRequest::parse);
    let new = request.in_business(&business()).unwrap_or_else(|errors| panic!("{errors}"));
    Customer::new(CustomerId::new(NOW, random_bytes("customer")), new, NOW)
}

/// Returns the transaction of the examples, of their customer.
pub(crate) fn transaction() -> Transaction {
    let (business, request) = (business(), read(TRANSACTION, TransactionRequest::parse));
    let new = NewTransaction {
        business: business.id,
        customer: Some(customer().id),
        lead: None,
        money: request.money.in_business(&business),
        status: request.status,
        description: request.description,
        occurred_at: request.occurred_at,
    };
    Transaction::new(TransactionId::new(NOW, random_bytes("transaction")), new, NOW)
}

/// Returns the dispute that `request` opens.
pub(crate) fn dispute(request: &str) -> Dispute {
    let (business, request) = (business(), read(request, DisputeRequest::parse));
    let new = NewDispute {
        business: business.id,
        reason: request.reason,
        money: request.money.in_business(&business),
        customer: request.customer,
        transaction: request.transaction,
        lead: request.lead,
        customer_claim: request.customer_claim,
        evidence_due_by: request.evidence_due_by,
    };
    Dispute::new(DisputeId::new(NOW, random_bytes("dispute")), new, NOW)
}

/// Returns the evidence of the examples, with an uploaded file.
pub(crate) fn evidence() -> (Evidence, EvidenceLinks) {
    let (business, request) = (business(), read(EVIDENCE, EvidenceRequest::parse));
    let new = NewEvidence {
        business: business.id,
        category: request.category,
        dispute: Some(DisputeId::new(NOW, random_bytes("dispute"))),
        lead: None,
        title: request.title,
        description: request.description,
        file: request.file,
    };
    let evidence = Evidence::new(EvidenceId::new(NOW, random_bytes("evidence")), new, NOW);
    let uploaded = Evidence { sha256: Some(FileHash::from_bytes([0x5e; 32])), ..evidence };
    let file = Some("https://files.example.com/evidence/7c1e?expires=1795695000".to_owned());
    (uploaded, EvidenceLinks { file, upload: None })
}

/// Returns the sequence that follows up `lead`.
pub(crate) fn sequence(lead: &Lead) -> Sequence {
    let (business, speedup) = (business(), Speedup::NONE);
    let template = BuiltInTemplate::for_category(lead.category).in_business(business.id);
    let policy = SendTimePolicy { lead, zone: &business.time_zone, speedup };
    SequenceStart { template: &template, policy, previous: None }.start(NOW)
}

/// Returns a reply of the person of `lead`.
pub(crate) fn reply(lead: &Lead) -> Message {
    Message {
        id: MessageId::derived_at(NOW, &[b"example"]),
        lead: lead.id,
        business: lead.business,
        direction: Direction::Inbound,
        channel: Channel::Sms,
        subject: None,
        body: "Yes, Thursday at five suits me.".to_owned(),
        status: MessageStatus::Received,
        reason: None,
        provider_id: None,
        at: Some(NOW),
        at_text: None,
        first_reply_after: None,
        opt_out: false,
        created_at: NOW,
        expires_at: lead.expires_at(),
    }
}

/// Returns the KPIs of a range of days.
pub(crate) fn kpi_report(range: DayRange) -> KpiReport {
    let last = Day::of(NOW, &business().time_zone);
    let mut kpis = KpiAccumulator::new(range.first(last), last);
    let counters = [
        (Counter::Leads("WEB_FORM".to_owned()), 9),
        (Counter::Leads("PHONE".to_owned()), 3),
        (Counter::Converted("WEB_FORM".to_owned()), 2),
        (Counter::MessagesSent, 30),
        (Counter::Replies, 7),
        (Counter::OptedOut, 1),
    ];
    for (counter, count) in counters {
        kpis.add(last, counter, count);
    }
    kpis.report()
}

/// Returns the subscription of the examples, whose deliveries are those of `contract`.
pub(crate) fn subscription(contract: Contract) -> Subscription {
    let request = read(SUBSCRIPTION, SubscriptionRequest::parse);
    Subscription {
        id: SubscriptionId::new(NOW, random_bytes("subscription")),
        url: request.url,
        events: request.events,
        contract,
        business: request.business,
        verify_ownership: false,
        status: SubscriptionStatus::Enabled,
        generation: 1,
        secret: SecretRef { master: 1, version: 1 },
        previous: None,
        disabled_reason: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

/// Returns the evidence package that is generated for `dispute`.
pub(crate) fn pending_package(dispute: &Dispute) -> Package {
    let id = PackageId::new(NOW, random_bytes("package"));
    Package::new(id, dispute, NetworkProfile::default(), NOW.plus_months(24), NOW)
}

/// Returns the evidence package of `dispute` with its document.
pub(crate) fn ready_package(dispute: &Dispute) -> Package {
    let exhibit = |number, shown| PackageExhibit {
        evidence: EvidenceId::new(NOW, random_bytes(if number == 1 { "evidence" } else { "recording" })),
        number,
        sha256: Some(FileHash::from_bytes([0x5e; 32])),
        first_page: Some(3).filter(|_| shown != ShownAs::LeftOut),
        last_page: Some(4).filter(|_| shown != ShownAs::LeftOut),
        shown,
        reason: None,
        explanation: None,
    };
    let left_out = PackageExhibit {
        reason: Some("SIZE_LIMIT".to_owned()),
        explanation: Some("more important exhibits take the 2000000 bytes that are accepted".to_owned()),
        ..exhibit(2, ShownAs::LeftOut)
    };
    let document = PackageDocument {
        pages: 6,
        bytes: 412_908,
        sha256: FileHash::from_bytes([0xc4; 32]),
        attempt: 1,
        exhibits: vec![exhibit(1, ShownAs::Full), left_out],
    };
    let pending = pending_package(dispute);
    pending.ready(document, pending.expires_at, NOW)
}

/// Returns the finished package of the events.
fn finished_package() -> FinishedPackage {
    let package = ready_package(&dispute(DISPUTE));
    let document_url = Some(package_document_url("https://api.example.com", package.id));
    FinishedPackage { package, document_url }
}

/// Returns an event as it is delivered in `contract`, about `lead` if it is about one.
pub(crate) fn event(event_type: EventType, contract: Contract, lead: &Lead) -> Event {
    let subject = match event_type.subject_kind() {
        SubjectKind::Lead => Subject::Lead(Box::new(lead_after(event_type, lead))),
        SubjectKind::Dispute => Subject::Dispute(Box::new(dispute_after(event_type))),
        SubjectKind::Package => Subject::Package(Box::new(finished_package())),
        SubjectKind::Reply => Subject::Reply(Box::new(reply(lead))),
        SubjectKind::Subscription => Subject::Subscription(Box::new(subscription_after(event_type, contract))),
    };
    Event {
        id: EventId::derived(&[b"example", event_type.name().as_bytes()]),
        event_type,
        environment: environment(),
        business: Some(business().id),
        occurred_at: NOW,
        version: version_of(&subject),
        subject,
    }
}

fn version_of(subject: &Subject) -> u64 {
    match subject {
        Subject::Lead(lead) => lead.version,
        Subject::Dispute(dispute) => dispute.version,
        Subject::Subscription(subscription) => subscription.version,
        Subject::Package(finished) => finished.package.version,
        Subject::Reply(_) => 1,
    }
}

/// Returns `lead` with the status that the event is about.
fn lead_after(event_type: EventType, lead: &Lead) -> Lead {
    let status = match event_type {
        EventType::LeadStatusChanged => LeadStatus::Contacted,
        EventType::LeadWon => LeadStatus::Won,
        EventType::LeadLost => LeadStatus::Lost,
        EventType::LeadOptedOut => LeadStatus::OptedOut,
        _ => LeadStatus::New,
    };
    let change = LeadChange { status: Some(status), ..LeadChange::default() };
    change.apply(lead, NOW).unwrap_or_else(|_| lead.clone())
}

fn dispute_after(event_type: EventType) -> Dispute {
    let opened = dispute(DISPUTE);
    match event_type {
        EventType::DisputeStatusChanged => opened.with_status(DisputeStatus::UnderReview, NOW),
        _ => opened,
    }
}

fn subscription_after(event_type: EventType, contract: Contract) -> Subscription {
    let subscription = subscription(contract);
    match event_type {
        EventType::WebhookDisabled => subscription.disabled(DisabledReason::Failing, NOW),
        _ => subscription,
    }
}
