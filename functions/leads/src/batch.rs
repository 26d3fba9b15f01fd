//! `POST /v2/leads/batch`: up to a hundred leads come in, with an answer for each.
//!
//! Each entry is a write of its own. Under an idempotency key its id is derived from key and position, so that the
//! same call again, after whatever ended the first one, makes what is missing and nothing twice.

use crate::Leads;
use crate::create::{Incoming, Made};
use api::{ApiError, ApiResponse, Caller, JsonBody, require};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::LeadId;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use store::IdempotencyKey;

/// Entries that are written at once.
const AT_ONCE: usize = 16;

/// Stores every entry that can be stored and answers for each in order.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let entries = native::read_batch(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(idempotency_key) = &idempotency_key
        && !leads.api.store().claim_idempotency_key(idempotency_key, leads.api.now()).await?
    {
        return Err(ErrorKind::IdempotencyMismatch.into());
    }
    let entries = entries.into_iter().enumerate();
    let calls: Vec<_> =
        entries.map(|(place, entry)| make_one(&leads, &caller, place, entry, idempotency_key)).collect();
    let made: Vec<_> = futures_util::stream::iter(calls).buffered(AT_ONCE).collect().await;
    answer(&caller, made)
}

async fn make_one(
    leads: &Leads,
    caller: &Caller<require::LeadsWrite>,
    place: usize,
    entry: &Map<String, Value>,
    idempotency_key: Option<IdempotencyKey>,
) -> Result<Made, ApiError> {
    let id = |idempotency_key: IdempotencyKey| {
        LeadId::derived(&[b"lead of a batch", &idempotency_key.id, &place.to_be_bytes()])
    };
    let incoming = Incoming::read(leads, caller, entry, || {
        Ok(idempotency_key.map(|idempotency_key| (idempotency_key, id(idempotency_key))))
    })?;
    incoming.store(leads, caller).await
}

/// An answer for each entry. What the house could not do is nobody's answer: the whole call is to be made again.
fn answer(caller: &Caller<require::LeadsWrite>, made: Vec<Result<Made, ApiError>>) -> Result<ApiResponse, ApiError> {
    let mut results = Vec::with_capacity(made.len());
    let (mut stored, mut before) = (0, 0);
    for (place, made) in made.into_iter().enumerate() {
        match made {
            Ok(made) => {
                stored += 1;
                before += usize::from(made.before);
                results.push(native::entry_made(caller.profile().lead(&made.lead)));
            }
            Err(error) if error.kind.is_server_error() || error.kind == ErrorKind::IdempotencyMismatch => {
                return Err(error);
            }
            Err(error) => results.push(native::entry_refused(&error.kind, place)),
        }
    }
    let answer = ApiResponse::ok(native::batch(&results));
    Ok(if stored > 0 && stored == before { answer.replayed() } else { answer })
}
