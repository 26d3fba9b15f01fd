//! Inbound secrets: derived from the master keys, shown once, replaced with an overlap; and the signatures made with
//! them.

use crate::state::InboundState;
use api::{ApiError, ApiResponse, Caller, Idempotency, Identity, OptionalJsonBody, require, single_header};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::signing_secret::SecretRef;
use domain::{Environment, InboundSecret, Timestamp};
use http::HeaderMap;
use webhook::signature::verify_hex;

/// The header with the signature of an inbound event.
const SIGNATURE_HEADER: &str = "x-signature";

/// Returns the text of a secret.
fn reveal(state: &InboundState, environment: Environment, secret: SecretRef) -> Result<String, ApiError> {
    let secret = state.master_keys.inbound_secret(&environment, secret);
    secret.map(|secret| secret.reveal()).map_err(|error| ApiError::internal(&error.to_string()))
}

/// Verifies that a body is signed with the current inbound secret of the caller's environment, or with the previous
/// one during the overlap.
pub(crate) async fn verify_signature(
    state: &InboundState,
    caller: &Identity,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), ApiError> {
    let unsigned = || ApiError::from(ErrorKind::Unsigned);
    let signature = single_header(headers, SIGNATURE_HEADER).ok().flatten().ok_or_else(unsigned)?;
    let environment = caller.environment();
    let known = state.api.store().inbound_secret(environment).await?.ok_or_else(unsigned)?;
    for secret in std::iter::once(known.secret).chain(known.previous_secret_at(now)) {
        if verify_hex(&reveal(state, environment, secret)?, body, signature) {
            return Ok(());
        }
    }
    Err(unsigned())
}

/// `POST /v2/webhooks/inbound-secret {"overlapSeconds"?}`: creates a secret. The previous one stays valid for the
/// overlap.
pub(crate) async fn create(
    State(state): State<InboundState>,
    caller: Caller<require::WebhooksWrite>,
    idempotency: Idempotency,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<ApiResponse, ApiError> {
    let overlap = native::parse_secret_overlap(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let (api, store, environment) = (&state.api, state.api.store(), caller.environment());
            if caller.key.business.is_some() && store.businesses(environment.tenant).await?.len() > 1 {
                let reason = "This API key is bound to one business. The inbound secret belongs to all businesses of \
                              the tenant.";
                return Err(ErrorKind::Forbidden(reason.to_owned()).into());
            }
            let before = store.inbound_secret(environment).await?;
            let (master, now) = (state.master_keys.current(), api.now());
            let new = match &before {
                Some(before) => before.rotated(master, overlap, now),
                None => InboundSecret::first(master, now),
            };
            let body = native::inbound_secret_json(&new, &reveal(&state, environment, new.secret)?);
            let writes = vec![
                store.put_inbound_secret(environment, &new, before.as_ref())?,
                api.audit_log(&caller).entry(Action::InboundSecretCreated, environment.tenant, None)?,
            ];
            // Retrying would create two secrets and lose the overlap with the one before.
            let conflict = "Another request created an inbound secret at the same time. Try again.";
            call.commit(writes, ApiResponse::created(body), &api.secret_protection()?).await?.or_conflict(conflict)
        })
        .await
}
