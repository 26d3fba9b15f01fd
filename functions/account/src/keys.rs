//! `/v2/keys`: a key grants no scope, business, mode or tier beyond its maker's own.

use crate::Account;
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, OptionalJsonBody, PathId, QueryParams, require};
use auth::{ApiKey, KeyPrefix};
use axum::extract::State;
use contract::{Cursor, ErrorKind, Fields, native, profile};
use domain::accounts::rate_limit::Limits;
use domain::audit::Action;
use domain::{Contract, KeyId, KeyRecord, Mode, Tier};
use std::time::Duration;
use store::{PageRequest, Position, Protection};

/// How long a rotated key lives on where the caller does not say: 24 hours.
const GRACE: i64 = 24 * 60 * 60;

/// The longest grace: thirty days.
const LONGEST_GRACE: i64 = 30 * 24 * 60 * 60;

fn forbidden(why: impl Into<String>) -> ApiError {
    ErrorKind::Forbidden(why.into()).into()
}

/// `POST /v2/keys`
pub(crate) async fn create(
    State(account): State<Account>,
    caller: Caller<require::KeysWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let now = account.api.now();
    let draft = native::read_key(&input.fields)?;
    let own = &caller.key;
    let beyond = draft.scopes.difference(own.scopes);
    if !beyond.is_empty() {
        let names: Vec<_> = beyond.iter().map(|scope| scope.name()).collect();
        return Err(forbidden(format!("The key cannot grant what it lacks: {}.", names.join(", "))));
    }
    let mode = draft.mode.unwrap_or(own.environment.mode);
    if own.environment.mode == Mode::Test && mode == Mode::Live {
        return Err(forbidden("A test key makes test keys only."));
    }
    if draft.contract == Contract::RevenueDefenders && mode == Mode::Test {
        return Err(ErrorKind::field("mode", "must be live: Revenue Defenders has no test keys").into());
    }
    let expires_at = match (draft.expires_at, own.expires_at) {
        (asked, None) => asked,
        (Some(asked), Some(own)) if asked <= own => Some(asked),
        (None, Some(own)) => Some(own),
        (Some(_), Some(_)) => return Err(forbidden("The key cannot outlive the one that makes it.")),
    };
    let business = match draft.business.or(own.business) {
        // The same whether the other one exists or not.
        Some(other) if !caller.sees(Some(other)) => {
            return Err(forbidden("The key is bound to one business and cannot grant another."));
        }
        Some(business) => Some(caller.place(Some(business)).await?.id),
        None => None,
    };
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    if expires_at.is_some_and(|at| at <= now) {
        return Err(ErrorKind::field("expiresAt", "must lie in the future").into());
    }
    let (tier, limits) = spending(&account, &caller, draft.contract, draft.tier).await?;
    let (key, record) = mint(
        &account,
        |id, key| KeyRecord {
            id,
            tenant: own.environment.tenant,
            name: draft.name.clone(),
            prefix: key.prefix().to_owned(),
            hash: key.hash(),
            mode,
            contract: draft.contract,
            scopes: draft.scopes,
            business,
            tier,
            limits,
            created_at: now,
            expires_at,
            revoked_at: None,
            rotated_to: None,
        },
        draft.contract,
        mode,
    )?;
    let answer = ApiResponse::created(native::key(&record, Some(key.reveal()), None, now));
    let mut writes = account.api.store().put_key(&record)?;
    writes.push(caller.trace(Action::KeyCreated, record.id, record.business)?);
    caller.commit(writes, idempotency_key.as_ref(), answer, &caller.secret_protection()?).await?.or_contended()
}

/// The tier and the limits of a new key. Where the caller does not say, the contract's own or the tenant's tier, and
/// in each window no more than the maker has.
async fn spending<S>(
    account: &Account,
    caller: &Caller<S>,
    contract: Contract,
    asked: Option<Tier>,
) -> Result<(Tier, Limits), ApiError> {
    let own = &caller.key;
    if let Some(tier) = asked {
        return if tier.limits().is_within(own.limits) {
            Ok((tier, tier.limits()))
        } else {
            Err(forbidden(format!("The key cannot grant the tier {}, which is beyond its own.", tier.name())))
        };
    }
    let tenant = account.api.store().tenant(caller.environment().tenant).await?;
    let usual = profile(contract).key_rules().tier(tenant.map_or(Tier::Free, |tenant| tenant.tier));
    let tier = if usual.limits().is_within(own.limits) { usual } else { usual.min(own.tier) };
    Ok((tier, usual.limits().stricter(own.limits)))
}

fn mint(
    account: &Account,
    record: impl FnOnce(KeyId, &ApiKey) -> KeyRecord,
    contract: Contract,
    mode: Mode,
) -> Result<(ApiKey, KeyRecord), ApiError> {
    let id = KeyId::new(account.api.now(), account.api.random()?);
    let key = ApiKey::generate(KeyPrefix::of(contract, mode)).ok_or_else(|| ApiError::internal("no randomness"))?;
    let record = record(id, &key);
    Ok((key, record))
}

/// Whether the caller may see the key: its own tenant's always, another mode's or business's not.
fn sees<S>(caller: &Caller<S>, record: &KeyRecord) -> bool {
    let mode = caller.environment().mode == Mode::Live || record.mode == Mode::Test;
    mode && caller.sees(record.business)
}

async fn find<S>(account: &Account, caller: &Caller<S>, id: &PathId) -> Result<KeyRecord, ApiError> {
    let id = id.parse("keyId", "key", KeyId::parse)?;
    let found = account.api.store().key(caller.environment().tenant, id).await?;
    found.filter(|record| sees(caller, record)).ok_or_else(|| ErrorKind::NotFound("key").into())
}

/// `GET /v2/keys`: prefix, scopes, last use; never the secret.
pub(crate) async fn list(
    State(account): State<Account>,
    caller: Caller<require::KeysRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let (list, limit, after) = query.page(&caller.list_name("keys"), caller.environment(), profile.page_limits())?;
    let request = PageRequest {
        limit,
        after: after.map(|after| Position::parse_id_key(&after).ok_or_else(Cursor::error)).transpose()?,
    };
    let store = account.api.store();
    let mut page = store.keys(caller.environment().tenant, &request).await?;
    page.items.retain(|record| sees(&caller, record));
    let hashes: Vec<_> = page.items.iter().map(|record| record.hash.clone()).collect();
    let last_used = store.last_used(&hashes).await?;
    let now = account.api.now();
    let items = page.items.iter().zip(last_used).map(|(record, used)| native::key(record, None, used, now)).collect();
    Ok(ApiResponse::ok(profile.page(items, page.next.map(|next| Cursor::encode(next.as_str(), &list)))))
}

/// `GET /v2/keys/{id}`
pub(crate) async fn one(
    State(account): State<Account>,
    caller: Caller<require::KeysRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let record = find(&account, &caller, &id).await?;
    let last_used = account.api.store().last_used(std::slice::from_ref(&record.hash)).await?;
    let last_used = last_used.into_iter().next().flatten();
    Ok(ApiResponse::ok(native::key(&record, None, last_used, account.api.now())))
}

/// `DELETE /v2/keys/{id}`: dead at once.
pub(crate) async fn revoke(
    State(account): State<Account>,
    caller: Caller<require::KeysWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let record = find(&account, &caller, &id).await?;
    if record.revoked_at.is_some() {
        return Ok(ApiResponse::no_content());
    }
    let mut writes = account.api.store().revoke_key(&record, account.api.now())?;
    writes.push(caller.trace(Action::KeyRevoked, record.id, record.business)?);
    caller.commit(writes, None, ApiResponse::no_content(), &Protection::Plaintext).await?.or_contended()
}

/// `POST /v2/keys/{id}/rotate {"graceSeconds"?}`: a new key of the same kind; the old one lives on for the grace.
pub(crate) async fn rotate(
    State(account): State<Account>,
    caller: Caller<require::KeysWrite>,
    id: PathId,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let mut fields = Fields::new(&input.fields);
    let grace = fields.whole("graceSeconds", 0..=LONGEST_GRACE).unwrap_or(GRACE);
    fields.finish()?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let now = account.api.now();
    let old = find(&account, &caller, &id).await?;
    let beyond = old.scopes.difference(caller.key.scopes);
    let outlives = caller.key.expires_at.is_some_and(|own| old.expires_at.is_none_or(|old| old > own));
    if !beyond.is_empty() || !old.limits.is_within(caller.key.limits) || outlives {
        return Err(forbidden("The key cannot rotate one that may do more than itself."));
    }
    let ended = old.revoked_at.is_some() || old.rotated_to.is_some() || old.expires_at.is_some_and(|at| at <= now);
    if ended {
        let ended = ErrorKind::Conflict("The key has been revoked or rotated, or has expired.".to_owned());
        return caller.first_or(idempotency_key.as_ref(), ended).await;
    }
    let (key, record) = mint(
        &account,
        |id, key| KeyRecord { id, prefix: key.prefix().to_owned(), hash: key.hash(), created_at: now, ..old.clone() },
        old.contract,
        old.mode,
    )?;
    let until = now.after(Duration::from_secs(grace.unsigned_abs()));
    let answer = ApiResponse::created(native::key(&record, Some(key.reveal()), None, now));
    let mut writes = account.api.store().rotate_key(&old, &record, until)?;
    writes.push(caller.trace(Action::KeyRotated, old.id, old.business)?);
    match caller.commit(writes, idempotency_key.as_ref(), answer, &caller.secret_protection()?).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        CommitOutcome::ConditionFailed(_) => {
            Err(ErrorKind::Conflict("The key was revoked or rotated at the same moment.".to_owned()).into())
        }
    }
}
