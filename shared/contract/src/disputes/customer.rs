//! Customers.

use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::leads::request::read_phone;
use crate::query::Query;
use crate::schema::{EmailText, Time, Uuid};
use domain::leads::contact::{Email, Name, Phone};
use domain::time_range::TimeRange;
use domain::{Business, BusinessId, Customer, FieldErrors, LeadId, NewCustomer};
use schemars::JsonSchema;
use serde::Serialize;

/// A request that creates a customer, before its business is known: the business's country decides how the phone number
/// is read.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerRequest {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Lead that became this customer.
    pub lead: Option<LeadId>,
    name: Name,
    email: Option<Email>,
    phone: Option<String>,
}

impl CustomerRequest {
    /// Parses a request; `name` is required.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let business = read_business_id(&mut fields);
        let lead = fields.optional("leadId", text_format::id(LeadId::parse));
        let name = fields.required("name", text_format::person_name());
        let email = fields.optional("email", text_format::email());
        let phone = fields.optional("phone", text_format::phone_text());
        fields.finish()?;
        Ok(Self { business, lead, name: required_value("name", name)?, email, phone })
    }

    /// Returns the customer to create in `business`.
    pub fn in_business(self, business: &Business) -> Result<NewCustomer, FieldErrors> {
        let phone = read_phone(self.phone.as_deref(), self.email.as_ref(), &business.country)?;
        Ok(NewCustomer { business: business.id, lead: self.lead, name: self.name, email: self.email, phone })
    }
}

/// The filter of a list of customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerListQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Only customers created in this range.
    pub created: TimeRange,
}

impl CustomerListQuery {
    /// Reads every parameter.
    pub(crate) fn read(query: &mut Query) -> Self {
        let business = business_id_parameter(query);
        let created = query.range("createdFrom", "createdTo");
        Self { business, created }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Customer")]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "Option<Uuid>")]
    lead_id: Option<String>,
    name: &'a str,
    #[schemars(with = "Option<EmailText>")]
    email: Option<&'a str>,
    phone: Option<&'a str>,
    #[schemars(with = "Time")]
    created_at: String,
}

/// Returns a customer.
pub(crate) fn customer_json(customer: &Customer) -> Json {
    Json::of(&CustomerJson {
        id: customer.id.to_string(),
        business_id: customer.business.to_string(),
        lead_id: customer.lead.map(|lead| lead.to_string()),
        name: customer.name.as_str(),
        email: customer.email.as_ref().map(Email::as_str),
        phone: customer.phone.as_ref().map(Phone::as_str),
        created_at: customer.created_at.to_string(),
    })
}
