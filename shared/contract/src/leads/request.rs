//! A request that creates a lead.

use crate::fields::Fields;
use domain::leads::contact::{Email, Name, Phone, require_readable_contact};
use domain::leads::phone::MAX_PHONE_CHARS;
use domain::leads::{AttributeValue, Attributes, Category, NewConsent, Source, Utm};
use domain::text::{MultiLine, SingleLine, multi_line, single_line};
use domain::{Business, BusinessId, FieldErrors, NewLead, VisitorId};
use serde_json::Value;

/// Maximum length of the text that a person consented to, in characters.
const MAX_CONSENT_TEXT_LENGTH: usize = 2_000;

/// A request that creates a lead, before its business is known: the business's country decides how the phone number is
/// read.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadRequest {
    /// Business named by its id.
    pub business: Option<BusinessId>,
    /// Business named by the number that the tenant gave it.
    pub brand: Option<u32>,
    /// Name of the person.
    pub name: Name,
    /// E-mail address.
    pub email: Option<Email>,
    /// Phone number as written.
    pub phone: Option<String>,
    /// Text that the person wrote.
    pub message: Option<MultiLine>,
    /// Service that the person is interested in.
    pub service_interest: Option<SingleLine>,
    /// Source of the lead.
    pub source: Source,
    /// Category of the lead.
    pub category: Category,
    /// UTM parameters.
    pub utm: Utm,
    /// Whether the person agreed to receive messages.
    pub consent: Option<NewConsent>,
    /// Visitor id of the person on the business's website.
    pub visitor: Option<VisitorId>,
    /// Further attributes.
    pub attributes: Attributes,
}

impl LeadRequest {
    /// Returns the lead to create in `business`.
    pub fn in_business(self, business: &Business) -> Result<NewLead, FieldErrors> {
        let phone = read_phone(self.phone.as_deref(), self.email.as_ref(), business)?;
        Ok(NewLead {
            business: business.id,
            name: self.name,
            email: self.email,
            phone,
            message: self.message,
            service_interest: self.service_interest,
            source: self.source,
            category: self.category,
            utm: self.utm,
            consent: self.consent,
            visitor: self.visitor,
            attributes: self.attributes,
        })
    }
}

/// Parses a phone number as written. Its digits are read once the business is known.
pub(crate) fn parse_phone_text(text: &str) -> Result<String, String> {
    single_line(text, MAX_PHONE_CHARS)
}

/// Reads the phone of a lead or customer of `business`. What cannot be read is kept as text beside an e-mail address; it
/// is an error if it is the only contact.
pub(crate) fn read_phone(
    text: Option<&str>,
    email: Option<&Email>,
    business: &Business,
) -> Result<Option<Phone>, FieldErrors> {
    let phone = text.map(|text| Phone::parse(text, &business.country)).transpose();
    let phone = phone.and_then(|phone| require_readable_contact(email, phone.as_ref()).map(|()| phone));
    phone.map_err(|reason| FieldErrors::single("phone", reason))
}

/// Adds an error unless there is an e-mail address or a phone number.
pub(crate) fn require_contact(fields: &mut Fields<'_>) {
    if fields.value("email").is_none() && fields.value("phone").is_none() {
        fields.add_error("email", "or phone is required");
    }
}

/// Reads `{"source", "medium", "campaign", "term", "content"}`.
pub(crate) fn read_utm(fields: &mut Fields<'_>) -> Utm {
    Utm {
        source: fields.optional("source", SingleLine::parse),
        medium: fields.optional("medium", SingleLine::parse),
        campaign: fields.optional("campaign", SingleLine::parse),
        term: fields.optional("term", SingleLine::parse),
        content: fields.optional("content", SingleLine::parse),
    }
}

/// Reads `{"given", "text"}`.
pub(crate) fn read_consent(fields: &mut Fields<'_>) -> Option<NewConsent> {
    fields.require("given");
    let text = fields.optional("text", |text| multi_line(text, MAX_CONSENT_TEXT_LENGTH));
    Some(NewConsent { given: fields.boolean("given")?, text })
}

/// Reads a flat object of strings, numbers and booleans.
pub(crate) fn read_attributes(fields: &mut Fields<'_>, name: &str) -> Option<Attributes> {
    let entries: Vec<_> = fields.object(name, |inner| inner.entries().collect())?;
    let attribute = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::String(text) => AttributeValue::Text(text.clone()),
            Value::Bool(flag) => AttributeValue::Boolean(*flag),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => AttributeValue::Integer(whole),
                (None, Some(number)) => AttributeValue::Number(number),
                (None, None) => return None,
            },
            _ => return None,
        };
        Some((key.clone(), value))
    };
    let entries: Option<Vec<_>> = entries.into_iter().map(attribute).collect();
    let parsed =
        entries.ok_or_else(|| "must contain only strings, numbers and booleans".to_owned()).and_then(Attributes::parse);
    parsed.map_err(|reason| fields.add_error(name, reason)).ok()
}
