//! The native contract, `/v2`: camelCase, UUIDs, RFC 3339 times with milliseconds; errors and pages as the
//! property-leads document shows them.

mod account;
mod audit;
mod batch;
mod delivery;
mod lead;
mod record;
mod subscription;
mod template;

pub use account::{
    BusinessChange, KeyDraft, business, check_key_mode, event_types, key, read_business_change, read_key,
    read_new_business, tenant,
};
pub use audit::audit_entry;
pub use batch::{batch, entry_made, entry_refused, read_batch};
pub use delivery::{delivery, delivery_summary};
pub use lead::{check_lead_change, read_lead_change};
pub use record::{EvidenceLinks, UploadLink};
pub(crate) use record::{bare_dispute, bare_evidence, customer, dispute_in_snake_case, evidence, transaction};
pub(crate) use subscription::subscription_in_snake_case;
pub use subscription::{
    SubscriptionChange, SubscriptionDraft, inbound_secret, read_overlap, read_subscription, read_subscription_change,
    subscription,
};
pub use template::{TemplateDraft, read_template, read_template_change, template};

use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::error::ErrorKind;
use crate::follow_up::camel_case_message;
use crate::json::Json;
use crate::lead::LeadDraft;
use crate::list_query::LeadListQuery;
use crate::page::{PageLimits, Query};
use crate::profile::{ContractProfile, ListScope};
use crate::record::id;
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::webhooks::event::Subject;
use domain::{Dispute, Event, FieldErrors, Lead, LeadId, LeadStatus, Message};
use serde::Serialize;
use serde_json::{Map, Value};

/// How the native contract spells things.
pub(crate) struct Native;

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Detail<'a> {
    field: &'a str,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    next_cursor: Option<String>,
    has_more: bool,
}

#[derive(Serialize)]
struct Page {
    data: Vec<Json>,
    pagination: Pagination,
}

/// What is said of a refusal.
fn body<'a>(kind: &'a ErrorKind, request_id: Option<&'a str>) -> Body<'a> {
    let details = kind
        .field_errors()
        .iter()
        .map(|error| Detail { field: &error.field, message: format!("{} {}", error.field, error.reason) })
        .collect();
    Body { code: kind.code(), message: kind.message(), details, request_id }
}

/// A page with `data` and `pagination`; VendorPad writes the same.
pub(crate) fn page(items: Vec<Json>, next_cursor: Option<String>) -> Json {
    let has_more = next_cursor.is_some();
    Json::of(&Page { data: items, pagination: Pagination { next_cursor, has_more } })
}

#[derive(Serialize)]
struct WireEvent {
    id: String,
    #[serde(rename = "type")]
    event_type: &'static str,
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

    fn error_body(&self, kind: &ErrorKind, request_id: &str) -> Json {
        Json::of(&Envelope { error: body(kind, kind.is_server_error().then_some(request_id)) })
    }

    fn malformed_id_error(&self, field: &str, _resource: &'static str) -> ErrorKind {
        ErrorKind::field(field, "must be a valid UUID")
    }

    fn foreign_business_error(&self) -> ErrorKind {
        ErrorKind::NotFound("business")
    }

    fn page_limits(&self) -> PageLimits {
        PageLimits { default: 20, most: 100 }
    }

    fn page(&self, items: Vec<Json>, next_cursor: Option<String>) -> Json {
        page(items, next_cursor)
    }

    fn status(&self, status: LeadStatus) -> &'static str {
        status.name()
    }

    fn write_lead_id(&self, lead: LeadId) -> String {
        lead.to_string()
    }

    fn parse_lead_id(&self, text: &str) -> Result<LeadId, String> {
        id(LeadId::parse)(text)
    }

    fn lead(&self, lead: &Lead) -> Json {
        lead::lead(lead)
    }

    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors> {
        lead::read_lead(body)
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        lead::parse_list(query)
    }

    fn message(&self, message: &Message) -> Json {
        camel_case_message(message)
    }

    fn dispute(&self, dispute: &Dispute) -> Json {
        record::dispute(dispute)
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

    fn event(&self, event: &Event) -> Json {
        let data = match &event.subject {
            Subject::Lead(lead) => self.lead(lead),
            Subject::Dispute(dispute) => self.dispute(dispute),
            Subject::Reply(reply) => self.message(reply),
            Subject::Subscription(subscription) => subscription::subscription(subscription, None, None),
        };
        Json::of(&WireEvent {
            id: event.id.to_string(),
            event_type: event.event_type.name(),
            timestamp: event.occurred_at.to_string(),
            version: event.version,
            data,
        })
    }
}
