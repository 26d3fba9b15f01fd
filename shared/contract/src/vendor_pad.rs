//! VendorPad, `/api/v1/developer`: snake_case, errors as LeadRescue's, pages of `data` and `pagination`.

use crate::accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
use crate::error::ErrorKind;
use crate::fields::Fields;
use crate::follow_up::{SequenceDraft, SequenceFields, snake_case_message, snake_case_sequence};
use crate::json::Json;
use crate::lead::{LeadDraft, brand_id, phone_text};
use crate::list_query::{LeadListQuery, brand_parameter};
use crate::page::{PageLimits, Query};
use crate::profile::{ContractProfile, ListScope};
use crate::record::id;
use crate::visitor_event::{VisitorEventDraft, VisitorEventFields, parse_visitor_event, visitor_event_ids};
use crate::webhooks::{SignedContent, WebhookHeaderScheme};
use crate::{lead_rescue, native};
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{AttributeValue, Attributes, Category, Source, Utm};
use domain::text::SingleLine;
use domain::text::single_line;
use domain::time::calendar_date;
use domain::webhooks::event::Subject;
use domain::{Dispute, Event, FieldErrors, Lead, LeadId, LeadStatus, Message, Sequence, VisitorEvent, VisitorId};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How VendorPad spells things.
pub(crate) struct VendorPad;

#[derive(Serialize)]
struct WireLead<'a> {
    id: String,
    business_id: String,
    status: &'static str,
    source: &'a str,
    first_name: &'a str,
    last_name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    visitor_id: String,
    #[serde(flatten)]
    attributes: BTreeMap<&'a str, &'a AttributeValue>,
    utm_source: Option<&'a str>,
    utm_medium: Option<&'a str>,
    utm_campaign: Option<&'a str>,
    utm_term: Option<&'a str>,
    utm_content: Option<&'a str>,
    created_at: String,
    updated_at: String,
}

/// What is answered to a lead that comes in.
#[derive(Serialize)]
struct Taken {
    lead_id: String,
    visitor_id: String,
    duplicate: bool,
}

impl Taken {
    fn json(lead: &Lead, duplicate: bool) -> Json {
        let visitor_id = lead.visitor_id().as_str().to_owned();
        Json::of(&Self { lead_id: lead.id.to_string(), visitor_id, duplicate })
    }
}

#[derive(Serialize)]
struct Page {
    data: Vec<Json>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Pagination {
    next_cursor: Option<String>,
    has_more: bool,
}

#[derive(Serialize)]
struct WireEvent {
    id: String,
    event: &'static str,
    created_at: String,
    data: Json,
}

/// What VendorPad asks of a lead that the house keeps among its attributes.
const EVENT_FIELDS: [&str; 2] = ["event_type", "event_date"];

/// The attribute that keeps a first name of several words, where the name does not tell how it ends.
const FIRST_NAME: &str = "first_name";

/// First and last name of a lead, as they came in or, through another contract, at the first space.
fn names(lead: &Lead) -> (&str, Option<&str>) {
    let name = lead.name.as_str();
    let kept = lead.attributes.iter().find(|(attribute, _)| *attribute == FIRST_NAME);
    if let Some((_, AttributeValue::Text(first))) = kept
        && let Some(rest) = name.strip_prefix(first.as_str())
        && (rest.is_empty() || rest.starts_with(' '))
    {
        return (first, rest.strip_prefix(' '));
    }
    name.split_once(' ').map_or((name, None), |(first, last)| (first, Some(last)))
}

impl ContractProfile for VendorPad {
    fn display_name(&self) -> &'static str {
        "VendorPad"
    }

    fn base_path(&self) -> &'static str {
        "/api/v1/developer"
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

    fn error_body(&self, kind: &ErrorKind, request_id: &str) -> Json {
        lead_rescue::error_body(kind, request_id)
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
        let has_more = next_cursor.is_some();
        Json::of(&Page { data: items, pagination: Pagination { next_cursor, has_more } })
    }

    fn status(&self, status: LeadStatus) -> &'static str {
        match status {
            LeadStatus::New => "new",
            LeadStatus::Contacted => "contacted",
            LeadStatus::Qualified => "qualified",
            LeadStatus::Won => "won",
            LeadStatus::Lost => "lost",
            LeadStatus::OptedOut => "opted_out",
            LeadStatus::Closed => "closed",
        }
    }

    fn write_lead_id(&self, lead: LeadId) -> String {
        lead.to_string()
    }

    fn parse_lead_id(&self, text: &str) -> Result<LeadId, String> {
        id(LeadId::parse)(text)
    }

    fn lead(&self, lead: &Lead) -> Json {
        let (first_name, last_name) = names(lead);
        Json::of(&WireLead {
            id: lead.id.to_string(),
            business_id: lead.business.to_string(),
            status: self.status(lead.status),
            source: lead.source.as_str(),
            first_name,
            last_name,
            email: lead.email.as_ref().map(Email::as_str),
            phone: lead.phone.as_ref().map(Phone::as_str),
            visitor_id: lead.visitor_id().as_str().to_owned(),
            attributes: lead.attributes.iter().filter(|(name, _)| EVENT_FIELDS.contains(name)).collect(),
            utm_source: lead.utm.source.as_ref().map(SingleLine::as_str),
            utm_medium: lead.utm.medium.as_ref().map(SingleLine::as_str),
            utm_campaign: lead.utm.campaign.as_ref().map(SingleLine::as_str),
            utm_term: lead.utm.term.as_ref().map(SingleLine::as_str),
            utm_content: lead.utm.content.as_ref().map(SingleLine::as_str),
            created_at: lead.created_at.to_string(),
            updated_at: lead.updated_at.to_string(),
        })
    }

    fn made_lead(&self, lead: &Lead) -> Json {
        Taken::json(lead, false)
    }

    fn known_lead(&self, first: &Lead) -> Json {
        Taken::json(first, true)
    }

    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors> {
        let mut fields = Fields::new(body);
        let first_name = fields.required("first_name", |text| single_line(text, 100));
        let last_name = fields.optional("last_name", |text| single_line(text, 99));
        let email = fields.required("email", Email::parse);
        let phone = fields.optional("phone", phone_text);
        let event_type = fields.optional("event_type", |text| single_line(text, 100));
        let event_date = fields.optional("event_date", calendar_date);
        let brand = brand_id(&mut fields);
        let visitor = fields.optional("visitor_id", VisitorId::parse);
        let utm = Utm {
            source: fields.optional("utm_source", SingleLine::parse),
            medium: fields.optional("utm_medium", SingleLine::parse),
            campaign: fields.optional("utm_campaign", SingleLine::parse),
            term: fields.optional("utm_term", SingleLine::parse),
            content: fields.optional("utm_content", SingleLine::parse),
        };
        fields.finish()?;
        let first_name = first_name.unwrap_or_default();
        let name = last_name.map_or(first_name.clone(), |last_name| format!("{first_name} {last_name}"));
        let several_words = first_name.contains(' ').then_some(first_name);
        let attributes = [("event_type", event_type), ("event_date", event_date), (FIRST_NAME, several_words)]
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), AttributeValue::Text(text?))));
        Ok(LeadDraft {
            business: None,
            brand,
            name: Name::parse(&name).map_err(|reason| FieldErrors::single("first_name", reason))?,
            email,
            phone,
            message: None,
            service_interest: None,
            source: Source::default(),
            category: Category::Event,
            utm,
            consent: None,
            visitor,
            attributes: Attributes::parse(attributes).map_err(|reason| FieldErrors::single("event_type", reason))?,
        })
    }

    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery {
        let brand = brand_parameter(query);
        let status = query.one_of("status", &LeadStatus::ALL, |status| self.status(status));
        let (created_from, created_to) = query.range("created_from", "created_to");
        LeadListQuery { brand, status, created_from, created_to, ..LeadListQuery::default() }
    }

    fn parse_sequence_request(&self, body: &Map<String, Value>) -> Result<SequenceDraft, FieldErrors> {
        SequenceFields::SNAKE_CASE.parse(body, |text| self.parse_lead_id(text))
    }

    fn sequence(&self, sequence: &Sequence) -> Json {
        snake_case_sequence(sequence, sequence.lead.to_string())
    }

    fn message(&self, message: &Message) -> Json {
        snake_case_message(message)
    }

    fn parse_visitor_event(&self, body: &Map<String, Value>) -> Result<VisitorEventDraft, FieldErrors> {
        parse_visitor_event(&VisitorEventFields::SNAKE_CASE, body)
    }

    fn visitor_event(&self, event: &VisitorEvent) -> Json {
        visitor_event_ids(event)
    }

    fn dispute(&self, dispute: &Dispute) -> Json {
        native::dispute_in_snake_case(dispute, |lead: LeadId| lead.to_string())
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

    fn event(&self, event: &Event) -> Json {
        let data = match &event.subject {
            Subject::Lead(lead) => self.lead(lead),
            Subject::Dispute(dispute) => self.dispute(dispute),
            Subject::Reply(reply) => self.message(reply),
            Subject::Subscription(subscription) => native::subscription_in_snake_case(subscription),
        };
        Json::of(&WireEvent {
            id: event.id.to_string(),
            event: event.event_type.name(),
            created_at: event.occurred_at.to_string(),
            data,
        })
    }
}
