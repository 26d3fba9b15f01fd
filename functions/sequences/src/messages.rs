//! `GET /v2/leads/{id}/messages`: lists a lead's messages.

use api::{ApiError, ApiResponse, ApiState, Caller, ListPage, PathId, QueryParams, require};
use axum::extract::State;
use store::Position;

/// Returns a page of the messages sent to a lead and received from it, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let lead = id.parse_lead()?;
    let page = ListPage::read(&caller, &format!("leads/{}/messages", lead.simple()), query)?;
    let request = page.request(Position::parse_id_key)?;
    let (store, records) = (api.store(), api.records(&caller));
    let messages = store.messages(caller.environment(), lead, &request, api.now());
    let (lead, messages) = tokio::join!(records.lead(lead), messages);
    lead?;
    let messages = messages?;
    let profile = caller.profile();
    Ok(page.response(messages.items.iter().map(|message| profile.message_json(message)), messages.next))
}
