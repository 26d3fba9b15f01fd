//! Events of visitors on a business's web site over HTTP: recorded in VendorPad and natively, listed natively.

use api::{
    ApiError, ApiResponse, ApiState, Caller, Idempotency, Identity, JsonBody, ListPage, QueryParams, Routes, require,
};
use axum::extract::State;
use contract::{ErrorKind, VisitorEventListQuery, shown_visitor_event_id};
use domain::Contract::{Native, VendorPad};
use domain::{VisitorEvent, VisitorEventId};
use store::Position;

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new().get(Native, "/events", list).post(Native, "/events", record).post(VendorPad, "/events", record)
}

/// `POST …/events`: records an event.
async fn record(
    State(api): State<ApiState>,
    caller: Caller<require::EventsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = caller.profile().parse_visitor_event(body.fields())?;
    let replay = async |first: ApiResponse| {
        if exists(&api, &caller, &first).await? { Ok(first) } else { Err(ErrorKind::Gone.into()) }
    };
    idempotency
        .run_or_replay_with(&caller, &body, replay, async |call| {
            let businesses = api.businesses(&caller);
            let business = match request.brand {
                Some(brand_id) => businesses.resolve_brand_id(brand_id).await?,
                None => businesses.resolve(request.business).await?,
            };
            let (environment, now) = (caller.environment(), api.now());
            let id = VisitorEventId::new(now, api.random()?);
            let event = VisitorEvent::new(id, environment.tenant, business.id, request.event, now);
            let response = ApiResponse::created(caller.profile().visitor_event_json(&event));
            let writes = api.store().put_record(environment, &event)?;
            // An event may hold personal data: its response is never kept unencrypted.
            call.commit(writes, response, &api.secret_protection()?).await?.or_contended()
        })
        .await
}

/// Returns whether the event of a kept response still exists: events are erased with the lead that their visitor became.
async fn exists(api: &ApiState, caller: &Identity, first: &ApiResponse) -> Result<bool, ApiError> {
    let Some(id) = shown_visitor_event_id(first.body()) else { return Ok(true) };
    Ok(api.store().record::<VisitorEvent>(caller.environment(), &id.simple(), api.now()).await?.is_some())
}

/// `GET /v2/events?visitorId=`: returns a page of a visitor's events, newest first.
async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::EventsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let filter = VisitorEventListQuery::read(&mut query);
    let page = ListPage::read(&caller, "events", query)?;
    let request = page.request(Position::parse_time_key)?;
    let businesses = api.businesses(&caller).ids_in_scope(filter.business).await?;
    let visitor = filter.visitor()?;
    let found = api.store().visitor_events(caller.environment(), &businesses, &visitor, &request, api.now()).await?;
    Ok(page.response(found.items.iter().map(|event| caller.profile().visitor_event_json(event)), found.next))
}
