//! Comparison of responses with the OpenAPI documents: every response that a test receives is one that its contract's
//! document describes, with nothing that the document does not name.

use super::ApiResponse;
use contract::{contract_of_path, profile};
use domain::Contract;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

/// Headers of HTTP itself, of CORS and of security, which documents of an API do not name.
const UNDOCUMENTED_HEADERS: [&str; 12] = [
    "content-type",
    "content-length",
    "content-encoding",
    "date",
    "connection",
    "vary",
    "allow",
    "cache-control",
    "transfer-encoding",
    "strict-transport-security",
    "x-content-type-options",
    "www-authenticate",
];

/// The document of each contract, with its schemas closed: objects have no other properties than those named.
pub(super) static DOCUMENTS: LazyLock<HashMap<Contract, Value>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |contract: Contract| {
        let file = root.join(openapi::file_name(contract));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut document: Value = serde_json::from_str(&text).unwrap();
        close(&mut document["components"]["schemas"]);
        close(&mut document["components"]["responses"]);
        close(&mut document["paths"]);
        close(&mut document["webhooks"]);
        (contract, document)
    };
    Contract::ALL.into_iter().map(read).collect()
});

/// Validators of bodies by their place in the document of a contract.
type Validators = HashMap<(Contract, String), Arc<Validator>>;

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Checks that `response` to a request of `method` and `target` is one that the document describes.
///
/// # Panics
///
/// Panics with what differs.
#[track_caller]
pub(super) fn check(method: &str, target: &str, response: &ApiResponse) {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let contract = contract_of_path(path);
    let document = &DOCUMENTS[&contract];
    let shown = format!("{method} {path} with {}", response.status);
    let Some(below) = path.strip_prefix(profile(contract).base_path()) else { return };
    let name = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let operation = template(document, below).and_then(|template| {
        let pointer = format!("/paths/{}/{name}", escape(template));
        document.pointer(&pointer).map(|_| pointer)
    });
    let Some(operation) = operation else {
        // Paths and methods that do not exist, and preflights.
        let is_error = matches!(response.status, 400 | 401 | 404 | 405 | 408 | 413 | 414 | 431);
        assert!(is_error || method == "OPTIONS", "{shown}: undescribed");
        return;
    };
    let pointer = format!("{operation}/responses/{}", response.status);
    let described =
        document.pointer(&pointer).unwrap_or_else(|| panic!("{shown}: undescribed status: {}", response.text));
    let (pointer, described) = resolve(document, pointer, described);
    check_headers(document, described, response, &shown);
    if method != "HEAD" {
        check_body(contract, document, &pointer, described, response, &shown);
    }
}

/// Returns the path template that serves `path`: literal segments go before variable ones.
fn template<'a>(document: &'a Value, path: &str) -> Option<&'a str> {
    let segments: Vec<_> = path.split('/').collect();
    let serves = |template: &&String| {
        let parts: Vec<_> = template.split('/').collect();
        parts.len() == segments.len()
            && parts.iter().zip(&segments).all(|(part, segment)| part == segment || part.starts_with('{'))
    };
    let templates = document["paths"].as_object()?.keys().filter(serves);
    templates.min_by_key(|template| template.matches('{').count()).map(String::as_str)
}

/// Follows a reference to a component.
fn resolve<'a>(document: &'a Value, pointer: String, value: &'a Value) -> (String, &'a Value) {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(target) => (target.to_owned(), document.pointer(target).unwrap_or_else(|| panic!("no {target}"))),
        None => (pointer, value),
    }
}

#[track_caller]
fn check_headers(document: &Value, described: &Value, response: &ApiResponse, shown: &str) {
    let none = Map::new();
    let headers = described["headers"].as_object().unwrap_or(&none);
    for name in response.headers.keys() {
        let known = headers.keys().any(|header| header.eq_ignore_ascii_case(name.as_str()))
            || UNDOCUMENTED_HEADERS.contains(&name.as_str())
            || name.as_str().starts_with("access-control-");
        assert!(known, "{shown}: undescribed header {name}");
    }
    // A key without limits has none of these headers.
    let is_limited = response.headers.contains_key("x-ratelimit-limit");
    for (name, header) in headers {
        let (_, header) = resolve(document, String::new(), header);
        let is_expected = match name.as_str() {
            "Idempotent-Replayed" | "Deprecation" | "Sunset" => false,
            // The release before kept responses without it.
            "ETag" if response.is_replayed() => false,
            "Retry-After" => response.status == 429,
            limit if limit.contains("RateLimit") => is_limited,
            _ => header["required"] == json!(true) || response.status < 300,
        };
        let value = response.headers.get(name.as_str());
        assert!(value.is_some() || !is_expected, "{shown}: no header {name}");
        if let Some(value) = value
            && header["schema"]["type"] == "integer"
        {
            let number = value.to_str().ok().and_then(|text| text.parse::<u64>().ok());
            assert!(number.is_some(), "{shown}: header {name} is no number: {value:?}");
        }
    }
}

#[track_caller]
fn check_body(
    contract: Contract,
    document: &Value,
    pointer: &str,
    described: &Value,
    response: &ApiResponse,
    shown: &str,
) {
    let Some(content) = described["content"].as_object() else {
        assert!(response.text.is_empty(), "{shown}: undescribed body: {}", response.text);
        return;
    };
    let media_type = response.header("content-type").split(';').next().unwrap_or_default();
    assert!(content.contains_key(media_type), "{shown}: undescribed media type {media_type}");
    if media_type != "application/json" {
        return;
    }
    let validator = {
        let mut validators = VALIDATORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let validator = validators.entry((contract, pointer.to_owned()));
        Arc::clone(validator.or_insert_with(|| Arc::new(validator_of(document, &content[media_type]["schema"]))))
    };
    // Numbers beyond those of a double come back as they were sent, which this parser rejects.
    let Ok(body) = serde_json::from_str::<Value>(&response.text) else { return };
    let errors: Vec<_> =
        validator.iter_errors(&body).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{shown}: {errors:#?} in {}", response.text);
}

/// Returns a validator of a schema that refers to components of `document`.
pub(super) fn validator_of(document: &Value, schema: &Value) -> Validator {
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [schema]
    });
    jsonschema::options()
        .should_validate_formats(true)
        .build(&root)
        .unwrap_or_else(|error| panic!("{error} in {schema}"))
}

/// Forbids properties that a schema of an object does not name, in it and all within.
fn close(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            // Examples are no schemas.
            object.iter_mut().filter(|(name, _)| *name != "example").for_each(|(_, inner)| close(inner));
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

fn escape(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}
