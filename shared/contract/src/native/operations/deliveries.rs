//! Operations on deliveries.

use super::leads::lead;
use super::webhooks::subscription;
use crate::examples::{self, NOW};
use crate::fields::UnknownFields::Rejected;
use crate::native::profile::PAGE_LIMITS;
use crate::native::webhooks::DeliveryListQuery;
use crate::native::webhooks::delivery::{DeliveryJson, delivery_json, delivery_summary_json};
use crate::operation::{Access, Operation};
use domain::webhooks::attempt::Outcome;
use domain::webhooks::event::from_lead_change;
use domain::{Attempt, Delivery, DeliveryId, DeliveryStatus, ProtectedText, Scope};
use std::time::Duration;

const TAG: &str = "Deliveries";

fn delivery() -> Delivery {
    let (lead, subscription) = (lead(), subscription());
    let events = from_lead_change(examples::environment(), None, &lead);
    let event = events.first().unwrap_or_else(|| panic!("a new lead has no event"));
    Delivery {
        id: DeliveryId::for_event(event.id, event.occurred_at, subscription.id),
        subscription: subscription.id,
        event: event.id,
        event_type: event.event_type,
        generation: subscription.generation,
        contract: subscription.contract,
        lead: Some(lead.id),
        body: ProtectedText::default(),
        status: DeliveryStatus::Pending,
        attempts: 1,
        round_start: 0,
        created_at: event.occurred_at,
        due_at: Some(NOW.after(Duration::from_secs(5))),
        successful_attempt: None,
    }
}

fn attempt() -> Attempt {
    Attempt {
        number: 1,
        started_at: NOW,
        outcome: Outcome::ErrorStatus,
        status: Some(503),
        latency_ms: 212,
        response: ProtectedText::from("upstream is restarting".to_owned()),
    }
}

/// Returns every operation on deliveries.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::WebhooksRead);
    let delivery = delivery();
    let id = delivery.id.to_string();
    let summary = delivery_summary_json(&delivery, delivery.status);
    vec![
        Operation::get("/deliveries", "listDeliveries", read)
            .texts(
                TAG,
                "List deliveries",
                "Lists deliveries of all subscriptions or of one, deleted ones included, the newest first, with \
                 every filter that is sent. Deliveries are kept for 30 days.",
            )
            .parameters(|query| {
                DeliveryListQuery::read(query);
            })
            .page_of::<DeliveryJson<'_>>(PAGE_LIMITS, summary.clone())
            .errors(&[404]),
        Operation::get("/deliveries/{id}", "getDelivery", read)
            .texts(
                TAG,
                "Retrieve a delivery",
                "Returns the delivery with every attempt, and what the endpoint answered.",
            )
            .path_example(id.clone())
            .json::<DeliveryJson<'_>>(200, "The delivery.", delivery_json(&delivery, delivery.status, &[attempt()])),
        Operation::post("/deliveries/{id}/retry", "retryDelivery", Access::Scope(Scope::WebhooksWrite))
            .texts(
                TAG,
                "Retry a delivery",
                "Makes an attempt now, whatever the status of the delivery. It is a conflict (409) if the \
                 subscription is disabled or deleted; what the lead's erasure has removed is gone (410).",
            )
            .path_example(id)
            .body_without_fields(Rejected)
            .json::<DeliveryJson<'_>>(202, "The delivery, pending.", summary)
            .errors(&[410]),
    ]
}
