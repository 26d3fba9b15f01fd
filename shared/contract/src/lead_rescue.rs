//! LeadRescue, `/v1`: snake_case, ids as `l_` and the id without dashes, errors that name their fields.

use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::error::ErrorKind;
use crate::fields::{Fields, words};
use crate::follow_up::{SequenceDraft, SequenceFields, snake_case_message, snake_case_sequence};
use crate::inbound::{InboundFields, parse_inbound_event};
use crate::json::Json;
use crate::kpi::snake_case_kpis;
use crate::lead::LeadDraft;
use crate::list_query::{KpiQuery, LeadListQuery, business_parameter};
use crate::native;
use crate::page::{PageLimits, Query};
use crate::profile::{ContractProfile, LeadView, ListScope, MAX_BODY_BYTES};
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use domain::analytics::kpi::{DayRange, KpiReport};
use domain::leads::contact::{Name, Phone};
use domain::leads::{AttributeValue, Attributes, CAR_MODEL, Category, NewConsent, Source, Utm};
use domain::text::single_line;
use domain::webhooks::event::Subject;
use domain::{
    Dispute, Event, FieldErrors, InboundMessage, Lead, LeadChange, LeadId, LeadStatus, Message, Sequence, Tier,
    Timestamp,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How LeadRescue spells things.
pub(crate) struct LeadRescue;

/// The field that carries a photo in base64.
pub const PHOTO: &str = "license_photo_b64";

/// Maximum number of bytes of a new lead, which carries a photo of up to 4 MiB in base64.
const MAX_BODY_BYTES_WITH_PHOTO: usize = 5_900_000;

/// The statuses that callers give.
const GIVEN: [LeadStatus; 3] = [LeadStatus::Won, LeadStatus::OptedOut, LeadStatus::Closed];

/// `{"error": {"code", "message", "fields"}}`, which VendorPad shares.
#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// A refusal that names its fields.
pub(crate) fn error_body(kind: &ErrorKind, request_id: &str) -> Json {
    Json::of(&Envelope {
        error: Body {
            code: kind.code(),
            message: kind.message(),
            fields: kind.field_errors().iter().map(|error| (error.field.as_str(), error.reason.as_str())).collect(),
            request_id: kind.is_server_error().then_some(request_id),
        },
    })
}

#[derive(Serialize)]
struct WireLead<'a> {
    id: String,
    status: &'static str,
    customer_name: &'a str,
    phone: Option<&'a str>,
    car_model: Option<&'a str>,
    consent: bool,
    created_at: String,
    updated_at: String,
}

/// A lead with what callers are shown of it and subscribers are not.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    lead: WireLead<'a>,
    license_photo_url: Option<String>,
    sequence: Option<Json>,
    messages: Vec<Json>,
}

/// What is shown to callers beside a lead itself.
#[derive(Debug, Default)]
pub struct Beside {
    /// An expiring link to its photo.
    pub photo_url: Option<String>,
    /// Its sequence.
    pub sequence: Option<Json>,
    /// Its messages, the oldest first.
    pub messages: Vec<Json>,
}

#[derive(Serialize)]
struct WireEvent {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispute: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<Json>,
}

pub(crate) fn lead_id(lead: LeadId) -> String {
    format!("l_{}", lead.simple())
}

fn wire_lead(lead: &Lead) -> WireLead<'_> {
    WireLead {
        id: lead_id(lead.id),
        status: LeadRescue.status(lead.status),
        customer_name: lead.name.as_str(),
        phone: lead.phone.as_ref().map(|phone| phone.e164().unwrap_or(phone.as_str())),
        car_model: lead.car_model(),
        consent: lead.consent.as_ref().is_some_and(|consent| consent.given),
        created_at: lead.created_at.to_string(),
        updated_at: lead.updated_at.to_string(),
    }
}

/// A lead as callers are shown it.
pub fn lead(lead: &Lead, beside: Beside) -> Json {
    Json::of(&Shown {
        lead: wire_lead(lead),
        license_photo_url: beside.photo_url,
        sequence: beside.sequence,
        messages: beside.messages,
    })
}

/// The photo that a new lead comes with, still base64, taken out of a body that has been read; an empty text is none.
pub fn take_photo(body: &mut Map<String, Value>) -> Option<String> {
    match body.remove(PHOTO) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// Reads a change of a lead, which is another status.
pub fn read_lead_change(body: &Map<String, Value>) -> Result<LeadChange, FieldErrors> {
    let mut fields = Fields::new(body);
    let status = fields.one_of("status", &GIVEN, |status| LeadRescue.status(status));
    if fields.value("status").is_none() {
        fields.add_error("status", words(&GIVEN, |status| LeadRescue.status(status)));
    }
    fields.finish()?;
    Ok(LeadChange { status, ..LeadChange::default() })
}

impl ContractProfile for LeadRescue {
    fn display_name(&self) -> &'static str {
        "LeadRescue"
    }

    fn base_path(&self) -> &'static str {
        "/v1"
    }

    fn key_rules(&self) -> KeyRules {
        KeyRules {
            prefixes: KeyPrefixes::ByMode { live: "lr_sk_live_", test: "lr_sk_test_" },
            business: BusinessBinding::Required,
            default_tier: DefaultTier::Fixed(Tier::Pro),
        }
    }

    fn list_scope(&self) -> ListScope {
        ListScope::FirstBusiness
    }

    fn max_body_bytes(&self, path: &str) -> usize {
        if path.strip_prefix(self.base_path()) == Some("/leads") { MAX_BODY_BYTES_WITH_PHOTO } else { MAX_BODY_BYTES }
    }

    fn error_body(&self, kind: &ErrorKind, request_id: &str) -> Json {
        error_body(kind, request_id)
    }

    fn malformed_id_error(&self, _field: &str, resource: &'static str) -> ErrorKind {
        ErrorKind::NotFound(resource)
    }

    fn foreign_business_error(&self) -> ErrorKind {
        ErrorKind::NotFound("business")
    }

    fn page_limits(&self) -> PageLimits {
        PageLimits { default: 20, most: 100 }
    }

    fn page(&self, items: Vec<Json>, next_cursor: Option<String>) -> Json {
        native::page(items, next_cursor)
    }

    fn status(&self, status: LeadStatus) -> &'static str {
        match status {
            LeadStatus::New => "new",
            LeadStatus::Contacted => "contacted",
            LeadStatus::Qualified => "qualified",
            LeadStatus::Won => "converted",
            LeadStatus::Lost => "lost",
            LeadStatus::OptedOut => "opted_out",
            LeadStatus::Closed => "closed",
        }
    }

    fn write_lead_id(&self, lead: LeadId) -> String {
        lead_id(lead)
    }

    fn parse_lead_id(&self, text: &str) -> Result<LeadId, String> {
        let digits = text.strip_prefix("l_").filter(|digits| digits.len() == 32);
        digits.and_then(LeadId::parse).ok_or_else(|| "must be a lead's id such as l_ and 32 digits".to_owned())
    }

    fn lead(&self, lead: &Lead) -> Json {
        Json::of(&wire_lead(lead))
    }

    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors> {
        let mut fields = Fields::new(body);
        let name = fields.required("customer_name", Name::parse);
        let phone = fields.required("phone", |text| Phone::parse_e164(text).map(|phone| phone.as_str().to_owned()));
        let car_model = fields.optional(CAR_MODEL, |text| single_line(text, 200));
        let consent = fields.flag("consent").map(|given| NewConsent { given, text: None });
        // What it holds is looked at when all else is right.
        fields.optional(PHOTO, |_| Ok(()));
        fields.finish()?;
        let attributes = car_model.map(|model| (CAR_MODEL.to_owned(), AttributeValue::Text(model)));
        Ok(LeadDraft {
            business: None,
            brand: None,
            name: name.ok_or_else(|| FieldErrors::single("customer_name", "is required"))?,
            email: None,
            phone,
            message: None,
            service_interest: None,
            source: Source::default(),
            category: Category::TestDrive,
            utm: Utm::default(),
            consent,
            visitor: None,
            attributes: Attributes::parse(attributes).map_err(|reason| FieldErrors::single(CAR_MODEL, reason))?,
        })
    }

    fn changed_lead_view(&self) -> LeadView {
        LeadView::LeadWithFollowUp
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        let business = business_parameter(query);
        let status = query.one_of("status", &LeadStatus::ALL, |status| self.status(status));
        LeadListQuery { business, status, ..LeadListQuery::default() }
    }

    fn parse_sequence_request(&self, body: &Map<String, Value>) -> Result<SequenceDraft, FieldErrors> {
        SequenceFields::SNAKE_CASE.parse(body, |text| self.parse_lead_id(text))
    }

    fn sequence(&self, sequence: &Sequence) -> Json {
        snake_case_sequence(sequence, lead_id(sequence.lead))
    }

    fn message(&self, message: &Message) -> Json {
        snake_case_message(message)
    }

    fn parse_inbound_event(&self, body: &Map<String, Value>, now: Timestamp) -> Result<InboundMessage, FieldErrors> {
        parse_inbound_event(&InboundFields::SNAKE_CASE, body, now, |text| self.parse_lead_id(text))
    }

    // A key is bound to one business, which is the one that is reported on.
    fn parse_kpi_query(&self, query: &mut Query) -> KpiQuery {
        KpiQuery { business: None, range: query.optional("range", DayRange::parse).unwrap_or_default() }
    }

    fn kpis(&self, range: DayRange, figures: &KpiReport) -> Json {
        snake_case_kpis(range, figures)
    }

    fn dispute(&self, dispute: &Dispute) -> Json {
        native::dispute_in_snake_case(dispute, lead_id)
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

    fn event(&self, event: &Event) -> Json {
        let mut body = WireEvent {
            event: event.event_type.name(),
            lead_id: None,
            channel: None,
            body: None,
            received_at: None,
            occurred_at: Some(event.occurred_at.to_string()),
            lead: None,
            dispute: None,
            webhook: None,
        };
        match &event.subject {
            Subject::Lead(lead) => {
                body.lead_id = Some(lead_id(lead.id));
                body.lead = Some(self.lead(lead));
            }
            Subject::Dispute(dispute) => {
                body.lead_id = dispute.lead.map(lead_id);
                body.dispute = Some(self.dispute(dispute));
            }
            Subject::Reply(reply) => {
                // As the document's sample of what came in: it has no other time than its own.
                body.lead_id = Some(lead_id(reply.lead));
                body.channel = Some(reply.channel.name().to_lowercase());
                body.body = Some(reply.body.clone());
                body.received_at = reply.at.map(|at| at.to_string());
                body.occurred_at = None;
            }
            Subject::Subscription(subscription) => {
                body.webhook = Some(native::subscription_in_snake_case(subscription));
            }
        }
        Json::of(&body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_request_is_read() {
        let body = serde_json::json!({
            "customer_name": "Anna Karlsson", "phone": "+46701234567", "car_model": "Mercedes E-Class", "consent": true
        });
        let draft = LeadRescue.read_lead(body.as_object().expect("an object")).expect("a lead");
        assert_eq!(draft.phone.as_deref(), Some("+46701234567"));
        assert!(draft.consent.is_some_and(|consent| consent.given));
    }
}
