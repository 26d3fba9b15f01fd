//! A lead on its way in: read from a contract's body, not yet placed in a business.

use crate::fields::Fields;
use domain::leads::contact::{Email, Name, Phone};
use domain::leads::{AttributeValue, Attributes, Category, NewConsent, Source, Utm};
use domain::text::{MultiLine, SingleLine};
use domain::text::{multi_line, single_line};
use domain::{Business, BusinessId, FieldErrors, NewLead, VisitorId};
use serde_json::Value;

/// What a contract's body says of a new lead. The business decides how the telephone number is read.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// The business that the caller named by the number that the tenant gave it.
    pub brand: Option<u32>,
    /// Who.
    pub name: Name,
    /// How to reach them.
    pub email: Option<Email>,
    /// How to reach them, as written.
    pub phone: Option<String>,
    /// What they wrote.
    pub message: Option<MultiLine>,
    /// What they want.
    pub service_interest: Option<SingleLine>,
    /// Where they came from.
    pub source: Source,
    /// What it is about.
    pub category: Category,
    /// The campaign that brought them.
    pub utm: Utm,
    /// Whether they may be written to.
    pub consent: Option<NewConsent>,
    /// How the site knows them.
    pub visitor: Option<VisitorId>,
    /// Whatever else the caller keeps with it.
    pub attributes: Attributes,
}

impl LeadDraft {
    /// The lead in `business`.
    pub fn placed_in(self, business: &Business) -> Result<NewLead, FieldErrors> {
        let phone = self
            .phone
            .map(|text| Phone::parse(&text, &business.country))
            .transpose()
            .map_err(|reason| FieldErrors::single("phone", reason))?;
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

/// A telephone number as written; the business says later how it is read.
pub(crate) fn phone_text(text: &str) -> Result<String, String> {
    single_line(text, 40)
}

/// The id of a business.
pub(crate) fn business_id(text: &str) -> Result<BusinessId, String> {
    BusinessId::parse(text).ok_or_else(|| "must be a valid UUID".to_owned())
}

/// The number that a tenant gave a business, `brand_id`.
pub(crate) fn brand_id(fields: &mut Fields<'_>) -> Option<u32> {
    fields.whole("brand_id", 1..=i64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok())
}

/// A lead needs a way to reach the person.
pub(crate) fn require_reachable(fields: &mut Fields<'_>) {
    if fields.value("email").is_none() && fields.value("phone").is_none() {
        fields.add_error("email", "or phone is required");
    }
}

/// `{"source", "medium", "campaign", "term", "content"}`
pub(crate) fn utm(fields: &mut Fields<'_>) -> Utm {
    Utm {
        source: fields.optional("source", SingleLine::parse),
        medium: fields.optional("medium", SingleLine::parse),
        campaign: fields.optional("campaign", SingleLine::parse),
        term: fields.optional("term", SingleLine::parse),
        content: fields.optional("content", SingleLine::parse),
    }
}

/// `{"given", "text"}`
pub(crate) fn consent(fields: &mut Fields<'_>) -> Option<NewConsent> {
    if fields.value("given").is_none() {
        fields.add_error("given", "is required");
    }
    let text = fields.optional("text", |text| multi_line(text, 2_000));
    Some(NewConsent { given: fields.flag("given")?, text })
}

/// A flat object of texts, numbers and flags.
pub(crate) fn attributes(fields: &mut Fields<'_>, name: &str) -> Option<Attributes> {
    let entries: Vec<_> = fields.object(name, |inner| inner.entries().collect())?;
    let read = |(key, value): (&String, &Value)| {
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
    let entries: Option<Vec<_>> = entries.into_iter().map(read).collect();
    let parsed =
        entries.ok_or_else(|| "must hold texts, numbers, true and false only".to_owned()).and_then(Attributes::parse);
    parsed.map_err(|reason| fields.add_error(name, reason)).ok()
}
