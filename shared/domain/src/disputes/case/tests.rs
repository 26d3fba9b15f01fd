use super::*;
use crate::accounts::business::{Channel, Currency, TimeZone};
use crate::contract::Contract;
use crate::disputes::dispute::{DisputeReason, NewDispute};
use crate::disputes::evidence::{DeclaredFile, NewEvidence};
use crate::disputes::evidence_summary::{MAX_SUMMARY_CHARS, MAX_SUMMARY_FIELD_CHARS};
use crate::disputes::money::Money;
use crate::disputes::transaction::{NewTransaction, TransactionStatus};
use crate::file::{FileHash, FileType};
use crate::follow_up::message::MessageStatus;
use crate::id::{BusinessId, DisputeId, MessageId, TransactionId};
use crate::leads::contact::Name;
use crate::leads::{Attributes, Category, Consent, NewLead, Source, Utm};
use crate::text::MultiLine;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn case(reason: DisputeReason, evidence: Vec<Evidence>) -> DisputeCase {
    let new = NewDispute {
        business: BusinessId::derived(&[b"b"]),
        reason,
        money: Money { cents: 100, currency: Currency::parse("EUR").expect("a code") },
        customer: None,
        transaction: None,
        lead: None,
        customer_claim: None,
        evidence_due_by: None,
    };
    let dispute = Dispute::new(DisputeId::derived(&[b"d"]), new, NOW);
    DisputeCase {
        dispute,
        business: None,
        customer: None,
        transaction: None,
        lead: None,
        messages: Vec::new(),
        evidence,
        expired_leads: BTreeSet::new(),
    }
}

fn evidence(name: &str, category: EvidenceCategory, description: &str) -> Evidence {
    let new = NewEvidence {
        business: BusinessId::derived(&[b"b"]),
        category,
        dispute: Some(DisputeId::derived(&[b"d"])),
        lead: None,
        title: None,
        description: MultiLine::parse(description).ok(),
        file: None,
    };
    Evidence::new(EvidenceId::derived(&[name.as_bytes()]), new, NOW)
}

fn with_file(evidence: Evidence) -> Evidence {
    let file = DeclaredFile { content_type: FileType::Pdf, size: 5, sha256: None, name: None };
    Evidence { file: Some(file), ..evidence }
}

fn later() -> Timestamp {
    NOW.after(std::time::Duration::from_hours(24))
}

fn lead(message: Option<&str>) -> Lead {
    let new = NewLead {
        business: BusinessId::derived(&[b"b"]),
        name: Name::parse("Jane Smith").expect("a name"),
        email: None,
        phone: None,
        message: message.map(|message| MultiLine::parse(message).expect("a text")),
        service_interest: None,
        source: Source::default(),
        category: Category::General,
        utm: Utm::default(),
        consent: None,
        visitor: None,
        attributes: Attributes::default(),
    };
    let zone = TimeZone::parse("UTC").expect("a zone");
    let lead = Lead::new(LeadId::derived(&[b"l"]), Contract::Native, new, &zone, NOW);
    Lead { consent: Some(Consent { given: true, text: Some("Call me".to_owned()), at: NOW }), ..lead }
}

fn message(direction: Direction, status: MessageStatus, at: Timestamp) -> Message {
    Message {
        id: MessageId::derived_at(at, &[b"m"]),
        lead: LeadId::derived(&[b"l"]),
        business: BusinessId::derived(&[b"b"]),
        direction,
        channel: Channel::Email,
        subject: None,
        body: "Hello".to_owned(),
        status,
        reason: None,
        provider_id: None,
        at: None,
        at_text: None,
        first_reply_after: None,
        opt_out: false,
        created_at: at,
        expires_at: at.plus_months(24),
    }
}

fn transaction(status: TransactionStatus) -> Transaction {
    let new = NewTransaction {
        business: BusinessId::derived(&[b"b"]),
        customer: None,
        lead: None,
        money: Money { cents: 100, currency: Currency::parse("EUR").expect("a code") },
        status,
        description: None,
        occurred_at: Some(NOW),
    };
    Transaction::new(TransactionId::derived(&[b"t"]), new, NOW)
}

fn statuses(case: &DisputeCase) -> Vec<(&'static str, ChecklistStatus)> {
    case.checklist().iter().map(|item| (item.wanted.code, item.status)).collect()
}

#[test]
fn the_checklist_tells_what_is_there() {
    let contract = evidence("a", EvidenceCategory::Contract, "Signed");
    let photo = with_file(evidence("b", EvidenceCategory::Photo, "The roof"));
    let found = statuses(&case(DisputeReason::NotAsDescribed, vec![contract, photo.clone()]));
    assert_eq!(found[0], ("AGREED_TERMS", ChecklistStatus::Present));
    assert_eq!(found[1], ("RESULT", ChecklistStatus::AwaitingUpload));
    assert!(found[2..].iter().all(|(_, status)| *status == ChecklistStatus::Missing), "{found:?}");
    let uploaded = photo.with_uploaded_file(FileHash::from_bytes([1; 32]), NOW);
    assert_eq!(statuses(&case(DisputeReason::NotAsDescribed, vec![uploaded]))[1].1, ChecklistStatus::Present);
    let expired = photo.with_expired_upload(NOW);
    assert_eq!(statuses(&case(DisputeReason::NotAsDescribed, vec![expired]))[1].1, ChecklistStatus::Missing);
}

#[test]
fn exhibits_are_in_the_order_of_the_reason() {
    let all = [EvidenceCategory::Other, EvidenceCategory::Photo, EvidenceCategory::Invoice, EvidenceCategory::Delivery];
    let all: Vec<_> = all.into_iter().map(|category| evidence(category.name(), category, "x")).collect();
    let order = |reason| case(reason, all.clone()).exhibits().iter().map(|one| one.category).collect::<Vec<_>>();
    assert_eq!(order(DisputeReason::NotReceived)[..2], [EvidenceCategory::Delivery, EvidenceCategory::Invoice]);
    assert_eq!(order(DisputeReason::NotAsDescribed)[0], EvidenceCategory::Photo);
    assert_eq!(order(DisputeReason::General)[3], EvidenceCategory::Other);
}

#[test]
fn exhibits_are_bounded_and_exclude_awaited_files() {
    let awaited = with_file(evidence("a", EvidenceCategory::Photo, "x"));
    assert!(case(DisputeReason::General, vec![awaited]).exhibits().is_empty());
    let many = (0..MAX_EXHIBITS + 7).map(|number| evidence(&number.to_string(), EvidenceCategory::Photo, "x"));
    assert_eq!(case(DisputeReason::General, many.collect()).exhibits().len(), MAX_EXHIBITS);
}

#[test]
fn a_fingerprint_changes_with_what_is_shown() {
    let profile = NetworkProfile::default();
    let first = evidence("a", EvidenceCategory::Photo, "x");
    let one = case(DisputeReason::General, vec![first.clone()]);
    assert_eq!(one.fingerprint(profile), one.clone().fingerprint(profile));
    let other_profile = NetworkProfile::ALL.into_iter().find(|other| *other != profile).expect("another profile");
    let awaited = with_file(evidence("b", EvidenceCategory::Photo, "x"));
    let two = case(DisputeReason::General, vec![first.clone(), evidence("b", EvidenceCategory::Photo, "x")]);
    assert_ne!(one.fingerprint(profile), one.fingerprint(other_profile));
    assert_ne!(one.fingerprint(profile), two.fingerprint(profile));
    assert_ne!(one.fingerprint(profile), case(DisputeReason::General, vec![]).fingerprint(profile));
    let with_awaited = case(DisputeReason::General, vec![first, awaited]);
    assert_eq!(one.fingerprint(profile), with_awaited.fingerprint(profile), "it is not shown");
}

#[test]
fn a_package_expires_with_the_first_of_what_it_shows() {
    let old = Evidence {
        created_at: NOW.before(std::time::Duration::from_hours(24)),
        ..evidence("a", EvidenceCategory::Photo, "x")
    };
    let expected = retention::record_expires_at(old.created_at);
    assert_eq!(case(DisputeReason::General, vec![old]).expires_at(), expected);
    assert_eq!(case(DisputeReason::General, vec![]).expires_at(), retention::record_expires_at(NOW));
}

#[test]
fn what_belongs_to_erased_leads_is_removed() {
    let [erased, expired, kept] = [b"a", b"b", b"c"].map(|name| LeadId::derived(&[name]));
    let of = |lead: LeadId| Evidence { lead: Some(lead), ..evidence(&lead.simple(), EvidenceCategory::Photo, "x") };
    let mut case = case(DisputeReason::General, vec![of(erased), of(expired), of(kept)]);
    case.expired_leads.insert(expired);
    case.remove_erased(&BTreeSet::from([erased]));
    assert_eq!(case.evidence.len(), 2);
    assert_eq!(case.leads(), BTreeSet::from([kept]));
}

#[test]
fn a_summary_keeps_its_limits() {
    let long = "word ".repeat(1_999);
    let many: Vec<_> = (0..60).map(|number| evidence(&number.to_string(), EvidenceCategory::Other, &long)).collect();
    for reason in DisputeReason::ALL {
        let summary = case(reason, many.clone()).evidence_summary();
        assert!(summary.characters() <= MAX_SUMMARY_CHARS, "{reason:?}");
        assert!(summary.texts.iter().all(|text| text.text.chars().count() <= MAX_SUMMARY_FIELD_CHARS));
        let last = summary.texts.last().expect("a text");
        assert_eq!((last.name, last.is_shortened), ("uncategorized_text", true), "{reason:?}");
    }
    let short = case(DisputeReason::Cancelled, vec![]).evidence_summary();
    assert_eq!(short.texts.iter().map(|text| text.name).collect::<Vec<_>>(), ["cancellation_rebuttal"]);
    assert!(short.texts.iter().all(|text| !text.is_shortened));
}

#[test]
fn files_are_named_by_kind() {
    let ready = |name: &str, category| {
        with_file(evidence(name, category, "x")).with_uploaded_file(FileHash::from_bytes([2; 32]), NOW)
    };
    let all: Vec<_> = EvidenceCategory::ALL.into_iter().map(|category| ready(category.name(), category)).collect();
    for (reason, expected) in [
        (DisputeReason::NotReceived, "shipping_documentation"),
        (DisputeReason::Cancelled, "cancellation_policy"),
        (DisputeReason::CreditNotProcessed, "refund_policy"),
        (DisputeReason::Duplicate, "duplicate_charge_documentation"),
        (DisputeReason::General, "customer_communication"),
    ] {
        let files = case(reason, all.clone()).evidence_summary().files;
        assert_eq!(files.len(), all.len());
        assert!(files.iter().any(|file| file.kind == expected), "{reason:?}");
    }
}

#[test]
fn a_rebuttal_claims_nothing_without_a_record() {
    let bare = case(DisputeReason::NotReceived, vec![]).rebuttal();
    assert_eq!(
        bare,
        "The merchant contests this dispute, in which the customer claims that what was paid for was not received."
    );
    let mut case = case(DisputeReason::NotReceived, vec![]);
    let texts = |case: &DisputeCase| case.rebuttal().split_once("\n\n").map(|(_, rest)| rest.to_owned());
    case.messages = vec![message(Direction::Outbound, MessageStatus::Sent, NOW)];
    assert_eq!(texts(&case).as_deref(), Some("1 message went to the customer, on 2026-09-21."));
    case.messages.push(message(Direction::Outbound, MessageStatus::Failed, later()));
    assert_eq!(texts(&case).as_deref(), Some("1 message went to the customer, on 2026-09-21."));
    case.messages.push(message(Direction::Inbound, MessageStatus::Received, later()));
    let both =
        "1 message went to the customer and 1 message came from the customer, between 2026-09-21 and 2026-09-22.";
    assert_eq!(texts(&case).as_deref(), Some(both));
    case.messages.clear();
    case.transaction = Some(transaction(TransactionStatus::Pending));
    assert_eq!(texts(&case).as_deref(), Some("The payment was recorded as pending on 2026-09-21."));
}

#[test]
fn messages_of_the_lead_are_communication() {
    let mut case = case(DisputeReason::Cancelled, vec![]);
    let code = |case: &DisputeCase, code| {
        let item = case.checklist().into_iter().find(|item| item.wanted.code == code).expect("asked for");
        (item.status, item.in_timeline)
    };
    let (missing, present) = ((ChecklistStatus::Missing, false), (ChecklistStatus::Present, true));
    case.lead = Some(lead(None));
    assert_eq!(code(&case, "COMMUNICATION"), missing);
    for status in [MessageStatus::Failed, MessageStatus::Cancelled, MessageStatus::Unknown] {
        case.messages = vec![message(Direction::Outbound, status, NOW)];
        assert_eq!(code(&case, "COMMUNICATION"), missing, "{status:?}");
    }
    let opt_out = message(Direction::Inbound, MessageStatus::Received, NOW);
    case.messages = vec![Message { body: String::new(), opt_out: true, ..opt_out }];
    assert_eq!(code(&case, "COMMUNICATION"), missing, "an opt-out says nothing of the purchase");
    case.messages = vec![message(Direction::Inbound, MessageStatus::Received, NOW)];
    assert_eq!(code(&case, "COMMUNICATION"), present);
    case.messages.clear();
    case.lead = Some(lead(Some("Please come on Tuesday")));
    assert_eq!(code(&case, "COMMUNICATION"), present);
    // Consent to be contacted accepts no terms.
    assert_eq!(code(&case, "CANCELLATION_POLICY"), missing);
}

#[test]
fn a_summary_is_written_for_people() {
    let contract = with_file(evidence("a", EvidenceCategory::Contract, "Signed"));
    let contract = contract.with_uploaded_file(FileHash::from_bytes([1; 32]), NOW);
    let mut case = case(DisputeReason::NotAsDescribed, vec![contract]);
    case.lead = Some(lead(None));
    case.messages = vec![message(Direction::Outbound, MessageStatus::Sent, NOW)];
    let summary = case.evidence_summary();
    let text = &summary.texts.last().expect("a text").text;
    for expected in [
        "Submitted: agreed terms or description (1 exhibit); communication with the customer (in the record below).",
        "Consent to be contacted, recorded 2026-09-21 14:13 UTC: Call me",
        "Contract, recorded 2026-09-21 14:13 UTC: Signed",
        "Message to the customer by e-mail, 2026-09-21 14:13 UTC (Sent): Hello",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
