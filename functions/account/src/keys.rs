//! `/v2/keys`: a key grants no scope, business, mode or tier beyond those of the key that creates it.

use api::{
    ApiError, ApiResponse, ApiState, Caller, CommitOutcome, Idempotency, Identity, JsonBody, ListPage,
    OptionalJsonBody, PathId, QueryParams, require,
};
use auth::{ApiKey, IssueError, IssuedKey, NewKey};
use axum::extract::State;
use contract::native::KeyRequest;
use contract::{ErrorKind, native, profile};
use domain::accounts::rate_limit::Limits;
use domain::audit::Action;
use domain::{BusinessId, Contract, KeyId, KeyRecord, Mode, Tier, Timestamp};
use store::{Condition, ConflictRetries, KeyRoom, Position};

fn forbidden(reason: impl Into<String>) -> ApiError {
    ErrorKind::Forbidden(reason.into()).into()
}

fn not_issued(error: IssueError) -> ApiError {
    ApiError::internal(&error.to_string())
}

/// The rights of a new key, checked against the key that creates it.
struct Grant {
    mode: Mode,
    expires_at: Option<Timestamp>,
    business: Option<BusinessId>,
}

impl Grant {
    /// Returns what the key of `request` may grant, or the error for what it may not.
    async fn check(api: &ApiState, caller: &Identity, request: &KeyRequest) -> Result<Self, ApiError> {
        let own = &caller.key;
        let beyond = request.scopes.difference(own.scopes);
        if !beyond.is_empty() {
            let names: Vec<_> = beyond.iter().map(|scope| scope.name()).collect();
            return Err(forbidden(format!("An API key cannot grant scopes that it lacks: {}.", names.join(", "))));
        }
        let mode = request.mode.unwrap_or(own.environment.mode);
        if own.environment.mode == Mode::Test && mode == Mode::Live {
            return Err(forbidden("A test key can create only test keys."));
        }
        contract::profile(request.contract).check_key_mode(mode)?;
        let expires_at = match (request.expires_at, own.expires_at) {
            (requested, None) => requested,
            (Some(requested), Some(own)) if requested <= own => Some(requested),
            (None, Some(own)) => Some(own),
            (Some(_), Some(_)) => {
                return Err(forbidden("An API key cannot create a key that expires later than itself."));
            }
        };
        let business = match request.business.or(own.business) {
            // The same whether the other business exists or not.
            Some(other) if !caller.may_access(Some(other)) => {
                return Err(forbidden("This API key is bound to one business and cannot grant access to another."));
            }
            Some(business) => Some(api.businesses(caller).resolve(Some(business)).await?.id),
            None => None,
        };
        Ok(Self { mode, expires_at, business })
    }
}

/// `POST /v2/keys`: creates a key.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::KeysWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let now = api.now();
    let request = native::KeyRequest::parse(body.fields(), contract::profile)?;
    let grant = Grant::check(&api, &caller, &request).await?;
    idempotency
        .run(&caller, &body, async |call| {
            if grant.expires_at.is_some_and(|at| at <= now) {
                return Err(ErrorKind::field("expiresAt", "must be in the future").into());
            }
            let (tier, limits) = tier_and_limits(&api, &caller, request.contract, request.tier).await?;
            let new = NewKey {
                tenant: caller.environment().tenant,
                name: request.name,
                mode: grant.mode,
                contract: request.contract,
                scopes: request.scopes,
                business: grant.business,
                tier,
                limits,
                expires_at: grant.expires_at,
            };
            let IssuedKey { key, record } = new.issue(now).map_err(not_issued)?;
            let mut retries = ConflictRetries::default();
            loop {
                let response = shown_once(&record, &key, now);
                let mut writes = api.store().put_key(&record)?;
                writes.push(api.audit_log(&caller).entry(Action::KeyCreated, record.id, record.business)?);
                match call.commit(writes, response, &api.secret_protection()?).await? {
                    CommitOutcome::ConditionFailed(Condition::KeyLimit) => {
                        if let KeyRoom::Full(max) = api.store().make_room_for_key(record.environment(), now).await? {
                            let full = too_many_keys(max, record.mode, "Revoke one first.");
                            return call.first_response_or(full).await;
                        }
                    }
                    outcome => {
                        let response = outcome.or_contended()?;
                        copy_business(&api, &record).await;
                        return Ok(response);
                    }
                }
                retries.next_attempt()?;
            }
        })
        .await
}

/// Copies the business of a new key to its item. If it fails, the first call with the key does it.
async fn copy_business(api: &ApiState, record: &KeyRecord) {
    if let Err(error) = api.store().copy_business_to_new_key(record).await {
        tracing::warn!(%error, "the business of a new key was not copied to its item");
    }
}

/// Returns the error for an environment that has its maximum number of active keys; `advice` says what the caller may
/// do.
fn too_many_keys(max: u64, mode: Mode, advice: &str) -> ErrorKind {
    let mode = mode.name();
    ErrorKind::Conflict(format!(
        "A tenant can have at most {max} active API keys in {mode} mode, and this one has as many or more. {advice}"
    ))
}

/// Returns the tier and the limits of a new key. Without a requested tier, these are the contract's or the tenant's,
/// but in each window no more than the creating key has.
async fn tier_and_limits(
    api: &ApiState,
    caller: &Identity,
    contract: Contract,
    requested: Option<Tier>,
) -> Result<(Tier, Limits), ApiError> {
    let own = &caller.key;
    if let Some(tier) = requested {
        return if tier.limits().is_within(own.limits) {
            Ok((tier, tier.limits()))
        } else {
            Err(forbidden(format!("An API key cannot grant a tier beyond its own: {}.", tier.name())))
        };
    }
    let tenant = api.store().tenant(caller.environment().tenant).await?;
    let default = profile(contract).key_rules().tier(tenant.map_or(Tier::Free, |tenant| tenant.tier));
    let tier = if default.limits().is_within(own.limits) { default } else { default.min(own.tier) };
    Ok((tier, default.limits().stricter(own.limits)))
}

/// Returns the response that shows a new key, the only one that does.
fn shown_once(record: &KeyRecord, key: &ApiKey, now: Timestamp) -> ApiResponse {
    let shown = native::key_json(record, Some(key.reveal()), None, now);
    ApiResponse::created(shown).with_key_rights(record.rights())
}

/// Returns the key in the path, if the caller may see and manage it: it can do nothing that the caller's key cannot.
/// Without that rule, a key that leaked could revoke those of an administrator.
async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<KeyRecord, ApiError> {
    let id = id.parse("keyId", "key", KeyId::parse)?;
    let own = caller.key.rights();
    let found = api.store().key(caller.environment().tenant, id).await?;
    let found = found.filter(|record| record.rights().opens_no_more_data_than(&own));
    let record = found.ok_or(ErrorKind::NotFound("key"))?;
    if !record.rights().permits_no_more_than(&own) {
        return Err(forbidden("An API key cannot see or manage a key that has scopes which it lacks itself."));
    }
    Ok(record)
}

/// `GET /v2/keys`: returns prefix, scopes and last use of each key that can do no more than the caller's, never the key
/// itself.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::KeysRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let page = ListPage::read(&caller, "keys", query)?;
    let request = page.request(Position::parse_id_key)?;
    let mut found = api.store().keys(caller.environment().tenant, &request).await?;
    let own = caller.key.rights();
    found.items.retain(|record| record.rights().permits_no_more_than(&own));
    let hashes: Vec<_> = found.items.iter().map(|record| record.hash.clone()).collect();
    let last_used = api.store().last_used(&hashes).await?;
    let now = api.now();
    let shown = found.items.iter().zip(last_used).map(|(record, used_at)| native::key_json(record, None, used_at, now));
    Ok(page.response(shown, found.next))
}

/// `GET /v2/keys/{id}`: returns a key.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::KeysRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let record = find(&api, &caller, &id).await?;
    let last_used = api.store().last_used(std::slice::from_ref(&record.hash)).await?;
    let last_used = last_used.into_iter().next().flatten();
    Ok(ApiResponse::ok(native::key_json(&record, None, last_used, api.now())))
}

/// `DELETE /v2/keys/{id}`: revokes a key, which stops working immediately.
pub(crate) async fn revoke(
    State(api): State<ApiState>,
    caller: Caller<require::KeysWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let record = find(&api, &caller, &id).await?;
    if record.revoked_at.is_some() {
        return Ok(ApiResponse::no_content());
    }
    let mut writes = api.store().revoke_key(&record, api.now())?;
    writes.push(api.audit_log(&caller).entry(Action::KeyRevoked, record.id, record.business)?);
    api.store().commit(writes).await?;
    Ok(ApiResponse::no_content())
}

/// `POST /v2/keys/{id}/rotate {"graceSeconds"?}`: creates a key with the same properties. The old one stays valid for
/// the grace period.
pub(crate) async fn rotate(
    State(api): State<ApiState>,
    caller: Caller<require::KeysWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let grace = native::parse_rotation_grace(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let now = api.now();
            let old = find(&api, &caller, &id).await?;
            if !old.rights().is_within(&caller.key.rights()) {
                return Err(forbidden(
                    "An API key cannot rotate a key with a higher rate limit or a later expiry than its own.",
                ));
            }
            let expired = old.expires_at.is_some_and(|at| at <= now);
            if old.revoked_at.is_some() || old.rotated_to.is_some() || expired {
                let ended = ErrorKind::Conflict("The key has been revoked or rotated, or has expired.".to_owned());
                return call.first_response_or(ended).await;
            }
            let IssuedKey { key, record } = IssuedKey::successor_of(&old, now).map_err(not_issued)?;
            let valid_until = now.after(grace);
            let mut retries = ConflictRetries::default();
            loop {
                let response = shown_once(&record, &key, now);
                let mut writes = api.store().rotate_key(&old, &record, valid_until)?;
                writes.push(api.audit_log(&caller).entry(Action::KeyRotated, old.id, old.business)?);
                match call.commit(writes, response, &api.secret_protection()?).await? {
                    CommitOutcome::ConditionFailed(Condition::KeyLimit) => {
                        if let KeyRoom::Full(max) = api.store().make_room_for_key(record.environment(), now).await? {
                            let advice = "The rotated key counts until its grace period ends: revoke another key \
                                          first, or rotate with a graceSeconds of 0.";
                            return call.first_response_or(too_many_keys(max, record.mode, advice)).await;
                        }
                    }
                    outcome => {
                        let conflict = "The key was revoked or rotated by another request at the same time.";
                        let response = outcome.or_conflict(conflict)?;
                        copy_business(&api, &record).await;
                        return Ok(response);
                    }
                }
                retries.next_attempt()?;
            }
        })
        .await
}
