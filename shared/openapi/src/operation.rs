//! An operation in the form of OpenAPI.

use crate::shapes::{Shapes, parsed, value_of};
use crate::{errors, headers};
use contract::{
    Access, Content, ContractProfile, Deprecation, NextCursor, Operation, Query, SuccessResponse, UnknownFields,
};
use domain::{Environment, Mode, TenantId};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// Name of the security scheme.
pub(crate) const API_KEY: &str = "apiKey";

/// Returns the operation object.
pub(crate) fn operation_object(operation: &Operation, shapes: &Shapes, schemas: &mut SchemaGenerator) -> Value {
    let mut object = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": description(operation),
        "responses": responses(operation, shapes, schemas),
        "security": security(operation)
    });
    let parameters = parameters(operation, shapes.profile);
    if !parameters.is_empty() {
        object["parameters"] = json!(parameters);
    }
    if let Some(request) = &operation.request {
        let example = parsed(&request.example);
        object["requestBody"] = json!({
            "required": request.required,
            "content": { "application/json": { "schema": request.schema, "example": example } }
        });
    }
    if operation.deprecation.is_some() {
        object["deprecated"] = json!(true);
    }
    object
}

fn description(operation: &Operation) -> String {
    let scope = match operation.access {
        Access::Public => "Needs no key.".to_owned(),
        Access::AnyKey => "Needs a key of any scopes.".to_owned(),
        Access::Scope(scope) => format!("Needs the scope `{}`.", scope.name()),
        Access::Scopes(scopes) => {
            let names: Vec<_> = scopes.iter().map(|scope| format!("`{}`", scope.name())).collect();
            format!("Needs the scopes {}.", names.join(", "))
        }
    };
    let ending = operation.deprecation.map_or_else(String::new, |deprecation| {
        format!("\n\nDeprecated since {}; may be missing from {} on.", deprecation.since, deprecation.sunset)
    });
    format!("{}\n\n{scope}{ending}", operation.description)
}

fn security(operation: &Operation) -> Value {
    match operation.access {
        Access::Public => json!([]),
        Access::AnyKey | Access::Scope(_) | Access::Scopes(_) => json!([{ API_KEY: [] }]),
    }
}

/// Returns the JSON Schema of a variable segment of a path. Where a malformed id is no error of its own, any text will do.
fn path_schema(example: &str, profile: &dyn ContractProfile) -> Value {
    let is_uuid = example.len() == 36 && example.bytes().filter(|byte| *byte == b'-').count() == 4;
    let is_checked = profile.malformed_id_error("id", "lead").status() == 400;
    if is_uuid && is_checked { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) }
}

fn parameters(operation: &Operation, profile: &dyn ContractProfile) -> Vec<Value> {
    let names = operation.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.zip(&operation.path_examples).map(|(name, example)| {
        let schema = path_schema(example, profile);
        json!({ "name": name, "in": "path", "required": true, "schema": schema, "example": example })
    });
    let in_query = operation.parameters.iter().map(|parameter| {
        let mut object = json!({
            "name": parameter.name, "in": "query", "required": parameter.required, "schema": parameter.schema
        });
        if !parameter.required {
            // A blank value is as good as none.
            object["allowEmptyValue"] = json!(true);
        }
        object
    });
    let header = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    let idempotency = operation.takes_body().then(|| header(profile.idempotency_header()));
    let precondition = operation.understands_if_match.then(|| header("If-Match"));
    let signature = operation.requires_signature.then(|| header("X-Signature"));
    in_path.chain(in_query).chain(idempotency).chain(precondition).chain(signature).collect()
}

fn responses(operation: &Operation, shapes: &Shapes, schemas: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    for response in &operation.responses {
        responses.insert(response.status.to_string(), success(operation, response, shapes, schemas));
    }
    for status in errors::statuses(operation) {
        responses.insert(status.to_string(), errors::of_operation(operation, status, shapes));
    }
    Value::Object(responses)
}

fn success(operation: &Operation, response: &SuccessResponse, shapes: &Shapes, schemas: &mut SchemaGenerator) -> Value {
    let mut names = headers::of_response(response.status, operation.access != Access::Public);
    // A `POST` that creates nothing shows no version.
    let shows_version = operation.has_entity_tag && (operation.method != "post" || response.status == 201);
    names.extend(shows_version.then_some("ETag"));
    let is_located = operation.has_location && response.status == 201 || response.status == 302;
    names.extend(is_located.then_some("Location"));
    names.extend(operation.takes_body().then_some("Idempotent-Replayed"));
    names.extend(operation.deprecation.into_iter().flat_map(|_| Deprecation::HEADERS));
    let headers: Map<_, _> = names.into_iter().map(|name| (name.to_owned(), headers::reference(name))).collect();
    let mut object = json!({ "description": response.description, "headers": headers });
    let schema = match response.content {
        Content::Empty => return object,
        Content::Json(schema) => schema(schemas).to_value(),
        Content::Page(item) => (shapes.page_schema)(item(schemas).to_value()),
    };
    let mut media = json!({ "schema": schema });
    if let Some(example) = example(response, shapes.profile) {
        media["example"] = example;
    }
    object["content"] = json!({ "application/json": media });
    object
}

fn example(response: &SuccessResponse, profile: &dyn ContractProfile) -> Option<Value> {
    let example = response.example.clone()?;
    Some(match response.content {
        Content::Page(_) => value_of(&profile.page_json(vec![example], last_page(profile))),
        Content::Empty | Content::Json(_) => value_of(&example),
    })
}

/// Returns the end of a list.
fn last_page(profile: &dyn ContractProfile) -> NextCursor {
    let environment = Environment { tenant: TenantId::derived(&[b"example"]), mode: Mode::Live };
    let query = Query::new([], UnknownFields::Ignored);
    let page = query.page("example", environment, profile.page_limits());
    let (list, ..) = page.unwrap_or_else(|errors| panic!("a page without parameters: {errors}"));
    NextCursor::behind(None, &list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{describe, profile};
    use domain::Contract;
    use schemars::generate::SchemaSettings;

    #[test]
    fn deprecated_operations_say_so() {
        let description = describe(Contract::Native);
        let page_schema = description.page_schema;
        let shapes = Shapes { profile: profile(Contract::Native), page_schema, error_schema: json!({}) };
        let mut schemas = SchemaSettings::draft2020_12().into_generator();
        let mut operation = description.operations.into_iter().next().expect("an operation");
        assert_eq!(operation_object(&operation, &shapes, &mut schemas)["deprecated"], Value::Null);
        let [since, sunset] = ["2026-01-01", "2027-11-06"].map(|day| day.parse().expect("a day"));
        operation.deprecation =
            Some(Box::leak(Box::new(Deprecation { method: operation.method, path: operation.path, since, sunset })));
        let object = operation_object(&operation, &shapes, &mut schemas);
        assert_eq!(object["deprecated"], true);
        let description = object["description"].as_str().unwrap_or_default();
        assert!(
            description.contains("Deprecated since 2026-01-01; may be missing from 2027-11-06 on."),
            "{description}"
        );
        let status = operation.responses[0].status.to_string();
        for name in Deprecation::HEADERS {
            assert!(object["responses"][&status]["headers"][name].is_object(), "{name}");
        }
    }
}
