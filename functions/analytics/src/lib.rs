//! The figures of a business over HTTP: `GET …/analytics/kpis`.

use access::{ApiError, ApiResponse, Caller, Gate, Queried, Routes, needs};
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
    gate: Gate,
}

impl Analytics {
    /// Figures behind `gate`.
    pub fn new(gate: Gate) -> Self {
        Self { gate }
    }
}

impl FromRef<Analytics> for Gate {
    fn from_ref(analytics: &Analytics) -> Self {
        analytics.gate.clone()
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
    caller: Caller<needs::AnalyticsRead>,
    Queried(mut query): Queried,
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
    let now = analytics.gate.now();
    let todays = businesses.iter().map(|business| Day::of(now, &business.time_zone));
    let last = todays.max().unwrap_or_else(|| Day::of(now, &TimeZone::default()));
    let ids: Vec<_> = businesses.iter().map(|business| business.id).collect();
    let tally = KpiAccumulator::new(range.first(last), last);
    let tally = analytics.gate.store().tally(caller.environment(), &ids, tally).await?;
    Ok(ApiResponse::ok(kpis(caller.contract, range, &tally.report())))
}
