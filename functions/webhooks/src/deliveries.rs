//! `/v2/deliveries`: what was sent, what became of it, and what is still to come.

use crate::Webhooks;
use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, ErrorKind, native};
use domain::{BusinessId, DeliveryId, DeliveryStatus, EventType, Subscription, SubscriptionId};
use store::{DeliveryFilter, PageRequest, Position, StoredDelivery};

/// The delivery that the path names, if the caller may see it.
pub(crate) async fn find<S>(webhooks: &Webhooks, caller: &Caller<S>, id: &PathId) -> Result<StoredDelivery, ApiError> {
    let id = id.parse("deliveryId", "delivery", DeliveryId::parse)?;
    let found = webhooks.api.store().delivery(caller.environment(), id, webhooks.api.now()).await?;
    let Some(found) = found else { return Err(ErrorKind::NotFound("delivery").into()) };
    if caller.sees(business_of(webhooks, caller, &found).await?) {
        Ok(found)
    } else {
        Err(ErrorKind::NotFound("delivery").into())
    }
}

/// The business that the delivery's subscription is limited to, or was before it was deleted. Asked for bound keys
/// only: the others see every business.
async fn business_of<S>(
    webhooks: &Webhooks,
    caller: &Caller<S>,
    found: &StoredDelivery,
) -> Result<Option<BusinessId>, ApiError> {
    if let Some(subscription) = &found.subscription {
        return Ok(subscription.business);
    }
    if caller.key.business.is_none() {
        return Ok(None);
    }
    let deleted = webhooks.api.store().deleted_subscriptions(caller.environment()).await?;
    Ok(deleted.iter().find(|deleted| deleted.id == found.delivery.subscription).and_then(|deleted| deleted.business))
}

/// `GET /v2/deliveries/{id}`: with every attempt.
pub(crate) async fn one(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&webhooks, &caller, &id).await?;
    let attempts = webhooks.api.store().attempts(caller.environment(), &found.delivery).await?;
    Ok(ApiResponse::ok(native::delivery(&found.delivery, found.status(), &attempts)))
}

/// `GET /v2/deliveries`: newest first, over every subscription or one.
pub(crate) async fn list(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let webhook = query.optional("webhookId", contract::id(SubscriptionId::parse));
    let mut filter = DeliveryFilter {
        status: query.one_of("status", &DeliveryStatus::ALL, DeliveryStatus::name),
        event: query.one_of("event", EventType::ALL, EventType::name),
        ..DeliveryFilter::default()
    };
    (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    let (list, limit, after) =
        query.page(&caller.list_name("deliveries"), caller.environment(), caller.profile().page_limits())?;
    let subscriptions = subscriptions(&webhooks, &caller, webhook).await?;
    let request = PageRequest {
        limit,
        after: after.map(|after| Position::parse_id_key(&after).ok_or_else(Cursor::error)).transpose()?,
    };
    let store = webhooks.api.store();
    let page = store.deliveries(caller.environment(), &subscriptions, &filter, &request, webhooks.api.now()).await?;
    let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
    let items = page.items.iter().map(|read| native::delivery_summary(&read.delivery, read.status())).collect();
    Ok(ApiResponse::ok(caller.profile().page(items, next)))
}

/// The subscriptions whose deliveries are meant, deleted ones too, each as it stands if it still exists.
async fn subscriptions<S>(
    webhooks: &Webhooks,
    caller: &Caller<S>,
    wanted: Option<SubscriptionId>,
) -> Result<Vec<(SubscriptionId, Option<Subscription>)>, ApiError> {
    let store = webhooks.api.store();
    let (served, deleted) =
        tokio::join!(store.subscriptions(caller.environment()), store.deleted_subscriptions(caller.environment()));
    let served = served?.into_iter().map(|subscription| (subscription.id, subscription.business, Some(subscription)));
    let deleted = deleted?.into_iter().map(|subscription| (subscription.id, subscription.business, None));
    let mut all: Vec<_> = served
        .chain(deleted)
        .filter(|(_, business, _)| caller.sees(*business))
        .map(|(id, _, subscription)| (id, subscription))
        .collect();
    if let Some(wanted) = wanted {
        all.retain(|(id, _)| *id == wanted);
        if all.is_empty() {
            return Err(ErrorKind::NotFound("webhook").into());
        }
    }
    Ok(all)
}
