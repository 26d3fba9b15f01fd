//! `GET …/leads` and `GET …/leads/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, ListPage, PathId, QueryParams, require};
use axum::extract::State;
use contract::LeadListQuery;
use store::{LeadFilter, Position};

/// Returns a lead.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let lead = api.records(&caller).lead(id.parse_lead()?).await?.lead;
    Ok(ApiResponse::ok(caller.profile().lead_json(&lead)).with_version(lead.version))
}

/// Returns a page of leads, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let LeadListQuery { business, brand, status, category, source, email, created } =
        profile.parse_lead_list(&mut query);
    let page = ListPage::read(&caller, "leads", query)?;
    let businesses = api.businesses(&caller);
    let named = match brand {
        Some(brand_id) => Some(businesses.resolve_brand_id(brand_id).await?.id),
        None => business,
    };
    let in_scope = businesses.ids_in_scope(named).await?;
    let (created_from, created_to) = businesses.instants(created, named).await?;
    let filter = LeadFilter { status, category, source, email, created_from, created_to };
    let request = page.request(Position::parse_time_key)?;
    let found = api.store().leads(caller.environment(), &in_scope, &filter, &request, api.now()).await?;
    Ok(page.response(found.items.iter().map(|lead| profile.lead_json(lead)), found.next))
}
