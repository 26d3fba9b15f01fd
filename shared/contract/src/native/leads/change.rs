//! Changes of a lead of the native contract.

use crate::fields::Fields;
use crate::leads::request::{parse_phone_text, read_attributes, read_consent, read_utm};
use domain::accounts::business::Country;
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{Attributes, Category, FieldChange, Source, Utm};
use domain::text::{MultiLine, SingleLine};
use domain::{FieldErrors, LeadChange, LeadStatus};
use serde_json::{Map, Value};

/// The fields that can be changed.
const FIELDS: [&str; 11] = [
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

/// The fields that can be changed but not cleared.
const NOT_NULL: [&str; 4] = ["status", "name", "source", "category"];

/// Checks a change before its lead is read: everything but the phone number, which is read with the country of the
/// lead's business.
pub fn check_lead_change(body: &Map<String, Value>) -> Result<(), FieldErrors> {
    parse(body, |text| parse_phone_text(text).map(|_| None)).map(|_| ())
}

/// Parses a change of a lead that belongs to a business in `country`.
pub fn parse_lead_change(body: &Map<String, Value>, country: &Country) -> Result<LeadChange, FieldErrors> {
    parse(body, |text| Phone::parse(text, country).map(Some))
}

fn parse(
    body: &Map<String, Value>,
    parse_phone: impl Fn(&str) -> Result<Option<Phone>, String>,
) -> Result<LeadChange, FieldErrors> {
    let mut fields = Fields::new(body);
    fields.require_one_of(&FIELDS)?;
    fields.reject_null(&NOT_NULL);
    let consent = match (fields.has("consent"), fields.object("consent", read_consent).flatten()) {
        (_, Some(consent)) => FieldChange::Set(consent),
        (true, None) => FieldChange::Cleared,
        (false, None) => FieldChange::Unchanged,
    };
    let utm_cleared = fields.has("utm") && fields.value("utm").is_none();
    let attributes_cleared = fields.has("attributes") && fields.value("attributes").is_none();
    let change = LeadChange {
        status: fields.one_of("status", &LeadStatus::ALL, LeadStatus::name),
        name: fields.optional("name", Name::parse),
        email: fields.change("email", Email::parse),
        phone: match fields.change("phone", parse_phone) {
            FieldChange::Set(Some(phone)) => FieldChange::Set(phone),
            FieldChange::Set(None) | FieldChange::Unchanged => FieldChange::Unchanged,
            FieldChange::Cleared => FieldChange::Cleared,
        },
        message: fields.change("message", MultiLine::parse),
        service_interest: fields.change("serviceInterest", SingleLine::parse),
        source: fields.optional("source", Source::parse),
        category: fields.one_of("category", &Category::ALL, Category::name),
        utm: fields.object("utm", read_utm).or_else(|| utm_cleared.then(Utm::default)),
        consent,
        attributes: read_attributes(&mut fields, "attributes").or_else(|| attributes_cleared.then(Attributes::default)),
    };
    fields.finish()?;
    Ok(change)
}
