//! Changes of a lead of the native contract.

use crate::fields::{Fields, TextFormat, text_format};
use crate::json::Json;
use crate::leads::attributes::read_attributes_change;
use crate::leads::request::{parse_phone_text, read_consent, read_utm};
use domain::accounts::business::Country;
use domain::leads::contact::Phone;
use domain::leads::phone::MAX_PHONE_CHARS;
use domain::leads::{Category, FieldChange};
use domain::{FieldErrors, LeadChange, LeadStatus};

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

/// The fields that a change may send back as they were fetched. `warnings` are only in the response that creates a lead.
const READ_ONLY: [&str; 10] = [
    "id",
    "businessId",
    "phoneE164",
    "visitorId",
    "score",
    "optedOutAt",
    "createdAt",
    "updatedAt",
    "version",
    "warnings",
];

/// The fields that can be changed but not cleared.
const NOT_NULL: [&str; 4] = ["status", "name", "source", "category"];

/// Checks a change before its lead is read: everything but the phone number, which is read with the country of the
/// lead's business.
pub fn check_lead_change(fields: Fields<'_>) -> Result<(), FieldErrors> {
    parse(fields, |text| parse_phone_text(text).map(|_| None)).map(|_| ())
}

/// Parses a change of a lead that belongs to a business in `country`.
pub fn parse_lead_change(fields: Fields<'_>, country: &Country) -> Result<LeadChange, FieldErrors> {
    parse(fields, |text| Phone::parse(text, country).map(Some))
}

/// Checks that a change sends back the read-only fields of a lead, which `current` shows, as they are.
pub fn check_read_only_lead_fields(fields: &Fields<'_>, current: &Json) -> Result<(), FieldErrors> {
    let reason = "is read-only: leave it out, or send it back as it is";
    fields.check_read_only(&READ_ONLY, current, reason)?;
    fields.check_read_only(&["consent.recordedAt"], current, reason)
}

/// Returns the new value of a field that is empty rather than absent when it is cleared.
fn replaced<T: Default>(change: FieldChange<T>) -> Option<T> {
    match change {
        FieldChange::Unchanged => None,
        FieldChange::Cleared => Some(T::default()),
        FieldChange::Set(value) => Some(value),
    }
}

fn parse(
    mut fields: Fields<'_>,
    parse_phone: impl Fn(&str) -> Result<Option<Phone>, String>,
) -> Result<LeadChange, FieldErrors> {
    fields.require_one_of(&FIELDS);
    fields.read_only(&READ_ONLY);
    fields.reject_null(&NOT_NULL);
    let consent = fields.object_change("consent", |consent| {
        consent.read_only(&["recordedAt"]);
        read_consent(consent)
    });
    let change = LeadChange {
        status: fields.one_of("status", &LeadStatus::ALL, LeadStatus::name),
        name: fields.optional("name", text_format::person_name()),
        email: fields.change("email", text_format::email()),
        phone: match fields.change("phone", TextFormat::of(parse_phone).at_most(MAX_PHONE_CHARS)) {
            FieldChange::Set(Some(phone)) => FieldChange::Set(phone),
            FieldChange::Set(None) | FieldChange::Unchanged => FieldChange::Unchanged,
            FieldChange::Cleared => FieldChange::Cleared,
        },
        message: fields.change("message", text_format::long_text()),
        service_interest: fields.change("serviceInterest", text_format::short_text()),
        source: fields.optional("source", text_format::source()),
        category: fields.one_of("category", &Category::ALL, Category::name),
        utm: replaced(fields.object_change("utm", read_utm)),
        consent: match consent {
            FieldChange::Set(Some(consent)) => FieldChange::Set(consent),
            // An invalid one has added its errors.
            FieldChange::Set(None) | FieldChange::Unchanged => FieldChange::Unchanged,
            FieldChange::Cleared => FieldChange::Cleared,
        },
        attributes: read_attributes_change(&mut fields, "attributes"),
    };
    fields.finish()?;
    Ok(change)
}
