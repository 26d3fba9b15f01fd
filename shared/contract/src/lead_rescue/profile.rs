//! The profile of LeadRescue.

use crate::accounts::business::business_id_parameter;
use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::analytics::KpiQuery;
use crate::analytics::kpi::{range_parameter, snake_case_kpi_report_json};
use crate::cursor::NextCursor;
use crate::disputes::dispute::snake_case_dispute_json;
use crate::error::{ErrorKind, error_json_with_fields_by_name};
use crate::fields::{Fields, ParseText, TextFormat};
use crate::follow_up::SequenceRequest;
use crate::follow_up::inbound_event::{InboundEventNames, parse_inbound_event};
use crate::follow_up::message::snake_case_message_json;
use crate::follow_up::sequence::{SequenceFieldNames, parse_sequence_request, snake_case_sequence_json};
use crate::json::Json;
use crate::lead_rescue::event::webhook_payload;
use crate::lead_rescue::lead::{lead_id_format, lead_id_text, lead_json, parse_lead_request, status_name};
use crate::leads::{LeadListQuery, LeadRequest};
use crate::page::{PageLimits, camel_case_page_json};
use crate::profile::{ContractProfile, ListScope, MAX_BODY_BYTES};
use crate::query::Query;
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::analytics::kpi::{DayRange, KpiReport};
use domain::{
    Dispute, Event, FieldErrors, InboundMessage, Lead, LeadId, LeadStatus, Message, Sequence, Tier, Timestamp,
};

/// Maximum size of a request that creates a lead, in bytes: room for a photo of 4 MiB in base64.
const MAX_BODY_BYTES_WITH_PHOTO: usize = 5_900_000;

/// LeadRescue.
pub(crate) struct LeadRescue;

impl ContractProfile for LeadRescue {
    fn display_name(&self) -> &'static str {
        "LeadRescue"
    }

    fn base_path(&self) -> &'static str {
        "/v1"
    }

    fn document_name(&self) -> &'static str {
        "lead-rescue"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/leads", "/leads/{id}", "/sequences", "/sequences/{id}/stop", "/analytics/kpis", "/webhooks/inbound"]
    }

    fn key_rules(&self) -> KeyRules {
        KeyRules {
            prefixes: KeyPrefixes::ByMode { live: "lr_sk_live_", test: "lr_sk_test_" },
            business: BusinessBinding::Required,
            default_tier: DefaultTier::Fixed(Tier::Pro),
        }
    }

    fn max_body_bytes(&self, path: &str) -> usize {
        if path.strip_prefix(self.base_path()) == Some("/leads") { MAX_BODY_BYTES_WITH_PHOTO } else { MAX_BODY_BYTES }
    }

    fn idempotency_header(&self) -> &'static str {
        "X-Idempotency-Key"
    }

    fn list_scope(&self) -> ListScope {
        ListScope::FirstBusiness
    }

    fn page_limits(&self) -> PageLimits {
        PageLimits { default: 20, max: 100 }
    }

    fn page_json(&self, items: Vec<Json>, next: NextCursor) -> Json {
        camel_case_page_json(items, next)
    }

    fn error_json(&self, kind: &ErrorKind, request_id: &str) -> Json {
        error_json_with_fields_by_name(kind, request_id)
    }

    fn malformed_id_error(&self, _field: &str, resource: &'static str) -> ErrorKind {
        ErrorKind::NotFound(resource)
    }

    fn foreign_business_error(&self) -> ErrorKind {
        ErrorKind::NotFound("business")
    }

    fn lead_status_name(&self, status: LeadStatus) -> &'static str {
        status_name(status)
    }

    fn lead_id_text(&self, lead: LeadId) -> String {
        lead_id_text(lead)
    }

    fn lead_id_format(&self) -> TextFormat<ParseText<LeadId>> {
        lead_id_format()
    }

    fn parse_lead_request(&self, fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
        parse_lead_request(fields)
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        let business = business_id_parameter(query);
        let status = query.one_of("status", &LeadStatus::ALL, status_name);
        LeadListQuery { business, status, ..LeadListQuery::default() }
    }

    fn lead_json(&self, lead: &Lead) -> Json {
        lead_json(lead)
    }

    fn parse_sequence_request(&self, fields: Fields<'_>) -> Result<SequenceRequest, FieldErrors> {
        parse_sequence_request(fields, &SequenceFieldNames::SNAKE_CASE, lead_id_format())
    }

    fn sequence_json(&self, sequence: &Sequence) -> Json {
        snake_case_sequence_json(sequence, lead_id_text(sequence.lead))
    }

    fn message_json(&self, message: &Message) -> Json {
        snake_case_message_json(message)
    }

    fn parse_inbound_event(&self, fields: Fields<'_>, now: Timestamp) -> Result<InboundMessage, FieldErrors> {
        parse_inbound_event(fields, &InboundEventNames::SNAKE_CASE, now, lead_id_format())
    }

    fn dispute_json(&self, dispute: &Dispute) -> Json {
        snake_case_dispute_json(dispute, lead_id_text)
    }

    /// Keys are bound to a business, so there is no parameter for it.
    fn parse_kpi_query(&self, query: &mut Query) -> KpiQuery {
        KpiQuery { business: None, range: range_parameter(query) }
    }

    fn kpi_report_json(&self, range: DayRange, report: &KpiReport) -> Json {
        snake_case_kpi_report_json(range, report)
    }

    fn webhook_headers(&self) -> WebhookHeaderScheme {
        WebhookHeaderScheme {
            signature: "X-LeadRescue-Signature",
            signature_prefix: "sha256=",
            signed_content: SignedContent::Body,
            event: "X-LeadRescue-Event",
            delivery: "X-LeadRescue-Delivery",
        }
    }

    fn webhook_payload(&self, event: &Event) -> Json {
        webhook_payload(event)
    }
}
