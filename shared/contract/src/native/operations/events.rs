//! Operations on event types, and the payloads of events.

use super::leads::lead;
use super::webhooks::subscription;
use crate::disputes::dispute::VersionedDispute;
use crate::disputes::package::CamelCasePackage;
use crate::examples;
use crate::fields::UnknownFields::Rejected;
use crate::follow_up::message::CamelCaseMessage;
use crate::json::Json;
use crate::native::leads::lead::LeadJson;
use crate::native::profile::{Native, PAGE_LIMITS, Payload};
use crate::native::webhooks::event_type::{EventPayload, EventTypeJson, event_type_json, read_sample_contract};
use crate::native::webhooks::resend::{PingJson, parse_test_request, ping_json};
use crate::operation::{Access, Operation};
use crate::profile::ContractProfile;
use crate::schema::AnyObject;
use crate::webhooks::payload_schema::{self, Subjects};
use crate::webhooks::subscription::CamelCaseSubscription;
use domain::{Contract, DeliveryId, EventType, Scope};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

const TAG: &str = "Event types";

/// Returns every operation on event types.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::WebhooksRead);
    let event = EventType::LeadCreated;
    let sample = Native.webhook_payload(&examples::records::event(event, Contract::Native, &lead()));
    let schema = Json::of(&json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object" }));
    let payload = EventPayload { schema, example: sample.clone() };
    let delivery = DeliveryId::new(examples::NOW, examples::random_bytes("delivery"));
    vec![
        Operation::get("/event-types", "listEventTypes", read)
            .texts(
                TAG,
                "List event types",
                "Lists every event: when it occurs, since which version of the API it exists, and for each contract of \
                 subscriptions the JSON Schema (2020-12) of the payload and an example.",
            )
            .page_of::<EventTypeJson>(PAGE_LIMITS, event_type_json(event, [(Contract::Native, payload)])),
        Operation::get("/event-types/{type}/sample", "getEventSample", read)
            .texts(
                TAG,
                "Retrieve a sample payload",
                "Returns the example of an event, as it would be the body of a delivery. `{type}` is the name of the \
                 event. Tools that set up an automation before an event has occurred show its fields.",
            )
            .path_example(event.name())
            .parameters(|query| {
                read_sample_contract(query);
            })
            .json::<AnyObject>(200, "The payload.", sample),
        Operation::post("/webhooks/{id}/test", "testWebhook", Access::Scope(Scope::WebhooksWrite))
            .texts(
                "Webhooks",
                "Send a test event",
                "Sends the example of `event` to the subscription, whatever its events are. Without `event`, or with \
                 `ping`, the payload is the subscription itself. The delivery is in the log like any other. A disabled \
                 subscription is a conflict (409).",
            )
            .path_example(subscription().id.to_string())
            .checked_body(Rejected, parse_test_request, r#"{ "event": "lead.created" }"#)
            .body_is_optional()
            .json::<PingJson>(202, "The event is on its way.", ping_json(delivery)),
    ]
}

/// Returns the JSON Schema of the payload of an event.
pub(super) fn payload_schema(event: EventType, schemas: &mut SchemaGenerator) -> Value {
    let subjects = Subjects {
        lead: |schemas| schemas.subschema_for::<LeadJson<'_>>(),
        dispute: |schemas| schemas.subschema_for::<VersionedDispute<'_>>(),
        package: |schemas| schemas.subschema_for::<CamelCasePackage<'_>>(),
        reply: |schemas| schemas.subschema_for::<CamelCaseMessage<'_>>(),
        subscription: |schemas| schemas.subschema_for::<CamelCaseSubscription<'_>>(),
    };
    let data = payload_schema::of_subject(event, &subjects, schemas);
    let properties = [("type", json!({ "type": "string", "const": event.name() })), ("data", data)];
    payload_schema::with_properties::<Payload>(schemas, properties)
}
