//! Descriptions of requests, made by the code that reads them: [`describe_request`] runs it without a request, and
//! [`Fields`] notes what it asks for.

use super::{Fields, UnknownFields};
use crate::json_value::JsonObject;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// The object that is read in place of a request.
static NO_REQUEST: JsonObject = JsonObject::new();

/// Returns the JSON Schema of the requests that `read` reads under the rules of a contract for unknown fields.
pub(crate) fn describe_request(unknown_fields: UnknownFields, read: impl FnOnce(Fields<'static>)) -> Value {
    let description = Description::default();
    let fields = Fields { description: Some(description.clone()), ..Fields::new(&NO_REQUEST, unknown_fields) };
    read(fields);
    description.schema()
}

/// The description of an object, shared by the parts of the reading code.
#[derive(Clone, Debug, Default)]
pub(super) struct Description(Arc<Mutex<ObjectDescription>>);

impl Description {
    /// Notes something about the object.
    pub(super) fn note(&self, note: impl FnOnce(&mut ObjectDescription)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns the JSON Schema of a request.
    fn schema(&self) -> Value {
        self.schema_within(None)
    }

    /// Returns the JSON Schema of the object. How the reading of a request ends decides about the unknown fields of the
    /// objects in it too: `unknown` is what the outer object knows of that.
    fn schema_within(&self, unknown: Option<UnknownFields>) -> Value {
        let mut schema = Value::Null;
        self.note(|object| schema = object.schema(object.unknown.or(unknown)));
        schema
    }
}

/// Notes about a field.
#[derive(Debug)]
enum PropertyDescription {
    /// The JSON Schema of its values.
    Schema(Value),
    /// It is an object.
    Object(Description),
    /// It is an array of objects.
    Objects { max: usize, items: Description },
}

impl PropertyDescription {
    /// Returns the JSON Schema, within a request whose unknown fields are treated like this.
    fn schema(&self, unknown: Option<UnknownFields>) -> Value {
        match self {
            Self::Schema(schema) => schema.clone(),
            Self::Object(object) => object.schema_within(unknown),
            Self::Objects { max, items } => {
                json!({ "type": "array", "maxItems": max, "items": items.schema_within(unknown) })
            }
        }
    }
}

/// The fields that the reading code has asked for in an object.
#[derive(Debug, Default)]
pub(super) struct ObjectDescription {
    /// Fields in the order of reading.
    properties: Vec<(String, PropertyDescription)>,
    required: Vec<String>,
    /// Fields that are optional, but not null.
    not_null: Vec<String>,
    /// Arrays that have at least one item.
    not_empty: Vec<String>,
    /// Set if blank texts are values like any other, which no field accepts.
    rejects_blanks: bool,
    /// Fields of which at least one is required.
    one_required: Vec<String>,
    /// Set if no two of them may be sent.
    is_exclusive: bool,
    /// Fields of which a change has at least one.
    changes: Vec<String>,
    /// Alternatives of which one must hold.
    alternatives: Vec<Value>,
    /// Treatment of fields that nobody asks for. `None` while the reading has not ended.
    unknown: Option<UnknownFields>,
}

impl ObjectDescription {
    /// Notes a field that is read by this schema. The first schema stays: a field may be read twice.
    pub(super) fn property(&mut self, name: &str, schema: Value) {
        self.add(name, PropertyDescription::Schema(schema));
    }

    /// Notes a field that is an object.
    pub(super) fn object(&mut self, name: &str, object: Description) {
        self.add(name, PropertyDescription::Object(object));
    }

    /// Notes a field that is an array of at most `max` objects.
    pub(super) fn objects(&mut self, name: &str, max: usize, items: Description) {
        self.add(name, PropertyDescription::Objects { max, items });
    }

    fn add(&mut self, name: &str, property: PropertyDescription) {
        if self.properties.iter().all(|(noted, _)| noted != name) {
            self.properties.push((name.to_owned(), property));
        }
    }

    /// Notes that a field must be sent.
    pub(super) fn require(&mut self, name: &str) {
        self.required.push(name.to_owned());
    }

    /// Notes that these fields are not null.
    pub(super) fn reject_null(&mut self, names: &[&str]) {
        self.not_null.extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Notes that an array has at least one item.
    pub(super) fn reject_empty(&mut self, name: &str) {
        self.not_empty.push(name.to_owned());
    }

    /// Notes that at least one of these fields must be sent.
    pub(super) fn require_any(&mut self, names: &[&str]) {
        self.one_required.extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Notes that no two of the fields may be sent of which at least one must be.
    pub(super) fn make_exclusive(&mut self) {
        self.is_exclusive = true;
    }

    /// Notes that blank texts are invalid.
    pub(super) fn reject_blanks(&mut self) {
        self.rejects_blanks = true;
    }

    /// Notes that a change must have at least one of these fields, even null.
    pub(super) fn require_change(&mut self, names: &[&str]) {
        self.changes.extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Notes that these fields must be sent unless another has this value.
    pub(super) fn require_unless(&mut self, names: &[&str], other: &str, value: &str) {
        let types = names.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" })));
        let sent = json!({ "required": names, "properties": Value::Object(types.collect()) });
        self.alternatives = vec![json!({ "required": [other], "properties": { other: { "const": value } } }), sent];
    }

    /// Notes how fields that nobody asks for are treated.
    pub(super) fn unknown(&mut self, unknown: UnknownFields) {
        self.unknown.get_or_insert(unknown);
    }

    fn schema(&self, unknown: Option<UnknownFields>) -> Value {
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        let properties = self
            .properties
            .iter()
            .map(|(name, property)| (name.clone(), self.property_schema(name, property, unknown)));
        schema.insert("properties".to_owned(), Value::Object(properties.collect()));
        if !self.required.is_empty() {
            let mut required = self.required.clone();
            required.sort();
            required.dedup();
            schema.insert("required".to_owned(), json!(required));
        }
        if !self.alternatives.is_empty() {
            schema.insert("anyOf".to_owned(), json!(self.alternatives));
        }
        let one_of = if self.one_required.is_empty() { &self.changes } else { &self.one_required };
        if !one_of.is_empty() {
            let alternatives: Vec<_> = one_of.iter().map(|name| self.alternative(name)).collect();
            let keyword = if self.is_exclusive { "oneOf" } else { "anyOf" };
            schema.insert(keyword.to_owned(), json!(alternatives));
        }
        if unknown == Some(UnknownFields::Rejected) {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        Value::Object(schema)
    }

    fn property_schema(&self, name: &String, property: &PropertyDescription, unknown: Option<UnknownFields>) -> Value {
        let mut schema = property.schema(unknown);
        let is_set = self.required.contains(name) || self.not_null.contains(name);
        if (is_set || self.rejects_blanks) && is_free_text(&schema) {
            schema["minLength"] = json!(1);
        }
        if self.not_empty.contains(name) {
            schema["minItems"] = json!(1);
        }
        match (is_set, self.rejects_blanks) {
            (true, _) => schema,
            (false, true) => nullable(schema),
            (false, false) => with_blanks(nullable(schema)),
        }
    }

    /// Returns the schema of objects that have a field, with a value unless a null means something.
    fn alternative(&self, name: &str) -> Value {
        let is_change = self.changes.iter().any(|change| change == name);
        let property = self.properties.iter().find(|(noted, _)| noted == name);
        let schema = property.map(|(_, property)| property.schema(None)).filter(|_| !is_change);
        match schema.as_ref().and_then(|schema| schema.get("type")) {
            Some(kind) if kind == "string" => {
                json!({ "required": [name], "properties": { name: { "type": kind, "minLength": 1 } } })
            }
            Some(kind) => json!({ "required": [name], "properties": { name: { "type": kind } } }),
            None => json!({ "required": [name] }),
        }
    }
}

/// Returns whether a schema is that of texts of any form.
fn is_free_text(schema: &Value) -> bool {
    schema["type"] == "string" && ["format", "pattern", "enum"].iter().all(|keyword| schema.get(*keyword).is_none())
}

/// Returns a schema that also accepts an empty text, which is as good as none: forms send all of their fields. Names of
/// enumerated values stay a list of names, which clients make types of.
fn with_blanks(mut schema: Value) -> Value {
    if let Some(Value::String(pattern)) = schema.get("pattern") {
        schema["pattern"] = json!(format!("^$|{pattern}"));
        return schema;
    }
    let Some(object) = schema.as_object_mut() else { return schema };
    if let Some(format) = object.remove("format") {
        object.remove("type");
        let formatted = json!({ "type": "string", "format": format });
        let blank = json!({ "type": "string", "maxLength": 0 });
        object.insert("anyOf".to_owned(), json!([formatted, blank, { "type": "null" }]));
    }
    schema
}

/// Returns a schema that also accepts null.
fn nullable(mut schema: Value) -> Value {
    match schema.get_mut("type") {
        Some(kind) => {
            let absent = Value::from("null");
            match kind {
                Value::Array(kinds) if kinds.contains(&absent) => {}
                Value::Array(kinds) => kinds.push(absent),
                one => *one = json!([one.take(), absent]),
            }
            if let Some(Value::Array(values)) = schema.get_mut("enum") {
                values.push(Value::Null);
            }
            schema
        }
        // Without a type, it accepts null already.
        None => schema,
    }
}

impl Fields<'_> {
    /// Notes something about the object, if it is read to be described.
    pub(super) fn note(&self, note: impl FnOnce(&mut ObjectDescription)) {
        if let Some(description) = &self.description {
            description.note(note);
        }
    }

    /// Notes a field that is read by this schema, if the object is read to be described.
    pub(crate) fn note_property(&self, name: &str, schema: impl FnOnce() -> Value) {
        self.note(|object| object.property(name, schema()));
    }

    /// Notes that these texts must be sent unless another field has this value, if the object is read to be described.
    pub(crate) fn note_required_unless(&self, names: &[&str], other: &str, value: &str) {
        self.note(|object| object.require_unless(names, other, value));
    }

    /// Notes that a field must be sent, if the object is read to be described.
    pub(crate) fn note_required(&self, name: &str) {
        self.note(|object| object.require(name));
    }

    /// Returns whether the object is read to be described: it has no fields then.
    pub(crate) fn is_described(&self) -> bool {
        self.description.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::text_format;

    #[test]
    fn the_reading_code_describes_itself() {
        let schema = describe_request(UnknownFields::Rejected, |mut fields| {
            fields.required("name", text_format::short_text());
            fields.optional("email", text_format::email());
            fields.optional("phone", text_format::line(40));
            fields.require_any(&["email", "phone"], "or phone is required");
            fields.integer("day", 0..=365);
            fields.one_of("mode", &[false, true], |live| if live { "live" } else { "test" });
            fields.object("utm", |utm| utm.optional("source", text_format::line(500)));
            fields.objects("steps", 12, |step| step.require("text"));
            fields.reject_null(&["title"]);
            fields.optional("title", text_format::line(200));
            fields.reject(&["secret"], "cannot be changed");
            fields.read_only(&["id"]);
            let _ = fields.finish();
        });
        let email = json!({
            "anyOf": [{ "type": "string", "format": "email" }, { "type": "string", "maxLength": 0 }, { "type": "null" }],
            "maxLength": 254,
            "examples": ["jane@example.com"]
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "maxLength": 200, "minLength": 1 },
                "email": email,
                "phone": { "type": ["string", "null"], "maxLength": 40 },
                "day": { "type": ["integer", "null"], "minimum": 0, "maximum": 365 },
                "mode": { "type": ["string", "null"], "enum": ["test", "live", null] },
                "utm": {
                    "type": ["object", "null"],
                    "properties": { "source": { "type": ["string", "null"], "maxLength": 500 } },
                    "additionalProperties": false
                },
                "steps": {
                    "type": ["array", "null"],
                    "maxItems": 12,
                    "items": { "type": "object", "properties": {}, "required": ["text"], "additionalProperties": false }
                },
                "title": { "type": "string", "maxLength": 200, "minLength": 1 },
                "id": { "readOnly": true }
            },
            "required": ["name"],
            "anyOf": [
                { "required": ["email"], "properties": { "email": { "type": "string", "minLength": 1 } } },
                { "required": ["phone"], "properties": { "phone": { "type": "string", "minLength": 1 } } }
            ],
            "additionalProperties": false
        });
        assert_eq!(schema, expected);
    }

    #[test]
    fn a_request_that_keeps_unknown_fields_accepts_them() {
        let schema = describe_request(UnknownFields::Rejected, |mut fields| {
            fields.boolean("consent");
            fields.object("utm", |utm| utm.boolean("known"));
            let _ = fields.finish_with_unknown();
        });
        assert_eq!(schema.get("additionalProperties"), None);
        assert_eq!(schema["properties"]["utm"].get("additionalProperties"), None);
        assert_eq!(schema["properties"]["consent"]["type"], json!(["boolean", "null"]));
    }

    #[test]
    fn one_field_of_several_is_described() {
        let schema = describe_request(UnknownFields::Ignored, |mut fields| {
            fields.optional("email", text_format::email());
            fields.optional("phone", text_format::line(40));
            fields.require_any(&["email", "phone"], "or phone is required");
            fields.describe_as_exclusive();
            let _ = fields.finish();
        });
        assert_eq!(schema["oneOf"].as_array().map(Vec::len), Some(2));
        assert_eq!(schema.get("anyOf"), None);
    }

    #[test]
    fn texts_where_blanks_are_values_are_not_empty() {
        let schema = describe_request(UnknownFields::Ignored, |fields| {
            let mut fields = fields.with_blank_values();
            fields.optional("name", text_format::line(40));
            let _ = fields.finish();
        });
        assert_eq!(schema["properties"]["name"]["minLength"], 1);
    }
}
