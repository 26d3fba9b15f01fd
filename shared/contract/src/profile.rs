//! The trait that each contract implements.

use crate::accounts::KeyRules;
use crate::accounts::business::business_id_parameter;
use crate::analytics::kpi::{camel_case_kpi_report_json, range_parameter};
use crate::analytics::visitor_event::{camel_case_visitor_event_json, parse_camel_case_visitor_event};
use crate::analytics::{KpiQuery, VisitorEventRequest};
use crate::cursor::NextCursor;
use crate::deprecation::Deprecation;
use crate::disputes::customer::customer_json;
use crate::disputes::evidence::versioned_evidence_json;
use crate::disputes::package::camel_case_package_json;
use crate::disputes::transaction::transaction_json;
use crate::disputes::{CustomerListQuery, DisputeListQuery, EvidenceLinks, EvidenceListQuery, TransactionListQuery};
use crate::error::ErrorKind;
use crate::fields::{Fields, ParseText, TextFormat, UnknownFields};
use crate::follow_up::SequenceRequest;
use crate::follow_up::inbound_event::{InboundEventNames, parse_inbound_event};
use crate::follow_up::sequence::{SequenceFieldNames, camel_case_sequence_json, parse_sequence_request};
use crate::json::Json;
use crate::leads::{LeadListQuery, LeadRequest, Warning};
use crate::page::PageLimits;
use crate::query::Query;
use crate::webhooks::WebhookHeaderScheme;
use crate::webhooks::subscription::subscription_json;
use domain::analytics::kpi::{DayRange, KpiReport};
use domain::disputes::checklist::ChecklistItem;
use domain::disputes::package::FinishedPackage;
use domain::webhooks::event::Subject;
use domain::{
    Customer, Dispute, Event, Evidence, FieldErrors, InboundMessage, Lead, LeadId, LeadStatus, Message, Mode, Package,
    Sequence, Subscription, Timestamp, Transaction, VisitorEvent,
};

/// Maximum size of a request body in bytes, unless the contract says otherwise.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Paths below the base path that every contract has: its OpenAPI document and the page that shows it.
pub const DOCUMENTATION_PATHS: [&str; 2] = ["/openapi.json", "/docs"];

/// The businesses that a list covers if neither the request nor the key names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListScope {
    /// The tenant's first business.
    FirstBusiness,
    /// All businesses of the tenant.
    AllBusinesses,
}

/// The content of the response to a request for one dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeView {
    /// The dispute.
    Dispute,
    /// The dispute with the evidence that its reason asks for and its packages.
    DisputeWithCase,
}

/// The answer to a dispute, as one dispute shows it.
#[derive(Clone, Copy, Debug)]
pub struct ShownCase<'a> {
    /// The evidence that the reason asks for, each with its presence.
    pub checklist: &'a [ChecklistItem],
    /// The packages, newest first.
    pub packages: &'a [Package],
}

/// Everything that differs between contracts: names, limits, requests, responses, errors, webhooks.
///
/// Methods named `parse_…` read requests, methods named `…_json` write responses. Where a method has a default, it is
/// about a resource that not every contract serves, and the default is the native form.
pub trait ContractProfile: Sync {
    // The contract as a whole.

    /// Returns the product's name in texts for people.
    fn display_name(&self) -> &'static str;

    /// Returns the path under which all of the contract's routes are.
    fn base_path(&self) -> &'static str;

    /// Returns the paths of the contract's routes below the base path, with `{id}` for a variable segment, apart from
    /// [`DOCUMENTATION_PATHS`]. A test compares them with what the functions serve.
    fn paths(&self) -> &'static [&'static str];

    /// Returns the version of the contract. Its changes are in `CHANGELOG.md`.
    fn api_version(&self) -> &'static str {
        // The three contracts are published as they are, and a change that callers notice would be another contract.
        "1.0.0"
    }

    /// Returns the name of the contract's OpenAPI document, without its extension.
    fn document_name(&self) -> &'static str;

    /// Returns the operations that new code should not use, and that will end.
    fn deprecations(&self) -> &'static [Deprecation] {
        &[]
    }

    /// Returns the announcement that an operation will end, if there is one.
    fn deprecation(&self, method: &str, path: &str) -> Option<&'static Deprecation> {
        self.deprecations().iter().find(|deprecation| deprecation.method == method && deprecation.path == path)
    }

    /// Returns the maximum size in bytes of a request body at `path` (with the base path).
    fn max_body_bytes(&self, _path: &str) -> usize {
        MAX_BODY_BYTES
    }

    // Accounts.

    /// Returns the rules for API keys that are issued for the contract.
    fn key_rules(&self) -> KeyRules;

    /// Checks that the contract has keys in `mode`.
    fn check_key_mode(&self, mode: Mode) -> Result<(), FieldErrors> {
        if self.key_rules().prefix(mode).is_some() {
            return Ok(());
        }
        Err(FieldErrors::single("mode", format!("must be live: {} has no test keys", self.display_name())))
    }

    // Requests.

    /// Returns what happens to fields that a request does not have, and to parameters that a list does not have. Creating
    /// a lead keeps them, whatever the contract.
    fn unknown_fields(&self) -> UnknownFields {
        UnknownFields::Ignored
    }

    /// Returns the header for idempotency keys that the contract's description names. Either of both is understood.
    fn idempotency_header(&self) -> &'static str {
        "Idempotency-Key"
    }

    // Errors.

    /// Returns the body of an error response. Server errors show the request id and no cause.
    fn error_json(&self, kind: &ErrorKind, request_id: &str) -> Json;

    /// Returns the error for a malformed id in the path: `field` is the id's name, `resource` what it identifies.
    fn malformed_id_error(&self, field: &str, resource: &'static str) -> ErrorKind;

    /// Returns the error for a business that is not the tenant's or not the one that the key is bound to.
    fn foreign_business_error(&self) -> ErrorKind;

    // Lists.

    /// Returns the businesses that a list covers if neither the request nor the key names one.
    fn list_scope(&self) -> ListScope;

    /// Returns the number of items on a page.
    fn page_limits(&self) -> PageLimits;

    /// Returns a page.
    fn page_json(&self, items: Vec<Json>, next: NextCursor) -> Json;

    // Leads.

    /// Returns the name of a lead's status.
    fn lead_status_name(&self, status: LeadStatus) -> &'static str;

    /// Returns a lead's id as the contract writes it.
    fn lead_id_text(&self, lead: LeadId) -> String;

    /// Returns the form of a lead's id.
    fn lead_id_format(&self) -> TextFormat<ParseText<LeadId>>;

    /// Parses a lead's id; the error says what form is accepted.
    fn parse_lead_id(&self, text: &str) -> Result<LeadId, String> {
        self.lead_id_format().parse(text)
    }

    /// Parses a request that creates a lead.
    fn parse_lead_request(&self, fields: Fields<'_>) -> Result<LeadRequest, FieldErrors>;

    /// Reads the filter of a list of leads. Errors are collected in `query`.
    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery;

    /// Returns a lead.
    fn lead_json(&self, lead: &Lead) -> Json;

    /// Returns the response to a request that created `lead`. `warnings` tell what the request had that a lead has not;
    /// contracts whose document has no place for them leave them out.
    fn created_lead_json(&self, lead: &Lead, _warnings: &[Warning]) -> Json {
        self.lead_json(lead)
    }

    /// Returns the response to a request that created no lead because `first` has the same e-mail address.
    fn duplicate_lead_json(&self, first: &Lead) -> Json {
        self.lead_json(first)
    }

    // Follow-up.

    /// Parses a request that starts a sequence.
    fn parse_sequence_request(&self, fields: Fields<'_>) -> Result<SequenceRequest, FieldErrors> {
        parse_sequence_request(fields, &SequenceFieldNames::CAMEL_CASE, self.lead_id_format())
    }

    /// Returns a sequence.
    fn sequence_json(&self, sequence: &Sequence) -> Json {
        camel_case_sequence_json(sequence)
    }

    /// Returns a message.
    fn message_json(&self, message: &Message) -> Json;

    /// Parses an inbound event that arrives at `now`.
    fn parse_inbound_event(&self, fields: Fields<'_>, now: Timestamp) -> Result<InboundMessage, FieldErrors> {
        parse_inbound_event(fields, &InboundEventNames::CAMEL_CASE, now, self.lead_id_format())
    }

    // Disputes.

    /// Reads the filter of a list of customers. Errors are collected in `query`.
    fn parse_customer_list(&self, query: &mut Query) -> CustomerListQuery {
        CustomerListQuery::read(query)
    }

    /// Returns a customer.
    fn customer_json(&self, customer: &Customer) -> Json {
        customer_json(customer)
    }

    /// Reads the filter of a list of transactions. Errors are collected in `query`.
    fn parse_transaction_list(&self, query: &mut Query) -> TransactionListQuery {
        TransactionListQuery::read(query)
    }

    /// Returns a transaction.
    fn transaction_json(&self, transaction: &Transaction) -> Json {
        transaction_json(transaction)
    }

    /// Reads the filter of a list of disputes. Errors are collected in `query`.
    fn parse_dispute_list(&self, query: &mut Query) -> DisputeListQuery {
        DisputeListQuery::read(query)
    }

    /// Returns a dispute.
    fn dispute_json(&self, dispute: &Dispute) -> Json;

    /// Returns the content of the response to a request for one dispute.
    fn dispute_view(&self) -> DisputeView {
        DisputeView::Dispute
    }

    /// Returns a dispute with what answers it.
    fn dispute_case_json(&self, dispute: &Dispute, _case: &ShownCase<'_>) -> Json {
        self.dispute_json(dispute)
    }

    /// Returns an evidence package, as payloads of deliveries show it.
    fn package_json(&self, finished: &FinishedPackage) -> Json {
        camel_case_package_json(finished)
    }

    /// Reads the filter of a list of evidence. Errors are collected in `query`.
    fn parse_evidence_list(&self, query: &mut Query) -> EvidenceListQuery {
        EvidenceListQuery::read(query)
    }

    /// Returns a piece of evidence.
    fn evidence_json(&self, evidence: &Evidence, links: EvidenceLinks) -> Json {
        versioned_evidence_json(evidence, links)
    }

    // Analytics.

    /// Reads the parameters of a KPI report. Errors are collected in `query`.
    fn parse_kpi_query(&self, query: &mut Query) -> KpiQuery {
        KpiQuery { business: business_id_parameter(query), range: range_parameter(query) }
    }

    /// Returns a KPI report.
    fn kpi_report_json(&self, range: DayRange, report: &KpiReport) -> Json {
        camel_case_kpi_report_json(range, report)
    }

    /// Parses a visitor event.
    fn parse_visitor_event(&self, fields: Fields<'_>) -> Result<VisitorEventRequest, FieldErrors> {
        parse_camel_case_visitor_event(fields)
    }

    /// Returns a visitor event.
    fn visitor_event_json(&self, event: &VisitorEvent) -> Json {
        camel_case_visitor_event_json(event)
    }

    // Webhooks.

    /// Returns the headers of deliveries.
    fn webhook_headers(&self) -> WebhookHeaderScheme;

    /// Returns a subscription, as payloads of deliveries show it.
    fn subscription_json(&self, subscription: &Subscription) -> Json {
        subscription_json(subscription, None, None)
    }

    /// Returns the subject of an event, as payloads of deliveries show it.
    fn subject_json(&self, subject: &Subject) -> Json {
        match subject {
            Subject::Lead(lead) => self.lead_json(lead),
            Subject::Dispute(dispute) => self.dispute_json(dispute),
            Subject::Package(package) => self.package_json(package),
            Subject::Reply(reply) => self.message_json(reply),
            Subject::Subscription(subscription) => self.subscription_json(subscription),
        }
    }

    /// Returns the payload of deliveries of an event.
    fn webhook_payload(&self, event: &Event) -> Json;
}
