//! JSON Schemas of payloads, of which each contract states the types.

use domain::EventType;
use domain::webhooks::event_type::SubjectKind;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// Returns a JSON Schema.
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The JSON Schemas of a contract's subjects.
pub(crate) struct Subjects {
    pub(crate) lead: SchemaOf,
    pub(crate) dispute: SchemaOf,
    pub(crate) package: SchemaOf,
    pub(crate) reply: SchemaOf,
    pub(crate) subscription: SchemaOf,
}

/// Returns the JSON Schema of the subject of an event.
pub(crate) fn of_subject(event: EventType, subjects: &Subjects, schemas: &mut SchemaGenerator) -> Value {
    let schema = match event.subject_kind() {
        SubjectKind::Lead => subjects.lead,
        SubjectKind::Dispute => subjects.dispute,
        SubjectKind::Package => subjects.package,
        SubjectKind::Reply => subjects.reply,
        SubjectKind::Subscription => subjects.subscription,
    };
    schema(schemas).to_value()
}

/// Returns the JSON Schema of a payload of the type `T`, with these properties in place of its own.
pub(crate) fn with_properties<T: JsonSchema>(
    schemas: &mut SchemaGenerator,
    properties: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut schema = T::json_schema(schemas).to_value();
    for (name, property) in properties {
        schema["properties"][name] = property;
    }
    schema
}

/// Removes all properties of a payload but these.
pub(crate) fn keep_properties(schema: &mut Value, required: &[&str], optional: &[&str]) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, _| required.contains(&name.as_str()) || optional.contains(&name.as_str()));
    }
    schema["required"] = json!(required);
}
