//! `GET /v2/leads/{id}/messages`: what was written to a lead, and what it answered.

use crate::{Sequences, lead_id};
use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, message};
use store::{PageRequest, Position};

/// A page of a lead's messages, newest first.
pub(crate) async fn list(
    State(sequences): State<Sequences>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let lead = lead_id(&id, caller.contract)?;
    let profile = caller.profile();
    let name = caller.list_name(&format!("leads/{}/messages", lead.simple()));
    let (list, limit, after) = query.page(&name, caller.environment(), profile.page_limits())?;
    let after = after.map(|after| Position::parse_id_key(&after).ok_or_else(Cursor::error)).transpose()?;
    let request = PageRequest { limit, after };
    let store = sequences.api.store();
    let (found, page) =
        tokio::join!(caller.lead(lead), store.messages(caller.environment(), lead, &request, sequences.api.now()));
    found?;
    let page = page?;
    let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
    Ok(ApiResponse::ok(profile.page(page.items.iter().map(|one| message(caller.contract, one)).collect(), next)))
}
