//! Comparison of received webhooks with the OpenAPI documents: every delivery that a receiver gets is one that the
//! document of its contract describes, with nothing that the document does not name.

use super::conformance::{DOCUMENTS, validator_of};
use super::receiver::Received;
use contract::profile;
use domain::Contract;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Validators by contract and event, for the payload and for each header.
type Validators = HashMap<(Contract, String), Arc<EventValidators>>;

struct EventValidators {
    payload: Validator,
    headers: Vec<(String, Validator)>,
}

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Returns what differs from the document in a delivery; nothing if it is described.
pub(super) fn differences(received: &Received) -> Vec<String> {
    let event_of = |contract: Contract| {
        let event = received.headers.get(profile(contract).webhook_headers().event)?;
        Some((contract, event.to_str().ok()?.to_owned()))
    };
    let found = Contract::ALL.into_iter().find_map(event_of);
    let Some((contract, event)) = found else { return vec!["no header names the event".to_owned()] };
    let Some(validators) = validators_of(contract, &event) else {
        return vec![format!("{event} is no webhook of {}", contract.name())];
    };
    let headers = validators.headers.iter().filter_map(|(name, validator)| {
        let value = received.headers.get(name).and_then(|value| value.to_str().ok());
        let is_described = value.is_some_and(|value| validator.is_valid(&Value::from(value)));
        (!is_described).then(|| format!("{event}: header {name} is {value:?}"))
    });
    let mut differences: Vec<_> = headers.collect();
    // Numbers beyond those of a double come back as they were sent, which this parser rejects.
    if let Ok(payload) = serde_json::from_slice::<Value>(&received.body) {
        let errors = validators.payload.iter_errors(&payload);
        differences.extend(errors.map(|error| format!("{event}: {error} at {} in {payload}", error.instance_path())));
    }
    differences
}

fn validators_of(contract: Contract, event: &str) -> Option<Arc<EventValidators>> {
    let mut all = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(&(contract, event.to_owned())) {
        return Some(Arc::clone(known));
    }
    let document = &DOCUMENTS[&contract];
    let operation = document["webhooks"].get(event)?.get("post")?;
    let parameters = operation["parameters"].as_array()?.iter();
    let headers = parameters
        .map(|header| (header["name"].as_str().unwrap().to_owned(), validator_of(document, &header["schema"])))
        .collect();
    let payload = validator_of(document, operation.pointer("/requestBody/content/application~1json/schema")?);
    let validators = Arc::new(EventValidators { payload, headers });
    all.insert((contract, event.to_owned()), Arc::clone(&validators));
    Some(validators)
}
