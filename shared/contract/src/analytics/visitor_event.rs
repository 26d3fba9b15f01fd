//! A visitor event: a page view, conversion or custom event on a business's website.

use crate::accounts::business::{business_id_parameter, read_brand_id, read_business_id};
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::json_value::compact_text;
use crate::query::Query;
use crate::schema::{AnyObject, Time, Uuid, VisitorEventTypeName};
use domain::analytics::visitor_event::{EventProps, NewVisitorEvent, VisitorEventType};
use domain::text::SingleLine;
use domain::{BusinessId, FieldErrors, VisitorEvent, VisitorEventId, VisitorId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

/// A request that records a visitor event, before its business is known.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitorEventRequest {
    /// Business named by its id.
    pub business: Option<BusinessId>,
    /// Business named by the number that the tenant gave it.
    pub brand: Option<u32>,
    /// The event.
    pub event: NewVisitorEvent,
}

/// The field names of a visitor event.
struct FieldNames {
    visitor: &'static str,
    event_type: &'static str,
    name: &'static str,
    props: &'static str,
}

const CAMEL_CASE: FieldNames =
    FieldNames { visitor: "visitorId", event_type: "eventType", name: "eventName", props: "eventProps" };
const SNAKE_CASE: FieldNames =
    FieldNames { visitor: "visitor_id", event_type: "event_type", name: "event_name", props: "event_props" };

/// The filter of a list of visitor events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisitorEventListQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Visitor, which is required.
    pub visitor: Option<VisitorId>,
}

impl VisitorEventListQuery {
    /// Reads every parameter. Errors are collected in `query`.
    pub fn read(query: &mut Query) -> Self {
        let business = business_id_parameter(query);
        Self { business, visitor: query.required(CAMEL_CASE.visitor, text_format::visitor_id()) }
    }

    /// Returns the visitor, or the error that it is missing.
    pub fn visitor(self) -> Result<VisitorId, FieldErrors> {
        required_value(CAMEL_CASE.visitor, self.visitor)
    }
}

/// Returns the id of the visitor event that a response of any contract shows, or `None` if it shows none.
pub fn shown_visitor_event_id(body: &[u8]) -> Option<VisitorEventId> {
    #[derive(Deserialize)]
    struct ShownVisitorEvent {
        #[serde(alias = "event_id")]
        id: String,
    }
    let shown: ShownVisitorEvent = serde_json::from_slice(body).ok()?;
    VisitorEventId::parse(&shown.id)
}

/// Parses a visitor event in camelCase, with its business as `businessId`.
pub(crate) fn parse_camel_case_visitor_event(mut fields: Fields<'_>) -> Result<VisitorEventRequest, FieldErrors> {
    let business = read_business_id(&mut fields);
    let event = read_event(fields, &CAMEL_CASE)?;
    Ok(VisitorEventRequest { business, brand: None, event })
}

/// Parses a visitor event in `snake_case`, with its business as `brand_id`.
pub(crate) fn parse_snake_case_visitor_event(mut fields: Fields<'_>) -> Result<VisitorEventRequest, FieldErrors> {
    let brand = read_brand_id(&mut fields);
    let event = read_event(fields, &SNAKE_CASE)?;
    Ok(VisitorEventRequest { business: None, brand, event })
}

/// Reads all but the business, and ends the reading.
fn read_event(mut fields: Fields<'_>, names: &FieldNames) -> Result<NewVisitorEvent, FieldErrors> {
    let visitor = fields.optional(names.visitor, text_format::visitor_id());
    fields.require(names.event_type);
    let event_type = fields.one_of(names.event_type, &VisitorEventType::ALL, VisitorEventType::name);
    let name = fields.optional(names.name, text_format::short_text());
    let props = read_props(&mut fields, names.props);
    fields.finish()?;
    Ok(NewVisitorEvent { visitor, event_type: required_value(names.event_type, event_type)?, name, props })
}

/// Reads an object of any content, with its numbers as they were sent.
fn read_props(fields: &mut Fields<'_>, name: &str) -> Option<EventProps> {
    let object = fields.free_object(name, || json!({ "type": "object" }))?;
    let parsed = EventProps::parse(compact_text(object));
    parsed.map_err(|reason| fields.add_error(name, reason)).ok()
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VisitorEvent")]
#[serde(rename_all = "camelCase")]
pub(crate) struct CamelCaseVisitorEvent<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    visitor_id: &'a str,
    #[schemars(with = "VisitorEventTypeName")]
    event_type: &'static str,
    event_name: Option<&'a str>,
    #[schemars(with = "Option<AnyObject>")]
    event_props: Option<Box<RawValue>>,
    #[schemars(with = "Time")]
    created_at: String,
}

/// Returns a visitor event in camelCase.
pub(crate) fn camel_case_visitor_event_json(event: &VisitorEvent) -> Json {
    Json::of(&CamelCaseVisitorEvent {
        id: event.id.to_string(),
        business_id: event.business.to_string(),
        visitor_id: event.visitor.as_str(),
        event_type: event.event_type.name(),
        event_name: event.event_name.as_ref().map(SingleLine::as_str),
        event_props: event.props.as_ref().and_then(|props| RawValue::from_string(props.as_str().to_owned()).ok()),
        created_at: event.created_at.to_string(),
    })
}
