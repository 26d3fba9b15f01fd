//! Webhooks in the form of OpenAPI: one entry for each event type.

use crate::event_catalogue::example_payload;
use crate::schema_settings::settled;
use crate::shapes::value_of;
use crate::tags::WEBHOOK_EVENTS;
use contract::{ContractProfile, SignedContent, WebhookHeaderScheme};
use domain::webhooks::event_type::SubjectKind;
use domain::{Contract, EventType};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// Pattern of a signature in hexadecimal.
const HEX: &str = "[0-9a-f]{64}";

/// Returns the webhooks of `contract`, by event type.
pub(crate) fn webhooks(
    contract: Contract,
    profile: &dyn ContractProfile,
    payload_schema: fn(EventType, &mut SchemaGenerator) -> Value,
    schemas: &mut SchemaGenerator,
) -> Value {
    let scheme = profile.webhook_headers();
    let webhook = |event: &EventType| {
        let example = value_of(&example_payload(*event, contract));
        let operation = json!({
            "operationId": operation_id(*event),
            "tags": [WEBHOOK_EVENTS],
            "summary": format!("`{}`", event.name()),
            "description": description(*event, &scheme),
            "security": [],
            "parameters": headers(*event, &scheme),
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": settled(payload_schema(*event, schemas)), "example": example } }
            },
            "responses": responses()
        });
        (event.name().to_owned(), json!({ "post": operation }))
    };
    Value::Object(EventType::ALL.iter().map(webhook).collect())
}

/// Returns `onLeadCreated` for `lead.created`.
fn operation_id(event: EventType) -> String {
    let words = event.name().split(['.', '_']).map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    });
    format!("on{}", words.collect::<String>())
}

fn description(event: EventType, scheme: &WebhookHeaderScheme) -> String {
    let subject = match event.subject_kind() {
        SubjectKind::Lead => "the lead as it was after the change",
        SubjectKind::Dispute => "the dispute as it was after the change",
        SubjectKind::Package => "the evidence package",
        SubjectKind::Reply => "the reply",
        SubjectKind::Subscription => "the webhook subscription",
    };
    let signed = match scheme.signed_content {
        SignedContent::Body => "the body".to_owned(),
        SignedContent::TimestampAndBody { timestamp } => format!("`{timestamp}`, a full stop and the body"),
    };
    format!(
        "{} The payload is about {subject}.\n\nVerify the signature over the bytes of the body \
         before you parse it. `{}` is the HMAC-SHA256 of {signed} in hexadecimal; its key is the whole text of the \
         subscription's secret. `webhook-signature` is that of [Standard Webhooks](https://www.standardwebhooks.com): \
         `v1,` and the base64 of the HMAC-SHA256 of `webhook-id`, `webhook-timestamp` and the body, joined by full \
         stops; its key is the 32 bytes that follow `whsec_` in base64. While the overlap of a rotation lasts, it has \
         two signatures.\n\nEvents may arrive more than once and in another order: `webhook-id` is the same for every \
         attempt of a delivery.",
        event.description(),
        scheme.signature,
    )
}

fn headers(event: EventType, scheme: &WebhookHeaderScheme) -> Vec<Value> {
    let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": true, "description": description, "schema": schema });
    let seconds = json!({ "type": "string", "pattern": "^[0-9]+$" });
    let id = json!({ "type": "string", "format": "uuid" });
    let at = "Time of the attempt, in seconds since 1970.";
    let signature = format!("^{}{HEX}$", scheme.signature_prefix);
    let signatures = json!({ "type": "string", "pattern": "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$" });
    let mut headers = vec![
        header(
            scheme.signature,
            "HMAC-SHA256 in hexadecimal, made with the whole secret.",
            json!({ "type": "string", "pattern": signature }),
        ),
        header(scheme.event, "Type of the event.", json!({ "type": "string", "const": event.name() })),
        header(scheme.delivery, "Id of the delivery, the same for every attempt.", id.clone()),
    ];
    if let SignedContent::TimestampAndBody { timestamp } = scheme.signed_content {
        headers.push(header(timestamp, at, seconds.clone()));
    }
    headers.extend([
        header("webhook-id", "Id of the delivery, the same for every attempt.", id),
        header("webhook-timestamp", at, seconds),
        header("webhook-signature", "Signatures of Standard Webhooks, separated by a space.", signatures),
    ]);
    headers
}

fn responses() -> Value {
    let responses = [
        ("2XX", "The event was received. The body of the response is kept in the delivery log, up to 1 KB."),
        ("410", "The endpoint is gone: the subscription is disabled at once."),
        (
            "default",
            "Anything else, a redirect or no response within 15 seconds is a failure. The event is sent again after 5 \
             minutes, 30 minutes, 2 hours, 12 hours and 24 hours, or later if `Retry-After` asks for it.",
        ),
    ];
    let responses = responses.map(|(status, description)| (status.to_owned(), json!({ "description": description })));
    Value::Object(Map::from_iter(responses))
}
