//! `POST /v2/leads/batch`: up to a hundred leads come in, with an answer for each.
//!
//! Each entry is a write of its own. Under an idempotency key its id is derived from key and position, so that the
//! same call again, after whatever ended the first one, makes what is missing and nothing twice.

use crate::Leads;
use crate::create::{Incoming, Made};
use access::{Answer, Caller, Input, Refused, needs};
use axum::extract::State;
use contract::{Refusal, native};
use domain::LeadId;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use store::Once;

/// Entries that are written at once.
const AT_ONCE: usize = 16;

/// Stores every entry that can be stored and answers for each in order.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let entries = native::read_batch(&input.fields)?;
    let once = caller.once(&input)?;
    if let Some(once) = &once
        && !leads.gate.store().claim_once(once, leads.gate.now()).await?
    {
        return Err(Refusal::IdempotencyMismatch.into());
    }
    let entries = entries.into_iter().enumerate();
    let calls: Vec<_> = entries.map(|(place, entry)| make_one(&leads, &caller, place, entry, once)).collect();
    let made: Vec<_> = futures_util::stream::iter(calls).buffered(AT_ONCE).collect().await;
    answer(&caller, made)
}

async fn make_one(
    leads: &Leads,
    caller: &Caller<needs::LeadsWrite>,
    place: usize,
    entry: &Map<String, Value>,
    once: Option<Once>,
) -> Result<Made, Refused> {
    let id = |once: Once| LeadId::derived(&[b"lead of a batch", &once.id, &place.to_be_bytes()]);
    let incoming = Incoming::read(leads, caller, entry, || Ok(once.map(|once| (once, id(once)))))?;
    incoming.store(leads, caller).await
}

/// An answer for each entry. What the house could not do is nobody's answer: the whole call is to be made again.
fn answer(caller: &Caller<needs::LeadsWrite>, made: Vec<Result<Made, Refused>>) -> Result<Answer, Refused> {
    let mut results = Vec::with_capacity(made.len());
    let (mut stored, mut before) = (0, 0);
    for (place, made) in made.into_iter().enumerate() {
        match made {
            Ok(made) => {
                stored += 1;
                before += usize::from(made.before);
                results.push(native::entry_made(caller.wire().lead(&made.lead)));
            }
            Err(refused) if refused.refusal.is_own_fault() || refused.refusal == Refusal::IdempotencyMismatch => {
                return Err(refused);
            }
            Err(refused) => results.push(native::entry_refused(&refused.refusal, place)),
        }
    }
    let answer = Answer::ok(native::batch(&results));
    Ok(if stored > 0 && stored == before { answer.replayed() } else { answer })
}
