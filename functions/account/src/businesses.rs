//! `/v2/businesses`

use crate::Account;
use access::{Answer, Caller, Committed, Input, PathId, Queried, Refused, needs};
use axum::extract::State;
use contract::{Cursor, Refusal, native};
use domain::audit::Action;
use domain::accounts::business::MOST_BUSINESSES;
use domain::{Business, BusinessId};
use store::{CommitError, Protection, StoreError};

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// A key that is bound to a business makes no other.
fn unbound<S>(caller: &Caller<S>) -> Result<(), Refused> {
    if caller.key.business.is_some() {
        return Err(Refusal::Forbidden("The key is bound to one business.".to_owned()).into());
    }
    Ok(())
}

/// No two businesses of a tenant have one number.
fn brand_taken() -> Refused {
    Refusal::Conflict("Another business has this brandId.".to_owned()).into()
}

/// `POST /v2/businesses`
pub(crate) async fn create(
    State(account): State<Account>,
    caller: Caller<needs::BusinessesWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let now = account.gate.now();
    let business = native::read_new_business(&input.fields, BusinessId::new(now, account.gate.random()?), now)?;
    unbound(&caller)?;
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    let tenant = caller.world().tenant;
    let answer = Answer::created(native::business(&business));
    let mut writes = account.gate.store().put_business(tenant, &business)?;
    writes.push(caller.trace(Action::BusinessCreated, business.id, Some(business.id))?);
    match caller.commit(writes, once.as_ref(), answer, &Protection::Open).await? {
        Committed::Answered(answer) => Ok(answer),
        Committed::Refused(CommitError::Condition { index: 1, .. }) => Err(Refusal::Conflict(format!(
            "There are {MOST_BUSINESSES} businesses already, which is as many as a tenant may have."
        ))
        .into()),
        Committed::Refused(CommitError::Condition { index: 2, .. }) => Err(brand_taken()),
        Committed::Refused(error) => Err(error.into()),
    }
}

/// `GET /v2/businesses`: newest first.
pub(crate) async fn list(
    State(account): State<Account>,
    caller: Caller<needs::BusinessesRead>,
    Queried(query): Queried,
) -> Result<Answer, Refused> {
    let wire = caller.wire();
    let (list, limit, after) = query.page(&caller.list_name("businesses"), caller.world(), wire.page_limits())?;
    let mut found = account.gate.store().businesses(caller.world().tenant).await?;
    found.reverse();
    found.retain(|business| {
        caller.sees(Some(business.id)) && after.as_ref().is_none_or(|after| business.id.simple() < *after)
    });
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| Cursor::encode(&last.id.simple(), &list));
    Ok(Answer::ok(wire.page(found.iter().map(native::business).collect(), next)))
}

async fn find<S>(account: &Account, caller: &Caller<S>, id: &PathId) -> Result<Business, Refused> {
    let id = id.parse("businessId", "business", BusinessId::parse)?;
    let all = account.gate.store().businesses(caller.world().tenant).await?;
    let found = all.into_iter().find(|business| business.id == id && caller.sees(Some(id)));
    found.ok_or_else(|| Refusal::NotFound("business").into())
}

/// `GET /v2/businesses/{id}`
pub(crate) async fn one(
    State(account): State<Account>,
    caller: Caller<needs::BusinessesRead>,
    id: PathId,
) -> Result<Answer, Refused> {
    let found = find(&account, &caller, &id).await?;
    Ok(Answer::ok(native::business(&found)))
}

/// `PATCH /v2/businesses/{id}`
pub(crate) async fn change(
    State(account): State<Account>,
    caller: Caller<needs::BusinessesWrite>,
    id: PathId,
    input: Input,
) -> Result<Answer, Refused> {
    let change = native::read_business_change(&input.fields)?;
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    for _ in 0..ROUNDS {
        let old = find(&account, &caller, &id).await?;
        let new = change.clone().apply(&old, account.gate.now());
        let mut writes = Vec::new();
        if new != old {
            writes = account.gate.store().replace_business(caller.world().tenant, &old, &new)?;
            writes.push(caller.trace(Action::BusinessUpdated, new.id, Some(new.id))?);
        }
        let answer = Answer::ok(native::business(&new));
        match caller.commit(writes, once.as_ref(), answer, &Protection::Open).await? {
            Committed::Answered(answer) => return Ok(answer),
            Committed::Refused(CommitError::Condition { index: 1, .. }) => return Err(brand_taken()),
            Committed::Refused(_) => {}
        }
    }
    Err(StoreError::Contended.into())
}
