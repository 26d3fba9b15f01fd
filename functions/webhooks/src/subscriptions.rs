//! `/v2/webhooks`: who is told what, where.

use crate::{Webhooks, secrets};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, PathId, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, ErrorKind, native};
use domain::audit::Action;
use domain::signing_secret::SecretRef;
use domain::webhooks::subscription::{MAX_SUBSCRIPTIONS, SubscriptionStatus};
use domain::{Subscription, SubscriptionId};
use store::{CommitError, Condition, Protection, StoreError};
use webhook::target::Target;

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// `POST /v2/webhooks`
pub(crate) async fn create(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = native::read_subscription(&input.fields)?;
    let target = target(&webhooks, &draft.url)?;
    let business = match draft.business.or(caller.key.business) {
        Some(business) => Some(caller.place(Some(business)).await?.id),
        None => None,
    };
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    vet(&webhooks, &target).await?;
    let now = webhooks.api.now();
    let subscription = Subscription {
        id: SubscriptionId::new(now, webhooks.api.random()?),
        url: draft.url,
        events: draft.events,
        contract: draft.contract,
        business,
        status: SubscriptionStatus::Enabled,
        generation: 1,
        secret: SecretRef { master: webhooks.masters.current(), version: 1 },
        previous: None,
        disabled_reason: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let secret = secrets::reveal(&webhooks, caller.environment(), &subscription)?;
    let answer = ApiResponse::created(native::subscription(&subscription, Some(&secret), None));
    let mut writes = webhooks.api.store().put_subscription(caller.environment(), &subscription)?;
    writes.push(caller.trace(Action::WebhookCreated, subscription.id, business)?);
    match caller.commit(writes, idempotency_key.as_ref(), answer, &caller.secret_protection()?).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        CommitOutcome::ConditionFailed(CommitError::ConditionFailed {
            condition: Condition::SubscriptionLimit,
            ..
        }) => Err(ErrorKind::Conflict(format!(
            "There are {MAX_SUBSCRIPTIONS} subscriptions in this mode already, which is as many as a tenant may have."
        ))
        .into()),
        CommitOutcome::ConditionFailed(error) => Err(error.into()),
    }
}

/// A target of an accepted form.
fn target(webhooks: &Webhooks, url: &str) -> Result<Target, ApiError> {
    Target::parse(url, webhooks.policy).map_err(|reason| ErrorKind::field("url", reason).into())
}

/// Checks every address that a target resolves to now. A call that comes again is not asked anew: its name may
/// resolve to something else meanwhile.
async fn vet(webhooks: &Webhooks, target: &Target) -> Result<(), ApiError> {
    target.vet(&*webhooks.resolver).await.map_err(|error| ErrorKind::field("url", error.to_string()))?;
    Ok(())
}

/// The subscription that the path names, if the caller may see it.
pub(crate) async fn find<S>(webhooks: &Webhooks, caller: &Caller<S>, id: &PathId) -> Result<Subscription, ApiError> {
    let id = id.parse("webhookId", "webhook", SubscriptionId::parse)?;
    let found = webhooks.api.store().subscription(caller.environment(), id).await?;
    found.filter(|found| caller.sees(found.business)).ok_or_else(|| ErrorKind::NotFound("webhook").into())
}

/// `GET /v2/webhooks`: a tenant has few, so they are one page.
pub(crate) async fn list(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let (list, limit, after) =
        query.page(&caller.list_name("webhooks"), caller.environment(), profile.page_limits())?;
    let store = webhooks.api.store();
    let (found, failing) =
        tokio::join!(store.subscriptions(caller.environment()), store.failing_endpoints(caller.environment()));
    let (mut found, failing) = (found?, failing?);
    found.retain(|subscription| {
        caller.sees(subscription.business) && after.as_ref().is_none_or(|after| subscription.id.simple() < *after)
    });
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| Cursor::encode(&last.id.simple(), &list));
    let since = |subscription: &Subscription| failing.get(&subscription.id).and_then(|health| health.failing_since);
    let items =
        found.iter().map(|subscription| native::subscription(subscription, None, since(subscription))).collect();
    Ok(ApiResponse::ok(profile.page(items, next)))
}

/// `GET /v2/webhooks/{id}`
pub(crate) async fn one(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&webhooks, &caller, &id).await?;
    let health = webhooks.api.store().endpoint_health(caller.environment(), found.id).await?;
    Ok(ApiResponse::ok(native::subscription(&found, None, health.failing_since)))
}

/// `PATCH /v2/webhooks/{id}`: another URL, other events, enabled or disabled.
pub(crate) async fn change(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = native::read_subscription_change(&input.fields)?;
    let target = change.url.as_deref().map(|url| target(&webhooks, url)).transpose()?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    if let Some(target) = &target {
        vet(&webhooks, target).await?;
    }
    for _ in 0..ROUNDS {
        let old = find(&webhooks, &caller, &id).await?;
        let mut new = old.clone();
        new.url = change.url.clone().unwrap_or(new.url);
        new.events = change.events.clone().unwrap_or(new.events);
        if let Some(status) = change.status
            && status != old.status
        {
            new.status = status;
            new.disabled_reason = None;
            // What was pending when it was disabled stays cancelled when it is enabled again.
            new.generation += u32::from(status == SubscriptionStatus::Enabled);
        }
        let mut writes = Vec::new();
        if new != old {
            new.updated_at = webhooks.api.now().max(old.updated_at);
            new.version += 1;
            writes.push(webhooks.api.store().replace_subscription(caller.environment(), &new)?);
        }
        let mut failing_since = webhooks.api.store().endpoint_health(caller.environment(), new.id).await?.failing_since;
        if new.generation != old.generation || new.url != old.url {
            writes.push(webhooks.api.store().clear_failures(caller.environment(), new.id));
            failing_since = None;
        }
        if !writes.is_empty() {
            writes.push(caller.trace(Action::WebhookUpdated, new.id, new.business)?);
        }
        let answer = ApiResponse::ok(native::subscription(&new, None, failing_since));
        match caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await? {
            CommitOutcome::Answered(answer) => return Ok(answer),
            CommitOutcome::ConditionFailed(_) => {}
        }
    }
    Err(StoreError::Contended.into())
}

/// `DELETE /v2/webhooks/{id}`: what is pending is cancelled with it.
pub(crate) async fn delete(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&webhooks, &caller, &id).await?;
    let mut writes = webhooks.api.store().delete_subscription(caller.environment(), &found, webhooks.api.now())?;
    writes.push(caller.trace(Action::WebhookDeleted, found.id, found.business)?);
    match caller.commit(writes, None, ApiResponse::no_content(), &Protection::Plaintext).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        // Somebody else has deleted it meanwhile.
        CommitOutcome::ConditionFailed(_) => Err(ErrorKind::NotFound("webhook").into()),
    }
}

/// `GET /v2/event-types`
pub(crate) async fn event_types(caller: Caller<require::WebhooksRead>) -> Result<ApiResponse, ApiError> {
    Ok(ApiResponse::ok(caller.profile().page(native::event_types(), None)))
}
