//! What visitors of a business's site did, over HTTP: recorded in VendorPad and natively, listed natively.

use api::{ApiError, ApiResponse, ApiState, Caller, JsonBody, QueryParams, Routes, require};
use axum::extract::{FromRef, State};
use axum::routing::{get, post};
use contract::{Cursor, ErrorKind, id, read_visitor_event, visitor_event};
use domain::{BusinessId, Contract, VisitorEvent, VisitorEventId, VisitorId};
use http::Method;
use serde_json::Value;
use store::{PageRequest, Position};

/// What the handlers work with.
#[derive(Clone)]
pub struct VisitorEvents {
    api: ApiState,
}

impl VisitorEvents {
    /// Events behind `api`.
    pub fn new(api: ApiState) -> Self {
        Self { api }
    }
}

impl FromRef<VisitorEvents> for ApiState {
    fn from_ref(events: &VisitorEvents) -> Self {
        events.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<VisitorEvents> {
    Routes::new().serve(Contract::Native, "/events", &[Method::GET, Method::POST], get(list).post(record)).serve(
        Contract::VendorPad,
        "/events",
        &[Method::POST],
        post(record),
    )
}

/// `POST …/events`
async fn record(
    State(events): State<VisitorEvents>,
    caller: Caller<require::EventsWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = read_visitor_event(caller.contract, &input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return if is_there(&events, &caller, &first).await? { Ok(first) } else { Err(ErrorKind::Gone.into()) };
    }
    let business = match draft.brand {
        Some(brand) => caller.place_brand(brand).await?,
        None => caller.place(draft.business).await?,
    };
    let (environment, now) = (caller.environment(), events.api.now());
    let id = VisitorEventId::new(now, events.api.random()?);
    let event = VisitorEvent::new(id, environment.tenant, business.id, draft.event, now);
    let answer = ApiResponse::created(visitor_event(caller.contract, &event));
    let writes = events.api.store().put_record(environment, &event)?;
    // What a visitor did may tell of a person: no answer lies open.
    let protection = caller.secret_protection()?;
    caller.commit(writes, idempotency_key.as_ref(), answer, &protection).await?.or_contended()
}

/// Whether the event that a first answer tells of is there still: what a visitor did is erased with the lead that it
/// became.
async fn is_there<S>(events: &VisitorEvents, caller: &Caller<S>, first: &ApiResponse) -> Result<bool, ApiError> {
    let read: Value = serde_json::from_slice(first.body()).unwrap_or_default();
    let id = ["id", "event_id"].into_iter().find_map(|name| VisitorEventId::parse(read[name].as_str()?));
    let Some(id) = id else { return Ok(true) };
    let store = events.api.store();
    Ok(store.record::<VisitorEvent>(caller.environment(), &id.simple(), events.api.now()).await?.is_some())
}

/// `GET /v2/events?visitorId=`: what a visitor did, newest first.
async fn list(
    State(events): State<VisitorEvents>,
    caller: Caller<require::EventsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let business = query.optional("businessId", id(BusinessId::parse));
    let visitor = query.required("visitorId", VisitorId::parse);
    let (list, limit, after) = query.page(&caller.list_name("events"), caller.environment(), profile.page_limits())?;
    let visitor = visitor.ok_or_else(|| ErrorKind::field("visitorId", "is required"))?;
    let after = after.map(|after| Position::parse_time_key(&after).ok_or_else(Cursor::error)).transpose()?;
    let businesses = caller.places(business).await?;
    let request = PageRequest { limit, after };
    let store = events.api.store();
    let page = store.visitor_events(caller.environment(), &businesses, &visitor, &request, events.api.now()).await?;
    let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
    let shown = page.items.iter().map(|event| visitor_event(caller.contract, event)).collect();
    Ok(ApiResponse::ok(profile.page(shown, next)))
}
