//! The settings of JSON Schemas, in documents and in the catalogue of events.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;

/// Returns the settings of all JSON Schemas, with their definitions at `path`.
pub(crate) fn schema_settings(path: &'static str) -> SchemaSettings {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| settings.definitions_path = path.into());
    settings.with_transform(RecursiveTransform(remove_format_of_unsigned))
}

/// Returns a schema that no generator has settled, such as that of a payload, as if one had.
pub(crate) fn settled(schema: Value) -> Value {
    let mut schema = Schema::try_from(schema).unwrap_or_else(|error| panic!("a schema: {error}"));
    RecursiveTransform(remove_format_of_unsigned).transform(&mut schema);
    schema.to_value()
}

/// Removes formats such as `uint64`: they are those of Rust's types, no other tool knows them, and the minimum says as
/// much.
fn remove_format_of_unsigned(schema: &mut Schema) {
    if schema.get("format").and_then(|format| format.as_str()).is_some_and(|format| format.starts_with("uint")) {
        schema.remove("format");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::JsonSchema;
    use serde_json::json;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Numbers {
        points: u8,
        counts: Vec<u64>,
        at: i64,
    }

    #[test]
    fn formats_of_rust_types_are_left_out() {
        let mut schemas = schema_settings("/$defs").into_generator();
        schemas.subschema_for::<Numbers>();
        let numbers = &schemas.take_definitions(true)["Numbers"]["properties"];
        assert_eq!(numbers["points"], json!({ "type": "integer", "minimum": 0, "maximum": 255 }));
        assert_eq!(numbers["counts"]["items"], json!({ "type": "integer", "minimum": 0 }));
        assert_eq!(numbers["at"]["format"], "int64");
        let payload = json!({ "properties": { "version": { "type": "integer", "format": "uint64" } } });
        assert_eq!(settled(payload)["properties"]["version"], json!({ "type": "integer" }));
    }
}
