//! The examples of the OpenAPI documents, sent as requests: each is accepted, with a status that the document names.

use crate::harness::signature::hmac_hex;
use crate::harness::{Caller, DELIVERY_TIMEOUT, Receiver, eventually, options, packages};
use contract::profile;
use domain::Contract;
use domain::accounts::rate_limit::Limits;
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Returns a caller of the demo tenant of a contract.
fn caller(server: &LocalServer, contract: Contract) -> Caller {
    match contract {
        Contract::Native => Caller::native(server),
        Contract::RevenueDefenders => Caller::revenue_defenders(server),
        Contract::LeadRescue => Caller::lead_rescue(server),
        Contract::VendorPad => Caller::vendor_pad(server),
    }
}

/// The endpoint in the example of a subscription.
const WEBHOOK_URL: &str = "https://crm.example.com/hooks/leadhouse";

/// Returns the id of a delivery in the examples: no request of theirs creates it.
fn delivery_example() -> Value {
    let document = openapi::document(Contract::Native);
    document["paths"]["/deliveries/{id}"]["get"]["parameters"][0]["example"].clone()
}

/// The objects that requests have created so far, in place of those that the examples name.
#[derive(Default)]
struct Created {
    /// Ids of the examples with those of the server.
    ids: HashMap<String, String>,
    /// Ids of the server by the name of the parameter that takes them, such as `leadId`.
    by_name: HashMap<String, String>,
}

impl Created {
    /// Notes the ids in a response in place of those in the example.
    fn note(&mut self, example: &Value, response: &Value) {
        match (example, response) {
            (Value::Object(example), Value::Object(response)) => {
                for (name, value) in example {
                    if let Some(actual) = response.get(name) {
                        self.note(value, actual);
                    }
                }
            }
            (Value::String(example), Value::String(actual)) if is_id(example) => {
                self.ids.entry(example.clone()).or_insert_with(|| actual.clone());
            }
            _ => {}
        }
    }

    /// Notes what an operation such as `createLead` has created.
    fn note_id(&mut self, operation: &str, response: &Value) {
        if let Some(business) = response["businessId"].as_str() {
            self.by_name.entry("businessId".to_owned()).or_insert_with(|| business.to_owned());
        }
        if let (Some(what), Some(id)) = (operation.strip_prefix("create"), response["id"].as_str()) {
            let (first, rest) = what.split_at(1);
            self.by_name.insert(format!("{}{rest}Id", first.to_lowercase()), id.to_owned());
        }
    }

    /// Returns a value of a parameter that the document describes.
    fn value_of(&self, parameter: &Value) -> String {
        let schema = &parameter["schema"];
        let stated = [&parameter["example"], &schema["examples"][0], &schema["enum"][0], &schema["minimum"]];
        match stated.into_iter().find(|value| !value.is_null()) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None if schema["type"] == "boolean" => "true".to_owned(),
            None if schema["format"] == "uuid" => {
                let name = parameter["name"].as_str().unwrap();
                self.by_name.get(name).cloned().unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
            }
            None => "WEB_FORM".to_owned(),
        }
    }

    /// Returns a text with the ids of the server.
    fn replaced(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (example, actual)| text.replace(example, actual))
    }
}

fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text.strip_prefix("l_").unwrap_or(text)).is_ok()
}

/// A request of an example.
struct Request {
    method: Method,
    path: String,
    id: String,
    body: Option<Value>,
    /// Query parameters that may be left out.
    optional: Vec<Value>,
    statuses: Vec<u16>,
    response: Value,
}

/// Returns the requests of a document, in an order in which they succeed.
fn requests(contract: Contract) -> Vec<Request> {
    let document = openapi::document(contract);
    let mut requests = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
            let filled = in_path.fold(path.clone(), |path, parameter| {
                let name = parameter["name"].as_str().unwrap();
                path.replace(&format!("{{{name}}}"), parameter["example"].as_str().unwrap())
            });
            let required =
                parameters.iter().filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
            let query: Vec<_> = required
                .map(|parameter| {
                    format!("{}={}", parameter["name"].as_str().unwrap(), parameter["example"].as_str().unwrap_or("a"))
                })
                .collect();
            let optional = parameters.iter().filter(|one| one["in"] == "query" && one["required"] == false).cloned();
            let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            let responses = operation["responses"].as_object().unwrap();
            let statuses: Vec<u16> =
                responses.keys().filter_map(|status| status.parse().ok()).filter(|status| *status < 400).collect();
            let response = responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, response)| response);
            requests.push(Request {
                method: method.to_uppercase().parse().unwrap(),
                path: format!("{}{filled}{query}", profile(contract).base_path()),
                id: operation["operationId"].as_str().unwrap().to_owned(),
                body: operation.pointer("/requestBody/content/application~1json/example").cloned(),
                optional: optional.collect(),
                statuses,
                response: response.map_or(Value::Null, |response| {
                    response.pointer("/content/application~1json/example").cloned().unwrap_or_default()
                }),
            });
        }
    }
    // Objects are created before they are read, changed and deleted, and leads and customers before what names them.
    requests.sort_by_key(|request| {
        let rank = match (request.method.as_str(), request.path.as_str()) {
            ("POST", path) if path.contains("/deliveries/") => 2,
            // Creating a LeadRescue lead has started its sequence.
            ("POST", "/v1/sequences") => 1,
            ("POST", _) => 0,
            ("DELETE", _) => 4,
            _ => 3,
        };
        (rank, request.path.matches('/').count(), order_of_creation(&request.path), request.path.clone())
    });
    requests
}

fn order_of_creation(path: &str) -> usize {
    const FIRST: [&str; 7] = [
        "/businesses",
        "/leads",
        "/customers",
        "/transactions",
        "/disputes",
        "/sequence-templates",
        "/webhooks/inbound-secret",
    ];
    FIRST.iter().position(|first| path.ends_with(first)).unwrap_or(FIRST.len())
}

/// Sends a request with each parameter that may be left out, and returns which were rejected.
async fn reject_optional(caller: &Caller, request: &Request, path: &str, created: &Created) -> Vec<String> {
    let mut rejected = Vec::new();
    for parameter in request.optional.iter().filter(|parameter| parameter["name"] != "cursor") {
        let separator = if path.contains('?') { '&' } else { '?' };
        let value = created.value_of(parameter);
        let path = format!("{path}{separator}{}={value}", parameter["name"].as_str().unwrap());
        let response = caller.get(&path).await;
        if response.status != 200 {
            rejected.push(format!("{} ({path}): {} {}", request.id, response.status, response.text));
            continue;
        }
        let page = response.json();
        let cursor = page["pagination"]["nextCursor"].as_str().or(page["nextCursor"].as_str());
        let cursor = cursor.or(page["pagination"]["next_cursor"].as_str());
        if let (Some(cursor), "limit") = (cursor, parameter["name"].as_str().unwrap()) {
            caller.get(&format!("{path}&cursor={cursor}")).await.expect(200);
        }
    }
    rejected
}

#[tokio::test]
async fn the_examples_of_the_documents_are_accepted() {
    let options = ServerOptions {
        demo_limits: Some(Limits::UNLIMITED),
        package_renderer: Some(packages::plain_renderer()),
        ..options()
    };
    let server = LocalServer::start(options).await.unwrap();
    let receiver = Receiver::new().await;
    let mut failed = Vec::new();
    for contract in Contract::ALL {
        let caller = caller(&server, contract);
        let mut created = Created::default();
        let secret = caller.post("/v2/webhooks/inbound-secret", json!({})).await.expect(201);
        for request in requests(contract) {
            let path = created.replaced(&request.path);
            let body = request
                .body
                .as_ref()
                .map(|body| created.replaced(&body.to_string()).replace(WEBHOOK_URL, &receiver.url));
            let bytes = body.clone().map(String::into_bytes);
            let signature = bytes.as_deref().map(|bytes| hmac_hex(secret["secret"].as_str().unwrap(), bytes));
            let signature = signature.filter(|_| path.ends_with("/webhooks/inbound"));
            let headers: Vec<_> = signature.iter().map(|signature| ("X-Signature", signature.as_str())).collect();
            let response = caller.send(request.method.clone(), &path, &headers, bytes).await;
            if !request.statuses.contains(&response.status) {
                failed.push(format!(
                    "{} ({} {path} {}): {} {}",
                    request.id,
                    request.method,
                    body.unwrap_or_default(),
                    response.status,
                    response.text
                ));
            } else if !response.text.is_empty() {
                let received = serde_json::from_str(&response.text).unwrap_or_default();
                created.note(&request.response, &received);
                created.note_id(&request.id, &received);
                failed.extend(reject_optional(&caller, &request, &path, &created).await);
                if request.id == "createPackage" {
                    packages::finished(&caller, &received).await;
                }
                if request.id == "testWebhook" {
                    let delivery = &received["deliveryId"];
                    created.note(&delivery_example(), delivery);
                    let path = format!("/v2/deliveries/{}", delivery.as_str().unwrap());
                    eventually(DELIVERY_TIMEOUT, "the test event is delivered", || async {
                        (caller.get(&path).await.expect(200)["status"] == "DELIVERED").then_some(())
                    })
                    .await;
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
