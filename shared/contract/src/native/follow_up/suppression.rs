//! Suppressions: numbers and addresses that receive no message. No response shows the number or the address.

use crate::fields::{Fields, text_format};
use crate::json::Json;
use crate::schema::{ContactKindName, SuppressionOriginName, Time, Uuid};
use domain::accounts::business::Country;
use domain::follow_up::suppression::Contact;
use domain::leads::contact::{Email, Phone, require_readable};
use domain::{BusinessId, FieldErrors, Suppression};
use schemars::JsonSchema;
use serde::Serialize;

const ACCEPTED: &str = "is required: send email or phone";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Suppression")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct SuppressionJson {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "ContactKindName")]
    kind: &'static str,
    #[schemars(with = "SuppressionOriginName")]
    origin: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
}

impl SuppressionJson {
    fn of(suppression: &Suppression) -> Self {
        Self {
            id: suppression.id.to_string(),
            kind: suppression.kind.name(),
            origin: suppression.origin.name(),
            created_at: suppression.created_at.to_string(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SuppressionLookup")]
pub(in crate::native) struct LookupJson {
    suppressed: bool,
    suppressions: Vec<SuppressionJson>,
}

/// Returns a suppression.
pub fn suppression_json(suppression: &Suppression) -> Json {
    Json::of(&SuppressionJson::of(suppression))
}

/// Returns the response to a lookup that found these suppressions.
pub fn suppression_lookup_json(found: &[Suppression]) -> Json {
    let suppressions: Vec<_> = found.iter().map(SuppressionJson::of).collect();
    Json::of(&LookupJson { suppressed: !suppressions.is_empty(), suppressions })
}

/// A request that names contacts: a telephone number, an e-mail address or both.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactsRequest {
    /// Business whose country national numbers are read with; the tenant's first if absent.
    pub business: Option<BusinessId>,
    email: Option<Email>,
    phone: Option<String>,
}

impl ContactsRequest {
    /// Parses the body of a lookup.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let contacts = Self::read(&mut fields);
        fields.finish()?;
        Ok(contacts)
    }

    fn read(fields: &mut Fields<'_>) -> Self {
        let business = fields.optional("businessId", text_format::id(BusinessId::parse));
        let email = fields.optional("email", text_format::email());
        // Read when the business's country is known.
        let phone = fields.optional("phone", text_format::phone_text());
        fields.require_any(&["email", "phone"], ACCEPTED);
        Self { business, email, phone }
    }

    /// Returns whether a number is named, which is read with a country.
    pub fn has_phone(&self) -> bool {
        self.phone.is_some()
    }

    /// Returns the contacts. National numbers are those of `country`. A number that cannot be read is an error: the
    /// suppression would be of nobody, and whoever asked for it would believe that no more messages go out.
    pub fn contacts(&self, country: Option<&Country>) -> Result<Vec<Contact>, FieldErrors> {
        let mut contacts: Vec<_> = self.email.iter().map(Contact::of_email).collect();
        if let (Some(text), Some(country)) = (&self.phone, country) {
            let invalid = |reason: String| FieldErrors::single("phone", reason);
            let phone = Phone::parse(text, country).map_err(invalid)?;
            require_readable(&phone).map_err(invalid)?;
            contacts.extend(Contact::of_phone(&phone));
        }
        Ok(contacts)
    }
}

/// A request that creates a suppression: of one contact.
#[derive(Clone, Debug, PartialEq)]
pub struct SuppressionRequest(ContactsRequest);

impl SuppressionRequest {
    /// Parses a request.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let contacts = ContactsRequest::read(&mut fields);
        fields.describe_as_exclusive();
        fields.finish()?;
        if contacts.email.is_some() && contacts.phone.is_some() {
            let reason = "must not be sent together with email: send one request for each of them";
            return Err(FieldErrors::single("phone", reason));
        }
        Ok(Self(contacts))
    }

    /// Returns the request as one that names contacts.
    pub fn contacts(&self) -> &ContactsRequest {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::UnknownFields;

    fn contacts(body: &str) -> Result<usize, String> {
        let object = crate::parse_body(body.as_bytes()).expect("an object");
        let country = Country::parse("SE").expect("a country");
        let request = ContactsRequest::parse(Fields::new(&object, UnknownFields::Rejected));
        let contacts = request.and_then(|request| request.contacts(Some(&country)));
        contacts.map(|contacts| contacts.len()).map_err(|errors| errors.0[0].field.clone())
    }

    #[test]
    fn contacts_are_ones_that_a_lead_may_have_alone() {
        assert_eq!(contacts(r#"{"phone": "070-123 45 67", "email": "jane@example.com"}"#), Ok(2));
        for phone in ["+999123456789", "+0701234567", "n/a", "12", "123456789012345678901", "call after 5pm 555-1234"] {
            assert_eq!(contacts(&format!(r#"{{"phone": "{phone}"}}"#)), Err("phone".to_owned()), "{phone}");
            let both = format!(r#"{{"phone": "{phone}", "email": "jane@example.com"}}"#);
            assert_eq!(contacts(&both), Err("phone".to_owned()), "{phone}");
        }
        for email in ["jane", "a@1.2.3.4", "jane@localhost"] {
            assert_eq!(contacts(&format!(r#"{{"email": "{email}"}}"#)), Err("email".to_owned()), "{email}");
        }
    }
}
