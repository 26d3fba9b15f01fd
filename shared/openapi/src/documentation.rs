//! The operations that every contract has: its OpenAPI document, and the page that shows it.

use crate::tags::DOCUMENTATION;
use crate::{errors, headers};
use serde_json::{Map, Value, json};

/// Statuses of errors of operations that need no key and have no parameters.
const ERROR_STATUSES: [u16; 7] = [400, 405, 408, 414, 431, 500, 503];

/// Adds the operations to a contract's document.
pub(crate) fn add_operations(document: &mut Value) {
    document["paths"]["/openapi.json"] = json!({ "get": openapi_document() });
    document["paths"]["/docs"] = json!({ "get": page() });
}

fn openapi_document() -> Value {
    let schema = json!({
        "type": "object",
        "required": ["openapi", "info", "paths"],
        "properties": {
            "openapi": { "type": "string" },
            "info": { "type": "object", "additionalProperties": true },
            "paths": { "type": "object", "additionalProperties": true }
        },
        "additionalProperties": true
    });
    let mut operation = operation(
        "getOpenApiDocument",
        "Get this document",
        "The OpenAPI 3.1 document of this contract. Needs no key.",
        &json!({ "application/json": { "schema": schema } }),
    );
    operation["parameters"] = json!([{
        "name": "If-None-Match",
        "in": "header",
        "required": false,
        "description": "`ETag` of a document that the caller has. If it is the newest, the answer is 304.",
        "schema": { "type": "string" }
    }]);
    operation["responses"]["200"]["headers"]["ETag"] = headers::reference("ETag");
    operation["responses"]["304"] = json!({
        "description": "The caller has the newest document.",
        "headers": { "X-Request-Id": headers::reference("X-Request-Id"), "ETag": headers::reference("ETag") }
    });
    operation
}

fn page() -> Value {
    let mut operation = operation(
        "getDocumentationPage",
        "Get the documentation page",
        "A page for people, which shows this document and sends requests with a key that they enter. Needs no key.",
        &json!({ "text/html": { "schema": { "type": "string" } } }),
    );
    let header = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    let headers = &mut operation["responses"]["200"]["headers"];
    headers["Content-Security-Policy"] = header("What the page may load: only what this server serves.");
    headers["Referrer-Policy"] = header("`no-referrer`.");
    operation
}

fn operation(id: &str, summary: &str, description: &str, content: &Value) -> Value {
    let mut responses: Map<String, Value> =
        ERROR_STATUSES.into_iter().map(|status| (status.to_string(), errors::reference(status))).collect();
    let ok = json!({
        "description": "The document or page.",
        "headers": { "X-Request-Id": headers::reference("X-Request-Id") },
        "content": content
    });
    responses.insert("200".to_owned(), ok);
    json!({
        "operationId": id,
        "tags": [DOCUMENTATION],
        "summary": summary,
        "description": description,
        "security": [],
        "responses": responses
    })
}
