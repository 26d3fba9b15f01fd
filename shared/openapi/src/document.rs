//! A contract's document.

use crate::field_descriptions::FieldDescriptions;
use crate::operation::{API_KEY, Shapes, operation_object};
use crate::schema_settings::schema_settings;
use crate::{documentation, errors, headers, unused_components, webhooks};
use contract::{ContractDescription, Operation, describe, profile};
use domain::Contract;
use serde_json::{Map, Value, json};

/// Description that every contract has in common, in CommonMark.
const READING: &str = "Schemas state what to send; reading understands more. Names of enumerated values are read in any \
    letter case, numbers also as text, and a blank text in an optional field or parameter is as good as none.\n\n\
    API Gateway answers some requests before they reach the service: 413 for a body beyond its own limit, 429 when it \
    throttles, 503 when no function can run. Their body is `{\"message\": \"…\"}`.";

/// Returns the OpenAPI 3.1 document of `contract`.
pub fn document(contract: Contract) -> Value {
    described_document(contract, &mut FieldDescriptions::new())
}

/// Returns the document, with the descriptions of its fields.
fn described_document(contract: Contract, descriptions: &mut FieldDescriptions) -> Value {
    let mut document = undescribed_document(contract);
    for (name, schema) in entries(&mut document["components"]["schemas"]) {
        // That of the Rust type is for its readers.
        schema.as_object_mut().and_then(|schema| schema.remove("description"));
        descriptions.describe_schema(name, schema);
    }
    for (_, path) in entries(&mut document["paths"]) {
        for (_, operation) in entries(path) {
            describe_operation(operation, descriptions);
        }
    }
    for (_, webhook) in entries(&mut document["webhooks"]) {
        if let Some(schema) = webhook.pointer_mut("/post/requestBody/content/application~1json/schema") {
            descriptions.describe_schema("WebhookPayload", schema);
        }
    }
    documentation::add_operations(&mut document);
    unused_components::remove(&mut document);
    document
}

/// Adds descriptions to the parameters of an operation, and to the schemas of its request and responses.
fn describe_operation(operation: &mut Value, descriptions: &mut FieldDescriptions) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        for parameter in parameters {
            if let Some(name) = parameter["name"].as_str().map(str::to_owned) {
                descriptions.describe(&id, &name, parameter);
            }
        }
    }
    if let Some(schema) = operation.pointer_mut("/requestBody/content/application~1json/schema") {
        descriptions.describe_schema(&id, schema);
    }
    for (_, response) in entries(&mut operation["responses"]) {
        if let Some(schema) = response.pointer_mut("/content/application~1json/schema") {
            descriptions.describe_schema(&id, schema);
        }
    }
}

/// Returns the entries of an object, none of anything else.
fn entries(value: &mut Value) -> impl Iterator<Item = (&str, &mut Value)> {
    value.as_object_mut().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn undescribed_document(contract: Contract) -> Value {
    let profile = profile(contract);
    let description = describe(contract);
    let ContractDescription { text, operations, page_schema, payload_schema, error_schema, .. } = description;
    let mut schemas = schema_settings("/components/schemas").into_generator();
    let mut paths = Map::new();
    for operation in &operations {
        let object = operation_object(operation, &Shapes { profile, page_schema }, &mut schemas);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = object;
    }
    let webhooks = webhooks::webhooks(contract, profile, payload_schema, &mut schemas);
    let error_schema = error_schema(&mut schemas).to_value();
    let responses = errors::components(profile, &error_schema);
    let schemas = schemas.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("{} API", profile.display_name()),
            "version": profile.api_version(),
            "description": format!("{text}\n\n{READING}"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" }
        },
        "servers": [{ "url": profile.base_path(), "description": "The server that serves this document." }],
        "tags": tags(&operations),
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "parameters": headers::parameter_components(),
            "headers": headers::components(),
            "securitySchemes": {
                API_KEY: { "type": "http", "scheme": "bearer", "bearerFormat": "API key", "description": key_format(contract) }
            }
        }
    })
}

/// Returns the tags in the order in which operations use them.
fn tags(operations: &[Operation]) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for operation in operations {
        if !names.contains(&operation.tag) {
            names.push(operation.tag);
        }
    }
    let operations = names
        .into_iter()
        .map(|name| json!({ "name": name, "description": format!("Operations on {}.", name.to_lowercase()) }));
    operations.chain([json!({ "name": webhooks::TAG, "description": webhooks::TAG_DESCRIPTION })]).collect()
}

fn key_format(contract: Contract) -> String {
    let rules = profile(contract).key_rules();
    let prefixes: Vec<_> = [domain::Mode::Live, domain::Mode::Test]
        .into_iter()
        .filter_map(|mode| rules.prefix(mode).map(|prefix| format!("`{prefix}…` ({})", mode.name())))
        .collect();
    format!(
        "API key, sent as `Authorization: Bearer <key>`. Keys that are issued for this contract begin with {}; a key of \
         another contract works too, within its scopes and its business.",
        prefixes.join(" or ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_has_a_description() {
        let mut descriptions = FieldDescriptions::new();
        for contract in Contract::ALL {
            described_document(contract, &mut descriptions);
        }
        assert_eq!(descriptions.missing(), &BTreeSet::new());
        let unused: Vec<_> = descriptions.names().difference(descriptions.used()).copied().collect();
        assert_eq!(unused, [""; 0]);
    }
}
