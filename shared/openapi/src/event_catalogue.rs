//! The catalogue of events: what `GET /v2/event-types` lists. The function that serves it embeds the text, so that it
//! does not carry the code that describes.

use crate::field_descriptions::FieldDescriptions;
use crate::schema_settings::{schema_settings, settled};
use contract::{ContractDescription, Json, describe, example_event, native, profile};
use domain::{Contract, EventType};
use serde_json::{Value, json};

/// Dialect of the JSON Schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Returns the text of the catalogue as it is checked in: a JSON array with an event on each line.
pub fn event_catalogue() -> String {
    let entries = EventType::ALL.iter().map(|event| {
        let payloads = Contract::ALL.map(|contract| {
            (
                contract,
                native::EventPayload { schema: schema(*event, contract), example: example_payload(*event, contract) },
            )
        });
        native::event_type_json(*event, payloads).into_string()
    });
    format!("[\n{}\n]\n", entries.collect::<Vec<_>>().join(",\n"))
}

/// Returns the payload of an example of an event.
pub(crate) fn example_payload(event: EventType, contract: Contract) -> Json {
    profile(contract).webhook_payload(&example_event(event, contract))
}

/// Returns the JSON Schema of a payload, which stands by itself.
fn schema(event: EventType, contract: Contract) -> Json {
    let ContractDescription { payload_schema, .. } = describe(contract);
    let mut schemas = schema_settings("/$defs").into_generator();
    let mut schema = settled(payload_schema(event, &mut schemas));
    let mut definitions = Value::Object(schemas.take_definitions(true));
    let mut descriptions = FieldDescriptions::new();
    descriptions.describe_schema("WebhookPayload", &mut schema);
    for (name, definition) in definitions.as_object_mut().into_iter().flatten() {
        descriptions.describe_schema(name, definition);
    }
    schema["$schema"] = json!(DIALECT);
    schema["title"] = json!(event.name());
    schema["$defs"] = definitions;
    Json::of(&schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn checked_in_catalogue_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(crate::EVENT_CATALOGUE);
        let checked_in = std::fs::read_to_string(path).expect("the catalogue is checked in");
        assert!(checked_in == event_catalogue(), "run `cargo run -p openapi`");
    }

    #[test]
    fn examples_are_those_of_their_schemas() {
        for event in EventType::ALL {
            for contract in Contract::ALL {
                let parse = |json: Json| serde_json::from_str::<Value>(json.as_str()).expect("JSON");
                let mut schema = parse(schema(*event, contract));
                let example = parse(example_payload(*event, contract));
                close(&mut schema);
                let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
                let errors: Vec<_> = validator.iter_errors(&example).map(|error| error.to_string()).collect();
                assert_eq!(errors, [""; 0], "{} in {}", event.name(), contract.name());
            }
        }
    }

    #[test]
    fn schemas_reject_payloads_of_other_events_and_with_other_fields() {
        let parse = |json: Json| serde_json::from_str::<Value>(json.as_str()).expect("JSON");
        let mut schema = parse(schema(EventType::LeadWon, Contract::Native));
        close(&mut schema);
        let example = parse(example_payload(EventType::LeadWon, Contract::Native));
        let is_valid = |payload: &Value| jsonschema::is_valid(&schema, payload);
        assert!(is_valid(&example));
        assert!(!is_valid(&parse(example_payload(EventType::LeadLost, Contract::Native))));
        for (pointer, value) in
            [("/data/status", json!("WIN")), ("/data/score/value", json!("65")), ("/data", json!(1))]
        {
            let mut changed = example.clone();
            *changed.pointer_mut(pointer).expect("a field") = value;
            assert!(!is_valid(&changed), "{pointer}");
        }
        let mut extended = example;
        extended["data"]["colour"] = json!("red");
        assert!(!is_valid(&extended));
    }

    /// Forbids properties that a schema of an object does not name, in it and all within.
    fn close(value: &mut Value) {
        match value {
            Value::Object(object) => {
                if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                    object.entry("additionalProperties").or_insert(json!(false));
                }
                object.values_mut().for_each(close);
            }
            Value::Array(values) => values.iter_mut().for_each(close),
            _ => {}
        }
    }
}
