//! A lead of LeadRescue: a test drive, with a photo of the driving licence, a sequence and messages.

use crate::fields::{Fields, ParseText, TextFormat, must_be_one_of, required_value, text_format};
use crate::follow_up::message::SnakeCaseMessage;
use crate::follow_up::sequence::SnakeCaseSequence;
use crate::json::Json;
use crate::json_value::{JsonObject, JsonValue};
use crate::leads::LeadRequest;
use crate::leads::unknown::keep_unknown;
use crate::schema::{ShortLeadId, Time, Url, names};
use domain::leads::contact::Phone;
use domain::leads::{AttributeValue, Attributes, CAR_MODEL, Category, NewConsent, Source, Utm};
use domain::text::is_blank;
use domain::{FieldErrors, Lead, LeadChange, LeadId, LeadStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The field with a photo in base64.
pub const LICENSE_PHOTO: &str = "license_photo_b64";

/// Maximum length of a photo in base64: 4 MiB, which is what the photo itself may have.
const MAX_LICENSE_PHOTO_CHARS: usize = (4 * 1024 * 1024_usize).div_ceil(3) * 4;

/// Maximum length of a car model, in characters.
const MAX_CAR_MODEL_LENGTH: usize = 200;

/// The statuses that a change may set.
const SETTABLE_STATUSES: [LeadStatus; 3] = [LeadStatus::Won, LeadStatus::OptedOut, LeadStatus::Closed];

/// Returns the name of a status.
pub(super) fn status_name(status: LeadStatus) -> &'static str {
    match status {
        LeadStatus::New => "new",
        LeadStatus::Contacted => "contacted",
        LeadStatus::Qualified => "qualified",
        LeadStatus::Won => "converted",
        LeadStatus::Lost => "lost",
        LeadStatus::OptedOut => "opted_out",
        LeadStatus::Closed => "closed",
    }
}

/// Returns a lead's id: `l_` and the UUID without dashes.
pub(super) fn lead_id_text(lead: LeadId) -> String {
    format!("l_{}", lead.simple())
}

/// Returns the form of a lead's id.
pub(super) fn lead_id_format() -> TextFormat<ParseText<LeadId>> {
    TextFormat::of(parse_lead_id as ParseText<_>).pattern("^l_[0-9a-f]{32}$")
}

fn parse_lead_id(text: &str) -> Result<LeadId, String> {
    let digits = text.strip_prefix("l_").filter(|digits| digits.len() == 32);
    digits.and_then(LeadId::parse).ok_or_else(|| "must be a lead id: l_ and 32 hexadecimal digits".to_owned())
}

names! {
    /// The status of a lead.
    LeadStatusName = LeadStatus::ALL, status_name;
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Lead")]
pub(super) struct LeadJson<'a> {
    #[schemars(with = "ShortLeadId")]
    id: String,
    #[schemars(with = "LeadStatusName")]
    status: &'static str,
    customer_name: &'a str,
    phone: Option<&'a str>,
    car_model: Option<&'a str>,
    consent: bool,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

impl<'a> LeadJson<'a> {
    fn of(lead: &'a Lead) -> Self {
        Self {
            id: lead_id_text(lead.id),
            status: status_name(lead.status),
            customer_name: lead.name.as_str(),
            phone: lead.phone.as_ref().map(|phone| phone.e164().unwrap_or(phone.as_str())),
            car_model: lead.car_model(),
            consent: lead.consent.as_ref().is_some_and(|consent| consent.given),
            created_at: lead.created_at.to_string(),
            updated_at: lead.updated_at.to_string(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LeadWithFollowUp")]
pub(super) struct LeadWithDetailsJson<'a> {
    #[serde(flatten)]
    lead: LeadJson<'a>,
    #[schemars(with = "Option<Url>")]
    license_photo_url: Option<String>,
    #[schemars(with = "Option<SnakeCaseSequence<'static>>")]
    sequence: Option<Json>,
    #[schemars(with = "Vec<SnakeCaseMessage<'static>>")]
    messages: Vec<Json>,
}

/// The parts of a lead's representation that only responses have; webhooks don't.
#[derive(Debug, Default)]
pub struct LeadDetails {
    /// Expiring link to the photo.
    pub photo_url: Option<String>,
    /// Sequence.
    pub sequence: Option<Json>,
    /// Messages, the oldest first.
    pub messages: Vec<Json>,
}

/// Returns a lead as webhooks have it.
pub(super) fn lead_json(lead: &Lead) -> Json {
    Json::of(&LeadJson::of(lead))
}

/// Returns a lead as responses have it.
pub fn lead_with_details_json(lead: &Lead, details: LeadDetails) -> Json {
    Json::of(&LeadWithDetailsJson {
        lead: LeadJson::of(lead),
        license_photo_url: details.photo_url,
        sequence: details.sequence,
        messages: details.messages,
    })
}

/// Returns the name of the field with the link to the photo, or `None` if the response shows no photo.
pub fn shown_photo_link_field(response: &[u8]) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct ShownPhoto {
        #[serde(rename = "license_photo_url")]
        _url: String,
    }
    serde_json::from_slice::<ShownPhoto>(response).ok().map(|_| "license_photo_url")
}

/// Parses a request that creates a lead; `customer_name` and `phone` in E.164 form are required.
///
/// The photo's content is left for [`take_photo`]: it is decoded only when everything else is valid.
pub(super) fn parse_lead_request(mut fields: Fields<'_>) -> Result<LeadRequest, FieldErrors> {
    let name = fields.required("customer_name", text_format::person_name());
    let phone = fields.required("phone", e164_text());
    let car_model = fields.optional(CAR_MODEL, text_format::line(MAX_CAR_MODEL_LENGTH));
    let consent = fields.boolean("consent").map(|given| NewConsent { given, text: None });
    // How long it is, is checked when it is decoded: line breaks in it do not count.
    let photo = TextFormat::of(|_: &str| Ok(())).encoding("base64").at_most(MAX_LICENSE_PHOTO_CHARS);
    fields.optional(LICENSE_PHOTO, photo);
    let unknown = fields.finish_with_unknown()?;
    let attributes = car_model.map(|model| (CAR_MODEL.to_owned(), AttributeValue::Text(model)));
    let attributes = Attributes::parse(attributes).map_err(|reason| FieldErrors::single(CAR_MODEL, reason))?;
    let (attributes, warnings) = keep_unknown(unknown, attributes);
    Ok(LeadRequest {
        business: None,
        brand: None,
        name: required_value("customer_name", name)?,
        email: None,
        phone,
        message: None,
        service_interest: None,
        source: Source::default(),
        category: Category::TestDrive,
        utm: Utm::default(),
        consent,
        visitor: None,
        attributes,
        warnings,
    })
}

/// A telephone number in E.164 form.
fn e164_text() -> TextFormat<ParseText<String>> {
    let parse: ParseText<_> = |text| Phone::parse_e164(text).map(|phone| phone.as_str().to_owned());
    TextFormat::of(parse).pattern(r"^\+[1-9][0-9]{6,14}$").examples(&["+46701234567"])
}

/// Takes the photo, still in base64, from the body of a request that creates a lead. A blank text means none.
pub fn take_photo(mut body: JsonObject) -> Option<String> {
    match body.remove(LICENSE_PHOTO) {
        Some(JsonValue::String(text)) if !is_blank(&text) => Some(text),
        _ => None,
    }
}

/// Parses a change of a lead, which is a change of its status.
pub fn parse_lead_change(mut fields: Fields<'_>) -> Result<LeadChange, FieldErrors> {
    let status = fields.one_of("status", &SETTABLE_STATUSES, status_name);
    fields.note_required("status");
    if fields.value("status").is_none() {
        fields.add_error("status", must_be_one_of(&SETTABLE_STATUSES, status_name));
    }
    fields.finish()?;
    Ok(LeadChange { status, ..LeadChange::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::UnknownFields;

    #[test]
    fn parses_the_documents_request() {
        let body = serde_json::json!({
            "customer_name": "Anna Karlsson", "phone": "+46701234567", "car_model": "Mercedes E-Class", "consent": true
        });
        let body = crate::parse_body(body.to_string().as_bytes()).expect("an object");
        let request = parse_lead_request(Fields::new(&body, UnknownFields::Ignored)).expect("a lead");
        assert_eq!(request.phone.as_deref(), Some("+46701234567"));
        assert!(request.consent.is_some_and(|consent| consent.given));
    }
}
