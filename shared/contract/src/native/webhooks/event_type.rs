//! Event types.

use crate::json::Json;
use domain::EventType;
use serde::Serialize;

#[derive(Serialize)]
struct EventTypeJson {
    name: &'static str,
    description: &'static str,
}

/// Returns every event type with its description.
pub fn event_type_jsons() -> Vec<Json> {
    let event_type =
        |event: &EventType| Json::of(&EventTypeJson { name: event.name(), description: event.description() });
    EventType::ALL.iter().map(event_type).collect()
}
