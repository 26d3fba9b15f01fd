//! Revenue Defenders, `/api/v1`: `{"error": "text"}`, pages of `items` and `nextCursor`.

use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::error::ErrorKind;
use crate::fields::Fields;
use crate::follow_up::camel_case_message;
use crate::json::Json;
use crate::lead::{LeadDraft, business_id, phone_text, require_reachable};
use crate::list_query::{
    CustomerListQuery, DisputeListQuery, EvidenceListQuery, LeadListQuery, TransactionListQuery, business_parameter,
};
use crate::native::{self, EvidenceLinks};
use crate::page::{PageLimits, Query};
use crate::profile::{ContractProfile, ListScope};
use crate::record::id;
use crate::score::{WirePlan, WireScore};
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::disputes::evidence::EvidenceCategory;
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{Attributes, Category, Source, Utm};
use domain::text::{MultiLine, SingleLine};
use domain::webhooks::event::Subject;
use domain::{Dispute, DisputeStatus, Event, Evidence, FieldErrors, Lead, LeadId, LeadStatus, Message, Tier};
use serde::Serialize;
use serde_json::{Map, Value};

/// How Revenue Defenders spells things.
pub(crate) struct RevenueDefenders;

#[derive(Serialize)]
struct Envelope {
    error: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    items: Vec<Json>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireLead<'a> {
    id: String,
    business_id: String,
    source: &'a str,
    status: &'static str,
    name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    message: Option<&'a str>,
    service_interest: Option<&'a str>,
    score: WireScore,
    follow_up_plan: WirePlan,
    created_at: String,
}

impl ContractProfile for RevenueDefenders {
    fn display_name(&self) -> &'static str {
        "Revenue Defenders"
    }

    fn base_path(&self) -> &'static str {
        "/api/v1"
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

    fn error_body(&self, kind: &ErrorKind, request_id: &str) -> Json {
        let field_errors: Vec<_> =
            kind.field_errors().iter().map(|error| format!("{} {}", error.field, error.reason)).collect();
        let error = if kind.is_server_error() {
            format!("{} Request id: {request_id}", kind.message())
        } else if field_errors.is_empty() {
            kind.message()
        } else {
            format!("{}.", field_errors.join("; "))
        };
        Json::of(&Envelope { error })
    }

    fn malformed_id_error(&self, _field: &str, resource: &'static str) -> ErrorKind {
        ErrorKind::NotFound(resource)
    }

    fn foreign_business_error(&self) -> ErrorKind {
        ErrorKind::Forbidden("The business does not belong to this key's tenant.".to_owned())
    }

    fn page_limits(&self) -> PageLimits {
        PageLimits { default: 50, most: 200 }
    }

    fn page(&self, items: Vec<Json>, next_cursor: Option<String>) -> Json {
        Json::of(&Page { items, next_cursor })
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
        Json::of(&WireLead {
            id: lead.id.to_string(),
            business_id: lead.business.to_string(),
            source: lead.source.as_str(),
            status: self.status(lead.status),
            name: lead.name.as_str(),
            email: lead.email.as_ref().map(Email::as_str),
            phone: lead.phone.as_ref().map(Phone::as_str),
            message: lead.message.as_ref().map(MultiLine::as_str),
            service_interest: lead.service_interest.as_ref().map(SingleLine::as_str),
            score: WireScore::of(lead.score),
            follow_up_plan: WirePlan::of(lead),
            created_at: lead.created_at.to_string(),
        })
    }

    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors> {
        let mut fields = Fields::new(body);
        let business = fields.optional("businessId", business_id);
        let name = fields.required("name", Name::parse);
        let email = fields.optional("email", Email::parse);
        let phone = fields.optional("phone", phone_text);
        require_reachable(&mut fields);
        let message = fields.optional("message", MultiLine::parse);
        let service_interest = fields.optional("serviceInterest", SingleLine::parse);
        let source = fields.optional("source", Source::parse).unwrap_or_default();
        fields.finish()?;
        Ok(LeadDraft {
            business,
            brand: None,
            name: name.ok_or_else(|| FieldErrors::single("name", "is required"))?,
            email,
            phone,
            message,
            service_interest,
            source,
            category: Category::General,
            utm: Utm::default(),
            consent: None,
            visitor: None,
            attributes: Attributes::default(),
        })
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        let business = business_parameter(query);
        let status = query.one_of("status", &LeadStatus::ALL, LeadStatus::name);
        LeadListQuery { business, status, ..LeadListQuery::default() }
    }

    fn message(&self, message: &Message) -> Json {
        camel_case_message(message)
    }

    fn parse_customer_list(&self, query: &mut Query) -> CustomerListQuery {
        CustomerListQuery { business: business_parameter(query), ..CustomerListQuery::default() }
    }

    fn parse_transaction_list(&self, query: &mut Query) -> TransactionListQuery {
        TransactionListQuery { business: business_parameter(query), ..TransactionListQuery::default() }
    }

    fn parse_dispute_list(&self, query: &mut Query) -> DisputeListQuery {
        let business = business_parameter(query);
        let status = query.one_of("status", &DisputeStatus::ALL, DisputeStatus::name);
        DisputeListQuery { business, status, ..DisputeListQuery::default() }
    }

    fn parse_evidence_list(&self, query: &mut Query) -> EvidenceListQuery {
        let business = business_parameter(query);
        let category = query.one_of("category", &EvidenceCategory::ALL, EvidenceCategory::name);
        EvidenceListQuery { business, category, ..EvidenceListQuery::default() }
    }

    fn dispute(&self, dispute: &Dispute) -> Json {
        native::bare_dispute(dispute)
    }

    fn evidence(&self, evidence: &Evidence, links: EvidenceLinks) -> Json {
        native::bare_evidence(evidence, links)
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

    fn event(&self, event: &Event) -> Json {
        match &event.subject {
            Subject::Lead(lead) => self.lead(lead),
            Subject::Dispute(dispute) => self.dispute(dispute),
            Subject::Reply(reply) => self.message(reply),
            Subject::Subscription(subscription) => native::subscription(subscription, None, None),
        }
    }
}
