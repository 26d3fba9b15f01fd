//! Signing secrets: derived, shown once, rotated with an overlap.

use crate::{Webhooks, subscriptions};
use access::{Answer, Caller, Committed, MaybeInput, PathId, Refused, needs};
use axum::extract::State;
use contract::{Refusal, native};
use domain::audit::Action;
use domain::webhooks::subscription::{PreviousSecret, SecretRef};
use domain::{Subscription, World};

/// The secret of `subscription`, to be shown once.
pub(crate) fn reveal(webhooks: &Webhooks, world: World, subscription: &Subscription) -> Result<String, Refused> {
    let secret = webhooks.masters.signing_secret(&world, subscription.id, subscription.secret);
    secret.map(|secret| secret.reveal().clone()).map_err(|error| Refused::internal(&error.to_string()))
}

/// `POST /v2/webhooks/{id}/rotate-secret {"overlapSeconds"?}`
pub(crate) async fn rotate(
    State(webhooks): State<Webhooks>,
    caller: Caller<needs::WebhooksWrite>,
    id: PathId,
    MaybeInput(input): MaybeInput,
) -> Result<Answer, Refused> {
    let overlap = native::read_overlap(&input.fields)?;
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    let old = subscriptions::find(&webhooks, &caller, &id).await?;
    let now = webhooks.gate.now();
    let until = now.after(overlap);
    let new = Subscription {
        secret: SecretRef { master: webhooks.masters.current(), version: old.secret.version + 1 },
        previous: (!overlap.is_zero()).then_some(PreviousSecret { secret: old.secret, until }),
        updated_at: now.max(old.updated_at),
        version: old.version + 1,
        ..old
    };
    let secret = reveal(&webhooks, caller.world(), &new)?;
    let failing_since = webhooks.gate.store().health(caller.world(), new.id).await?.failing_since;
    let answer = Answer::ok(native::subscription(&new, Some(&secret), failing_since));
    let writes = vec![
        webhooks.gate.store().replace_subscription(caller.world(), &new)?,
        caller.trace(Action::WebhookSecretRotated, new.id, new.business)?,
    ];
    match caller.commit(writes, once.as_ref(), answer, &caller.secret_protection()?).await? {
        Committed::Answered(answer) => Ok(answer),
        // Made anew, it would rotate twice: the caller decides.
        Committed::Refused(_) => {
            Err(Refusal::Conflict("The subscription was changed at the same moment; look and try again.".to_owned())
                .into())
        }
    }
}
