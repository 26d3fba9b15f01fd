//! `/v2/businesses`

use api::{
    ApiError, ApiResponse, ApiState, Caller, CommitOutcome, Idempotency, Identity, JsonBody, ListPage, PathId,
    QueryParams, require,
};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::accounts::business::MAX_BUSINESSES;
use domain::audit::Action;
use domain::{Business, BusinessId, Mode};
use store::{Condition, ConflictRetries, Protection};

/// Returns an error for a test key: businesses belong to both modes of a tenant, and their channels, time zone and name
/// decide what live messages say and when they go out.
fn require_live(caller: &Identity) -> Result<(), ApiError> {
    if caller.environment().mode == Mode::Test {
        let reason = "Businesses are shared by the live and the test environment, so that only a live key can create \
                      or change them.";
        return Err(ErrorKind::Forbidden(reason.to_owned()).into());
    }
    Ok(())
}

/// Returns an error for a key that is bound to a business: it may create no other.
fn require_unbound(caller: &Identity) -> Result<(), ApiError> {
    if caller.key.business.is_some() {
        return Err(ErrorKind::Forbidden("This API key is bound to one business.".to_owned()).into());
    }
    Ok(())
}

/// Returns the error for a number that another business of the tenant has.
fn brand_id_in_use() -> ApiError {
    ErrorKind::Conflict("Another business already has this brandId.".to_owned()).into()
}

/// `POST /v2/businesses`: creates a business.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::BusinessesWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let now = api.now();
    let business = native::BusinessRequest::parse(body.fields())?.create(BusinessId::new(now, api.random()?), now);
    require_live(&caller)?;
    require_unbound(&caller)?;
    let response = idempotency
        .run(&caller, &body, async |call| {
            let response = ApiResponse::created(native::business_json(&business));
            let mut writes = api.store().put_business(caller.environment().tenant, &business)?;
            writes.push(api.audit_log(&caller).entry(Action::BusinessCreated, business.id, Some(business.id))?);
            match call.commit(writes, response, &Protection::Plaintext).await? {
                CommitOutcome::ConditionFailed(Condition::BusinessLimit) => {
                    let reason = format!("A tenant can have at most {MAX_BUSINESSES} businesses.");
                    Err(ErrorKind::Conflict(reason).into())
                }
                CommitOutcome::ConditionFailed(Condition::BrandIdUnused) => Err(brand_id_in_use()),
                outcome => outcome.or_contended(),
            }
        })
        .await?;
    // The new one may be the tenant's first, or sort before it if a clock is wrong: keys have a copy of their business.
    api.store().copy_businesses(caller.environment().tenant, api.now()).await?;
    Ok(response)
}

/// `GET /v2/businesses`: returns a page of businesses, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::BusinessesRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let page = ListPage::read(&caller, "businesses", query)?;
    let mut all = api.store().businesses(caller.environment().tenant).await?;
    all.retain(|business| caller.may_access(Some(business.id)));
    all.reverse();
    let found = page.of_all(all, |business| business.id.simple());
    Ok(page.response(found.items.iter().map(native::business_json), found.next))
}

async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<Business, ApiError> {
    let id = id.parse("businessId", "business", BusinessId::parse)?;
    let all = api.store().businesses(caller.environment().tenant).await?;
    let found = all.into_iter().find(|business| business.id == id && caller.may_access(Some(id)));
    found.ok_or_else(|| ErrorKind::NotFound("business").into())
}

/// `GET /v2/businesses/{id}`: returns a business.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::BusinessesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let business = find(&api, &caller, &id).await?;
    Ok(ApiResponse::ok(native::business_json(&business)))
}

/// `PATCH /v2/businesses/{id}`: changes a business.
pub(crate) async fn change(
    State(api): State<ApiState>,
    caller: Caller<require::BusinessesWrite>,
    id: PathId,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = native::BusinessChange::parse(body.fields())?;
    let response = idempotency
        .run(&caller, &body, async |call| {
            let mut old = find(&api, &caller, &id).await?;
            native::check_read_only_business_fields(&body.fields(), &native::business_json(&old))?;
            let mut retries = ConflictRetries::default();
            loop {
                require_live(&caller)?;
                let new = change.clone().apply(&old, api.now());
                let mut writes = Vec::new();
                if new != old {
                    writes = api.store().replace_business(caller.environment().tenant, &old, &new)?;
                    writes.push(api.audit_log(&caller).entry(Action::BusinessUpdated, new.id, Some(new.id))?);
                }
                let response = ApiResponse::ok(native::business_json(&new));
                match call.commit(writes, response, &Protection::Plaintext).await? {
                    CommitOutcome::Committed(response) => return Ok(response),
                    CommitOutcome::ConditionFailed(Condition::BrandIdUnused) => return Err(brand_id_in_use()),
                    CommitOutcome::ConditionFailed(_) => old = find(&api, &caller, &id).await?,
                }
                retries.next_attempt()?;
            }
        })
        .await?;
    // Before the change is acknowledged, and again if the request is repeated: the first one may have ended in between.
    api.store().copy_businesses(caller.environment().tenant, api.now()).await?;
    Ok(response)
}
