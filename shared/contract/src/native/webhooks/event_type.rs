//! Event types.

use crate::json::Json;
use domain::EventType;
use serde::Serialize;

#[derive(Serialize)]
struct EventTypeJson {
    name: &'static str,
    description: &'static str,
}

/// Returns an event type with its description.
pub fn event_type_json(event: EventType) -> Json {
    Json::of(&EventTypeJson { name: event.name(), description: event.description() })
}
