//! A lead of the native contract.

use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::leads::attributes::{AttributeJson, attribute_jsons, read_attributes};
use crate::leads::request::{read_consent, read_utm, require_contact};
use crate::leads::score::ScoreJson;
use crate::leads::unknown::keep_unknown;
use crate::leads::{LeadListQuery, LeadRequest, Warning};
use crate::query::Query;
use crate::schema::{AttributeMap, CategoryName, E164, EmailText, LeadStatusName, Time, UtmSchema, Uuid};
use domain::leads::contact::{Email, Phone};
use domain::leads::{Category, Utm};
use domain::text::{MultiLine, SingleLine};
use domain::{FieldErrors, Lead, LeadStatus};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Lead")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct LeadJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "LeadStatusName")]
    status: &'static str,
    #[schemars(with = "CategoryName")]
    category: &'static str,
    source: &'a str,
    name: &'a str,
    #[schemars(with = "Option<EmailText>")]
    email: Option<&'a str>,
    phone: Option<&'a str>,
    #[schemars(with = "Option<E164>")]
    phone_e164: Option<&'a str>,
    message: Option<&'a str>,
    service_interest: Option<&'a str>,
    #[schemars(with = "UtmSchema")]
    utm: &'a Utm,
    consent: Option<ConsentJson<'a>>,
    visitor_id: String,
    #[schemars(with = "AttributeMap")]
    attributes: BTreeMap<&'a str, AttributeJson<'a>>,
    score: ScoreJson,
    #[schemars(with = "Option<Time>")]
    opted_out_at: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
    version: u64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Consent")]
#[serde(rename_all = "camelCase")]
struct ConsentJson<'a> {
    given: bool,
    text: Option<&'a str>,
    #[schemars(with = "Time")]
    recorded_at: String,
}

impl<'a> LeadJson<'a> {
    fn of(lead: &'a Lead) -> Self {
        Self {
            id: lead.id.to_string(),
            business_id: lead.business.to_string(),
            status: lead.status.name(),
            category: lead.category.name(),
            source: lead.source.as_str(),
            name: lead.name.as_str(),
            email: lead.email.as_ref().map(Email::as_str),
            phone: lead.phone.as_ref().map(Phone::as_str),
            phone_e164: lead.phone.as_ref().and_then(Phone::e164),
            message: lead.message.as_ref().map(MultiLine::as_str),
            service_interest: lead.service_interest.as_ref().map(SingleLine::as_str),
            utm: &lead.utm,
            consent: lead.consent.as_ref().map(|consent| ConsentJson {
                given: consent.given,
                text: consent.text.as_deref(),
                recorded_at: consent.at.to_string(),
            }),
            visitor_id: lead.visitor_id().as_str().to_owned(),
            attributes: attribute_jsons(&lead.attributes).collect(),
            score: ScoreJson::of(lead.score),
            opted_out_at: lead.opted_out_at.map(|at| at.to_string()),
            created_at: lead.created_at.to_string(),
            updated_at: lead.updated_at.to_string(),
            version: lead.version,
        }
    }
}

/// Returns a lead.
pub(in crate::native) fn lead_json(lead: &Lead) -> Json {
    Json::of(&LeadJson::of(lead))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedLead")]
pub(in crate::native) struct CreatedLeadJson<'a> {
    #[serde(flatten)]
    lead: LeadJson<'a>,
    #[serde(skip_serializing_if = "<[Warning]>::is_empty")]
    warnings: &'a [Warning],
}

/// Returns the response to a request that created a lead, with what the request had that a lead has not.
pub(in crate::native) fn created_lead_json(lead: &Lead, warnings: &[Warning]) -> Json {
    Json::of(&CreatedLeadJson { lead: LeadJson::of(lead), warnings })
}

/// Parses a request that creates a lead; `name` and one of `email` and `phone` are required.
pub(in crate::native) fn parse_lead_request(mut fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
    let business = read_business_id(&mut fields);
    let name = fields.required("name", text_format::person_name());
    let email = fields.optional("email", text_format::email());
    let phone = fields.optional("phone", text_format::phone_text());
    require_contact(&mut fields);
    let message = fields.optional("message", text_format::long_text());
    let service_interest = fields.optional("serviceInterest", text_format::short_text());
    let source = fields.optional("source", text_format::source()).unwrap_or_default();
    let category = fields.one_of("category", &Category::ALL, Category::name).unwrap_or_default();
    let utm = fields.object("utm", read_utm).unwrap_or_default();
    let consent = fields.object("consent", read_consent).flatten();
    let visitor = fields.optional("visitorId", text_format::visitor_id());
    let sent = read_attributes(&mut fields, "attributes").unwrap_or_default();
    let unknown = fields.finish_with_unknown()?;
    let mut warnings: Vec<_> = sent.warnings("attributes").collect();
    let (attributes, unknown_warnings) = keep_unknown(unknown, sent.attributes);
    warnings.extend(unknown_warnings);
    Ok(LeadRequest {
        business,
        brand: None,
        name: required_value("name", name)?,
        email,
        phone,
        message,
        service_interest,
        source,
        category,
        utm,
        consent,
        visitor,
        attributes,
        warnings,
    })
}

/// Reads the filter of a list of leads.
pub(in crate::native) fn read_lead_list(query: &mut Query) -> LeadListQuery {
    let business = business_id_parameter(query);
    let status = query.one_of("status", &LeadStatus::ALL, LeadStatus::name);
    let category = query.one_of("category", &Category::ALL, Category::name);
    let source = query.optional("source", text_format::source());
    let email = query.email("email").map(|email| email.normalized());
    let created = query.range("createdFrom", "createdTo");
    LeadListQuery { business, brand: None, status, category, source, email, created }
}
