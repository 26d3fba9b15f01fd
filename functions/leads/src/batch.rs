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
use std::sync::Arc;
use store::IdempotencyKey;
use tokio::sync::Semaphore;

/// Number of leads that are written concurrently: few enough to leave connections to other requests of the process.
const WRITE_CONCURRENCY: usize = 16;

/// Number of kilobytes of leads that are written concurrently. Each costs three write units, and all leads of a business
/// share a partition of an index, which takes a thousand units a second: a batch of ordinary leads is not slowed down,
/// and one of the largest does not take the partition from the tenant's other calls.
const MAX_KILOBYTES_IN_FLIGHT: u32 = 64;

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
    let calls: Vec<_> = entries
        .map(|(position, entry)| {
            (entry.encoded_len(), create_entry(&api, &caller, position, entry, call.key().copied()))
        })
        .collect();
    response(&caller, run_bounded(calls).await)
}

/// Runs all `calls`, each with the bytes that it writes, and returns their results in order: at most
/// [`WRITE_CONCURRENCY`] and [`MAX_KILOBYTES_IN_FLIGHT`] at a time.
async fn run_bounded<F: Future>(calls: Vec<(usize, F)>) -> Vec<F::Output> {
    let kilobytes = Arc::new(Semaphore::new(MAX_KILOBYTES_IN_FLIGHT as usize));
    let bounded = calls.into_iter().map(|(bytes, call)| {
        let kilobytes = Arc::clone(&kilobytes);
        async move {
            let needed = u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX);
            // Never closed. A lead that is larger than all of it is written alone.
            let _permit = kilobytes.acquire_many(needed.min(MAX_KILOBYTES_IN_FLIGHT)).await;
            call.await
        }
    });
    // Collected, so that the stream's type does not hold the closure.
    let bounded: Vec<_> = bounded.collect();
    futures_util::stream::iter(bounded).buffered(WRITE_CONCURRENCY).collect().await
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Returns the maximum number of calls and of kilobytes that ran at a time, of 40 calls of this size.
    async fn peaks(kilobytes: usize) -> (usize, usize) {
        let (running, peak) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let call = async || {
            peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
        };
        let results = run_bounded((0..40).map(|_| (kilobytes * 1_024, call())).collect()).await;
        assert_eq!(results.len(), 40);
        let calls = peak.into_inner();
        (calls, calls * kilobytes)
    }

    #[tokio::test]
    async fn small_leads_are_bounded_by_number() {
        assert_eq!(peaks(1).await, (16, 16));
        assert_eq!(peaks(4).await, (16, 64));
    }

    #[tokio::test]
    async fn large_leads_are_bounded_by_bytes() {
        assert_eq!(peaks(10).await, (6, 60));
        assert_eq!(peaks(100).await.0, 1);
    }
}
