//! VendorPad, `/api/v1/developer`: snake_case, errors as LeadRescue's, pages as the native ones.

use crate::fields::Fields;
use crate::json::Json;
use crate::lead::{LeadDraft, phone_text};
use crate::page::PageLimits;
use crate::refusal::Refusal;
use crate::wire::Wire;
use crate::{lead_rescue, native};
use domain::contact::{Email, Name, Phone};
use domain::event::Subject;
use domain::lead::{AttributeValue, Attributes, Category, Line, Source, Utm};
use domain::text::line;
use domain::{Dispute, Event, Faults, Lead, LeadId, LeadStatus};
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
    #[serde(flatten)]
    attributes: BTreeMap<&'a str, &'a AttributeValue>,
    created_at: String,
    updated_at: String,
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

impl Wire for VendorPad {
    fn refusal(&self, refusal: &Refusal, request_id: &str) -> Json {
        lead_rescue::refusal(refusal, request_id)
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
            LeadStatus::Won => "won",
            LeadStatus::Lost => "lost",
            LeadStatus::OptedOut => "opted_out",
            LeadStatus::Closed => "closed",
        }
    }

    fn lead(&self, lead: &Lead) -> Json {
        let name = lead.name.as_str();
        let (first_name, last_name) = name.split_once(' ').map_or((name, None), |(first, last)| (first, Some(last)));
        Json::of(&WireLead {
            id: lead.id.to_string(),
            business_id: lead.business.to_string(),
            status: self.status(lead.status),
            source: lead.source.as_str(),
            first_name,
            last_name,
            email: lead.email.as_ref().map(Email::as_str),
            phone: lead.phone.as_ref().map(Phone::as_str),
            attributes: lead.attributes.iter().filter(|(name, _)| EVENT_FIELDS.contains(name)).collect(),
            created_at: lead.created_at.to_string(),
            updated_at: lead.updated_at.to_string(),
        })
    }

    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, Faults> {
        let mut fields = Fields::new(body);
        let first_name = fields.required("first_name", |text| line(text, 100));
        let last_name = fields.optional("last_name", |text| line(text, 99));
        let email = fields.required("email", Email::parse);
        let phone = fields.optional("phone", phone_text);
        let event_fields: Vec<_> = EVENT_FIELDS
            .into_iter()
            .filter_map(|name| {
                Some((name.to_owned(), AttributeValue::Text(fields.optional(name, |text| line(text, 100))?)))
            })
            .collect();
        let utm = Utm {
            source: fields.optional("utm_source", Line::parse),
            medium: fields.optional("utm_medium", Line::parse),
            campaign: fields.optional("utm_campaign", Line::parse),
            term: fields.optional("utm_term", Line::parse),
            content: fields.optional("utm_content", Line::parse),
        };
        fields.finish()?;
        let first_name = first_name.unwrap_or_default();
        let name = last_name.map_or(first_name.clone(), |last_name| format!("{first_name} {last_name}"));
        Ok(LeadDraft {
            business: None,
            name: Name::parse(&name).map_err(|reason| Faults::one("first_name", reason))?,
            email,
            phone,
            message: None,
            service_interest: None,
            source: Source::default(),
            category: Category::Event,
            utm,
            consent: None,
            attributes: Attributes::parse(event_fields).map_err(|reason| Faults::one("event_type", reason))?,
        })
    }

    fn dispute(&self, dispute: &Dispute) -> Json {
        native::dispute_in_snake_case(dispute, |lead: LeadId| lead.to_string())
    }

    fn event(&self, event: &Event) -> Json {
        let data = match &event.subject {
            Subject::Lead(lead) => self.lead(lead),
            Subject::Dispute(dispute) => self.dispute(dispute),
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
