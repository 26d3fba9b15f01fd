//! The KPIs of a business over HTTP: `GET …/analytics/kpis`.

use api::{ApiError, ApiResponse, ApiState, Caller, QueryParams, Routes, require};
use axum::extract::State;
use contract::{id, kpis};
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{Day, KpiAccumulator, Range};
use domain::{BusinessId, Contract};

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new().get(Contract::Native, "/analytics/kpis", get_kpis).get(
        Contract::LeadRescue,
        "/analytics/kpis",
        get_kpis,
    )
}

/// Returns the KPIs of the last days, today included.
///
/// Each business counts by days of its own time zone; a range over several businesses ends with the latest of their
/// current days.
async fn get_kpis(
    State(api): State<ApiState>,
    caller: Caller<require::AnalyticsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let named = match caller.contract {
        // Its keys are bound to one business.
        Contract::LeadRescue => None,
        _ => query.optional("businessId", id(BusinessId::parse)),
    };
    let range = query.optional("range", Range::parse);
    query.finish()?;
    let range = range.unwrap_or_default();
    let businesses = api.businesses(&caller).covered(named).await?;
    let now = api.now();
    let todays = businesses.iter().map(|business| Day::of(now, &business.time_zone));
    let last = todays.max().unwrap_or_else(|| Day::of(now, &TimeZone::default()));
    let ids: Vec<_> = businesses.iter().map(|business| business.id).collect();
    let empty = KpiAccumulator::new(range.first(last), last);
    let accumulated = api.store().tally(caller.environment(), &ids, empty).await?;
    Ok(ApiResponse::ok(kpis(caller.contract, range, &accumulated.figures())))
}
