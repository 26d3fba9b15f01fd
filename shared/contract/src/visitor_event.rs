//! What visitors did, in the two contracts that have it: the same fields in their own spelling.

use crate::fields::Fields;
use crate::json::Json;
use crate::lead::{brand_id, business_id};
use crate::profile::profile;
use domain::analytics::visitor_event::{EventProps, NewVisitorEvent, VisitorEventType};
use domain::text::SingleLine;
use domain::{BusinessId, Contract, FieldErrors, VisitorEvent, VisitorId};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The field names of a visitor event, and how it names its business.
pub(crate) struct VisitorEventFields {
    visitor: &'static str,
    event_type: &'static str,
    name: &'static str,
    props: &'static str,
    place: fn(&mut Fields<'_>) -> (Option<BusinessId>, Option<u32>),
}

impl VisitorEventFields {
    /// snake_case, the business by `brand_id`.
    pub(crate) const SNAKE_CASE: Self = Self {
        visitor: "visitor_id",
        event_type: "event_type",
        name: "event_name",
        props: "event_props",
        place: |fields| (None, brand_id(fields)),
    };
    /// camelCase, the business by `businessId`.
    pub(crate) const CAMEL_CASE: Self = Self {
        visitor: "visitorId",
        event_type: "eventType",
        name: "eventName",
        props: "eventProps",
        place: |fields| (fields.optional("businessId", business_id), None),
    };
}

/// What a body says of a new event, not yet placed in a business.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitorEventDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// The business that the caller named by the number that the tenant gave it.
    pub brand: Option<u32>,
    /// The event.
    pub event: NewVisitorEvent,
}

/// Reads an event that is to be recorded.
pub fn read_visitor_event(contract: Contract, body: &Map<String, Value>) -> Result<VisitorEventDraft, FieldErrors> {
    profile(contract).parse_visitor_event(body)
}

/// Reads a visitor event with these field names.
pub(crate) fn parse_visitor_event(
    spelling: &VisitorEventFields,
    body: &Map<String, Value>,
) -> Result<VisitorEventDraft, FieldErrors> {
    let mut fields = Fields::new(body);
    let (business, brand) = (spelling.place)(&mut fields);
    let visitor = fields.optional(spelling.visitor, VisitorId::parse);
    if fields.value(spelling.event_type).is_none() {
        fields.add_error(spelling.event_type, "is required");
    }
    let event_type = fields.one_of(spelling.event_type, &VisitorEventType::ALL, VisitorEventType::name);
    let name = fields.optional(spelling.name, SingleLine::parse);
    let props = props(&mut fields, spelling.props);
    fields.finish()?;
    let event_type = event_type.ok_or_else(|| FieldErrors::single(spelling.event_type, "is required"))?;
    Ok(VisitorEventDraft { business, brand, event: NewVisitorEvent { visitor, event_type, name, props } })
}

/// An object of anything.
fn props(fields: &mut Fields<'_>, name: &str) -> Option<EventProps> {
    let value = fields.value(name)?;
    let parsed =
        if value.is_object() { EventProps::parse(value.to_string()) } else { Err("must be an object".to_owned()) };
    parsed.map_err(|reason| fields.add_error(name, reason)).ok()
}

#[derive(Serialize)]
struct Recorded<'a> {
    event_id: String,
    visitor_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireVisitorEvent<'a> {
    id: String,
    business_id: String,
    visitor_id: &'a str,
    event_type: &'static str,
    event_name: Option<&'a str>,
    event_props: Option<Box<RawValue>>,
    created_at: String,
}

/// An event: all of it in the native contract, its ids in VendorPad.
pub fn visitor_event(contract: Contract, event: &VisitorEvent) -> Json {
    profile(contract).visitor_event(event)
}

/// Returns the ids of a visitor event in snake_case.
pub(crate) fn visitor_event_ids(event: &VisitorEvent) -> Json {
    Json::of(&Recorded { event_id: event.id.to_string(), visitor_id: event.visitor.as_str() })
}

/// Returns a visitor event in camelCase.
pub(crate) fn camel_case_visitor_event(event: &VisitorEvent) -> Json {
    Json::of(&WireVisitorEvent {
        id: event.id.to_string(),
        business_id: event.business.to_string(),
        visitor_id: event.visitor.as_str(),
        event_type: event.event_type.name(),
        event_name: event.event_name.as_ref().map(SingleLine::as_str),
        event_props: event.props.as_ref().and_then(|props| RawValue::from_string(props.as_str().to_owned()).ok()),
        created_at: event.created_at.to_string(),
    })
}
