//! The figures of a business over HTTP: `GET …/analytics/kpis`.

use api::{ApiError, ApiResponse, ApiState, Caller, QueryParams, Routes, require};
use axum::extract::{FromRef, State};
use axum::routing::get;
use contract::{id, kpis};
use domain::accounts::business::TimeZone;
use domain::analytics::kpi::{Day, DayRange, KpiAccumulator};
use domain::{BusinessId, Contract};
use http::Method;

/// What the handler works with.
#[derive(Clone)]
pub struct Analytics {
    api: ApiState,
}

impl Analytics {
    /// Figures behind `api`.
    pub fn new(api: ApiState) -> Self {
        Self { api }
    }
}

impl FromRef<Analytics> for ApiState {
    fn from_ref(analytics: &Analytics) -> Self {
        analytics.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Analytics> {
    Routes::new().serve(Contract::Native, "/analytics/kpis", &[Method::GET], get(figures)).serve(
        Contract::LeadRescue,
        "/analytics/kpis",
        &[Method::GET],
        get(figures),
    )
}

/// The figures of the last days, today included. Each business counts in days of its own; where several are told
/// together, the range ends with the latest of their todays.
async fn figures(
    State(analytics): State<Analytics>,
    caller: Caller<require::AnalyticsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let named = match caller.contract {
        // Its keys know one business.
        Contract::LeadRescue => None,
        _ => query.optional("businessId", id(BusinessId::parse)),
    };
    let range = query.optional("range", DayRange::parse);
    query.finish()?;
    let range = range.unwrap_or_default();
    let businesses = caller.placed(named).await?;
    let now = analytics.api.now();
    let todays = businesses.iter().map(|business| Day::of(now, &business.time_zone));
    let last = todays.max().unwrap_or_else(|| Day::of(now, &TimeZone::default()));
    let ids: Vec<_> = businesses.iter().map(|business| business.id).collect();
    let tally = KpiAccumulator::new(range.first(last), last);
    let tally = analytics.api.store().accumulate_kpis(caller.environment(), &ids, tally).await?;
    Ok(ApiResponse::ok(kpis(caller.contract, range, &tally.report())))
}
