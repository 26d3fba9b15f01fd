//! `PATCH /v2/disputes/{id}`: a dispute's status becomes another.

use crate::{Disputes, read};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, PathId, require};
use axum::extract::State;
use contract::{ErrorKind, read_dispute_change};
use store::StoreError;

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// Changes a dispute's status, under its version.
pub(crate) async fn change(
    State(disputes): State<Disputes>,
    caller: Caller<require::DisputesWrite>,
    id: PathId,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let status = read_dispute_change(&input.fields)?;
    let expected = caller.expected_version()?;
    let idempotency_key = caller.idempotency_key(&input)?;
    // In one trip: a call that is repeated needs the dispute for nothing, but is the exception.
    let (first, found) = tokio::join!(caller.replay(idempotency_key.as_ref()), read::find(&caller, &id));
    if let Some(first) = first? {
        return Ok(first);
    }
    let mut old = found?;
    for _ in 0..ROUNDS {
        if !expected.allows(old.version) {
            return caller.first_or(idempotency_key.as_ref(), ErrorKind::PreconditionFailed).await;
        }
        let new = old.with_status(status, disputes.api.now());
        let answer = ApiResponse::ok(caller.profile().dispute(&new)).with_version(new.version);
        // Only a kept answer needs the key of the lead.
        let lead = match idempotency_key {
            Some(_) => caller.lead_of(None, new.lead, new.business).await?,
            None => None,
        };
        let protection = caller.personal_protection(lead.as_ref())?;
        let writes = if new.version == old.version {
            Vec::new()
        } else {
            vec![disputes.api.store().replace_record(caller.environment(), &new, old.version)?]
        };
        match caller.commit(writes, idempotency_key.as_ref(), answer, &protection).await? {
            CommitOutcome::Answered(answer) => return Ok(answer),
            CommitOutcome::ConditionFailed(_) => old = read::find(&caller, &id).await?,
        }
    }
    Err(StoreError::Contended.into())
}
