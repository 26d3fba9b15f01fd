//! Inbound secrets: derived, shown once, made anew with an overlap; and what is signed with them.

use crate::Inbound;
use api::{ApiError, ApiResponse, Caller, CommitOutcome, OptionalJsonBody, require};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::signing_secret::SecretRef;
use domain::{Environment, InboundSecret, Timestamp};
use webhook::signature::verify_hex;

/// The header that a signature comes in.
const SIGNATURE: &str = "x-signature";

/// The text of a secret.
fn reveal(inbound: &Inbound, environment: Environment, secret: SecretRef) -> Result<String, ApiError> {
    let secret = inbound.masters.inbound_secret(&environment, secret);
    secret.map(|secret| secret.reveal()).map_err(|error| ApiError::internal(&error.to_string()))
}

/// Refuses a body that is not signed with one of the secrets that prove what comes in to the caller's world.
pub(crate) async fn check(
    inbound: &Inbound,
    caller: &Caller<require::InboundWrite>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), ApiError> {
    let unsigned = || ApiError::from(ErrorKind::Unsigned);
    let given = caller.one_header(SIGNATURE).ok().flatten().ok_or_else(unsigned)?;
    let environment = caller.environment();
    let known = inbound.api.store().inbound_secret(environment).await?.ok_or_else(unsigned)?;
    for secret in std::iter::once(known.secret).chain(known.previous_secret_at(now)) {
        if verify_hex(&reveal(inbound, environment, secret)?, body, given) {
            return Ok(());
        }
    }
    Err(unsigned())
}

/// `POST /v2/webhooks/inbound-secret {"overlapSeconds"?}`
pub(crate) async fn create(
    State(inbound): State<Inbound>,
    caller: Caller<require::WebhooksWrite>,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let overlap = native::read_overlap(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let (store, environment) = (inbound.api.store(), caller.environment());
    if caller.key.business.is_some() && store.businesses(environment.tenant).await?.len() > 1 {
        let why = "The secret is that of all the tenant's businesses, and the key is bound to one of them.";
        return Err(ErrorKind::Forbidden(why.to_owned()).into());
    }
    let before = store.inbound_secret(environment).await?;
    let (master, now) = (inbound.masters.current(), inbound.api.now());
    let new = match &before {
        Some(before) => before.rotated(master, overlap, now),
        None => InboundSecret::first(master, now),
    };
    let answer = ApiResponse::created(native::inbound_secret(&new, &reveal(&inbound, environment, new.secret)?));
    let writes = vec![
        store.put_inbound_secret(environment, &new, before.as_ref())?,
        caller.trace(Action::InboundSecretCreated, environment.tenant, None)?,
    ];
    match caller.commit(writes, idempotency_key.as_ref(), answer, &caller.secret_protection()?).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        // Made anew, it would be made twice, and the overlap of the one before would be lost: the caller decides.
        CommitOutcome::ConditionFailed(_) => {
            let why = "Another secret was made at the same moment; look and try again.";
            Err(ErrorKind::Conflict(why.to_owned()).into())
        }
    }
}
