//! The profile of the native contract.

use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::cursor::NextCursor;
use crate::disputes::dispute::versioned_dispute_json;
use crate::error::ErrorKind;
use crate::fields::{Fields, ParseText, TextFormat, UnknownFields, text_format};
use crate::follow_up::message::camel_case_message_json;
use crate::json::Json;
use crate::leads::{LeadListQuery, LeadRequest, Warning};
use crate::native::disputes::case::dispute_case_json;
use crate::native::error::error_json;
use crate::native::leads::lead;
use crate::page::{PageLimits, camel_case_page_json};
use crate::profile::{ContractProfile, DisputeView, ListScope, ShownCase};
use crate::query::Query;
use crate::schema::{Time, Uuid};
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::{Dispute, Event, FieldErrors, Lead, LeadId, LeadStatus, Message};
use schemars::JsonSchema;
use serde::Serialize;

/// The number of items on a page.
pub(super) const PAGE_LIMITS: PageLimits = PageLimits { default: 20, max: 100 };

/// The version of the contract: that of the newest entry of `CHANGELOG.md`.
pub(super) const API_VERSION: &str = "2.4.0";

/// The native contract.
pub(crate) struct Native;

/// The payload of a webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookPayload")]
pub(super) struct Payload {
    #[schemars(with = "Uuid")]
    id: String,
    #[serde(rename = "type")]
    event_type: &'static str,
    #[schemars(with = "Time")]
    timestamp: String,
    version: u64,
    data: Json,
}

impl ContractProfile for Native {
    fn display_name(&self) -> &'static str {
        "Leadhouse"
    }

    fn base_path(&self) -> &'static str {
        "/v2"
    }

    fn api_version(&self) -> &'static str {
        API_VERSION
    }

    fn document_name(&self) -> &'static str {
        "native"
    }

    fn paths(&self) -> &'static [&'static str] {
        &[
            "/leads",
            "/leads/batch",
            "/leads/{id}",
            "/leads/{id}/sequence",
            "/leads/{id}/messages",
            "/sequences",
            "/sequences/{id}/stop",
            "/sequence-templates",
            "/sequence-templates/{id}",
            "/suppressions",
            "/suppressions/lookup",
            "/suppressions/{id}",
            "/disputes",
            "/disputes/{id}",
            "/disputes/{id}/packages",
            "/disputes/{id}/evidence-summary",
            "/packages/{id}",
            "/packages/{id}/document",
            "/evidence",
            "/evidence/{id}",
            "/customers",
            "/customers/{id}",
            "/transactions",
            "/transactions/{id}",
            "/events",
            "/analytics/kpis",
            "/webhooks",
            "/webhooks/{id}",
            "/webhooks/{id}/rotate-secret",
            "/webhooks/{id}/test",
            "/webhooks/{id}/recover",
            "/webhooks/inbound",
            "/webhooks/inbound-secret",
            "/event-types",
            "/event-types/{type}/sample",
            "/event-log",
            "/deliveries",
            "/deliveries/{id}",
            "/deliveries/{id}/retry",
            "/keys",
            "/keys/{id}",
            "/keys/{id}/rotate",
            "/me",
            "/businesses",
            "/businesses/{id}",
            "/audit-log",
            "/test-data",
            "/health",
        ]
    }

    fn key_rules(&self) -> KeyRules {
        KeyRules {
            prefixes: KeyPrefixes::ByMode { live: "lh_live_", test: "lh_test_" },
            business: BusinessBinding::Optional,
            default_tier: DefaultTier::Tenant,
        }
    }

    fn list_scope(&self) -> ListScope {
        ListScope::AllBusinesses
    }

    fn page_limits(&self) -> PageLimits {
        PAGE_LIMITS
    }

    fn page_json(&self, items: Vec<Json>, next: NextCursor) -> Json {
        camel_case_page_json(items, next)
    }

    fn unknown_fields(&self) -> UnknownFields {
        UnknownFields::Rejected
    }

    fn error_json(&self, kind: &ErrorKind, request_id: &str) -> Json {
        error_json(kind, request_id)
    }

    fn malformed_id_error(&self, field: &str, _resource: &'static str) -> ErrorKind {
        ErrorKind::field(field, "must be a valid UUID")
    }

    fn foreign_business_error(&self) -> ErrorKind {
        ErrorKind::NotFound("business")
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
        lead::parse_lead_request(fields)
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        lead::read_lead_list(query)
    }

    fn lead_json(&self, lead: &Lead) -> Json {
        lead::lead_json(lead)
    }

    fn created_lead_json(&self, lead: &Lead, warnings: &[Warning]) -> Json {
        lead::created_lead_json(lead, warnings)
    }

    fn message_json(&self, message: &Message) -> Json {
        camel_case_message_json(message)
    }

    fn dispute_json(&self, dispute: &Dispute) -> Json {
        versioned_dispute_json(dispute)
    }

    fn dispute_view(&self) -> DisputeView {
        DisputeView::DisputeWithCase
    }

    fn dispute_case_json(&self, dispute: &Dispute, case: &ShownCase<'_>) -> Json {
        dispute_case_json(dispute, case)
    }

    fn webhook_headers(&self) -> WebhookHeaderScheme {
        WebhookHeaderScheme {
            signature: "X-Signature",
            signature_prefix: "",
            signed_content: SignedContent::Body,
            event: "X-Event",
            delivery: "X-Delivery",
        }
    }

    fn webhook_payload(&self, event: &Event) -> Json {
        Json::of(&Payload {
            id: event.id.to_string(),
            event_type: event.event_type.name(),
            timestamp: event.occurred_at.to_string(),
            version: event.version,
            data: self.subject_json(&event.subject),
        })
    }
}
