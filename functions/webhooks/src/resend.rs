//! Deliveries that a caller requests: a test event, a retry of one delivery, the recovery of all that failed since a time.

use crate::state::WebhooksState;
use crate::{deliveries, event_types, subscriptions};
use api::{ApiError, ApiResponse, Caller, Idempotency, OptionalJsonBody, PathId, require};
use axum::extract::State;
use contract::native::{Recovery, RecoveryRequest};
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::webhooks::subscription::SubscriptionStatus;
use domain::{Delivery, DeliveryId, DeliveryStatus, Environment, Event, EventType, Subscription, Timestamp};
use futures_util::StreamExt;
use runtime::DeliveryMessage;
use std::time::Duration;
use store::{CommitError, DeliveryFilter, DueEntry, PageRequest, Protection, Store, StoreError, StoredDelivery};

/// Number of deliveries after which a recovery returns: what can be resumed within the function's timeout of ten
/// seconds.
const MAX_RECOVERED: usize = 500;

/// Maximum number of pages that a recovery reads: what can be read within the timeout if few deliveries have failed.
const MAX_RECOVERY_PAGES: usize = 20;

/// Number of deliveries on a page of a recovery. A delivery has some 1.2 KB, so that one query (1 MB) reads the page.
const RECOVERY_PAGE_SIZE: usize = 200;

/// Number of deliveries that are resumed concurrently.
const RESUME_CONCURRENCY: usize = 16;

fn message_of(environment: Environment, delivery: &Delivery) -> DeliveryMessage {
    DeliveryMessage::new(environment, delivery.reference(), delivery.next_attempt())
}

/// Enqueues messages without delay. Their deliveries are in the due index already: the sweeper finds what the queue
/// does not accept.
async fn enqueue(state: &WebhooksState, messages: Vec<DeliveryMessage>) {
    let messages: Vec<_> = messages.into_iter().map(|message| (message, Duration::ZERO)).collect();
    if !messages.is_empty()
        && let Err(error) = state.queue.send(messages).await
    {
        tracing::warn!(%error, "deliveries not enqueued; the sweeper will re-enqueue them");
    }
}

/// Enqueues a delivery, unless `response` is that of another request under the same idempotency key: of requests that
/// race, one sends.
async fn enqueue_once(state: &WebhooksState, environment: Environment, delivery: &Delivery, response: &ApiResponse) {
    if !response.is_replayed() {
        enqueue(state, vec![message_of(environment, delivery)]).await;
    }
}

/// Returns the subscription if deliveries can be sent to it.
fn require_enabled(subscription: Option<&Subscription>) -> Result<&Subscription, ApiError> {
    let Some(subscription) = subscription else {
        return Err(ErrorKind::Conflict("The subscription has been deleted.".to_owned()).into());
    };
    if subscription.status == SubscriptionStatus::Disabled {
        return Err(ErrorKind::Conflict("The subscription is disabled. Enable it first.".to_owned()).into());
    }
    Ok(subscription)
}

/// `POST /v2/webhooks/{id}/test {"event"?}`: sends a ping, or the example of an event.
pub(crate) async fn test(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let event_type = native::parse_test_request(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let (api, environment) = (&state.api, caller.environment());
            let found = subscriptions::find(api, &caller, &id).await?;
            let subscription = require_enabled(Some(&found))?;
            let now = api.now();
            let event = Event::for_subscription(environment, subscription, event_type, now, &api.random()?);
            let delivery = match event_type {
                EventType::Ping => webhook::payload::delivery(&event, subscription, now),
                sample => {
                    let body = event_types::example(sample, subscription.contract)?.get().to_owned();
                    webhook::payload::sample_delivery(sample, event.id, body, subscription, (now, now))
                }
            };
            let check_at = state.timing.check_at_when_enqueued(now);
            let writes = vec![
                api.store().put_delivery(environment, &delivery, None, DueEntry::Own(check_at))?,
                api.audit_log(&caller).entry(Action::WebhookTested, subscription.id, subscription.business)?,
            ];
            let response = ApiResponse::accepted(native::ping_json(delivery.id));
            let response = call.commit(writes, response, &Protection::Plaintext).await?.or_contended()?;
            enqueue_once(&state, environment, &delivery, &response).await;
            Ok(response)
        })
        .await
}

/// Returns the delivery with an attempt due now, in the subscription's current generation.
fn resumed(stored: &StoredDelivery, subscription: &Subscription, now: Timestamp) -> Delivery {
    // A delivery that was pending in an earlier generation is cancelled: its attempts start again.
    let as_shown = Delivery { status: stored.status(), ..stored.delivery.clone() };
    Delivery { generation: subscription.generation, ..as_shown.resumed(now) }
}

/// `POST /v2/deliveries/{id}/retry`: makes an attempt now, whatever the delivery's status.
pub(crate) async fn retry(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    body.expect_no_fields()?;
    idempotency
        .run(&caller, &body, async |call| {
            let (api, store) = (&state.api, state.api.store());
            let stored = deliveries::find(api, &caller, &id).await?;
            let subscription = require_enabled(stored.subscription.as_ref())?;
            if lead_is_erased(store, &stored).await? {
                return Err(ErrorKind::Gone.into());
            }
            let now = api.now();
            let delivery = resumed(&stored, subscription, now);
            let check_at = state.timing.check_at_when_enqueued(now);
            let mut writes = store.resume_delivery(&stored, &delivery, check_at)?;
            writes.push(api.audit_log(&caller).entry(Action::DeliveryRetried, delivery.id, subscription.business)?);
            let response = ApiResponse::accepted(native::delivery_summary_json(&delivery, DeliveryStatus::Pending));
            let conflict = "An attempt was made at the same time. Check the delivery and try again.";
            let response = call.commit(writes, response, &Protection::Plaintext).await?.or_conflict(conflict)?;
            enqueue_once(&state, caller.environment(), &delivery, &response).await;
            Ok(response)
        })
        .await
}

/// `POST /v2/webhooks/{id}/recover {"since", "until"?}`: resends what failed or was cancelled since a time.
///
/// One request reads a bounded number of deliveries, newest first. If more remain, the response holds the time that was
/// reached: the caller continues with it as `until`. What a request has resent is pending, so that a repeated request
/// resends nothing twice; under an idempotency key the response of the first request that finished is kept.
pub(crate) async fn recover(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let api = &state.api;
    let range = RecoveryRequest::parse(body.fields(), api.now())?;
    idempotency
        .run(&caller, &body, async |call| {
            let found = subscriptions::find(api, &caller, &id).await?;
            let subscription = require_enabled(Some(&found))?;
            // Logged before anything is resent: a request that breaks off has an effect all the same.
            let action = Action::WebhookRecovered;
            let entry = api.audit_log(&caller).entry(action, subscription.id, subscription.business)?;
            api.store().commit(vec![entry]).await?;
            let recovered = if range.until < range.since {
                Recovery::default()
            } else {
                recover_range(&state, caller.environment(), subscription, &range).await?
            };
            let response = ApiResponse::accepted(native::recovery_json(&recovered));
            call.commit(Vec::new(), response, &Protection::Plaintext).await?.or_contended()
        })
        .await
}

/// Resumes the failed and cancelled deliveries of a range, newest first, until one of the limits is reached.
async fn recover_range(
    state: &WebhooksState,
    environment: Environment,
    subscription: &Subscription,
    range: &RecoveryRequest,
) -> Result<Recovery, ApiError> {
    let (created_from, created_to) = (Some(range.since), Some(range.until));
    let filter = DeliveryFilter { created_from, created_to, ..DeliveryFilter::default() };
    let subscriptions = [(subscription.id, Some(subscription.clone()))];
    let mut recovered = 0;
    let mut after = None;
    for _ in 0..MAX_RECOVERY_PAGES {
        let request = PageRequest { limit: RECOVERY_PAGE_SIZE, after };
        let page =
            state.api.store().deliveries(environment, &subscriptions, &filter, &request, state.api.now()).await?;
        let reached = page.items.last().map(|stored| stored.delivery.created_at);
        let resumed: Vec<_> = futures_util::stream::iter(page.items.into_iter().filter(has_ended))
            .map(|stored| async move { resume(state, subscription, &stored).await })
            .buffered(RESUME_CONCURRENCY)
            .collect()
            .await;
        let mut messages = Vec::new();
        for delivery in resumed {
            messages.extend(delivery?.map(|delivery| message_of(environment, &delivery)));
        }
        recovered += messages.len();
        enqueue(state, messages).await;
        after = page.next;
        if after.is_none() {
            return Ok(Recovery { recovered, has_more: false, reached: None });
        }
        if recovered >= MAX_RECOVERED {
            return Ok(Recovery { recovered, has_more: true, reached });
        }
    }
    let reached = after.and_then(|after| DeliveryId::parse(after.as_str())).map(|id| id.timestamp());
    Ok(Recovery { recovered, has_more: true, reached })
}

/// Returns whether the lead that the delivery is about has been erased: its payload cannot be decrypted any more.
async fn lead_is_erased(store: &Store, stored: &StoredDelivery) -> Result<bool, StoreError> {
    match stored.delivery.lead {
        Some(lead) => Ok(store.lead_data_key(stored.environment, lead).await?.is_none()),
        None => Ok(false),
    }
}

/// Returns whether no further attempt is made unless a caller requests it.
fn has_ended(stored: &StoredDelivery) -> bool {
    matches!(stored.status(), DeliveryStatus::Failed | DeliveryStatus::Cancelled)
}

/// Resumes a delivery. Returns `None` if another request has resumed it, or if nothing can be sent.
async fn resume(
    state: &WebhooksState,
    subscription: &Subscription,
    stored: &StoredDelivery,
) -> Result<Option<Delivery>, ApiError> {
    let store = state.api.store();
    if lead_is_erased(store, stored).await? {
        return Ok(None);
    }
    let now = state.api.now();
    let delivery = resumed(stored, subscription, now);
    let writes = store.resume_delivery(stored, &delivery, state.timing.check_at_when_enqueued(now))?;
    match store.commit(writes).await {
        Ok(()) => Ok(Some(delivery)),
        Err(CommitError::ConditionFailed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
