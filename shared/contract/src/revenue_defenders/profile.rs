//! The profile of Revenue Defenders.

use crate::accounts::business::business_id_parameter;
use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::cursor::NextCursor;
use crate::disputes::dispute::camel_case_dispute_json;
use crate::disputes::evidence::evidence_json;
use crate::disputes::{CustomerListQuery, DisputeListQuery, EvidenceLinks, EvidenceListQuery, TransactionListQuery};
use crate::error::ErrorKind;
use crate::fields::{Fields, ParseText, TextFormat, text_format};
use crate::follow_up::message::camel_case_message_json;
use crate::json::Json;
use crate::leads::{LeadListQuery, LeadRequest};
use crate::page::PageLimits;
use crate::profile::{ContractProfile, ListScope};
use crate::query::Query;
use crate::revenue_defenders::lead::{lead_json, parse_lead_request};
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::{Dispute, Event, Evidence, FieldErrors, Lead, LeadId, LeadStatus, Message, Tier};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The number of items on a page.
pub(super) const PAGE_LIMITS: PageLimits = PageLimits { default: 50, max: 200 };

/// Revenue Defenders.
pub(crate) struct RevenueDefenders;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorResponse")]
pub(super) struct ErrorEnvelope {
    error: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    items: Vec<Json>,
    next_cursor: Option<String>,
}

/// Returns the JSON Schema of a page of items with the schema `item`.
pub(super) fn page_schema(item: Value) -> Value {
    json!({
        "type": "object",
        "required": ["items", "nextCursor"],
        "properties": {
            "items": { "type": "array", "items": item },
            "nextCursor": { "type": ["string", "null"] }
        }
    })
}

impl ContractProfile for RevenueDefenders {
    fn display_name(&self) -> &'static str {
        "Revenue Defenders"
    }

    fn base_path(&self) -> &'static str {
        "/api/v1"
    }

    fn document_name(&self) -> &'static str {
        "revenue-defenders"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/leads", "/leads/{id}", "/disputes", "/disputes/{id}", "/evidence", "/customers", "/transactions"]
    }

    fn key_rules(&self) -> KeyRules {
        KeyRules {
            prefixes: KeyPrefixes::LiveOnly("rd_"),
            business: BusinessBinding::Optional,
            default_tier: DefaultTier::Fixed(Tier::Premium),
        }
    }

    fn list_scope(&self) -> ListScope {
        ListScope::FirstBusiness
    }

    fn page_limits(&self) -> PageLimits {
        PAGE_LIMITS
    }

    fn page_json(&self, items: Vec<Json>, next: NextCursor) -> Json {
        Json::of(&Page { items, next_cursor: next.into_text() })
    }

    /// The envelope has a single text, so that text names the invalid fields or the request id.
    fn error_json(&self, kind: &ErrorKind, request_id: &str) -> Json {
        let field_errors: Vec<_> =
            kind.field_errors().iter().map(|error| format!("{} {}", error.field, error.reason)).collect();
        let error = if kind.is_server_error() {
            format!("{} Request id: {request_id}", kind.message())
        } else if field_errors.is_empty() {
            kind.message()
        } else {
            format!("{}.", field_errors.join("; "))
        };
        Json::of(&ErrorEnvelope { error })
    }

    fn malformed_id_error(&self, _field: &str, resource: &'static str) -> ErrorKind {
        ErrorKind::NotFound(resource)
    }

    /// The document's status for a tenant mismatch is 403.
    fn foreign_business_error(&self) -> ErrorKind {
        ErrorKind::Forbidden("The business does not belong to the API key's tenant.".to_owned())
    }

    fn lead_status_name(&self, status: LeadStatus) -> &'static str {
        status.name()
    }

    fn lead_id_text(&self, lead: LeadId) -> String {
        lead.to_string()
    }

    fn lead_id_format(&self) -> TextFormat<ParseText<LeadId>> {
        text_format::lead_uuid()
    }

    fn parse_lead_request(&self, fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
        parse_lead_request(fields)
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        let business = business_id_parameter(query);
        let status = query.one_of("status", &LeadStatus::ALL, LeadStatus::name);
        LeadListQuery { business, status, ..LeadListQuery::default() }
    }

    fn lead_json(&self, lead: &Lead) -> Json {
        lead_json(lead)
    }

    fn message_json(&self, message: &Message) -> Json {
        camel_case_message_json(message)
    }

    fn parse_customer_list(&self, query: &mut Query) -> CustomerListQuery {
        CustomerListQuery { business: business_id_parameter(query), ..CustomerListQuery::default() }
    }

    fn parse_transaction_list(&self, query: &mut Query) -> TransactionListQuery {
        TransactionListQuery { business: business_id_parameter(query), ..TransactionListQuery::default() }
    }

    fn parse_dispute_list(&self, query: &mut Query) -> DisputeListQuery {
        DisputeListQuery::read_business_and_status(query)
    }

    fn dispute_json(&self, dispute: &Dispute) -> Json {
        camel_case_dispute_json(dispute)
    }

    fn parse_evidence_list(&self, query: &mut Query) -> EvidenceListQuery {
        EvidenceListQuery::read_business_and_category(query)
    }

    fn evidence_json(&self, evidence: &Evidence, links: EvidenceLinks) -> Json {
        evidence_json(evidence, links)
    }

    fn webhook_headers(&self) -> WebhookHeaderScheme {
        WebhookHeaderScheme {
            signature: "X-RevenueDefenders-Signature",
            signature_prefix: "sha256=",
            signed_content: SignedContent::Body,
            event: "X-RevenueDefenders-Event",
            delivery: "X-RevenueDefenders-Delivery",
        }
    }

    fn webhook_payload(&self, event: &Event) -> Json {
        self.subject_json(&event.subject)
    }
}
