//! `GET /v2/leads/{id}/messages`: what was written to a lead, and what it answered.

use crate::{Sequences, lead_id};
use access::{Answer, Caller, PathId, Queried, Refused, needs};
use axum::extract::State;
use contract::{Cursor, message};
use store::{PageRequest, Position};

/// A page of a lead's messages, newest first.
pub(crate) async fn list(
    State(sequences): State<Sequences>,
    caller: Caller<needs::LeadsRead>,
    id: PathId,
    Queried(query): Queried,
) -> Result<Answer, Refused> {
    let lead = lead_id(&id, caller.contract)?;
    let wire = caller.wire();
    let name = caller.list_name(&format!("leads/{}/messages", lead.simple()));
    let (list, limit, after) = query.page(&name, caller.world(), wire.page_limits())?;
    let after = after.map(|after| Position::of_id(&after).ok_or_else(Cursor::refused)).transpose()?;
    let request = PageRequest { limit, after };
    let store = sequences.gate.store();
    let (found, page) =
        tokio::join!(caller.lead(lead), store.messages(caller.world(), lead, &request, sequences.gate.now()));
    found?;
    let page = page?;
    let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
    Ok(Answer::ok(wire.page(page.items.iter().map(|one| message(caller.contract, one)).collect(), next)))
}
