//! Event types, and what their payloads are.

use crate::json::Json;
use crate::query::Query;
use crate::schema::{AnyObject, EventTypeName};
use domain::{Contract, EventType};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The payload of an event in a contract.
#[derive(Serialize, JsonSchema)]
pub struct EventPayload {
    /// JSON Schema of the payload.
    #[schemars(with = "AnyObject")]
    pub schema: Json,
    /// Payload of an example.
    #[schemars(with = "AnyObject")]
    pub example: Json,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventTypeEntry")]
pub(in crate::native) struct EventTypeJson {
    #[schemars(with = "EventTypeName")]
    name: &'static str,
    description: &'static str,
    since: &'static str,
    payloads: BTreeMap<&'static str, EventPayload>,
}

/// Returns an event type with its description and its payload in each contract.
pub fn event_type_json(event: EventType, payloads: impl IntoIterator<Item = (Contract, EventPayload)>) -> Json {
    let payloads = payloads.into_iter().map(|(contract, payload)| (contract.name(), payload)).collect();
    Json::of(&EventTypeJson { name: event.name(), description: event.description(), since: event.since(), payloads })
}

/// Reads the contract of a sample, native by default. Errors are collected in `query`.
pub fn read_sample_contract(query: &mut Query) -> Contract {
    query.one_of("contract", &Contract::ALL, Contract::name).unwrap_or(Contract::Native)
}
