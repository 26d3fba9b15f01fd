//! `POST /v2/webhooks/{id}/rotate-secret {"overlapSeconds"?}`: rotates the signing secret of a subscription.

use crate::state::WebhooksState;
use crate::subscriptions;
use api::{ApiError, ApiResponse, Caller, Idempotency, OptionalJsonBody, PathId, require};
use axum::extract::State;
use contract::native;
use domain::Subscription;
use domain::audit::Action;
use domain::signing_secret::{PreviousSecret, SecretRef};

/// Replaces the signing secret of a subscription. During the overlap deliveries are signed with both secrets.
pub(crate) async fn rotate(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    id: PathId,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let overlap = native::parse_secret_overlap(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let (api, store, environment) = (&state.api, state.api.store(), caller.environment());
            let old = subscriptions::find(api, &caller, &id).await?;
            let now = api.now();
            let until = now.after(overlap);
            let new = Subscription {
                secret: SecretRef { master: state.master_keys.current(), version: old.secret.version + 1 },
                previous: (!overlap.is_zero()).then_some(PreviousSecret { secret: old.secret, until }),
                updated_at: now.max(old.updated_at),
                version: old.version + 1,
                ..old
            };
            let secret = state.signing_secret(environment, &new)?;
            let failing_since = store.endpoint_health(environment, new.id).await?.failing_since;
            let response = ApiResponse::ok(native::subscription_json(&new, Some(&secret), failing_since));
            let writes = vec![
                store.replace_subscription(environment, &new)?,
                api.audit_log(&caller).entry(Action::WebhookSecretRotated, new.id, new.business)?,
            ];
            // Retrying would rotate twice.
            let conflict = "Another request changed the subscription at the same time. Try again.";
            call.commit(writes, response, &api.secret_protection()?).await?.or_conflict(conflict)
        })
        .await
}
