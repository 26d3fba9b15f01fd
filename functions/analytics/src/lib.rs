//! The KPIs of a business over HTTP: `GET …/analytics/kpis`.

use api::{ApiError, ApiResponse, ApiState, Caller, QueryParams, Routes, require};
use axum::extract::State;
use contract::KpiQuery;
use domain::Contract::{LeadRescue, Native};
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{Day, KpiAccumulator};

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new().get(Native, "/analytics/kpis", get_kpis).get(LeadRescue, "/analytics/kpis", get_kpis)
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
    let KpiQuery { business, range } = caller.profile().parse_kpi_query(&mut query);
    query.finish()?;
    let businesses = api.businesses(&caller).in_scope(business).await?;
    let now = api.now();
    let todays = businesses.iter().map(|business| Day::of(now, &business.time_zone));
    let last = todays.max().unwrap_or_else(|| Day::of(now, &TimeZone::default()));
    let ids: Vec<_> = businesses.iter().map(|business| business.id).collect();
    let empty = KpiAccumulator::new(range.first(last), last);
    let accumulated = api.store().accumulate_kpis(caller.environment(), &ids, empty).await?;
    Ok(ApiResponse::ok(caller.profile().kpi_report_json(range, &accumulated.report())))
}
