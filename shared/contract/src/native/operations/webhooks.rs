//! Operations on webhook subscriptions.

use crate::examples::{self, NOW, records};
use crate::fields::UnknownFields::Rejected;
use crate::json::Json;
use crate::native::profile::PAGE_LIMITS;
use crate::native::webhooks::resend::{RecoveryJson, recovery_json};
use crate::native::webhooks::{
    Recovery, RecoveryRequest, SubscriptionChange, SubscriptionRequest, parse_secret_overlap,
};
use crate::operation::{Access, Operation};
use crate::webhooks::subscription::{CamelCaseSubscription, subscription_json};
use domain::{Contract, Scope, Subscription};

const TAG: &str = "Webhooks";

const RECOVERY: &str = r#"{ "since": "2026-11-25T00:00:00Z", "until": "2026-11-26T06:00:00Z" }"#;

/// Returns the subscription of the examples.
pub(super) fn subscription() -> Subscription {
    records::subscription(Contract::Native)
}

/// Returns every operation on webhook subscriptions.
pub(super) fn operations() -> Vec<Operation> {
    [list_and_create(), read_and_change(), actions()].into_iter().flatten().collect()
}

/// Returns a subscription as the response that creates it shows it, with its secret.
fn created() -> Json {
    subscription_json(&subscription(), Some(examples::SIGNING_SECRET), None)
}

fn list_and_create() -> Vec<Operation> {
    let read = Access::Scope(Scope::WebhooksRead);
    let write = Access::Scope(Scope::WebhooksWrite);
    vec![
        Operation::get("/webhooks", "listWebhooks", read)
            .texts(TAG, "List webhook subscriptions", "Lists the subscriptions of the key's mode, the newest first.")
            .page_of::<CamelCaseSubscription<'_>>(PAGE_LIMITS, subscription_json(&subscription(), None, None)),
        Operation::post("/webhooks", "createWebhook", write)
            .texts(
                TAG,
                "Create a webhook subscription",
                "Subscribes a URL to events, of all businesses or of one. Deliveries are signed with `secret`, which \
                 only this response shows. The URL must be public and use HTTPS. `contract` decides headers and \
                 payloads. With `verifyOwnership`, the URL is first sent a signed POST of type `webhook.verification` \
                 and must return its `challenge` with a 2xx status within 5 seconds (400). A tenant has at most 50 \
                 subscriptions in each mode (409).",
            )
            .checked_body(Rejected, SubscriptionRequest::parse, records::SUBSCRIPTION)
            .json::<CamelCaseSubscription<'_>>(201, "The subscription with its secret.", created())
            .located()
            .errors(&[404]),
    ]
}

fn read_and_change() -> Vec<Operation> {
    let read = Access::Scope(Scope::WebhooksRead);
    let write = Access::Scope(Scope::WebhooksWrite);
    let subscription = subscription();
    let (id, shown) = (subscription.id.to_string(), subscription_json(&subscription, None, None));
    vec![
        Operation::get("/webhooks/{id}", "getWebhook", read)
            .texts(
                TAG,
                "Retrieve a webhook subscription",
                "Returns the subscription. `failingSince` is set while its endpoint fails.",
            )
            .path_example(id.clone())
            .json::<CamelCaseSubscription<'_>>(200, "The subscription.", shown.clone()),
        Operation::patch("/webhooks/{id}", "updateWebhook", write)
            .texts(
                TAG,
                "Change a webhook subscription",
                "Changes the URL or the events, disables or enables. Disabling cancels pending deliveries. A new URL \
                 of a subscription with `verifyOwnership` is sent a challenge like the first. With \
                 `overlapSeconds`, the overlap of the last rotation ends that many seconds from now: 0 ends it at \
                 once.",
            )
            .path_example(id.clone())
            .checked_body(Rejected, SubscriptionChange::parse, r#"{ "events": ["*"] }"#)
            .json::<CamelCaseSubscription<'_>>(200, "The changed subscription.", shown),
        Operation::delete("/webhooks/{id}", "deleteWebhook", write)
            .texts(
                TAG,
                "Delete a webhook subscription",
                "Deletes the subscription and cancels its pending deliveries. Its delivery log stays.",
            )
            .path_example(id)
            .empty(204, "The subscription is deleted."),
    ]
}

fn actions() -> Vec<Operation> {
    let write = Access::Scope(Scope::WebhooksWrite);
    let id = subscription().id.to_string();
    let recovery = Recovery { recovered: 12, has_more: false, reached: None };
    vec![
        Operation::post("/webhooks/{id}/rotate-secret", "rotateWebhookSecret", write)
            .texts(
                TAG,
                "Rotate the signing secret",
                "Replaces the signing secret. Only this response shows the new one. Deliveries are signed with both \
                 for `overlapSeconds`, 24 hours by default.",
            )
            .path_example(id.clone())
            .checked_body(Rejected, parse_secret_overlap, r#"{ "overlapSeconds": 3600 }"#)
            .body_is_optional()
            .json::<CamelCaseSubscription<'_>>(200, "The subscription with its new secret.", created()),
        Operation::post("/webhooks/{id}/recover", "recoverWebhook", write)
            .texts(
                TAG,
                "Resend failed deliveries",
                "Resends what has failed or was cancelled in a range of time, the newest first. One request resends \
                 some hundred: if `hasMore` is true, repeat it with `reached` as `until`. What is resent is pending, \
                 so that a repeated request resends nothing twice.",
            )
            .path_example(id)
            .checked_body(Rejected, |fields| RecoveryRequest::parse(fields, NOW), RECOVERY)
            .json::<RecoveryJson>(202, "The deliveries are on their way.", recovery_json(&recovery)),
    ]
}
