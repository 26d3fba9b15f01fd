//! `/v2/deliveries`: deliveries and their attempts.

use api::{ApiError, ApiResponse, ApiState, Caller, Identity, ListPage, PathId, QueryParams, require};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::{BusinessId, DeliveryId, Subscription, SubscriptionId};
use store::{DeliveryFilter, Position, StoredDelivery};

/// Returns the delivery that the path names, if the caller may access it.
pub(crate) async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<StoredDelivery, ApiError> {
    let id = id.parse("deliveryId", "delivery", DeliveryId::parse)?;
    let found = api.store().delivery(caller.environment(), id, api.now()).await?;
    let Some(found) = found else { return Err(ErrorKind::NotFound("delivery").into()) };
    if caller.may_access(business_of(api, caller, &found).await?) {
        Ok(found)
    } else {
        Err(ErrorKind::NotFound("delivery").into())
    }
}

/// Returns the business that the delivery's subscription is limited to, or was before it was deleted. Deleted
/// subscriptions are read for bound keys only: other keys access every business.
async fn business_of(
    api: &ApiState,
    caller: &Identity,
    found: &StoredDelivery,
) -> Result<Option<BusinessId>, ApiError> {
    if let Some(subscription) = &found.subscription {
        return Ok(subscription.business);
    }
    if caller.key.business.is_none() {
        return Ok(None);
    }
    let deleted = api.store().deleted_subscriptions(caller.environment()).await?;
    Ok(deleted.iter().find(|deleted| deleted.id == found.delivery.subscription).and_then(|deleted| deleted.business))
}

/// `GET /v2/deliveries/{id}`: returns a delivery with every attempt.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::WebhooksRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&api, &caller, &id).await?;
    let attempts = api.store().attempts(caller.environment(), &found.delivery).await?;
    Ok(ApiResponse::ok(native::delivery_json(&found.delivery, found.status(), &attempts)))
}

/// `GET /v2/deliveries`: returns a page of the deliveries of every subscription or of one, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::WebhooksRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let request = native::DeliveryListQuery::read(&mut query);
    let page = ListPage::read(&caller, "deliveries", query)?;
    let (created_from, created_to) = api.businesses(&caller).instants(request.created, None).await?;
    let filter = DeliveryFilter { status: request.status, event: request.event, created_from, created_to };
    let subscriptions = subscriptions(&api, &caller, request.subscription).await?;
    let request = page.request(Position::parse_id_key)?;
    let (store, environment) = (api.store(), caller.environment());
    let found = store.deliveries(environment, &subscriptions, &filter, &request, api.now()).await?;
    let shown = found.items.iter().map(|found| native::delivery_summary_json(&found.delivery, found.status()));
    Ok(page.response(shown, found.next))
}

/// Returns the subscriptions with deliveries that the caller may access, or the `requested` one of them. Deleted
/// subscriptions are included, by their id alone.
async fn subscriptions(
    api: &ApiState,
    caller: &Identity,
    requested: Option<SubscriptionId>,
) -> Result<Vec<(SubscriptionId, Option<Subscription>)>, ApiError> {
    let (store, environment) = (api.store(), caller.environment());
    let (existing, deleted) = tokio::join!(store.subscriptions(environment), store.deleted_subscriptions(environment));
    let existing = existing?.into_iter().map(|one| (one.id, one.business, Some(one)));
    let deleted = deleted?.into_iter().map(|one| (one.id, one.business, None));
    let mut all: Vec<_> = existing
        .chain(deleted)
        .filter(|(_, business, _)| caller.may_access(*business))
        .map(|(id, _, subscription)| (id, subscription))
        .collect();
    if let Some(requested) = requested {
        all.retain(|(id, _)| *id == requested);
        if all.is_empty() {
            return Err(ErrorKind::NotFound("webhook").into());
        }
    }
    Ok(all)
}
