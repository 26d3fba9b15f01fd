//! A request that creates a lead.

use crate::fields::{Fields, text_format};
use crate::leads::warning::Warning;
use domain::accounts::business::{Country, LeadBusiness};
use domain::leads::contact::{Email, Name, Phone, require_readable_contact};
use domain::leads::phone::MAX_PHONE_CHARS;
use domain::leads::{Attributes, Category, NewConsent, Source, Utm};
use domain::text::{MultiLine, SingleLine, single_line};
use domain::{BusinessId, FieldErrors, NewLead, VisitorId};

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
    /// The consent of the person to receive messages.
    pub consent: Option<NewConsent>,
    /// Visitor id of the person on the business's website.
    pub visitor: Option<VisitorId>,
    /// Further attributes, with the unknown fields that could be kept.
    pub attributes: Attributes,
    /// The fields of the request that a lead has not.
    pub warnings: Vec<Warning>,
}

impl LeadRequest {
    /// Returns the lead to create in `business`.
    pub fn in_business(self, business: &LeadBusiness) -> Result<NewLead, FieldErrors> {
        let phone = read_phone(self.phone.as_deref(), self.email.as_ref(), &business.country)?;
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

/// Reads the phone of a lead or customer of a business in `country`. What cannot be read is kept as text beside an e-mail address; it
/// is an error if it is the only contact.
pub(crate) fn read_phone(
    text: Option<&str>,
    email: Option<&Email>,
    country: &Country,
) -> Result<Option<Phone>, FieldErrors> {
    let phone = text.map(|text| Phone::parse(text, country)).transpose();
    let phone = phone.and_then(|phone| require_readable_contact(email, phone.as_ref()).map(|()| phone));
    phone.map_err(|reason| FieldErrors::single("phone", reason))
}

/// Adds an error unless there is an e-mail address or a phone number.
pub(crate) fn require_contact(fields: &mut Fields<'_>) {
    fields.require_any(&["email", "phone"], "or phone is required");
}

/// Reads `{"source", "medium", "campaign", "term", "content"}`.
pub(crate) fn read_utm(fields: &mut Fields<'_>) -> Utm {
    Utm {
        source: fields.optional("source", text_format::utm_value()),
        medium: fields.optional("medium", text_format::utm_value()),
        campaign: fields.optional("campaign", text_format::utm_value()),
        term: fields.optional("term", text_format::utm_value()),
        content: fields.optional("content", text_format::utm_value()),
    }
}

/// Reads `{"given", "text"}`.
pub(crate) fn read_consent(fields: &mut Fields<'_>) -> Option<NewConsent> {
    fields.require("given");
    let text = fields.optional("text", text_format::lines(MAX_CONSENT_TEXT_LENGTH));
    Some(NewConsent { given: fields.boolean("given")?, text })
}
