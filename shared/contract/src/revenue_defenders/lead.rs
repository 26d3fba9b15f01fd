//! A lead of Revenue Defenders, with its score and follow-up plan.

use crate::accounts::business::read_business_id;
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::leads::LeadRequest;
use crate::leads::request::require_contact;
use crate::leads::score::{PlanJson, ScoreJson};
use crate::leads::unknown::keep_unknown;
use crate::schema::{EmailText, LeadStatusName, Time, Uuid};
use domain::leads::contact::{Email, Phone};
use domain::leads::{Attributes, Category, Utm};
use domain::text::{MultiLine, SingleLine};
use domain::{FieldErrors, Lead};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Lead")]
#[serde(rename_all = "camelCase")]
pub(super) struct LeadJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    source: &'a str,
    #[schemars(with = "LeadStatusName")]
    status: &'static str,
    name: &'a str,
    #[schemars(with = "Option<EmailText>")]
    email: Option<&'a str>,
    phone: Option<&'a str>,
    message: Option<&'a str>,
    service_interest: Option<&'a str>,
    score: ScoreJson,
    follow_up_plan: PlanJson,
    #[schemars(with = "Time")]
    created_at: String,
}

/// Returns a lead.
pub(super) fn lead_json(lead: &Lead) -> Json {
    Json::of(&LeadJson {
        id: lead.id.to_string(),
        business_id: lead.business.to_string(),
        source: lead.source.as_str(),
        status: lead.status.name(),
        name: lead.name.as_str(),
        email: lead.email.as_ref().map(Email::as_str),
        phone: lead.phone.as_ref().map(Phone::as_str),
        message: lead.message.as_ref().map(MultiLine::as_str),
        service_interest: lead.service_interest.as_ref().map(SingleLine::as_str),
        score: ScoreJson::of(lead.score),
        follow_up_plan: PlanJson::of(lead),
        created_at: lead.created_at.to_string(),
    })
}

/// Parses a request that creates a lead; `name` and one of `email` and `phone` are required.
pub(super) fn parse_lead_request(mut fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
    let business = read_business_id(&mut fields);
    let name = fields.required("name", text_format::person_name());
    let email = fields.optional("email", text_format::email());
    let phone = fields.optional("phone", text_format::phone_text());
    require_contact(&mut fields);
    let message = fields.optional("message", text_format::long_text());
    let service_interest = fields.optional("serviceInterest", text_format::short_text());
    let source = fields.optional("source", text_format::source()).unwrap_or_default();
    let unknown = fields.finish_with_unknown()?;
    let (attributes, warnings) = keep_unknown(unknown, Attributes::default());
    Ok(LeadRequest {
        business,
        brand: None,
        name: required_value("name", name)?,
        email,
        phone,
        message,
        service_interest,
        source,
        category: Category::General,
        utm: Utm::default(),
        consent: None,
        visitor: None,
        attributes,
        warnings,
    })
}
