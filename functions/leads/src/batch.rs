//! `POST /v2/leads/batch`: up to a hundred leads, with a result for each.
//!
//! Each entry is a write of its own. Under an idempotency key its id derives from the key and its position: the same
//! request again, however the first one ended, creates the missing leads and none twice.

use api::{
    ApiError, ApiResponse, ApiState, Caller, Idempotency, Identity, JsonBody, LeadCreation, LeadOutcome, require,
};
use axum::extract::State;
use contract::{ErrorKind, Fields, Warning, native};
use futures_util::StreamExt;
use store::IdempotencyKey;

/// Number of leads that are written concurrently: few enough to leave connections to other requests of the process.
const WRITE_CONCURRENCY: usize = 16;

/// Stores every entry that is valid, and returns a result for each in order.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let entries = native::parse_batch(body.fields())?;
    let call = idempotency.call(&caller, &body)?;
    if let Some(key) = call.key()
        && !api.store().claim_idempotency_key(key, api.now()).await?
    {
        return Err(ErrorKind::IdempotencyMismatch.into());
    }
    let entries = entries.into_iter().enumerate();
    let calls: Vec<_> =
        entries.map(|(position, entry)| create_entry(&api, &caller, position, entry, call.key().copied())).collect();
    let outcomes: Vec<_> = futures_util::stream::iter(calls).buffered(WRITE_CONCURRENCY).collect().await;
    response(&caller, outcomes)
}

async fn create_entry(
    api: &ApiState,
    caller: &Identity,
    position: usize,
    entry: Fields<'_>,
    key: Option<IdempotencyKey>,
) -> Result<(LeadOutcome, Vec<Warning>), ApiError> {
    let request = caller.profile().parse_lead_request(entry)?;
    let creation = LeadCreation::of_batch_entry(api, request, key, position)?;
    Ok((creation.store(api, caller).await?, creation.warnings().to_vec()))
}

/// Returns the results of all entries. A server error is not the result of an entry: the whole request fails, and the
/// caller retries it.
fn response(
    caller: &Identity,
    outcomes: Vec<Result<(LeadOutcome, Vec<Warning>), ApiError>>,
) -> Result<ApiResponse, ApiError> {
    let mut results = Vec::with_capacity(outcomes.len());
    let (mut stored, mut replayed) = (0, 0);
    for (position, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok((outcome, warnings)) => {
                stored += 1;
                replayed += usize::from(outcome.replayed);
                let lead = caller.profile().lead_json(&outcome.lead);
                results.push(native::BatchResult::created(lead, &warnings, position));
            }
            Err(error) if error.kind.is_server_error() || error.kind == ErrorKind::IdempotencyMismatch => {
                return Err(error);
            }
            Err(error) => results.push(native::BatchResult::failed(&error.kind, position)),
        }
    }
    let response = ApiResponse::ok(native::batch_json(&results));
    Ok(if stored > 0 && stored == replayed { response.replayed() } else { response })
}
