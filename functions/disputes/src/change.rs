//! `PATCH /v2/disputes/{id}`: changes the status of a dispute.

use crate::read;
use api::{ApiError, ApiResponse, ApiState, Caller, Idempotency, IfMatch, JsonBody, PathId, require};
use axum::extract::State;
use contract::{check_read_only_dispute_fields, parse_dispute_change};
use store::ConflictRetries;

/// Changes a dispute's status, on condition that its version is unchanged.
pub(crate) async fn change(
    State(api): State<ApiState>,
    caller: Caller<require::DisputesWrite>,
    id: PathId,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let status = parse_dispute_change(body.fields())?;
    let precondition = if_match.precondition()?;
    let call = idempotency.call(&caller, &body)?;
    // In one trip: a replay does not need the dispute, but replays are rare.
    let (first, found) = tokio::join!(call.first_response(), read::find(&api, &caller, &id));
    if let Some(first) = first? {
        return Ok(first);
    }
    let records = api.records(&caller);
    let mut old = found?;
    check_read_only_dispute_fields(&body.fields(), &caller.profile().dispute_json(&old))?;
    let mut retries = ConflictRetries::default();
    loop {
        if !precondition.accepts(old.version) {
            return call.first_response_or(precondition.mismatch()).await;
        }
        let new = old.with_status(status, api.now());
        let response = ApiResponse::ok(caller.profile().dispute_json(&new)).with_version(new.version);
        // Only a response that is kept needs the data key of the lead.
        let lead = match call.key() {
            Some(_) => records.parent_lead(None, new.lead, new.business).await?,
            None => None,
        };
        let protection = records.protection(lead.as_ref())?;
        let writes = if new.version == old.version {
            Vec::new()
        } else {
            vec![api.store().replace_record(caller.environment(), &new, old.version)?]
        };
        if let Some(response) = call.commit(writes, response, &protection).await?.or_retry(&mut retries)? {
            return Ok(response);
        }
        old = read::find(&api, &caller, &id).await?;
    }
}
