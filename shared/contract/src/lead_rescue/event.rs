//! The payload of a webhook of LeadRescue.

use crate::disputes::dispute::snake_case_dispute_json;
use crate::disputes::package::snake_case_package_json;
use crate::json::Json;
use crate::lead_rescue::lead::{lead_id_text, lead_json};
use crate::schema::lower_case::ChannelName;
use crate::schema::{ShortLeadId, Time};
use crate::webhooks::subscription::snake_case_subscription_json;
use domain::Event;
use domain::webhooks::event::Subject;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookPayload")]
pub(super) struct Payload {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ShortLeadId")]
    lead_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ChannelName")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    received_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    occurred_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispute: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<Json>,
}

/// Returns the payload of an event.
pub(super) fn webhook_payload(event: &Event) -> Json {
    let mut payload = Payload {
        event: event.event_type.name(),
        lead_id: None,
        channel: None,
        body: None,
        received_at: None,
        occurred_at: Some(event.occurred_at.to_string()),
        lead: None,
        dispute: None,
        package: None,
        webhook: None,
    };
    match &event.subject {
        Subject::Lead(lead) => {
            payload.lead_id = Some(lead_id_text(lead.id));
            payload.lead = Some(lead_json(lead));
        }
        Subject::Dispute(dispute) => {
            payload.lead_id = dispute.lead.map(lead_id_text);
            payload.dispute = Some(snake_case_dispute_json(dispute, lead_id_text));
        }
        Subject::Package(finished) => {
            payload.lead_id = finished.package.lead.map(lead_id_text);
            payload.package = Some(snake_case_package_json(finished));
        }
        Subject::Reply(reply) => {
            // As in the document's sample of an inbound event, which has no time but received_at.
            payload.lead_id = Some(lead_id_text(reply.lead));
            payload.channel = Some(reply.channel.name().to_lowercase());
            payload.body = Some(reply.body.clone());
            payload.received_at = reply.received_at();
            payload.occurred_at = None;
        }
        Subject::Subscription(subscription) => {
            payload.webhook = Some(snake_case_subscription_json(subscription));
        }
    }
    Json::of(&payload)
}
