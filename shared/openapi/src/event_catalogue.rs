//! The catalogue of events: what `GET /v2/event-types` lists. The function that serves it embeds the text, so that it
//! does not carry the code that describes.

use crate::field_descriptions::FieldDescriptions;
use crate::schema_settings::schema_settings;
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
    let mut schema = payload_schema(event, &mut schemas);
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
    fn examples_have_the_fields_of_their_schemas() {
        for event in EventType::ALL {
            for contract in Contract::ALL {
                let parse = |json: Json| serde_json::from_str::<Value>(json.as_str()).expect("JSON");
                let (schema, example) = (parse(schema(*event, contract)), parse(example_payload(*event, contract)));
                assert_fits(&example, &schema, &schema["$defs"], &format!("{} in {}", event.name(), contract.name()));
            }
        }
    }

    /// Checks the fields of objects, and of objects within.
    fn assert_fits(value: &Value, schema: &Value, definitions: &Value, context: &str) {
        let named = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
        let schema = named.map_or(schema, |name| &definitions[name]);
        let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object()) else { return };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(object.contains_key(name), "{context}: {name} is missing");
        }
        if schema["additionalProperties"].is_object() {
            return;
        }
        for (name, value) in object {
            let property = properties.get(name).unwrap_or_else(|| panic!("{context}: {name} is not described"));
            if let Some(expected) = property.get("const") {
                assert_eq!(value, expected, "{context}: {name}");
            }
            assert_fits(value, property, definitions, &format!("{context}: {name}"));
        }
    }
}
