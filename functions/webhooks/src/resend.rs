//! Sending at a caller's word: a ping, one delivery again, or all that failed since a time.

use crate::{Webhooks, deliveries, subscriptions};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, OptionalJsonBody, PathId, require};
use axum::extract::State;
use contract::{ErrorKind, Fields, Json, native};
use domain::audit::Action;
use domain::webhooks::subscription::SubscriptionStatus;
use domain::{Delivery, DeliveryId, DeliveryStatus, Environment, Event, EventType, Subscription, Timestamp, retention};
use futures_util::StreamExt;
use runtime::DeliveryMessage;
use serde::Serialize;
use std::time::Duration;
use store::{CommitError, DeliveryFilter, PageRequest, Protection, Store, StoreError, StoredDelivery};

/// Deliveries that one call recovers at most, and that it looks at: what fits a function's time.
const MOST_RECOVERED: usize = 500;
const MOST_PAGES: usize = 20;
const PAGE: usize = 200;

/// Deliveries that are resumed at once.
const AT_ONCE: usize = 16;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pinged {
    delivery_id: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Recovery {
    recovered: usize,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reached: Option<String>,
}

fn message_of(environment: Environment, delivery: &Delivery) -> DeliveryMessage {
    DeliveryMessage::new(environment, delivery.reference(), delivery.next_attempt())
}

/// Hands messages to the queue now. Their deliveries are in the due index already: what the queue does not take, the
/// sweep finds.
async fn send(webhooks: &Webhooks, messages: Vec<DeliveryMessage>) {
    let messages: Vec<_> = messages.into_iter().map(|message| (message, Duration::ZERO)).collect();
    if !messages.is_empty()
        && let Err(error) = webhooks.queue.send(messages).await
    {
        tracing::warn!(%error, "deliveries were not enqueued; the sweep will find them");
    }
}

fn served(subscription: Option<&Subscription>) -> Result<&Subscription, ApiError> {
    let Some(subscription) = subscription else {
        return Err(ErrorKind::Conflict("The subscription has been deleted.".to_owned()).into());
    };
    if subscription.status == SubscriptionStatus::Disabled {
        return Err(ErrorKind::Conflict("The subscription is disabled; enable it first.".to_owned()).into());
    }
    Ok(subscription)
}

/// `POST /v2/webhooks/{id}/test`: sends a ping.
pub(crate) async fn ping(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let found = subscriptions::find(&webhooks, &caller, &id).await?;
    let subscription = served(Some(&found))?;
    let now = webhooks.api.now();
    let event =
        Event::for_subscription(caller.environment(), subscription, EventType::Ping, now, &webhooks.api.random()?);
    let delivery = webhook::payload::delivery(&event, subscription, now);
    let write = webhooks.api.store().put_delivery(
        caller.environment(),
        &delivery,
        None,
        webhooks.timing.check_at_when_enqueued(now),
    )?;
    let answer = ApiResponse::accepted(Json::of(&Pinged { delivery_id: delivery.id.to_string() }));
    let writes = vec![write, caller.trace(Action::WebhookTested, subscription.id, subscription.business)?];
    let answer =
        caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await?.or_contended()?;
    if !answer.is_replayed() {
        send(&webhooks, vec![message_of(caller.environment(), &delivery)]).await;
    }
    Ok(answer)
}

/// The delivery with an attempt due now, under its subscription as it stands.
fn resumed(read: &StoredDelivery, subscription: &Subscription, now: Timestamp) -> Delivery {
    // What was pending under an earlier generation was cancelled: it begins a new round.
    let as_shown = Delivery { status: read.status(), ..read.delivery.clone() };
    Delivery { generation: subscription.generation, ..as_shown.resumed(now) }
}

/// `POST /v2/deliveries/{id}/retry`: an attempt now, whatever became of it before.
pub(crate) async fn retry(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let read = deliveries::find(&webhooks, &caller, &id).await?;
    let subscription = served(read.subscription.as_ref())?;
    if is_forgotten(webhooks.api.store(), &read).await? {
        return Err(ErrorKind::Gone.into());
    }
    let now = webhooks.api.now();
    let delivery = resumed(&read, subscription, now);
    let mut writes =
        webhooks.api.store().resume_delivery(&read, &delivery, webhooks.timing.check_at_when_enqueued(now))?;
    writes.push(caller.trace(Action::DeliveryRetried, delivery.id, subscription.business)?);
    let answer = ApiResponse::accepted(native::delivery_summary(&delivery, DeliveryStatus::Pending));
    match caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await? {
        CommitOutcome::Answered(answer) => {
            // Of calls that race under one idempotency key, one sends.
            if !answer.is_replayed() {
                send(&webhooks, vec![message_of(caller.environment(), &delivery)]).await;
            }
            Ok(answer)
        }
        CommitOutcome::ConditionFailed(_) => {
            Err(ErrorKind::Conflict("An attempt was made at the same moment; look and try again.".to_owned()).into())
        }
    }
}

/// `POST /v2/webhooks/{id}/recover {"since", "until"?}`: resends what failed or was cancelled since a time.
///
/// One call looks at a bounded stretch, newest first. Where more remains the answer names the time that it reached:
/// the caller goes on with that as `until`. What a call has resent is pending, so a repeated one resends nothing twice;
/// under an idempotency key the first finished call's answer is kept.
pub(crate) async fn recover(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let now = webhooks.api.now();
    let mut fields = Fields::new(&input.fields);
    let since = fields.time("since");
    if fields.value("since").is_none() {
        fields.add_error("since", "is required");
    }
    let until = fields.time("until").unwrap_or(now);
    if since.is_some_and(|since| since > until) {
        fields.add_error("since", "must not be after until or now");
    }
    fields.finish()?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let found = subscriptions::find(&webhooks, &caller, &id).await?;
    let subscription = served(Some(&found))?;
    // Before anything is resent: a call that breaks off has been made all the same.
    let trace = caller.trace(Action::WebhookRecovered, subscription.id, subscription.business)?;
    webhooks.api.store().commit(vec![trace]).await?;
    let kept_since = now.before(retention::DELIVERY_LOGS);
    let since = since.unwrap_or(now).max(kept_since);
    let recovered = if until < since {
        Recovery::default()
    } else {
        recover_range(&webhooks, caller.environment(), subscription, since, until).await?
    };
    let answer = ApiResponse::accepted(Json::of(&recovered));
    caller.commit(Vec::new(), idempotency_key.as_ref(), answer, &Protection::Plaintext).await?.or_contended()
}

/// Resumes the failed and cancelled deliveries of a range, newest first, as far as one call goes.
async fn recover_range(
    webhooks: &Webhooks,
    environment: Environment,
    subscription: &Subscription,
    since: Timestamp,
    until: Timestamp,
) -> Result<Recovery, ApiError> {
    let store = webhooks.api.store();
    let filter = DeliveryFilter { created_from: Some(since), created_to: Some(until), ..DeliveryFilter::default() };
    let target = [(subscription.id, Some(subscription.clone()))];
    let mut recovered = 0;
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let request = PageRequest { limit: PAGE, after };
        let page = store.deliveries(environment, &target, &filter, &request, webhooks.api.now()).await?;
        let reached = page.items.last().map(|read| read.delivery.created_at.to_string());
        let resumed: Vec<_> = futures_util::stream::iter(page.items.into_iter().filter(is_over))
            .map(|read| async move { resume(webhooks, subscription, &read).await })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut messages = Vec::new();
        for one in resumed {
            messages.extend(one?.map(|delivery| message_of(environment, &delivery)));
        }
        recovered += messages.len();
        send(webhooks, messages).await;
        after = page.next;
        if after.is_none() {
            return Ok(Recovery { recovered, has_more: false, reached: None });
        }
        if recovered >= MOST_RECOVERED {
            return Ok(Recovery { recovered, has_more: true, reached });
        }
    }
    let reached = after.and_then(|after| DeliveryId::parse(after.as_str())).map(|id| id.timestamp().to_string());
    Ok(Recovery { recovered, has_more: true, reached })
}

/// Whether the person that the delivery tells of has been erased: there is nothing left to send.
async fn is_forgotten(store: &Store, read: &StoredDelivery) -> Result<bool, StoreError> {
    match read.delivery.lead {
        Some(lead) => Ok(store.lead_data_key(read.environment, lead).await?.is_none()),
        None => Ok(false),
    }
}

/// Whether nothing more will be tried unless somebody asks.
fn is_over(read: &StoredDelivery) -> bool {
    matches!(read.status(), DeliveryStatus::Failed | DeliveryStatus::Cancelled)
}

/// Resumes one delivery; `None` when somebody else has meanwhile, or nothing is left to send.
async fn resume(
    webhooks: &Webhooks,
    subscription: &Subscription,
    read: &StoredDelivery,
) -> Result<Option<Delivery>, ApiError> {
    let store = webhooks.api.store();
    if is_forgotten(store, read).await? {
        return Ok(None);
    }
    let now = webhooks.api.now();
    let delivery = resumed(read, subscription, now);
    let writes = store.resume_delivery(read, &delivery, webhooks.timing.check_at_when_enqueued(now))?;
    match store.commit(writes).await {
        Ok(()) => Ok(Some(delivery)),
        Err(CommitError::ConditionFailed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
