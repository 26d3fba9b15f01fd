//! Revenue Defenders, `/api/v1`: `{"error": "text"}`, pages of `items` and `nextCursor`.

use crate::error::ErrorKind;
use crate::fields::Fields;
use crate::follow_up::message;
use crate::json::Json;
use crate::lead::{LeadDraft, business_id, phone_text, require_reachable};
use crate::native::{self, EvidenceLinks};
use crate::page::PageLimits;
use crate::profile::ContractProfile;
use crate::score::{WirePlan, WireScore};
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{Attributes, Category, MultiLine, SingleLine, Source, Utm};
use domain::webhooks::event::Subject;
use domain::{Contract, Dispute, Event, Evidence, FieldErrors, Lead, LeadStatus};
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

    fn page_limits(&self) -> PageLimits {
        PageLimits { default: 50, most: 200 }
    }

    fn page(&self, items: Vec<Json>, next_cursor: Option<String>) -> Json {
        Json::of(&Page { items, next_cursor })
    }

    fn status(&self, status: LeadStatus) -> &'static str {
        status.name()
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

    fn dispute(&self, dispute: &Dispute) -> Json {
        native::bare_dispute(dispute)
    }

    fn evidence(&self, evidence: &Evidence, links: EvidenceLinks) -> Json {
        native::bare_evidence(evidence, links)
    }

    fn event(&self, event: &Event) -> Json {
        match &event.subject {
            Subject::Lead(lead) => self.lead(lead),
            Subject::Dispute(dispute) => self.dispute(dispute),
            Subject::Reply(reply) => message(Contract::RevenueDefenders, reply),
            Subject::Subscription(subscription) => native::subscription(subscription, None, None),
        }
    }
}
