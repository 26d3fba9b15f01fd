//! Builds the delivery of an event to a subscription.

use contract::profile;
use domain::{Delivery, DeliveryId, DeliveryStatus, Event, EventId, EventType, Subscription, Timestamp};

/// Returns the delivery of `event` to `subscription`, due at `now`, with the body in the subscription's contract.
///
/// The delivery's id is derived from the event, so the same change always gives the same delivery id.
pub fn delivery(event: &Event, subscription: &Subscription, now: Timestamp) -> Delivery {
    let body = profile(subscription.contract).webhook_payload(event).into_string();
    Delivery {
        lead: event.subject.lead(),
        ..sample_delivery(event.event_type, event.id, body, subscription, (event.occurred_at, now))
    }
}

/// Returns the delivery of a sample of an event to `subscription`. The body is about nobody. `created_and_due` are the
/// times of the event and of the first attempt.
pub fn sample_delivery(
    event_type: EventType,
    event: EventId,
    body: String,
    subscription: &Subscription,
    created_and_due: (Timestamp, Timestamp),
) -> Delivery {
    let (created_at, due_at) = created_and_due;
    Delivery {
        id: DeliveryId::for_event(event, created_at, subscription.id),
        subscription: subscription.id,
        event,
        event_type,
        generation: subscription.generation,
        contract: subscription.contract,
        lead: None,
        body: body.into(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        round_start: 0,
        created_at,
        due_at: Some(due_at),
        successful_attempt: None,
    }
}
