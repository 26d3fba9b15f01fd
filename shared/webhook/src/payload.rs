//! Builds the delivery of an event to a subscription.

use contract::profile;
use domain::{Delivery, DeliveryId, DeliveryStatus, Event, Subscription, Timestamp};

/// Returns the delivery of `event` to `subscription`, due at `now`, with the body in the subscription's contract.
///
/// The delivery's id is derived from the event, so the same change always gives the same delivery id.
pub fn delivery(event: &Event, subscription: &Subscription, now: Timestamp) -> Delivery {
    Delivery {
        id: DeliveryId::for_event(event.id, event.occurred_at, subscription.id),
        subscription: subscription.id,
        event: event.id,
        event_type: event.event_type,
        generation: subscription.generation,
        contract: subscription.contract,
        lead: event.subject.lead(),
        body: profile(subscription.contract).webhook_payload(event).into_string().into(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        round_start: 0,
        created_at: event.occurred_at,
        due_at: Some(now),
        successful_attempt: None,
    }
}
