//! `/v2/webhooks`: subscriptions to events.

use crate::state::WebhooksState;
use api::{
    ApiError, ApiResponse, ApiState, Caller, CommitOutcome, Idempotency, Identity, JsonBody, ListPage, PathId,
    QueryParams, require,
};
use axum::extract::State;
use contract::native::SubscriptionChange;
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::signing_secret::{PreviousSecret, SecretRef};
use domain::webhooks::subscription::{MAX_SUBSCRIPTIONS, SubscriptionStatus};
use domain::{Subscription, SubscriptionId, Timestamp};
use std::time::Duration;
use store::{CommitError, Condition, ConflictRetries, Protection};
use webhook::target::Target;

/// Maximum time that the host name of a URL is resolved for. Healthy names take milliseconds; a name server that does
/// not answer must not occupy the function for the other callers.
const REGISTRATION_DNS_TIMEOUT: Duration = Duration::from_secs(2);

/// `POST /v2/webhooks`: creates a subscription.
pub(crate) async fn create(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = native::SubscriptionRequest::parse(body.fields())?;
    let target = parse_target(&state, &request.url)?;
    let (api, store, environment) = (&state.api, state.api.store(), caller.environment());
    let business = match request.business.or(caller.key.business) {
        Some(business) => Some(api.businesses(&caller).resolve(Some(business)).await?.id),
        None => None,
    };
    idempotency
        .run(&caller, &body, async |call| {
            // Counted before a name is resolved: a caller at its limit must not make Leadhouse wait for name servers.
            // Only the commit, which counts again, is exact.
            if store.has_max_subscriptions(environment).await? {
                return call.first_response_or(too_many_subscriptions()).await;
            }
            check_addresses(&state, &target).await?;
            let now = api.now();
            let subscription = Subscription {
                id: SubscriptionId::new(now, api.random()?),
                url: request.url,
                events: request.events,
                contract: request.contract,
                business,
                verify_ownership: request.verify_ownership,
                status: SubscriptionStatus::Enabled,
                generation: 1,
                secret: SecretRef { master: state.master_keys.current(), version: 1 },
                previous: None,
                disabled_reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            if subscription.verify_ownership {
                state.verify_ownership(environment, &subscription, &target, now).await?;
            }
            let secret = state.signing_secret(environment, &subscription)?;
            let response = ApiResponse::created(native::subscription_json(&subscription, Some(&secret), None));
            let mut writes = store.put_subscription(environment, &subscription)?;
            writes.push(api.audit_log(&caller).entry(Action::WebhookCreated, subscription.id, business)?);
            match call.commit(writes, response, &api.secret_protection()?).await? {
                CommitOutcome::ConditionFailed(Condition::SubscriptionLimit) => Err(too_many_subscriptions().into()),
                outcome => outcome.or_contended(),
            }
        })
        .await
}

/// Returns the error for an environment that has its maximum number of subscriptions.
fn too_many_subscriptions() -> ErrorKind {
    ErrorKind::Conflict(format!("A tenant can have at most {MAX_SUBSCRIPTIONS} subscriptions in each mode."))
}

/// Parses the URL of an endpoint, which must be one that may be registered.
fn parse_target(state: &WebhooksState, url: &str) -> Result<Target, ApiError> {
    Target::parse(url, state.sender_settings.policy).map_err(|reason| ErrorKind::field("url", reason).into())
}

/// Checks every address that the host name resolves to now. Done for new requests only: at a replay the name may
/// resolve to other addresses.
async fn check_addresses(state: &WebhooksState, target: &Target) -> Result<(), ApiError> {
    match tokio::time::timeout(REGISTRATION_DNS_TIMEOUT, target.vet(&*state.sender_settings.resolver)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(ErrorKind::field("url", error.to_string()).into()),
        Err(_) => {
            let seconds = REGISTRATION_DNS_TIMEOUT.as_secs();
            let reason =
                format!("must have a host that can be resolved: its name servers did not answer in {seconds} s");
            Err(ErrorKind::field("url", reason).into())
        }
    }
}

/// Returns the subscription that the path names, if the caller may access it.
pub(crate) async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<Subscription, ApiError> {
    let id = id.parse("webhookId", "webhook", SubscriptionId::parse)?;
    let found = api.store().subscription(caller.environment(), id).await?;
    found.filter(|found| caller.may_access(found.business)).ok_or_else(|| ErrorKind::NotFound("webhook").into())
}

/// `GET /v2/webhooks`: returns a page of subscriptions, newest first. A tenant has few subscriptions, so all of them
/// are read.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::WebhooksRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let page = ListPage::read(&caller, "webhooks", query)?;
    let (store, environment) = (api.store(), caller.environment());
    let (all, failing) = tokio::join!(store.subscriptions(environment), store.failing_endpoints(environment));
    let (mut all, failing) = (all?, failing?);
    all.retain(|subscription| caller.may_access(subscription.business));
    let found = page.of_all(all, |subscription| subscription.id.simple());
    let shown = found.items.iter().map(|subscription| {
        let failing_since = failing.get(&subscription.id).and_then(|health| health.failing_since);
        native::subscription_json(subscription, None, failing_since)
    });
    Ok(page.response(shown, found.next))
}

/// `GET /v2/webhooks/{id}`: returns a subscription.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::WebhooksRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let subscription = find(&api, &caller, &id).await?;
    let health = api.store().endpoint_health(caller.environment(), subscription.id).await?;
    Ok(ApiResponse::ok(native::subscription_json(&subscription, None, health.failing_since)))
}

/// Returns `old` with the fields of `change`, and without other signs of the change yet.
fn changed(old: &Subscription, change: &SubscriptionChange, now: Timestamp) -> Subscription {
    let mut new = old.clone();
    if let (Some(overlap), Some(secret)) = (change.overlap, old.previous_secret_at(now)) {
        new.previous = (!overlap.is_zero()).then_some(PreviousSecret { secret, until: now.after(overlap) });
    }
    new.url = change.url.clone().unwrap_or(new.url);
    new.events = change.events.clone().unwrap_or(new.events);
    if let Some(status) = change.status
        && status != old.status
    {
        new.status = status;
        new.disabled_reason = None;
        // Deliveries of the previous generation were cancelled when it was disabled, and stay cancelled.
        new.generation += u32::from(status == SubscriptionStatus::Enabled);
    }
    new
}

/// `PATCH /v2/webhooks/{id}`: changes the URL or the events, enables or disables, or ends the overlap of the last
/// rotation at another time.
pub(crate) async fn change(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = native::SubscriptionChange::parse(body.fields())?;
    let target = change.url.as_deref().map(|url| parse_target(&state, url)).transpose()?;
    let (api, store, environment) = (&state.api, state.api.store(), caller.environment());
    idempotency
        .run(&caller, &body, async |call| {
            let mut old = find(api, &caller, &id).await?;
            let health = store.endpoint_health(environment, old.id).await?;
            let shown = native::subscription_json(&old, None, health.failing_since);
            native::check_read_only_subscription_fields(&body.fields(), &shown)?;
            // After everything that may reject the request without waiting for name servers.
            if let Some(target) = &target {
                check_addresses(&state, target).await?;
                if old.verify_ownership && target.url() != old.url {
                    state.verify_ownership(environment, &old, target, api.now()).await?;
                }
            }
            let mut retries = ConflictRetries::default();
            loop {
                let mut new = changed(&old, &change, api.now());
                let mut writes = Vec::new();
                if new != old {
                    new.updated_at = api.now().max(old.updated_at);
                    new.version += 1;
                    writes.push(store.replace_subscription(environment, &new)?);
                }
                let mut failing_since = health.failing_since;
                // In the same transaction as the new generation or URL: failures of the endpoint as it was must not
                // open the circuit breaker of the one that replaces it.
                if new.generation != old.generation || new.url != old.url {
                    writes.push(store.put_unproven_endpoint(environment, new.id, new.updated_at)?);
                    failing_since = None;
                }
                if !writes.is_empty() {
                    writes.push(api.audit_log(&caller).entry(Action::WebhookUpdated, new.id, new.business)?);
                }
                let response = ApiResponse::ok(native::subscription_json(&new, None, failing_since));
                let committed = call.commit(writes, response, &Protection::Plaintext).await?;
                if let Some(response) = committed.or_retry(&mut retries)? {
                    return Ok(response);
                }
                old = find(api, &caller, &id).await?;
            }
        })
        .await
}

/// `DELETE /v2/webhooks/{id}`: deletes a subscription, which cancels its pending deliveries.
pub(crate) async fn delete(
    State(api): State<ApiState>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&api, &caller, &id).await?;
    let mut writes = api.store().delete_subscription(caller.environment(), &found, api.now())?;
    writes.push(api.audit_log(&caller).entry(Action::WebhookDeleted, found.id, found.business)?);
    match api.store().commit(writes).await {
        Ok(()) => Ok(ApiResponse::no_content()),
        // Another request has deleted it.
        Err(CommitError::ConditionFailed { .. }) => Err(ErrorKind::NotFound("webhook").into()),
        Err(error) => Err(error.into()),
    }
}
