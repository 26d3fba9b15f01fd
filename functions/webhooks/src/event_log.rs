//! `/v2/event-log`: every event in the order in which it was recorded, for those who poll instead of receiving.

use crate::event_types;
use crate::state::WebhooksState;
use api::{ApiError, ApiResponse, Caller, Idempotency, JsonBody, QueryParams, require};
use axum::extract::State;
use contract::native::{EventLogQuery, LogStart, LoggedContent, LoggedEvent};
use contract::{Json, native};
use domain::webhooks::event_log::LogPosition;
use domain::{Contract, EventId};
use std::time::Duration;
use store::{LogContent, LogEntry};
use tokio::time::Instant;

/// Time between two reads of a request that waits for an event.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Maximum number of pages that one request reads while a filter leaves nothing of them. The caller goes on where the last
/// one ended.
const MAX_FILTERED_PAGES: usize = 4;

/// `GET /v2/event-log?after=`: returns the events after a position, and the position to go on at. With `wait` the request
/// waits for an event if there is none.
pub(crate) async fn read(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksRead>,
    QueryParams(query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let (api, environment) = (&state.api, caller.environment());
    let request = EventLogQuery::read(query, api.now())?;
    let mut position = match request.start {
        LogStart::Oldest => LogPosition::start(api.now()),
        LogStart::Latest => api.store().event_log_end(environment, api.now()).await?,
        LogStart::After(position) => position,
    };
    let matches = |entry: &LogEntry| {
        caller.may_access(entry.business)
            && request.event.is_none_or(|event| entry.event_type == event)
            && request.business.is_none_or(|business| entry.business == Some(business))
    };
    let poll = state.open_polls.begin(caller.key.id);
    let deadline = Instant::now() + request.wait.min(state.max_event_log_wait);
    let mut filtered_pages = 0;
    loop {
        let mut page = api.store().event_log(environment, position, request.limit, api.now()).await?;
        position = page.next;
        page.entries.retain(matches);
        filtered_pages += usize::from(page.has_more);
        let reads_on = page.has_more && filtered_pages < MAX_FILTERED_PAGES;
        let waits = !page.has_more && Instant::now() < deadline && poll.is_latest();
        if !page.entries.is_empty() || !(reads_on || waits) {
            let events = page.entries.into_iter().map(|entry| logged_event(entry, request.contract));
            let events = events.collect::<Result<_, _>>()?;
            return Ok(ApiResponse::ok(native::event_log_json(events, request.contract, position, page.has_more)));
        }
        if waits {
            tokio::time::sleep_until(deadline.min(Instant::now() + POLL_INTERVAL)).await;
        }
    }
}

fn logged_event(entry: LogEntry, contract: Contract) -> Result<LoggedEvent, ApiError> {
    let content = match entry.content {
        LogContent::Event(event) => LoggedContent::Event(event),
        LogContent::Example => LoggedContent::Example(Json::of(event_types::example(entry.event_type, contract)?)),
        LogContent::Erased => LoggedContent::Erased,
    };
    Ok(LoggedEvent {
        position: entry.position,
        id: entry.id,
        event_type: entry.event_type,
        business: entry.business,
        occurred_at: entry.occurred_at,
        content,
    })
}

/// `POST /v2/event-log {"event"}`: adds the example of an event to the log. It is delivered to no subscription.
pub(crate) async fn add_example(
    State(state): State<WebhooksState>,
    caller: Caller<require::WebhooksWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let event_type = native::parse_example_request(body.fields())?;
    let (api, environment) = (&state.api, caller.environment());
    idempotency
        .run(&caller, &body, async |call| {
            let id = EventId::derived(&[b"example", &api.random()?]);
            api.store().log_example(environment, id, event_type, api.now()).await?;
            let response = ApiResponse::accepted(native::logged_example_json(id));
            call.commit(Vec::new(), response, &store::Protection::Plaintext).await?.or_contended()
        })
        .await
}
