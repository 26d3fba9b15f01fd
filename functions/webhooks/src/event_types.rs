//! `/v2/event-types`: the catalogue of events, with the JSON Schema and an example of their payloads.
//!
//! The catalogue is generated from the code that writes payloads, checked in, and embedded here as text: the function
//! does not carry the code that describes, and what it serves is what was reviewed.

use api::{ApiError, ApiResponse, Caller, ListPage, PathId, QueryParams, require};
use contract::{ErrorKind, Json, native};
use domain::{Contract, EventType};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The catalogue, as `cargo run -p openapi` writes it.
const CATALOGUE: &str = include_str!("../../../openapi/event-types.json");

#[derive(Deserialize)]
struct Entry<'a> {
    name: EventType,
    #[serde(borrow)]
    payloads: BTreeMap<&'a str, Payload<'a>>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    example: &'a RawValue,
}

/// `GET /v2/event-types`: returns a page of the event types, which has all of them unless the caller limits it.
pub(crate) async fn list(
    caller: Caller<require::WebhooksRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let page = ListPage::read(&caller, "event-types", query)?;
    let entries: Vec<&RawValue> = serde_json::from_str(CATALOGUE).map_err(|error| malformed(&error))?;
    // The catalogue has the order of the types, which a test compares.
    let entries: Vec<_> = EventType::ALL.iter().copied().zip(entries).collect();
    page.response_of_fixed(&entries, |(event, _)| event.name(), |(_, entry)| Json::of(entry))
}

/// `GET /v2/event-types/{type}/sample?contract=`: returns the payload of the example of an event.
pub(crate) async fn sample(
    _caller: Caller<require::WebhooksRead>,
    id: PathId,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    // The name of an event is no id whose form could be malformed.
    let event = id.parse("type", "event type", named).map_err(|_| ErrorKind::NotFound("event type"))?;
    let contract = native::read_sample_contract(&mut query);
    query.finish()?;
    Ok(ApiResponse::ok(Json::of(example(event, contract)?)))
}

fn named(name: &str) -> Option<EventType> {
    EventType::ALL.iter().copied().find(|event| event.name() == name)
}

/// Returns the payload of the example of an event in `contract`.
pub(crate) fn example(event: EventType, contract: Contract) -> Result<&'static RawValue, ApiError> {
    let entries: Vec<Entry<'static>> = serde_json::from_str(CATALOGUE).map_err(|error| malformed(&error))?;
    let entry = entries.into_iter().find(|entry| entry.name == event);
    let payload = entry.and_then(|mut entry| entry.payloads.remove(contract.name()));
    payload.map(|payload| payload.example).ok_or_else(|| ApiError::internal("the catalogue of events lacks an event"))
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::internal(&format!("the catalogue of events is malformed: {error}"))
}
