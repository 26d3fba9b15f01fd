//! The profile of VendorPad.

use crate::accounts::business::brand_id_parameter;
use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::analytics::VisitorEventRequest;
use crate::analytics::visitor_event::parse_snake_case_visitor_event;
use crate::cursor::NextCursor;
use crate::disputes::dispute::snake_case_dispute_json;
use crate::disputes::package::snake_case_package_json;
use crate::error::{ErrorKind, error_json_with_fields_by_name};
use crate::fields::{Fields, ParseText, TextFormat, text_format};
use crate::follow_up::SequenceRequest;
use crate::follow_up::message::snake_case_message_json;
use crate::follow_up::sequence::{SequenceFieldNames, parse_sequence_request, snake_case_sequence_json};
use crate::json::Json;
use crate::leads::{LeadListQuery, LeadRequest, Warning};
use crate::page::{PageLimits, snake_case_page_json};
use crate::profile::{ContractProfile, ListScope};
use crate::query::Query;
use crate::schema::{Time, Uuid};
use crate::vendor_pad::lead::{created_lead_json, duplicate_lead_json, lead_json, parse_lead_request, status_name};
use crate::webhooks::subscription::snake_case_subscription_json;
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::disputes::package::FinishedPackage;
use domain::{Dispute, Event, FieldErrors, Lead, LeadId, LeadStatus, Message, Sequence, Subscription, VisitorEvent};
use schemars::JsonSchema;
use serde::Serialize;

/// The number of items on a page.
pub(super) const PAGE_LIMITS: PageLimits = PageLimits { default: 20, max: 100 };

/// VendorPad.
pub(crate) struct VendorPad;

/// The payload of a webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookPayload")]
pub(super) struct Payload {
    #[schemars(with = "Uuid")]
    id: String,
    event: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    data: Json,
}

/// The response to a visitor event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecordedEvent")]
pub(super) struct RecordedEvent<'a> {
    #[schemars(with = "Uuid")]
    event_id: String,
    visitor_id: &'a str,
}

impl ContractProfile for VendorPad {
    fn display_name(&self) -> &'static str {
        "VendorPad"
    }

    fn base_path(&self) -> &'static str {
        "/api/v1/developer"
    }

    fn document_name(&self) -> &'static str {
        "vendor-pad"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/leads", "/leads/{id}", "/events"]
    }

    fn key_rules(&self) -> KeyRules {
        KeyRules {
            prefixes: KeyPrefixes::ByMode { live: "vp_live_", test: "vp_test_" },
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
        snake_case_page_json(items, next)
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
        lead.to_string()
    }

    fn lead_id_format(&self) -> TextFormat<ParseText<LeadId>> {
        text_format::lead_uuid()
    }

    fn parse_lead_request(&self, fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
        parse_lead_request(fields)
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        let brand = brand_id_parameter(query);
        let status = query.one_of("status", &LeadStatus::ALL, status_name);
        let created = query.range("created_from", "created_to");
        LeadListQuery { brand, status, created, ..LeadListQuery::default() }
    }

    fn lead_json(&self, lead: &Lead) -> Json {
        lead_json(lead)
    }

    fn created_lead_json(&self, lead: &Lead, _warnings: &[Warning]) -> Json {
        created_lead_json(lead)
    }

    fn duplicate_lead_json(&self, first: &Lead) -> Json {
        duplicate_lead_json(first)
    }

    fn parse_sequence_request(&self, fields: Fields<'_>) -> Result<SequenceRequest, FieldErrors> {
        parse_sequence_request(fields, &SequenceFieldNames::SNAKE_CASE, self.lead_id_format())
    }

    fn sequence_json(&self, sequence: &Sequence) -> Json {
        snake_case_sequence_json(sequence, self.lead_id_text(sequence.lead))
    }

    fn message_json(&self, message: &Message) -> Json {
        snake_case_message_json(message)
    }

    fn dispute_json(&self, dispute: &Dispute) -> Json {
        snake_case_dispute_json(dispute, |lead| self.lead_id_text(lead))
    }

    fn package_json(&self, finished: &FinishedPackage) -> Json {
        snake_case_package_json(finished)
    }

    fn parse_visitor_event(&self, fields: Fields<'_>) -> Result<VisitorEventRequest, FieldErrors> {
        parse_snake_case_visitor_event(fields)
    }

    fn visitor_event_json(&self, event: &VisitorEvent) -> Json {
        Json::of(&RecordedEvent { event_id: event.id.to_string(), visitor_id: event.visitor.as_str() })
    }

    fn webhook_headers(&self) -> WebhookHeaderScheme {
        WebhookHeaderScheme {
            signature: "X-VendorPad-Signature",
            signature_prefix: "sha256=",
            signed_content: SignedContent::TimestampAndBody { timestamp: "X-VendorPad-Timestamp" },
            event: "X-VendorPad-Event",
            delivery: "X-VendorPad-Delivery",
        }
    }

    fn subscription_json(&self, subscription: &Subscription) -> Json {
        snake_case_subscription_json(subscription)
    }

    fn webhook_payload(&self, event: &Event) -> Json {
        Json::of(&Payload {
            id: event.id.to_string(),
            event: event.event_type.name(),
            created_at: event.occurred_at.to_string(),
            data: self.subject_json(&event.subject),
        })
    }
}
