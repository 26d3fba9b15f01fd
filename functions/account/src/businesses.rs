//! `/v2/businesses`

use crate::Account;
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, PathId, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, ErrorKind, native};
use domain::accounts::business::MAX_BUSINESSES;
use domain::audit::Action;
use domain::{Business, BusinessId};
use store::{CommitError, Condition, Protection, StoreError};

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// A key that is bound to a business makes no other.
fn unbound<S>(caller: &Caller<S>) -> Result<(), ApiError> {
    if caller.key.business.is_some() {
        return Err(ErrorKind::Forbidden("The key is bound to one business.".to_owned()).into());
    }
    Ok(())
}

/// No two businesses of a tenant have one number.
fn brand_taken() -> ApiError {
    ErrorKind::Conflict("Another business has this brandId.".to_owned()).into()
}

/// `POST /v2/businesses`
pub(crate) async fn create(
    State(account): State<Account>,
    caller: Caller<require::BusinessesWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let now = account.api.now();
    let business = native::read_new_business(&input.fields, BusinessId::new(now, account.api.random()?), now)?;
    unbound(&caller)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let tenant = caller.environment().tenant;
    let answer = ApiResponse::created(native::business(&business));
    let mut writes = account.api.store().put_business(tenant, &business)?;
    writes.push(caller.trace(Action::BusinessCreated, business.id, Some(business.id))?);
    match caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        CommitOutcome::ConditionFailed(CommitError::ConditionFailed {
            condition: Condition::BusinessLimit, ..
        }) => Err(ErrorKind::Conflict(format!(
            "There are {MAX_BUSINESSES} businesses already, which is as many as a tenant may have."
        ))
        .into()),
        CommitOutcome::ConditionFailed(CommitError::ConditionFailed {
            condition: Condition::BrandIdUnused, ..
        }) => Err(brand_taken()),
        CommitOutcome::ConditionFailed(error) => Err(error.into()),
    }
}

/// `GET /v2/businesses`: newest first.
pub(crate) async fn list(
    State(account): State<Account>,
    caller: Caller<require::BusinessesRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let (list, limit, after) =
        query.page(&caller.list_name("businesses"), caller.environment(), profile.page_limits())?;
    let mut found = account.api.store().businesses(caller.environment().tenant).await?;
    found.reverse();
    found.retain(|business| {
        caller.sees(Some(business.id)) && after.as_ref().is_none_or(|after| business.id.simple() < *after)
    });
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| Cursor::encode(&last.id.simple(), &list));
    Ok(ApiResponse::ok(profile.page(found.iter().map(native::business).collect(), next)))
}

async fn find<S>(account: &Account, caller: &Caller<S>, id: &PathId) -> Result<Business, ApiError> {
    let id = id.parse("businessId", "business", BusinessId::parse)?;
    let all = account.api.store().businesses(caller.environment().tenant).await?;
    let found = all.into_iter().find(|business| business.id == id && caller.sees(Some(id)));
    found.ok_or_else(|| ErrorKind::NotFound("business").into())
}

/// `GET /v2/businesses/{id}`
pub(crate) async fn one(
    State(account): State<Account>,
    caller: Caller<require::BusinessesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&account, &caller, &id).await?;
    Ok(ApiResponse::ok(native::business(&found)))
}

/// `PATCH /v2/businesses/{id}`
pub(crate) async fn change(
    State(account): State<Account>,
    caller: Caller<require::BusinessesWrite>,
    id: PathId,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = native::read_business_change(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    for _ in 0..ROUNDS {
        let old = find(&account, &caller, &id).await?;
        let new = change.clone().apply(&old, account.api.now());
        let mut writes = Vec::new();
        if new != old {
            writes = account.api.store().replace_business(caller.environment().tenant, &old, &new)?;
            writes.push(caller.trace(Action::BusinessUpdated, new.id, Some(new.id))?);
        }
        let answer = ApiResponse::ok(native::business(&new));
        match caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await? {
            CommitOutcome::Answered(answer) => return Ok(answer),
            CommitOutcome::ConditionFailed(CommitError::ConditionFailed {
                condition: Condition::BrandIdUnused,
                ..
            }) => return Err(brand_taken()),
            CommitOutcome::ConditionFailed(_) => {}
        }
    }
    Err(StoreError::Contended.into())
}
