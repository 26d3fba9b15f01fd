//! Leads of the native contract.

use crate::fields::Fields;
use crate::json::Json;
use crate::lead::{LeadDraft, attributes, business_id, consent, phone_text, require_reachable, utm};
use crate::list_query::{LeadListQuery, business_parameter};
use crate::page::Query;
use crate::score::WireScore;
use domain::accounts::business::Country;
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{AttributeValue, Category, FieldChange, Source, Utm};
use domain::text::{MultiLine, SingleLine};
use domain::{FieldErrors, Lead, LeadChange, LeadStatus, VisitorId};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireLead<'a> {
    id: String,
    business_id: String,
    status: &'static str,
    category: &'static str,
    source: &'a str,
    name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    phone_e164: Option<&'a str>,
    message: Option<&'a str>,
    service_interest: Option<&'a str>,
    utm: &'a Utm,
    consent: Option<WireConsent<'a>>,
    visitor_id: String,
    attributes: BTreeMap<&'a str, &'a AttributeValue>,
    score: WireScore,
    opted_out_at: Option<String>,
    created_at: String,
    updated_at: String,
    version: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireConsent<'a> {
    given: bool,
    text: Option<&'a str>,
    recorded_at: String,
}

pub(super) fn lead(lead: &Lead) -> Json {
    Json::of(&WireLead {
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
        consent: lead.consent.as_ref().map(|consent| WireConsent {
            given: consent.given,
            text: consent.text.as_deref(),
            recorded_at: consent.at.to_string(),
        }),
        visitor_id: lead.visitor_id().as_str().to_owned(),
        attributes: lead.attributes.iter().collect(),
        score: WireScore::of(lead.score),
        opted_out_at: lead.opted_out_at.map(|at| at.to_string()),
        created_at: lead.created_at.to_string(),
        updated_at: lead.updated_at.to_string(),
        version: lead.version,
    })
}

pub(super) fn read_lead(body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors> {
    let mut fields = Fields::new(body);
    let business = fields.optional("businessId", business_id);
    let name = fields.required("name", Name::parse);
    let email = fields.optional("email", Email::parse);
    let phone = fields.optional("phone", phone_text);
    require_reachable(&mut fields);
    let message = fields.optional("message", MultiLine::parse);
    let service_interest = fields.optional("serviceInterest", SingleLine::parse);
    let source = fields.optional("source", Source::parse).unwrap_or_default();
    let category = fields.one_of("category", &Category::ALL, Category::name).unwrap_or_default();
    let utm = fields.object("utm", utm).unwrap_or_default();
    let consent = fields.object("consent", consent).flatten();
    let visitor = fields.optional("visitorId", VisitorId::parse);
    let attributes = attributes(&mut fields, "attributes").unwrap_or_default();
    fields.finish()?;
    let name = name.ok_or_else(|| FieldErrors::single("name", "is required"))?;
    Ok(LeadDraft {
        business,
        brand: None,
        name,
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
    })
}

pub(super) fn parse_list(query: &mut Query) -> LeadListQuery {
    let business = business_parameter(query);
    let status = query.one_of("status", &LeadStatus::ALL, LeadStatus::name);
    let category = query.one_of("category", &Category::ALL, Category::name);
    let source = query.optional("source", Source::parse);
    let email = query.optional("email", |text| Email::parse(text).map(|email| email.normalized()));
    let (created_from, created_to) = query.range("createdFrom", "createdTo");
    LeadListQuery { business, brand: None, status, category, source, email, created_from, created_to }
}

/// Finds what is wrong with a change of a lead whatever lead it is: all but how its telephone number reads in the
/// country of its business.
pub fn check_lead_change(body: &Map<String, Value>) -> Result<(), FieldErrors> {
    read(body, |text| phone_text(text).map(|_| None)).map(|_| ())
}

/// Reads a change of a lead; telephone numbers are read with the `country` of its business.
pub fn read_lead_change(body: &Map<String, Value>, country: &Country) -> Result<LeadChange, FieldErrors> {
    read(body, |text| Phone::parse(text, country).map(Some))
}

fn read(
    body: &Map<String, Value>,
    phone: impl Fn(&str) -> Result<Option<Phone>, String>,
) -> Result<LeadChange, FieldErrors> {
    const KNOWN: [&str; 11] = [
        "status",
        "name",
        "email",
        "phone",
        "message",
        "serviceInterest",
        "source",
        "category",
        "utm",
        "consent",
        "attributes",
    ];
    let mut fields = Fields::new(body);
    if !KNOWN.iter().any(|name| fields.has(name)) {
        return Err(FieldErrors::single("body", format!("must have at least one of {}", KNOWN.join(", "))));
    }
    for fixed in ["status", "name", "source", "category"] {
        if fields.has(fixed) && fields.value(fixed).is_none() {
            fields.add_error(fixed, "must not be null");
        }
    }
    let consent = match (fields.has("consent"), fields.object("consent", consent).flatten()) {
        (_, Some(consent)) => FieldChange::Set(consent),
        (true, None) => FieldChange::Cleared,
        (false, None) => FieldChange::Unchanged,
    };
    let emptied = |has: bool, value: bool| has && !value;
    let utm_cleared = emptied(fields.has("utm"), fields.value("utm").is_some());
    let attributes_cleared = emptied(fields.has("attributes"), fields.value("attributes").is_some());
    let change = LeadChange {
        status: fields.one_of("status", &LeadStatus::ALL, LeadStatus::name),
        name: fields.optional("name", Name::parse),
        email: fields.change("email", Email::parse),
        phone: match fields.change("phone", phone) {
            FieldChange::Set(Some(phone)) => FieldChange::Set(phone),
            FieldChange::Set(None) | FieldChange::Unchanged => FieldChange::Unchanged,
            FieldChange::Cleared => FieldChange::Cleared,
        },
        message: fields.change("message", MultiLine::parse),
        service_interest: fields.change("serviceInterest", SingleLine::parse),
        source: fields.optional("source", Source::parse),
        category: fields.one_of("category", &Category::ALL, Category::name),
        utm: fields.object("utm", utm).or_else(|| utm_cleared.then(Utm::default)),
        consent,
        attributes: attributes(&mut fields, "attributes")
            .or_else(|| attributes_cleared.then(domain::leads::Attributes::default)),
    };
    fields.finish()?;
    Ok(change)
}
