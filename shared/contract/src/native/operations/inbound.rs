//! Operations on inbound events.

use super::leads::lead;
use crate::examples::{self, NOW};
use crate::fields::UnknownFields::Rejected;
use crate::follow_up::inbound_event::{Received, inbound_event_received_json};
use crate::native::follow_up::inbound_secret::{InboundSecretJson, inbound_secret_json};
use crate::native::profile::Native;
use crate::native::webhooks::parse_secret_overlap;
use crate::operation::{Access, Operation};
use crate::profile::ContractProfile;
use domain::{InboundMessage, InboundSecret, Lead, Scope};
use serde_json::json;

const TAG: &str = "Inbound events";

fn request(lead: &Lead) -> String {
    json!({
        "id": "SM2f1c6a0e",
        "event": "customer.reply",
        "leadId": lead.id.to_string(),
        "channel": "SMS",
        "body": "Thursday at five, please.",
        "receivedAt": "2026-11-26T11:58:40Z"
    })
    .to_string()
}

/// Returns the reply of the examples, from `lead`.
pub(super) fn event(lead: &Lead) -> InboundMessage {
    examples::read(&request(lead), |fields| Native.parse_inbound_event(fields, NOW))
}

/// Returns every operation on inbound events.
pub(super) fn operations() -> Vec<Operation> {
    let secret = InboundSecret::first(1, NOW);
    vec![
        Operation::post("/webhooks/inbound", "reportInbound", Access::Scope(Scope::InboundWrite))
            .texts(
                TAG,
                "Report a reply or an opt-out",
                "Records a `customer.reply` or a `customer.opt_out` that your messaging provider has received. The \
                 body is signed with the inbound secret, in `X-Signature`; fields that are not listed are \
                 ignored.\n\nA reply such as STOP, or an opt-out, opts the lead out: when this returns, no further \
                 message goes out. An opt-out needs only `event` and `leadId`. The same event again, by its `id` or \
                 its content, has no second effect.",
            )
            .checked_body(Rejected, |fields| Native.parse_inbound_event(fields, NOW), request(&lead()))
            .json::<Received>(200, "The event is recorded.", inbound_event_received_json())
            .signed()
            .errors(&[404, 410]),
        Operation::post("/webhooks/inbound-secret", "createInboundSecret", Access::Scope(Scope::WebhooksWrite))
            .texts(
                TAG,
                "Create or rotate the inbound secret",
                "Creates the secret that inbound events of the tenant are signed with. Only this response shows it. \
                 The previous secret stays valid for `overlapSeconds`, 24 hours by default. A key that is bound to \
                 one of several businesses may not do this (403).",
            )
            .checked_body(Rejected, parse_secret_overlap, r#"{ "overlapSeconds": 3600 }"#)
            .body_is_optional()
            .json::<InboundSecretJson<'_>>(201, "The secret.", inbound_secret_json(&secret, examples::SIGNING_SECRET)),
    ]
}
