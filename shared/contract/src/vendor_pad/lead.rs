//! A lead of VendorPad, with first and last name and the event that it is about.

use crate::accounts::business::read_brand_id;
use crate::fields::{Fields, text_format};
use crate::json::Json;
use crate::leads::LeadRequest;
use crate::leads::attributes::{AttributeJson, attribute_jsons};
use crate::leads::unknown::keep_unknown;
use crate::schema::{EmailText, Time, Uuid, names};
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{AttributeValue, Attributes, Category, Source, Utm};
use domain::text::SingleLine;
use domain::{FieldErrors, Lead, LeadStatus};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Maximum length of a first name, in characters.
const MAX_FIRST_NAME_LENGTH: usize = 100;

/// Maximum length of a last name, in characters: with first name and space at most the 200 of a lead's name.
const MAX_LAST_NAME_LENGTH: usize = 99;

/// Maximum length of an event type, in characters.
const MAX_EVENT_TYPE_LENGTH: usize = 100;

/// The fields that are stored among a lead's attributes.
const EVENT_FIELDS: [&str; 2] = ["event_type", "event_date"];

/// The JSON Schema of [`EVENT_FIELDS`] in a lead. Leads of other contracts may have attributes of these names and other
/// types.
struct EventFields;

impl JsonSchema for EventFields {
    fn schema_name() -> Cow<'static, str> {
        "EventFields".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let value = json!({ "type": ["string", "number", "boolean"] });
        let properties: Map<_, _> = EVENT_FIELDS.map(|name| (name.to_owned(), value.clone())).into_iter().collect();
        json_schema!({ "type": "object", "properties": properties })
    }
}

/// The attribute that stores a first name of several words. A lead has one name: without the attribute, it would be
/// split at the first space.
const FIRST_NAME: &str = "first_name";

/// Returns the name of a status.
pub(super) fn status_name(status: LeadStatus) -> &'static str {
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

names! {
    /// The status of a lead.
    LeadStatusName = LeadStatus::ALL, status_name;
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Lead")]
pub(super) struct LeadJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "LeadStatusName")]
    status: &'static str,
    source: &'a str,
    first_name: &'a str,
    last_name: Option<&'a str>,
    #[schemars(with = "Option<EmailText>")]
    email: Option<&'a str>,
    phone: Option<&'a str>,
    visitor_id: String,
    #[serde(flatten)]
    #[schemars(with = "EventFields")]
    attributes: BTreeMap<&'a str, AttributeJson<'a>>,
    utm_source: Option<&'a str>,
    utm_medium: Option<&'a str>,
    utm_campaign: Option<&'a str>,
    utm_term: Option<&'a str>,
    utm_content: Option<&'a str>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

/// Returns a lead.
pub(super) fn lead_json(lead: &Lead) -> Json {
    let (first_name, last_name) = first_and_last_name(lead);
    Json::of(&LeadJson {
        id: lead.id.to_string(),
        business_id: lead.business.to_string(),
        status: status_name(lead.status),
        source: lead.source.as_str(),
        first_name,
        last_name,
        email: lead.email.as_ref().map(Email::as_str),
        phone: lead.phone.as_ref().map(Phone::as_str),
        visitor_id: lead.visitor_id().as_str().to_owned(),
        attributes: attribute_jsons(&lead.attributes).filter(|(name, _)| EVENT_FIELDS.contains(name)).collect(),
        utm_source: lead.utm.source.as_ref().map(SingleLine::as_str),
        utm_medium: lead.utm.medium.as_ref().map(SingleLine::as_str),
        utm_campaign: lead.utm.campaign.as_ref().map(SingleLine::as_str),
        utm_term: lead.utm.term.as_ref().map(SingleLine::as_str),
        utm_content: lead.utm.content.as_ref().map(SingleLine::as_str),
        created_at: lead.created_at.to_string(),
        updated_at: lead.updated_at.to_string(),
    })
}

/// Returns first and last name as they were sent. The name of a lead that came through another contract is split at the
/// first space.
fn first_and_last_name(lead: &Lead) -> (&str, Option<&str>) {
    let name = lead.name.as_str();
    let stored = lead.attributes.iter().find(|(attribute, _)| *attribute == FIRST_NAME);
    if let Some((_, AttributeValue::Text(first))) = stored
        && let Some(rest) = name.strip_prefix(first.as_str())
        && (rest.is_empty() || rest.starts_with(' '))
    {
        return (first, rest.strip_prefix(' '));
    }
    name.split_once(' ').map_or((name, None), |(first, last)| (first, Some(last)))
}

/// The response to a request that creates a lead.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedLead")]
pub(super) struct CreatedLeadJson {
    #[schemars(with = "Uuid")]
    lead_id: String,
    visitor_id: String,
    duplicate: bool,
}

impl CreatedLeadJson {
    fn of_new(lead: &Lead) -> Self {
        Self { lead_id: lead.id.to_string(), visitor_id: lead.visitor_id().as_str().to_owned(), duplicate: false }
    }
}

/// Returns the response for a new lead.
pub(super) fn created_lead_json(lead: &Lead) -> Json {
    Json::of(&CreatedLeadJson::of_new(lead))
}

/// Returns the response for a lead with the same e-mail address as `first`.
pub(super) fn duplicate_lead_json(first: &Lead) -> Json {
    Json::of(&CreatedLeadJson { duplicate: true, ..CreatedLeadJson::of_new(first) })
}

/// Parses a request that creates a lead; `first_name` and `email` are required.
pub(super) fn parse_lead_request(mut fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
    let first_name = fields.required("first_name", text_format::line(MAX_FIRST_NAME_LENGTH));
    let last_name = fields.optional("last_name", text_format::line(MAX_LAST_NAME_LENGTH));
    let email = fields.required("email", text_format::email());
    let phone = fields.optional("phone", text_format::phone_text());
    let event_type = fields.optional("event_type", text_format::line(MAX_EVENT_TYPE_LENGTH));
    let event_date = fields.optional("event_date", text_format::date());
    let brand = read_brand_id(&mut fields);
    let visitor = fields.optional("visitor_id", text_format::visitor_id());
    let utm = Utm {
        source: fields.optional("utm_source", text_format::utm_value()),
        medium: fields.optional("utm_medium", text_format::utm_value()),
        campaign: fields.optional("utm_campaign", text_format::utm_value()),
        term: fields.optional("utm_term", text_format::utm_value()),
        content: fields.optional("utm_content", text_format::utm_value()),
    };
    let unknown = fields.finish_with_unknown()?;
    let first_name = first_name.unwrap_or_default();
    let name = last_name.map_or(first_name.clone(), |last_name| format!("{first_name} {last_name}"));
    let several_words = first_name.contains(' ').then_some(first_name);
    let attributes = [("event_type", event_type), ("event_date", event_date), (FIRST_NAME, several_words)]
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), AttributeValue::Text(text?))));
    let attributes = Attributes::parse(attributes).map_err(|reason| FieldErrors::single("event_type", reason))?;
    let (attributes, warnings) = keep_unknown(unknown, attributes);
    Ok(LeadRequest {
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
        attributes,
        warnings,
    })
}
