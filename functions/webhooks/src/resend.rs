//! Sending at a caller's word: a ping, one delivery again, or all that failed since a time.

use crate::{Webhooks, deliveries, subscriptions};
use access::{Answer, Caller, Committed, MaybeInput, PathId, Refused, needs};
use axum::extract::State;
use contract::{Fields, Json, Refusal, native};
use domain::subscription::SubscriptionStatus;
use domain::{Delivery, DeliveryStatus, Event, EventType, Subscription, Timestamp, World, retention};
use runtime::Queued;
use serde::Serialize;
use std::time::Duration;
use store::{DeliveryFilter, PageRequest, Protection, ReadDelivery};

/// Deliveries that one call recovers at most; the caller goes on until nothing is left.
const MOST_RECOVERED: usize = 500;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pinged {
    delivery_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recovered {
    recovered: usize,
    has_more: bool,
}

/// Hands `delivery` to the queue now. It is in the due index already: what the queue does not take, the sweep finds.
async fn enqueue(webhooks: &Webhooks, world: World, delivery: &Delivery) {
    let message = Queued::new(world, delivery.id, delivery.subscription, delivery.next_attempt());
    if let Err(error) = webhooks.queue.send(vec![(message, Duration::ZERO)]).await {
        tracing::warn!(%error, "a delivery was not enqueued; the sweep will find it");
    }
}

fn served(subscription: Option<&Subscription>) -> Result<&Subscription, Refused> {
    let Some(subscription) = subscription else {
        return Err(Refusal::Conflict("The subscription has been deleted.".to_owned()).into());
    };
    if subscription.status == SubscriptionStatus::Disabled {
        return Err(Refusal::Conflict("The subscription is disabled; enable it first.".to_owned()).into());
    }
    Ok(subscription)
}

/// `POST /v2/webhooks/{id}/test`: sends a ping.
pub(crate) async fn ping(
    State(webhooks): State<Webhooks>,
    caller: Caller<needs::WebhooksWrite>,
    id: PathId,
    MaybeInput(input): MaybeInput,
) -> Result<Answer, Refused> {
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    let found = subscriptions::find(&webhooks, &caller, &id).await?;
    let subscription = served(Some(&found))?;
    let now = webhooks.gate.now();
    let event = Event::of_subscription(caller.world(), subscription, EventType::Ping, now, &webhooks.gate.random()?);
    let delivery = webhook::payload::delivery(&event, subscription, now);
    let write =
        webhooks.gate.store().put_delivery(caller.world(), &delivery, webhooks.timing.check_of_enqueued(now))?;
    let answer = Answer::accepted(Json::of(&Pinged { delivery_id: delivery.id.to_string() }));
    let answer = caller.commit(vec![write], once.as_ref(), answer, &Protection::Open).await?.or_contended()?;
    if !answer.is_replayed() {
        enqueue(&webhooks, caller.world(), &delivery).await;
    }
    Ok(answer)
}

/// The delivery with an attempt due now, under its subscription as it stands.
fn resumed(read: &ReadDelivery, subscription: &Subscription, now: Timestamp) -> Delivery {
    // What was pending under an earlier generation was cancelled: it begins a new round.
    let as_shown = Delivery { status: read.status(), ..read.delivery.clone() };
    Delivery { generation: subscription.generation, ..as_shown.resumed(now) }
}

/// `POST /v2/deliveries/{id}/retry`: an attempt now, whatever became of it before.
pub(crate) async fn retry(
    State(webhooks): State<Webhooks>,
    caller: Caller<needs::WebhooksWrite>,
    id: PathId,
    MaybeInput(input): MaybeInput,
) -> Result<Answer, Refused> {
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    let read = deliveries::find(&webhooks, &caller, &id).await?;
    let subscription = served(read.subscription.as_ref())?;
    let now = webhooks.gate.now();
    let delivery = resumed(&read, subscription, now);
    let write = webhooks.gate.store().resume_delivery(&read, &delivery, webhooks.timing.check_of_enqueued(now))?;
    let answer = Answer::accepted(native::delivery_summary(&delivery, DeliveryStatus::Pending));
    match caller.commit(vec![write], once.as_ref(), answer, &Protection::Open).await? {
        Committed::Answered(answer) => {
            // Of calls that race under one idempotency key, one sends.
            if !answer.is_replayed() {
                enqueue(&webhooks, caller.world(), &delivery).await;
            }
            Ok(answer)
        }
        Committed::Refused(_) => {
            Err(Refusal::Conflict("An attempt was made at the same moment; look and try again.".to_owned()).into())
        }
    }
}

/// `POST /v2/webhooks/{id}/recover {"since", "until"?}`: resends what failed or was cancelled since a time.
pub(crate) async fn recover(
    State(webhooks): State<Webhooks>,
    caller: Caller<needs::WebhooksWrite>,
    id: PathId,
    MaybeInput(input): MaybeInput,
) -> Result<Answer, Refused> {
    let now = webhooks.gate.now();
    let mut fields = Fields::new(&input.fields);
    let since = fields.time("since");
    if fields.value("since").is_none() {
        fields.fault("since", "is required");
    }
    let until = fields.time("until").unwrap_or(now);
    if since.is_some_and(|since| since > until) {
        fields.fault("since", "must not be after until or now");
    }
    fields.finish()?;
    let since = since.unwrap_or(now).max(now.before(retention::DELIVERIES));
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    let found = subscriptions::find(&webhooks, &caller, &id).await?;
    let subscription = served(Some(&found))?;
    let (recovered, has_more) = recover_range(&webhooks, caller.world(), subscription, since, until).await?;
    let answer = Answer::accepted(Json::of(&Recovered { recovered, has_more }));
    caller.commit(Vec::new(), once.as_ref(), answer, &Protection::Open).await?.or_contended()
}

/// Resumes the failed and cancelled deliveries of a range, newest first; tells how many, and whether more remain.
async fn recover_range(
    webhooks: &Webhooks,
    world: World,
    subscription: &Subscription,
    since: Timestamp,
    until: Timestamp,
) -> Result<(usize, bool), Refused> {
    let store = webhooks.gate.store();
    let filter = DeliveryFilter { created_from: Some(since), created_to: Some(until), ..DeliveryFilter::default() };
    let target = [(subscription.id, Some(subscription.clone()))];
    let mut recovered = 0;
    let mut after = None;
    loop {
        let request = PageRequest { limit: 100, after };
        let page = store.deliveries(world, &target, &filter, &request, webhooks.gate.now()).await?;
        for read in &page.items {
            if !matches!(read.status(), DeliveryStatus::Failed | DeliveryStatus::Cancelled) {
                continue;
            }
            if recovered == MOST_RECOVERED {
                return Ok((recovered, true));
            }
            let now = webhooks.gate.now();
            let delivery = resumed(read, subscription, now);
            let write = store.resume_delivery(read, &delivery, webhooks.timing.check_of_enqueued(now))?;
            match store.commit(vec![write], None).await {
                Ok(()) => {
                    enqueue(webhooks, world, &delivery).await;
                    recovered += 1;
                }
                // Somebody else has resumed it meanwhile.
                Err(store::CommitError::Condition { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok((recovered, false));
        }
    }
}
