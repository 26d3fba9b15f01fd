//! Signing secrets: derived, shown once, rotated with an overlap.

use crate::{Webhooks, subscriptions};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, OptionalJsonBody, PathId, require};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::signing_secret::{PreviousSecret, SecretRef};
use domain::{Environment, Subscription};

/// The secret of `subscription`, to be shown once.
pub(crate) fn reveal(
    webhooks: &Webhooks,
    environment: Environment,
    subscription: &Subscription,
) -> Result<String, ApiError> {
    let secret = webhooks.masters.signing_secret(&environment, subscription.id, subscription.secret);
    secret.map(|secret| secret.reveal().clone()).map_err(|error| ApiError::internal(&error.to_string()))
}

/// `POST /v2/webhooks/{id}/rotate-secret {"overlapSeconds"?}`
pub(crate) async fn rotate(
    State(webhooks): State<Webhooks>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    OptionalJsonBody(input): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let overlap = native::read_overlap(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let old = subscriptions::find(&webhooks, &caller, &id).await?;
    let now = webhooks.api.now();
    let until = now.after(overlap);
    let new = Subscription {
        secret: SecretRef { master: webhooks.masters.current(), version: old.secret.version + 1 },
        previous: (!overlap.is_zero()).then_some(PreviousSecret { secret: old.secret, until }),
        updated_at: now.max(old.updated_at),
        version: old.version + 1,
        ..old
    };
    let secret = reveal(&webhooks, caller.environment(), &new)?;
    let failing_since = webhooks.api.store().endpoint_health(caller.environment(), new.id).await?.failing_since;
    let answer = ApiResponse::ok(native::subscription(&new, Some(&secret), failing_since));
    let writes = vec![
        webhooks.api.store().replace_subscription(caller.environment(), &new)?,
        caller.trace(Action::WebhookSecretRotated, new.id, new.business)?,
    ];
    match caller.commit(writes, idempotency_key.as_ref(), answer, &caller.secret_protection()?).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        // Made anew, it would rotate twice: the caller decides.
        CommitOutcome::ConditionFailed(_) => {
            Err(ErrorKind::Conflict("The subscription was changed at the same moment; look and try again.".to_owned())
                .into())
        }
    }
}
